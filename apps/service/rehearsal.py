"""The rehearsal: a synthetic incident, from an alert like any other to its report."""

from __future__ import annotations

import shutil
import time
from datetime import datetime
from pathlib import Path

from ...core.canonical import JsonValue
from ...core.clock import to_iso
from ...core.errors import BackendError
from ..installation import Installation
from .alerts import IncomingAlert
from .arrivals import Arrivals
from .incidents import Incidents
from .settings import RecurringSettings

SYNTHETIC = "rehearsal"
"""The source of alerts that no system has sent, to see whether everything works; and who asks for their triage."""

_PATIENCE_S = 600.0
_POLL_S = 0.5


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
