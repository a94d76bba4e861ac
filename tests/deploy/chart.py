"""A strict renderer of the part of Helm's template language that our chart uses; anything else is refused.

It stands in for `helm template` where Helm is not installed; where it is, a test compares the two. Language: Go's
`text/template` with the functions of Sprig that are listed in `_FUNCTIONS`.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

_ACTION = re.compile(r"(\{\{-?)\s*(.*?)\s*(-?\}\})", re.DOTALL)
_TOKEN = re.compile(
    r'\s*("(?:[^"\\]|\\.)*"|\$?(?:\.[A-Za-z_][A-Za-z0-9_]*)+|\$|\.|\||\(|\)|-?\d+|[A-Za-z][A-Za-z0-9]*)'
)


@dataclass
class _Block:
    """`if`, `range`, `with` or `define`, or the whole template."""

    kind: str
    expression: str = ""
    body: list[Any] = field(default_factory=list)
    otherwise: list[Any] = field(default_factory=list)
    is_else: bool = False

    def add(self, node: Any) -> None:
        (self.otherwise if self.is_else else self.body).append(node)


class Chart:
    """A chart folder.

    Args:
        folder: with `values.yaml` and `templates`.
    """

    def __init__(self, folder: Path) -> None:
        self._defines: dict[str, _Block] = {}
        self._templates: dict[str, _Block] = {}
        self.defaults: dict[str, Any] = yaml.safe_load((folder / "values.yaml").read_text())
        for path in sorted((folder / "templates").iterdir()):
            whole = self._parsed(path.read_text())
            if path.suffix == ".yaml":
                self._templates[path.name] = whole

    def rendered(self, values: Mapping[str, Any], release: str = "ops", namespace: str = "opswarden") -> str:
        """All documents, as `helm template` prints them."""
        return "\n---\n".join(self.rendered_files(values, release, namespace).values())

    def rendered_files(
        self, values: Mapping[str, Any], release: str = "ops", namespace: str = "opswarden"
    ) -> dict[str, str]:
        """The documents of each template, by its name."""
        root = {"Values": merged(self.defaults, values), "Release": {"Name": release, "Namespace": namespace}}
        return {name: self._run(block.body, root, root) for name, block in self._templates.items()}

    def documents(self, values: Mapping[str, Any], **release: str) -> list[dict[str, Any]]:
        """All objects."""
        return [found for found in yaml.safe_load_all(self.rendered(values, **release)) if found]

    def _parsed(self, text: str) -> _Block:
        stack, place, trims = [_Block("whole")], 0, False
        for match in _ACTION.finditer(text):
            before = text[place : match.start()]
            before = before.lstrip() if trims else before
            stack[-1].add(before.rstrip() if match[1] == "{{-" else before)
            trims, place = match[3] == "-}}", match.end()
            word, _, rest = match[2].partition(" ")
            if word in ("if", "range", "with", "define"):
                stack.append(_Block(word, rest))
            elif word == "else":
                if rest or stack[-1].is_else or stack[-1].kind not in ("if", "with", "range"):
                    raise ValueError(f"this `else` is not understood: {match[0]}")
                stack[-1].is_else = True
            elif word == "end":
                block = stack.pop()
                if block.kind == "define":
                    self._defines[json.loads(block.expression)] = block
                else:
                    stack[-1].add(block)
            else:
                stack[-1].add(("action", match[2]))
        rest_of_it = text[place:]
        stack[-1].add(rest_of_it.lstrip() if trims else rest_of_it)
        if len(stack) != 1:
            raise ValueError("a block has no end")
        return stack[0]

    def _run(self, nodes: Sequence[Any], dot: Any, root: Any) -> str:
        parts = []
        for node in nodes:
            if isinstance(node, str):
                parts.append(node)
            elif isinstance(node, tuple):
                parts.append(_text(self._value(node[1], dot, root)))
            else:
                found = self._value(node.expression, dot, root)
                if not found:
                    parts.append(self._run(node.otherwise, dot, root))
                elif node.kind == "range":
                    parts += [self._run(node.body, each, root) for each in found]
                else:
                    parts.append(self._run(node.body, found if node.kind == "with" else dot, root))
        return "".join(parts)

    def _value(self, expression: str, dot: Any, root: Any) -> Any:
        tokens, place = [], 0
        while place < len(expression.rstrip()):
            match = _TOKEN.match(expression, place)
            if match is None:
                raise ValueError(f"this is not understood: {expression}")
            tokens.append(match[1])
            place = match.end()
        found = self._pipeline(tokens, dot, root)
        if tokens:
            raise ValueError(f"this is not understood: {expression}")
        return found

    def _pipeline(self, tokens: list[str], dot: Any, root: Any) -> Any:
        found = self._command(tokens, dot, root, ())
        while tokens and tokens[0] == "|":
            tokens.pop(0)
            found = self._command(tokens, dot, root, (found,))
        return found

    def _command(self, tokens: list[str], dot: Any, root: Any, last: tuple[Any, ...]) -> Any:
        first = tokens[0]
        if first[0].isalpha():
            tokens.pop(0)
            given = []
            while tokens and tokens[0] not in ("|", ")"):
                given.append(self._operand(tokens, dot, root))
            if first == "include":
                name, inner = (*given, *last)
                # Within a definition `$` is what it was given.
                return self._run(self._defines[name].body, inner, inner)
            return _FUNCTIONS[first](*given, *last)
        if last:
            raise ValueError(f"{first} takes nothing from a pipe")
        return self._operand(tokens, dot, root)

    def _operand(self, tokens: list[str], dot: Any, root: Any) -> Any:
        token = tokens.pop(0)
        if token == "(":
            found = self._pipeline(tokens, dot, root)
            if tokens.pop(0) != ")":
                raise ValueError("a bracket is open")
            return found
        if token.startswith('"'):
            return json.loads(token)
        if token.lstrip("-").isdigit():
            return int(token)
        if token[0] not in ".$":
            raise ValueError(f"{token} is not understood here")
        found = root if token[0] == "$" else dot
        for name in token.lstrip("$").split(".")[1:]:
            if name:
                found = found.get(name) if isinstance(found, Mapping) else _missing(name)
        return found


def merged(defaults: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """Values over the defaults: tables are joined, everything else is replaced."""
    found = dict(defaults)
    for name, value in values.items():
        before = found.get(name)
        found[name] = merged(before, value) if isinstance(before, Mapping) and isinstance(value, Mapping) else value
    return found


def _missing(name: str) -> Any:
    raise ValueError(f"nothing has a part {name}")


def _text(value: Any) -> str:
    if value is None:
        raise ValueError("a value that is not set is printed")
    return str(value).lower() if isinstance(value, bool) else str(value)


def _quoted(value: Any) -> str:
    """As Go quotes: what cannot be printed is escaped."""
    text = json.dumps(_text(value), ensure_ascii=False)
    return "".join(char if char.isprintable() else f"\\U{ord(char):08x}" for char in text)


def _yaml(value: Any) -> str:
    return yaml.safe_dump(value, default_flow_style=False, sort_keys=True, allow_unicode=True, width=10_000).strip()


def _required(message: str, value: Any) -> Any:
    if not value:
        raise ValueError(message)
    return value


def _dict(*pairs: Any) -> dict[str, Any]:
    return dict(zip(pairs[::2], pairs[1::2], strict=True))


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "quote": _quoted,
    "toYaml": _yaml,
    "nindent": lambda width, text: "".join(f"\n{' ' * width if line else ''}{line}" for line in text.split("\n")),
    "default": lambda fallback, value: value or fallback,
    "dict": _dict,
    "list": lambda *items: list(items),
    "not": lambda value: not value,
    "printf": lambda form, *items: form % items,
    "required": _required,
    "sha256sum": lambda text: hashlib.sha256(text.encode()).hexdigest(),
}
