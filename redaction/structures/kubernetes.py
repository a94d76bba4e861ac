"""The values of Kubernetes Secrets, in JSON and YAML: each is a secret, whatever it is called and looks like."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .indented import BLOCK, LINE, block_end
from .key_names import SECRET_DATA, SECRET_KEY
from .pairs_found import Pair

_Q = r"""\\{0,7}["']"""
_KIND_JSON = re.compile(rf"kind{_Q}\s{{0,8}}:\s{{0,8}}{_Q}Secret{_Q}")
_DATA_JSON = re.compile(rf"{_Q}(?:{'|'.join(sorted(SECRET_DATA))}){_Q}\s{{0,8}}:\s{{0,40}}\{{")
_MEMBER = re.compile(
    rf"\s{{0,80}}(?P<mark>{_Q})[\w.\-]{{1,253}}{_Q}\s{{0,8}}:\s{{0,8}}(?P=mark)(?P<value>(?:(?!(?P=mark))[^\n]){{0,65536}}+)(?P=mark)\s{{0,80}},?"
)
_BRACE = re.compile(r"[{}]")
_KIND_YAML = re.compile(r"kind[\"']?:[ \t]*+[\"']?Secret[\"']?[ \t]*+(?=\r?\n|\Z)")
_FRONT = re.compile(r"[ \t]{0,200}(?:- )?[\"']?\Z")
# Credentials of registries, `.dockerconfigjson` and `config.json` of Docker: base64 of user and password.
_AUTH = re.compile(rf"auth{_Q}\s{{0,8}}:\s{{0,8}}(?P<mark>{_Q})(?P<value>[A-Za-z0-9+/=_\-]{{1,65536}}+)(?P=mark)")
_REACH = 128 * 1024


def secret_data(text: str) -> Iterator[Pair]:
    """Every value under `data` and `stringData` of an object of kind Secret."""
    if "kind" in text and "Secret" in text:
        yield from _in_json(text)
        yield from _in_yaml(text)
    if "auths" in text:
        yield from (Pair(SECRET_KEY, match.start("value"), False, match.end("value")) for match in _AUTH.finditer(text))


def _in_json(text: str) -> Iterator[Pair]:
    kinds = [match.span() for match in _KIND_JSON.finditer(text)]
    if not kinds:
        return
    before, done = 0, 0
    for at, (start, end) in enumerate(kinds):
        after = kinds[at + 1][0] if at + 1 < len(kinds) else len(text)
        for data in _DATA_JSON.finditer(text, max(done, before, start - _REACH), min(after, end + _REACH)):
            members = list(_members(text, data.end()))
            close = members[-1].end + 1 if members else data.end()
            between = (close, start) if data.start() < start else (end, data.start())
            if _is_same_object(text, *between, opened=data.start() < start):
                yield from members
                done = max(done, close)
        before = end


def _members(text: str, at: int) -> Iterator[Pair]:
    match = _MEMBER.match(text, at)
    while match is not None:
        if match["value"]:
            yield Pair(SECRET_KEY, match.start("value"), False, match.end("value"))
        match = _MEMBER.match(text, match.end())


def _is_same_object(text: str, start: int, end: int, *, opened: bool) -> bool:
    """Whether no brace closes the object between two of its members; `opened`: the first one's own still has to."""
    depth = 1 if opened else 0
    for brace in _BRACE.finditer(text, start, end):
        depth += 1 if brace.group() == "{" else -1
        if depth < 0:
            return False
    return depth == 0


def _in_yaml(text: str) -> Iterator[Pair]:
    done = 0
    for match in _KIND_YAML.finditer(text):
        least = max(done, match.start() - 200)
        start = max(text.rfind("\n", least, match.start()) + 1, least)
        if match.start() < done or _FRONT.fullmatch(text, start, match.start()) is None:
            continue
        line = LINE.match(text, start)
        indent = _column(line) if line else 0
        at = _object_start(text, start, indent, done)
        while at < len(text) and at < match.end() + _REACH:
            line = LINE.match(text, at)
            if line is None or (at > start and _ends_object(line, indent)):
                break
            at = line.end()
            if _column(line) == indent and line["key"] in SECRET_DATA and line["value"] is None:
                yield from _values(text, at, indent)
                at = block_end(text, at, indent)
        done = max(at, match.end())


def _column(line: re.Match[str]) -> int:
    return len(line["indent"]) + len(line["dashes"])


def _ends_object(line: re.Match[str], indent: int) -> bool:
    """Another document, another item of a list, or something further left."""
    if not line.group().strip():
        return False
    return (
        line.group().startswith("---")
        or len(line["indent"]) < indent
        or (bool(line["dashes"]) and _column(line) <= indent)
    )


def _object_start(text: str, at: int, indent: int, least: int) -> int:
    """The first line of the object that a line belongs to, upwards."""
    least = max(least, at - _REACH)
    while at > least:
        own = LINE.match(text, at)
        if own is not None and own["dashes"] and _column(own) == indent:
            return at
        above = max(text.rfind("\n", least, at - 1) + 1, least)
        line = LINE.match(text, above)
        if line is None or line.group().startswith("---") or (line.group().strip() and _column(line) < indent):
            return at
        at = above
    return at


def _values(text: str, at: int, indent: int) -> Iterator[Pair]:
    while at < len(text):
        line = LINE.match(text, at)
        if line is None or (line.group().strip() and len(line["indent"]) <= indent):
            return
        at = line.end()
        if line["value"] is None:
            continue
        start, end = line.span("value")
        if BLOCK.match(line["value"]):
            start, end = at, block_end(text, at, _column(line))
            at = end
        stretch = text[start:end]
        start += len(stretch) - len(stretch.lstrip(" \t\r\n\"'"))
        end = start + len(stretch.strip(" \t\r\n\"'"))
        if start < end:
            yield Pair(SECRET_KEY, start, False, end)
