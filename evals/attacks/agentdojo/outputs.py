"""What AgentDojo's tools printed, read back into records.

Its tools return Python objects, and the recordings hold how those print: lists of `Name(field=value, …)`, dictionaries,
lines of text, or one object as `field=value field=value`.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from ....core.errors import InputError

_BARE_WORD = re.compile(r"(?<=[=:\s])([a-z]+)(?=[,)}\s]|$)")
_PLAIN = frozenset({"True", "False", "None"})


def value_of(text: str) -> Any:
    """The value that printed so; the text itself where it is no such print.

    Raises:
        InputError: it begins like a print and cannot be read.
    """
    stripped = text.strip()
    if not stripped or stripped == "None":
        return None
    if stripped[0] in "[{":
        return _expression(stripped)
    if re.match(r"id_?='", stripped):
        return _expression(f"Object({_with_commas(stripped)})")
    return text


def _expression(text: str) -> Any:
    plain = _quoted(text)
    try:
        tree = _parsed(plain) or _parsed(_without_the_cut_record(plain))
    except (ValueError, RecursionError) as error:
        raise InputError("an output of a tool cannot be read", remedy="use the data as they were published") from error
    if tree is None:
        raise InputError("an output of a tool cannot be read", remedy="use the data as they were published")
    return _evaluate(tree)


def _parsed(text: str) -> ast.expr | None:
    try:
        return ast.parse(text, mode="eval").body
    except SyntaxError:
        return None


def _without_the_cut_record(text: str) -> str:
    """Long outputs were recorded without their end: the records before the cut, as a list."""
    found = list(re.finditer(r"\), (?=[A-Z]\w+\(\w+=)", text))
    return f"{text[: found[-1].start() + 1]}]" if found else text


def _evaluate(node: ast.expr) -> Any:
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.List):
        return [_evaluate(item) for item in node.elts]
    if isinstance(node, ast.Dict):
        return {_evaluate(key): _evaluate(item) for key, item in zip(node.keys, node.values, strict=True) if key}
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -_evaluate(node.operand)
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Call) and not node.args:
        return {str(item.arg).rstrip("_"): _evaluate(item.value) for item in node.keywords}
    if isinstance(node, ast.Call) and _is_moment(node):
        parts = [_evaluate(item) for item in node.args[:6]] + [0, 0, 0]
        return "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z".format(*parts[:6])
    raise InputError("an output of a tool holds what none of them prints", remedy="use the data as they were published")


def _is_moment(node: ast.Call) -> bool:
    """Whether it is `datetime.datetime(2024, 5, 20, 10, 0)`."""
    is_number = [isinstance(item, ast.Constant) and isinstance(item.value, int) for item in node.args]
    return (
        isinstance(node.func, ast.Attribute) and node.func.attr == "datetime" and len(is_number) >= 3 and all(is_number)
    )


def _quoted(text: str) -> str:
    """Enumerations print as a bare word or as `<Name.word: 'word'>`; here as a name."""
    return re.sub(r"<\w+\.(\w+): '[^']*'>", r"\1", text)


def _with_commas(text: str) -> str:
    """`a=1 b='x'` as `a=1, b='x'`, by its tokens."""
    tokens = [
        token
        for token in tokenize.generate_tokens(io.StringIO(text).readline)
        if token.type not in (tokenize.NEWLINE, tokenize.NL, tokenize.ENDMARKER)
    ]
    depth, starts = 0, []
    for token, after in pairwise(tokens):
        if token.string in "([{" and token.string:
            depth += 1
        elif token.string in ")]}" and token.string:
            depth -= 1
        elif depth == 0 and token.type == tokenize.NAME and after.string == "=":
            starts.append(token.start[1])
    ends = [*starts[1:], len(text)]
    return ", ".join(text[start:end].strip() for start, end in zip(starts, ends, strict=True))


def records_of(value: Any, only: str) -> list[Mapping[str, Any]]:
    """A value as records: a list of them or one of them; plain values become records of the one field `only`."""
    if isinstance(value, Mapping):
        return [value]
    if isinstance(value, list):
        return [item if isinstance(item, Mapping) else {only: item} for item in value]
    return []
