"""HTML and SVG that cannot be broken out of: text is escaped because it is not `Markup`."""

from __future__ import annotations

from collections.abc import Iterable

_VOID = frozenset({"meta", "br", "hr", "input", "link"})
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;"})


class Markup(str):
    """Text that is already HTML. Only `element`, `fragment` and constants of ours make it."""

    __slots__ = ()


Child = str | None
"""`Markup` stands as it is, any other text is escaped, nothing is nothing."""


def element(tag: str, *children: Child, **attributes: str | float | bool | None) -> Markup:
    """An element with escaped text and attributes.

    Args:
        tag: a constant of ours.
        children: what stands inside.
        attributes: names are ours; a trailing `_` is dropped and any other `_` becomes `-`. `None` and `False` leave
            an attribute out, `True` writes its name alone.
    """
    parts = []
    for name, value in attributes.items():
        if value is None or value is False:
            continue
        name = name.rstrip("_").replace("_", "-")
        parts.append(f" {name}" if value is True else f' {name}="{_attribute(value)}"')
    opening = f"<{tag}{''.join(parts)}>"
    return Markup(opening) if tag in _VOID else Markup(f"{opening}{fragment(children)}</{tag}>")


def fragment(children: Iterable[Child]) -> Markup:
    """Children after one another, without an element around them."""
    return Markup("".join(_escape(child) for child in children if child is not None))


def _escape(child: str) -> str:
    return child if isinstance(child, Markup) else child.translate(_ESCAPES)


def _attribute(value: str | float) -> str:
    return value.translate(_ESCAPES) if isinstance(value, str) else f"{round(value, 2):g}"
