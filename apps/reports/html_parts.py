"""The small pieces that the sections of the HTML report share."""

from __future__ import annotations

from collections.abc import Iterable

from .cleaning import EMPTY, middle
from .markup import Child, Markup, element, fragment

NAME_LENGTH = 46


def section(key: str, title: str, *children: Child) -> Markup:
    """A part of the report under a heading that names it."""
    return element(
        "section", element("h2", title, id=key), fragment(children), class_=f"part {key}", aria_labelledby=key
    )


def name(text: str, limit: int = NAME_LENGTH) -> Markup:
    """A name as in the data; long ones lose their middle and keep the whole in a tool tip."""
    short = middle(text, limit)
    return element("span", short, class_="name", title=text if short != text else None)


def or_dash(text: str) -> Markup:
    """A name, or a quiet dash."""
    return name(text) if text != EMPTY else element("span", EMPTY, class_="none")


def citations(ids: Iterable[str], anchors: frozenset[str]) -> Markup:
    """Evidence ids; those that exist link to their row."""
    cited = [
        element("a", known, href=f"#{known}") if known in anchors else element("span", f"{known} (missing)")
        for known in ids
    ]
    return element("span", fragment(cited), class_="cites") if cited else element("span", EMPTY, class_="none")


def table(caption: str, heads: Iterable[tuple[str, str]], rows: Iterable[Markup], key: str) -> Markup:
    """A table with a caption and column heads.

    Args:
        caption: what the table holds.
        heads: text and class of every column.
        rows: made by `row` with the same heads.
        key: the class of the table.
    """
    columns = [element("th", text, scope="col", class_=kind or None) for text, kind in heads]
    return element(
        "table",
        element("caption", caption),
        element("thead", element("tr", *columns)),
        element("tbody", fragment(rows)),
        class_=key,
    )


def row(heads: Iterable[tuple[str, str]], cells: Iterable[Child], **attributes: str | None) -> Markup:
    """A row whose cells know their column's head, for narrow screens."""
    parts = [
        element("td", cell, class_=kind or None, data_label=text)
        for (text, kind), cell in zip(heads, cells, strict=True)
    ]
    return element("tr", *parts, **attributes)


def command(text: str) -> Markup:
    """A command to copy."""
    return element("code", text, class_="command")
