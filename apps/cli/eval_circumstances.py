"""Under what a suite is run, which its result keeps."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ...evals.suite import Circumstances, SuiteResult


def circumstances(options: dict[str, int | str | None]) -> Circumstances:
    """Under what a suite is run now, with these options."""
    from ...core.clock import SystemClock, to_iso  # noqa: PLC0415 - keeps `--help` light
    from ..evaluation.circumstances import circumstances_of  # noqa: PLC0415 - the same
    from ..settings import load_settings  # noqa: PLC0415 - the same

    return circumstances_of(load_settings(), options, to_iso(SystemClock().now()))


def under(told: Circumstances, result: SuiteResult) -> SuiteResult:
    """The result with its circumstances; the suite itself knows which prompts were used."""
    whole = told.model_copy(update={"prompts": result.circumstances.prompts})
    return result.model_copy(update={"circumstances": whole})
