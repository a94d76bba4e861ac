"""What schedules can do."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from ...core.errors import BackendError, InputError
from ..installation import Installation
from ..keeping.tidying import tidy as let_go
from .handing_over import hand_over
from .rehearsal import rehearse
from .schedules import Task
from .settings import RecurringSettings


def anchor_head(installation: Installation, settings: RecurringSettings, _at: datetime) -> str:
    """As `opswarden audit anchor --to FILE`."""
    from ...policies.ledger.anchor import anchor  # noqa: PLC0415 - only where it is due

    if settings.anchor_to is None:
        raise InputError("an anchor needs a place", remedy="name a file outside in `anchor_to`")
    found = anchor(settings.anchor_to, installation.ledger, installation.database, installation.keys.ledger_keys())
    if found.status == "refused":
        raise BackendError(f"the head was refused: {found.problem}", remedy="look at it with `opswarden audit verify`")
    return f"{found.status}: head over {found.size} entries"


def look_around(_installation: Installation, _settings: RecurringSettings, _at: datetime) -> str:
    """As `opswarden doctor`."""
    from ..cli.doctor import look  # noqa: PLC0415 - only where it is due

    failed = [finding for finding in look(with_conformance=False) if finding.state == "failed"]
    if failed:
        names = ", ".join(finding.name for finding in failed)
        raise BackendError(f"doctor finds {len(failed)} failures: {names}", remedy="run `opswarden doctor`")
    return "nothing failed"


def tidy(installation: Installation, _settings: RecurringSettings, _at: datetime) -> str:
    """Let go of everything whose time is over and that is not on hold, as `opswarden data tidy` does."""
    found = let_go(installation)
    return f"{found.count} payloads erased" if found.count else "tidied"


def save_money(installation: Installation, settings: RecurringSettings, at: datetime) -> str:
    """As `opswarden finops analyze`, with the page among the reports and the digest in a channel."""
    from ..finops.weekly import week  # noqa: PLC0415 - only where it is due

    return week(installation, settings, at)


def look_after(installation: Installation, settings: RecurringSettings, at: datetime) -> str:
    """As `opswarden platform daily`, told only where something is wrong and on Mondays."""
    from ..daily.scheduled import day_of  # noqa: PLC0415 - only where it is due

    return day_of(installation, settings, at)


def look_at_runbooks(installation: Installation, settings: RecurringSettings, at: datetime) -> str:
    """As `opswarden runbook report`, with the page among the reports and its first lines in a channel."""
    from ..cli.command_names import command_names  # noqa: PLC0415 - only where it is due
    from ..runbooks.scheduled import week_of  # noqa: PLC0415 - the same

    return week_of(installation, settings, at, command_names())


TASKS: Mapping[str, Task] = {
    "anchor": anchor_head,
    "doctor": look_around,
    "tidy": tidy,
    "rehearsal": rehearse,
    "handover": hand_over,
    "finops": save_money,
    "platform": look_after,
    "runbooks": look_at_runbooks,
}
