"""The installation's own incidents: labelled by people, measured by the suite `past`, and what that says of a score."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from ...core.errors import InputError
from ...evals.cases import Cause, Truth, Verdict
from ...evals.past import PastIncident
from ...evals.scoring.view import CaseView
from ...evals.suite import SuiteResult
from ...evals.suites.past import points_of
from ...policies.incident_labels import IncidentLabel, MeasuredScore
from ...tools.snapshots.manifest import MANIFEST_NAME
from ...tools.snapshots.store import SnapshotStore
from ..installation import Installation
from ..past_runs import PastRuns
from ..runs import RunRequests

_ID_LETTERS = 8


@dataclass(frozen=True)
class Found:
    """What a person says an incident was."""

    causes: tuple[str, ...]
    change: str
    verdict: Verdict


def label(installation: Installation, named: str, found: Found, *, by: str, note: str = "") -> int:
    """Keep what an incident turned out to be.

    Args:
        installation: where it is kept.
        named: a run of this installation, or the folder of a snapshot.
        found: what it was; its names have to stand in the snapshot.
        by: `person:<name>`.
        note: where to read about it.

    Returns:
        The ledger entry.

    Raises:
        InputError: no such run or snapshot, a name that the snapshot does not know, or a cause beside another verdict.
        LedgerError: it could not be recorded.
    """
    if bool(found.causes) != (found.verdict == "cause_found"):
        raise InputError(
            "a cause goes with the verdict cause_found and with no other",
            remedy="give --cause ENTITY, or --verdict healthy or inconclusive without one",
        )
    folder = Path(named).resolve()
    run_id = ""
    if not (folder / MANIFEST_NAME).is_file():
        run_id, folder = named, RunRequests(installation.database).recall(named).snapshot
    _check_names(folder, found, installation)
    seq = installation.incident_labels.add(
        str(folder),
        fingerprint_of(folder),
        causes=found.causes,
        change=found.change,
        verdict=found.verdict,
        run_id=run_id,
        by=by,
        note=note,
    )
    if run_id and found.verdict != "inconclusive":
        scrub = installation.redaction.scrub
        causes = [scrub(cause) for cause in found.causes]
        PastRuns(installation.database).said_cause(run_id, causes, scrub(found.change) if found.change else "")
    return seq


def fingerprint_of(folder: Path) -> str:
    """SHA-256 over the manifest and the sizes of the tables: another recording has another one."""
    found = hashlib.sha256((folder / MANIFEST_NAME).read_bytes())
    for path in sorted(folder.glob("*.parquet")):
        found.update(f"{path.name}:{path.stat().st_size}".encode())
    return found.hexdigest()


def labelled_incidents(installation: Installation) -> tuple[PastIncident, ...]:
    """Every labelled incident; one whose snapshot is gone or was replaced says so.

    Raises:
        InputError: there is none.
    """
    labels = installation.incident_labels.all()
    if not labels:
        raise InputError(
            "no incident of this installation is labelled yet",
            remedy="say what one was: opswarden eval past add RUN --cause ENTITY; or give --data DIR",
        )
    return tuple(_incident(each) for each in labels)


def keep_scores(installation: Installation, result: SuiteResult) -> int:
    """Keep what the suite `past` measured on all labelled incidents; how many points the reliability curve has now.

    Raises:
        LedgerError: the database cannot be written.
    """
    points = points_of(result)
    scores = [MeasuredScore(name, point.score, point.is_right) for name, point in points]
    installation.incident_labels.keep_scores(scores)
    return len(scores)


def incident_id(snapshot: str) -> str:
    """A neutral name that stays the same while the snapshot stays where it is."""
    return f"incident-{hashlib.sha256(snapshot.encode()).hexdigest()[:_ID_LETTERS]}"


def _incident(found: IncidentLabel) -> PastIncident:
    folder = Path(found.snapshot)
    name = incident_id(found.snapshot)
    if not (folder / MANIFEST_NAME).is_file():
        return PastIncident(name, folder, problem="its snapshot is no longer where it was when it was labelled")
    if fingerprint_of(folder) != found.fingerprint:
        return PastIncident(name, folder, problem="its snapshot was changed since it was labelled; label it again")
    causes = tuple(Cause(entity=cause, change=found.change or None) for cause in found.causes)
    truth = Truth.model_validate({"causes": causes, "verdict": found.verdict})
    return PastIncident(name, folder, truth)


def _check_names(folder: Path, found: Found, installation: Installation) -> None:
    store = SnapshotStore(folder)
    try:
        entities = CaseView(Truth(verdict="healthy"), (), (), store, installation.clock).entities
        changes: set[str] = set()
        if store.has("changes"):
            changes = set(store.query("SELECT DISTINCT id FROM changes WHERE id <> ''")["id"].to_pylist())
    finally:
        store.close()
    for what, name, known in (
        *(("entity", cause, entities) for cause in found.causes),
        *((("change", found.change, frozenset(changes)),) if found.change else ()),
    ):
        if name not in known:
            near = get_close_matches(name, known, n=1)
            hint = f"did you mean {near[0]!r}? " if near else ""
            raise InputError(f"the snapshot knows no such {what}", remedy=f"{hint}write it as it stands in the data")
