"""What schedules can do."""

from __future__ import annotations

import shutil
import time
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from ...core.canonical import JsonValue
from ...core.clock import to_iso
from ...core.errors import BackendError, InputError
from ..installation import Installation
from ..tidying import tidy as let_go
from .alerts import IncomingAlert
from .arrivals import Arrivals
from .driving import SYNTHETIC
from .handing_over import hand_over
from .incidents import Incidents
from .schedules import Task
from .settings import RecurringSettings

_PATIENCE_S = 600.0
_POLL_S = 0.5


def anchor_head(installation: Installation, settings: RecurringSettings, _at: datetime) -> str:
    """As `opswarden audit anchor --to FILE`."""
    from ...policies.ledger.anchor import anchor  # noqa: PLC0415 - only where it is due

    if settings.anchor_to is None:
        raise InputError("an anchor needs a place", remedy="name a file outside in `anchor_to`")
    found = anchor(settings.anchor_to, installation.ledger, installation.database, installation.keys.public_key())
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


def rehearse(installation: Installation, settings: RecurringSettings, at: datetime) -> str:
    """A synthetic incident, from an alert like any other to its report; done again for the same moment, it is the same.

    Raises:
        BackendError: there is no report in time, or it says something else than what is true.
    """
    from ...evals.cases import Case  # noqa: PLC0415 - only where it is due

    case = Case(id="rehearsal", folder=rehearsal_folder(installation).parent)
    alert = IncomingAlert(
        fingerprint=f"{SYNTHETIC} {to_iso(at)}",
        event=to_iso(at),
        status="firing",
        name="rehearsal",
        entity=f"rehearsal-{at:%Y%m%d%H%M}",
        severity="info",
        began=at,
    )
    body: dict[str, JsonValue] = {
        "team": installation.settings.team,
        "environment": "sandbox",
        "alert": alert.model_dump(mode="json"),
    }
    arrivals = Arrivals(installation.database, installation.keys, installation.clock, installation.ids)
    arrivals.accept(SYNTHETIC, alert.event, "alert", body, priority=9)
    incidents = Incidents(installation.database, installation.clock, installation.ids)
    end = time.monotonic() + _PATIENCE_S
    while time.monotonic() < end:
        found = [each for each in incidents.listed(is_live=False) if each.entity == alert.entity]
        if found and found[0].run_state in ("reported", "failed"):
            incident = found[0]
            verdict = incidents.timeline(incident.id)[-1].note
            if incident.is_live:
                incidents.resolve(incident.id, f"system:{SYNTHETIC}", "a rehearsal")
            if incident.run_state == "failed" or verdict != case.truth().verdict:
                raise BackendError(
                    f"the rehearsal ended with {verdict!r}", remedy=f"`opswarden incidents show {incident.id}`"
                )
            return f"reported in {(installation.clock.now() - incident.opened_at).total_seconds():.0f} s"
        time.sleep(_POLL_S)
    raise BackendError("the rehearsal has no report after ten minutes", remedy="look whether a worker runs")


def rehearsal_folder(installation: Installation) -> Path:
    """The snapshot of the rehearsals; made when it is first asked for."""
    from ...evals.cases import SNAPSHOT_FOLDER  # noqa: PLC0415 - only where it is due
    from ...evals.worlds.spec import WorldSpec  # noqa: PLC0415 - the same
    from ...evals.worlds.world import write_case  # noqa: PLC0415 - the same

    folder = installation.state.root / "rehearsal"
    if not (folder / SNAPSHOT_FOLDER / "snapshot.json").exists():
        shutil.rmtree(folder, ignore_errors=True)
        write_case(
            WorldSpec(seed=3, fault="bad_model_promotion", duration_s=5_400, log_lines=1_500, spans=400, series=100),
            folder,
        )
    return folder / SNAPSHOT_FOLDER


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
    from ..cli.runbook import commands  # noqa: PLC0415 - only where it is due
    from ..runbooks.scheduled import week_of  # noqa: PLC0415 - the same

    return week_of(installation, settings, at, commands())


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
