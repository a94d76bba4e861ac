"""Values that stand behind their names in commands, forms and prints of variables, with no sign between the two."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator

from .pairs_found import Pair

# `ENV DB_PASSWORD x` of image files, as the builder prints them too.
_ENVIRONMENT = re.compile(r"(?:^|(?<=[:\]] ))[ \t]{0,8}ENV ([A-Za-z_]\w{0,63}) (?=[^\s=])", re.MULTILINE)
# Commands of Redis as its monitor, its slow log and its shell print them.
_COMMAND = re.compile(
    r"(?<!\w)(HM?SET|HSETNX|MSET|MSETNX|XADD|AUTH|CONFIG|(?<=\")(?:P?SETEX|SETNX|SET|GETSET))\\?\"?(?=[ \t]{1,4}\S)",
    re.IGNORECASE,
)
# As prose has none of them, and as a monitor prints them, with all arguments in quotes.
_COMMANDS = ("HSET", "hset", "MSET", "mset", "XADD", "xadd", "requirepass")
_QUOTED = ('" "', '\\" \\"')
_PRINTED = ("AUTH", "auth", "SET", "set", "SETEX", "setex", "SETNX", "setnx")
_ARGUMENT = re.compile(r"[ \t]{1,4}(?:\\?\"((?:[^\"\\\n]|\\[^\"]){0,4096}+)\\?\"|([^\s\"]{1,4096}+))(?=[\s\"']|\Z)")
_SKIPPED = {"HSET": 1, "HMSET": 1, "HSETNX": 1, "MSET": 0, "MSETNX": 0, "XADD": 2, "CONFIG": 1}
_MOST_ARGUMENTS = 400
# Where the value stands of which the name of the key tells: `"SETEX" "otp:254…" "300" "448120"`.
_VALUES = {"SET": 1, "SETNX": 1, "GETSET": 1, "SETEX": 2, "PSETEX": 2}
_PART_OF_KEY = re.compile(r"(?<![^:/.])[A-Za-z][A-Za-z_\-]{1,40}(?![^:/.])")
_MOST_PARTS = 4
# A field of a form of several parts (RFC 7578), its headers and an empty line in front of what it holds.
_FIELD = re.compile(
    r"form-data;[ ]?name=\"([^\"\n]{1,100})\"[^\r\n]{0,300}\r?\n"
    r"(?:[A-Za-z\-]{1,40}:[^\r\n]{0,300}\r?\n){0,4}\r?\n(?=\S)"
)
# `["password"]=>` and `string(7) "hunter2"` on the next line, as PHP prints variables.
_DUMPED = re.compile(r"\[\"([\w.\-]{1,64})\"(?::[\w:\"]{1,80})?\]=>\s{1,80}(?=(?:string|int|float)\()")


def arguments(text: str) -> Iterator[Pair]:
    """Values behind the names of variables, fields and options."""
    if "ENV" in text:
        yield from (Pair(match[1], match.end()) for match in _ENVIRONMENT.finditer(text))
    if any(command in text for command in _COMMANDS) or _is_printed(text):
        command = _COMMAND.search(text)
        while command is not None:
            end = yield from _of_command(text, command)
            command = _COMMAND.search(text, end)
    if "form-data" in text:
        yield from (Pair(match[1], match.end()) for match in _FIELD.finditer(text))
    if "]=>" in text:
        yield from (Pair(match[1], match.end()) for match in _DUMPED.finditer(text))


def _is_printed(text: str) -> bool:
    return any(quoted in text and any(f"{command}{quoted}" in text for command in _PRINTED) for quoted in _QUOTED)


def _of_command(text: str, command: re.Match[str]) -> Generator[Pair, None, int]:
    """Fields and their values by turns, or the password of AUTH, which comes last; returns where the command ends."""
    places: list[tuple[int, int]] = []
    at = command.end()
    while len(places) < _MOST_ARGUMENTS and (match := _ARGUMENT.match(text, at)) is not None:
        places.append(match.span(1 if match[1] is not None else 2))
        at = match.end()
    name = command[1].upper()
    if name == "AUTH":
        # As a word of prose it has other words behind it.
        is_quoted = text[command.start(1) - 1 : command.start(1)] == '"'
        if is_quoted and places and len(places) <= 2:
            yield Pair("password", places[-1][0], False, places[-1][1])
        return at
    if name in _VALUES:
        if len(places) > _VALUES[name]:
            value = places[_VALUES[name]]
            for part in [*_PART_OF_KEY.finditer(text[slice(*places[0])])][:_MOST_PARTS]:
                yield Pair(part.group(), value[0], False, value[1])
        return at
    places = places[_SKIPPED[name] :]
    for field, value in zip(places[::2], places[1::2], strict=False):
        if field[0] < field[1] and value[0] < value[1]:
            yield Pair(text[slice(*field)], value[0], False, value[1])
    return at
