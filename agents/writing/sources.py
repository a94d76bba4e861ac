"""What a draft rests on: results of tool calls and texts that people wrote, numbered in the order they were asked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

READ = ("ok", "truncated")


class Asked(Protocol):
    """What a call through the gate gives."""

    @property
    def status(self) -> str: ...
    @property
    def summary(self) -> Any: ...
    @property
    def message(self) -> str: ...


class Asking(Protocol):
    """Calls a tool through the gate."""

    def __call__(self, tool: str, args: Mapping[str, Any]) -> Asked: ...


@dataclass(frozen=True)
class Source:
    """One source.

    Args:
        id: `S1`, `S2`, … in the order in which they were asked.
        what: the tool and its arguments, or the file, on one line.
        status: of the call; a file is `ok`.
        content: what it gave, redacted.
        is_down: whether the system behind it failed, rather than refused, or had nothing to ask.
    """

    id: str
    what: str
    status: str
    content: Any
    is_down: bool = False

    @property
    def is_read(self) -> bool:
        """Whether it gave anything."""
        return self.status in READ and self.content is not None

    @property
    def is_whole(self) -> bool:
        """Whether nothing of what it gave was left out to keep it short."""
        return self.status != "truncated"

    @property
    def text(self) -> str:
        """What it gave and what was asked, as one text: names of fields, words as they are, numbers."""
        return "\n".join([self.what, *_words(self.content)])


@dataclass
class Sources:
    """The sources of one draft; the same question is asked once.

    Args:
        asking: the gate.
        numbers: of the sources of an earlier edition, by what they were, so that what stays keeps its number.
    """

    asking: Asking
    numbers: Mapping[str, int] = field(default_factory=dict)
    _found: dict[str, Source] = field(default_factory=dict)
    _kept: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._kept = {_lasting(what): number for what, number in self.numbers.items()}

    def ask(self, tool: str, args: Mapping[str, Any]) -> Source:
        """Call a tool, and keep what it gave."""
        what = f"{tool} {_one_line(args)}".rstrip()
        return self._found[what] if what in self._found else self._keep(what, self.asking(tool, args))

    def ask_of_each(
        self, tool: str, args: Mapping[str, Any], entities: Sequence[str], most: int = 20
    ) -> tuple[Source, ...]:
        """Ask about entities a few at a time: fewer where an answer was cut short, so that none of them is left out.

        Args:
            tool: takes `entities`.
            args: the other arguments.
            entities: to be asked about.
            most: of them that one question may name.
        """
        found: list[Source] = []
        for place in range(0, len(entities), most):
            few = [*entities[place : place + most]]
            what = f"{tool} {_one_line({**args, 'entities': few})}"
            if what in self._found:
                found.append(self._found[what])
                continue
            given = self.asking(tool, {**args, "entities": few})
            if given.status == "truncated" and len(few) > 1:
                found += self.ask_of_each(tool, args, few, -(-len(few) // 2))
            else:
                found.append(self._keep(what, given))
        return tuple(found)

    def add(self, what: str, content: Any) -> Source:
        """Keep a text of people, such as a rule; it has to be redacted."""
        if what not in self._found:
            self._found[what] = Source(self._next(what), what, "ok", content)
        return self._found[what]

    def all(self) -> tuple[Source, ...]:
        """In the order of their numbers."""
        return tuple(sorted(self._found.values(), key=lambda each: int(each.id[1:])))

    def lines(self) -> tuple[str, ...]:
        """One line each."""
        return tuple(
            f"{each.id}: {each.what}{_STATES.get(each.status, f' ({each.status})')}"[:500] for each in self.all()
        )

    def _keep(self, what: str, given: Asked) -> Source:
        content = given.summary if given.status in READ else None
        is_down = given.status == "error" and getattr(given, "code", "") in _DOWN
        self._found[what] = Source(self._next(what), what, given.status, content, is_down)
        return self._found[what]

    def _next(self, what: str) -> str:
        number = self._kept.pop(_lasting(what), 0)
        taken = {int(each.id[1:]) for each in self._found.values()} | set(self._kept.values())
        return f"S{number or next(each for each in range(1, len(taken) + 2) if each not in taken)}"


_DOWN = frozenset(("backend", "deadline", "tool-broken", "tool-failed"))
"""Codes of calls whose system failed; others say that the question was wrong, or that nothing is configured."""
_STATES = {
    "ok": "",
    "truncated": " (cut short: not all of it is here)",
    "no_data": " (it gave nothing)",
    "error": " (it failed)",
    "denied": " (it was refused)",
}
_STATE = re.compile(r" \([^()]*\)$")
_VARYING = re.compile(r"\d{4}-\d\d-\d\d[T ][\d:.]+Z?")


def _lasting(what: str) -> str:
    """What a source is, whenever it was asked and whatever it gave."""
    return _VARYING.sub("", _STATE.sub("", what))[:400]


def cited(*sources: Source | None) -> str:
    """The mark at the end of a statement; empty without a source."""
    names = dict.fromkeys(each.id for each in sources if each is not None)
    return f" [{', '.join(names)}]" if names else ""


def absent(source: Source, said: str) -> str:
    """That there is nothing, where a source says so; a source that failed or was refused says nothing at all."""
    return (
        f"{said}{cited(source)}"
        if source.is_read or source.status == "no_data"
        else f"Unknown: {_FAILED}{cited(source)}"
    )


def unread(source: Source) -> str:
    """That a source could not be read; empty where it was, or said that there is nothing."""
    return "" if source.is_read or source.status == "no_data" else absent(source, "")


_FAILED = "what would say it could not be read"


def rows(source: Source | None, name: str) -> tuple[Mapping[str, Any], ...]:
    """The rows below a key of what a source gave; none where it gave nothing."""
    content = source.content if source is not None and source.is_read else None
    found: Iterable[Any] = content.get(name) or () if isinstance(content, Mapping) else ()
    return tuple(each for each in found if isinstance(each, Mapping))


_UNITS = {86_400: "day", 3_600: "hour", 60: "minute"}
_MOST_WHOLE = {3_600: 100 * 3_600, 60: 100 * 60}
_LONG_S = 120


def number(value: Any) -> str:
    """A number as it is written in a draft: four digits, never a power of ten."""
    if not isinstance(value, int | float):
        return str(value)
    if isinstance(value, int) or (float(value).is_integer() and abs(value) < 1e15):
        return str(int(value))
    digits = f"{value:.4g}"
    return f"{float(digits):f}".rstrip("0").rstrip(".") if "e" in digits else digits


def duration(seconds: float) -> str:
    """A duration as people say it: in the largest unit of which it is a whole number, else in one with a decimal."""
    whole = (each for each in _UNITS if seconds % each == 0 and each <= abs(seconds) < _MOST_WHOLE.get(each, 1e15))
    size = next(whole, None)
    size = size or next((each for each in _UNITS if abs(seconds) >= 2 * each), None)
    if size is None:
        return f"{number(seconds)} s"
    count = f"{seconds / size:.1f}".removesuffix(".0")
    return f"{count} {_UNITS[size]}{'' if count in ('1', '-1') else 's'}"


def amount(value: float, unit: str) -> str:
    """A measured value, as a duration where it is one of more than two minutes; else as a number without its unit."""
    return duration(value) if unit == "s" and abs(value) >= _LONG_S else number(value)


def amount_with_unit(value: float, unit: str) -> str:
    """A measured value as it stands in a sentence: with its unit, a share in per cent."""
    if unit == "ratio":
        return f"{number(value * 100)} %"
    said = amount(value, unit)
    return said if unit in ("", "1") or not said.replace(".", "").replace("-", "").isdigit() else f"{said} {unit}"


def share(value: Any) -> str:
    """A share in per cent."""
    return "unknown" if value is None else f"{number(value * 100)} %"


def moment(text: object) -> str:
    """A moment to the second, as people read it; a text that is none stays."""
    found = _MOMENT.fullmatch(str(text))
    return f"{found[1]} {found[2]} UTC" if found else str(text)


_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.\d+)?(?:Z|\+00:00)")


def _words(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, part in value.items():
            yield str(key)
            yield from _words(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _words(part)
    elif value is not None:
        yield str(value)


def code(text: object) -> str:
    """Somebody else's words in backticks, on one line, without what would end them or make a link."""
    return f"`{' '.join(str(text).replace('`', chr(39)).split())}`"


def _one_line(args: Mapping[str, Any]) -> str:
    """Arguments on one line; those that say nothing are left out."""
    return ", ".join(f"{name}={_short(value)}" for name, value in args.items() if value not in (None, [], (), {}, ""))


def _short(value: Any) -> str:
    if isinstance(value, list | tuple):
        return " ".join(str(each) for each in value)
    if isinstance(value, dict):
        return " ".join(f"{name}:{each}" for name, each in value.items())
    return str(value)
