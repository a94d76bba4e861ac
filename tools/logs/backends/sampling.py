"""How much of very many lines is looked at: all errors as far as they go, and of the rest a share."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import InitVar, dataclass, field, replace

import pyarrow as pa

from ....core.clock import Deadline
from ....core.systems.exchange import Unreachable
from ...summary import one_line
from ..counting import LineCounter, Strata
from ..grouped import TOTAL_COLUMNS, GroupedLines

REST, ERRORS = 0, 1
_ERRORS_SHARE = 1 / 3
_READING = 0.75
"""Of the time that is left after counting: what was read has to be counted and told as well."""
_NAMED = 5
_NO_TIME_S = 5.0
"""So long before reading has to end a question that got no answer may be given up: it would be asked too late again."""
_ENOUGH = 20
"""Lines from which it shows whether a share was picked evenly."""


@dataclass
class Counted:
    """How many lines an entity wrote, by what the system itself counts."""

    before: int = 0
    after: int = 0
    errors: int = 0

    @property
    def lines(self) -> int:
        """In both windows."""
        return self.before + self.after


@dataclass(frozen=True)
class Plan:
    """Every how manieth line is read.

    Args:
        rest: of lines that are not at level error.
        errors: of the others; `None` if one reading serves both.
    """

    rest: int
    errors: int | None

    @property
    def is_whole(self) -> bool:
        """Whether all lines are read."""
        return self.rest == 1 and self.errors in (1, None)


def planned(counted: Mapping[str, Counted], most_lines: int, shares: Sequence[int]) -> Plan:
    """The densest reading that stays within a number of lines.

    Args:
        counted: by entity.
        most_lines: that are read.
        shares: every how manieth line can be picked, from 1 upwards; beyond the last nothing is thinner.
    """
    lines, errors = (sum(getattr(each, name) for each in counted.values()) for name in ("lines", "errors"))
    if lines <= most_lines:
        return Plan(1, None)
    of_errors = _share(errors, max(most_lines * _ERRORS_SHARE, 1), shares)
    left = max(most_lines - errors / of_errors, 1)
    return Plan(_share(lines - errors, left, shares), of_errors)


def _share(lines: int, room: float, shares: Sequence[int]) -> int:
    return next((share for share in shares if lines / share <= room), shares[-1])


@dataclass(frozen=True)
class Weighed:
    """What each line that was looked at stands for.

    Args:
        weights: lines, by stratum and entity.
        all_seen: whether every entity was looked at.
        is_even: whether about as many lines of each were seen as the plan said.
    """

    weights: Strata
    all_seen: bool
    is_even: bool


def weighed(counter: LineCounter, counted: Mapping[str, Counted], plan: Plan) -> Weighed:
    """Weights by entity: what the system counts over what was seen (a ratio estimate).

    So the counts of patterns add up to the lines there are, also where lines crowd in some moments. Both windows have
    one weight: they are compared.
    """
    seen, there = counter.seen(), dict[tuple[int, str], tuple[int, int]]()
    for entity, known in counted.items():
        of_errors = known.errors if plan.errors is not None else 0
        there[REST, entity] = (known.lines - of_errors, plan.rest)
        there[ERRORS, entity] = (of_errors, plan.errors or 1)
    weights = {key: 1 if plan.is_whole else max(1, round(there.get(key, (0, 1))[0] / seen[key])) for key in seen}
    looked_at = {entity for _, entity in seen}
    expected = ((key, lines / every) for key, (lines, every) in there.items() if lines / every >= _ENOUGH)
    return Weighed(
        weights,
        all_seen=all(entity in looked_at for entity, known in counted.items() if known.lines),
        is_even=all(0.5 < seen.get(key, 0) / lines < 2 for key, lines in expected),
    )


def totals_of(counted: Mapping[str, Counted]) -> pa.Table:
    """`TOTAL_COLUMNS`."""
    rows = [
        {"entity": entity, "before": known.before, "after": known.after}
        for entity, known in sorted(counted.items())
        if known.lines
    ]
    return pa.Table.from_pylist(rows, schema=TOTAL_COLUMNS)


def read_in_time(
    counter: LineCounter, counted: Mapping[str, Counted], budget: Budget, name: str
) -> tuple[GroupedLines, pa.Table]:
    """What there is of a reading that ended before it was done: lines as they were read, and what is missing.

    Args:
        counter: of the lines that were read.
        counted: lines by entity, as the system counts them.
        budget: of the reading, which ran late.
        name: of the system.
    """
    seen = counter.seen()
    lines: dict[str, int] = {}
    for (_, entity), read in seen.items():
        lines[entity] = lines.get(entity, 0) + read
    there = sum(each.lines for each in counted.values())
    missed = sorted((-each.lines, entity) for entity, each in counted.items() if each.lines and not lines.get(entity))
    told = f"{name} was too slow: {sum(lines.values())} of {there} lines were read in time, those of the window first"
    if missed:
        named = ", ".join(one_line(entity) or "no entity" for _, entity in missed[:_NAMED])
        more = f" and {len(missed) - _NAMED} more" if missed[_NAMED:] else ""
        told = f"{told}, and none of {named}{more}"
    found, examples = counter.grouped(totals_of(counted), dict.fromkeys(seen, 1), complete=False)
    return replace(found, unread=f"{told}; kinds of lines are not compared"), examples


@dataclass
class Budget:
    """What a reading may still take.

    Args:
        lines: left.
        size_bytes: left.
        deadline: of the question; reading ends earlier.
    """

    lines: int
    size_bytes: int
    deadline: InitVar[Deadline]
    ran_out: bool = False
    ran_late: bool = False
    until: Deadline = field(init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def __post_init__(self, deadline: Deadline) -> None:
        """Reading has most of the time that is left now."""
        self.until = deadline.earlier(_READING)

    @property
    def is_left(self) -> bool:
        """Whether more may be read; remembers if not."""
        with self._lock:
            self.ran_out |= self.lines <= 0 or self.size_bytes <= 0
            self.ran_late |= self.until.passed
            return not (self.lines <= 0 or self.size_bytes <= 0 or self.ran_late)

    @contextmanager
    def until_late(self) -> Iterator[None]:
        """What does not come before reading has to end is left out, and not an error."""
        try:
            yield
        except Unreachable as error:
            if not (error.late and self.until.left_s < _NO_TIME_S):
                raise
            with self._lock:
                self.ran_late = True

    def spend(self, lines: int, size_bytes: int) -> None:
        """What was read."""
        with self._lock:
            self.lines -= lines
            self.size_bytes -= size_bytes
