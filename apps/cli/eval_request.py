"""What a person asked `eval run` for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...core.errors import InputError

if TYPE_CHECKING:
    from ...evals.suite import Drawn, Suite, SuiteResult

MODEL_REPEATS = 3
"""A model answers differently each time; with fewer answers nothing is known of by how much."""


@dataclass(frozen=True)
class Request:
    """The options of `eval run`; a suite refuses those that it has no use for.

    Args:
        repeats: how often each case is answered; `None` if the person did not say.
        drawn: what the intervals take as independent.
        quiet: whether to say nothing while it runs.
        quiet_time: whether to measure on the quiet time before each incident as well.
        moved_start: whether to measure each incident with its start told two minutes off as well.
        minutes: after the alert, at which the evidence is cut off.
        map_file: says what the columns of a raw file are; `None`: the one beside it.
    """

    suite: Suite
    data: Path | None
    sandbox: int | None
    model: str | None
    limit: int | None
    seed: int
    quiet: bool
    repeats: int | None = None
    drawn: Drawn = "case"
    quiet_time: bool = False
    moved_start: bool = False
    minutes: tuple[float, ...] = ()
    map_file: Path | None = None

    @property
    def answers(self) -> int:
        """How often each case is answered."""
        return self.repeats or (MODEL_REPEATS if self.model else 1)


@dataclass(frozen=True)
class SuiteCommand:
    """How one suite is run and shown.

    Args:
        run: measures; raises `NothingScored` when every case broke.
        show: prints a result for people.
        by_itself: what `eval all` asks for, where no data are named; fields of `Request`.
        takes_limit: whether `--limit` says anything to it.
        takes: which of the options `repeats`, `cluster`, `quiet-time`, `moved-start`, `minutes` and `map-file` it has
            a use for.
    """

    run: Callable[[Request], SuiteResult]
    show: Callable[[Suite, SuiteResult], None]
    takes: frozenset[str] = field(default_factory=frozenset)
    by_itself: Mapping[str, Any] = field(default_factory=dict)
    takes_limit: bool = True

    def check(self, request: Request) -> None:
        """Refuse what the suite has no use for.

        Raises:
            InputError: an option that the suite would ignore.
        """
        given = {
            "repeats": request.repeats is not None,
            "cluster": request.drawn != "case",
            "quiet-time": request.quiet_time,
            "moved-start": request.moved_start,
            "minutes": bool(request.minutes),
            "map-file": request.map_file is not None,
        }
        for name, is_given in given.items():
            if is_given and name not in self.takes:
                raise InputError(f"the suite {request.suite.name!r} does not take --{name}", remedy="leave it away")
