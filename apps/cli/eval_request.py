"""What a person asked `eval run` for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ...evals.suite import Suite, SuiteResult


@dataclass(frozen=True)
class Request:
    """The options of `eval run`; a suite refuses those that it has no use for."""

    suite: Suite
    data: Path | None
    sandbox: int | None
    model: str | None
    limit: int | None
    seed: int
    quiet: bool


@dataclass(frozen=True)
class SuiteCommand:
    """How one suite is run and shown.

    Args:
        run: measures; raises `NothingScored` when every case broke.
        show: prints a result for people.
    """

    run: Callable[[Request], SuiteResult]
    show: Callable[[Suite, SuiteResult], None]
