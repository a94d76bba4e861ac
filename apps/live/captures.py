"""Captures: a window of live systems as a snapshot folder, read for it or seen by a triage."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ...core.canonical import JsonValue
from ...core.clock import to_iso
from ...core.errors import BackendError, InputError
from ...policies.ledger.types import LedgerEntry
from ...policies.types import Principal, Run
from ...redaction.join_tokens import JoinTokens
from ...tools.captures.cleaned import Cleaner
from ...tools.captures.pieces import entities_in
from ...tools.captures.recording import recorded
from ...tools.captures.tools import capture_tools
from ...tools.captures.written import Origin, write_captured
from ...tools.snapshots.manifest import Manifest
from ...tools.snapshots.store import SnapshotStore, read_manifest
from ..installation import Installation
from ..keeping.answers import KeptAnswers
from ..keeping.sealed import Sealed, seal, unseal
from ..platform.registries import with_moves
from ..runs import RunRequests
from ..wiring import gate_factory, learn_live_names, names_of, tools_of
from .systems import TABLE_OF, live_backends, surroundings_of

SOURCE = "captured from live systems"
MOST_ROWS = 5_000_000
"""Of a table, unless somebody says otherwise."""
_TOLD = 500


@dataclass(frozen=True)
class Wanted:
    """Where a capture goes, and for whom.

    Args:
        out: the snapshot folder, or the file of a sealed capture; must not exist.
        by: `person:<name>`.
        most_rows: rows of a table at most.
        is_sealed: write one encrypted file, unredacted, that this installation alone opens.
    """

    out: Path
    by: str
    most_rows: int
    is_sealed: bool = False


def check_free(out: Path) -> None:
    """Before anything is asked.

    Raises:
        InputError: the folder exists.
    """
    if out.exists():
        raise InputError(f"{out} exists already", remedy="choose another folder")


def kept_answers(installation: Installation, run_id: str) -> KeptAnswers:
    """Where what systems answer a run is kept."""
    settings = installation.settings
    limit = settings.live.keep_mb * 1_000_000
    return KeptAnswers(installation.database, installation.artifacts, run_id, settings.team, limit)


def capture_now(installation: Installation, incident: Path, wanted: Wanted) -> Origin:
    """Read every domain over the windows of an incident, through the gate, and write it down.

    Args:
        installation: whose systems are asked.
        incident: folder of the incident, as `keep_incident` makes it.
        wanted: where it goes.

    Raises:
        InputError: the folder exists, or nothing was answered.
        LedgerError: it could not be recorded.
    """
    check_free(wanted.out)
    manifest = read_manifest(incident)
    run_id = installation.ids.new("run")
    live = _live(installation, manifest)
    with closing(SnapshotStore(incident, elsewhere=frozenset(TABLE_OF[domain] for domain in live))) as store:
        installation.tidy()
        names = names_of(installation, store)
        seen = capture_tools(recorded(live, kept_answers(installation, run_id)))
        factory = gate_factory(installation, (*tools_of(installation, store, live=live), *seen))
        gate = factory.open_run(
            Run(
                id=run_id,
                principal=Principal("triage", wanted.by, installation.settings.team),
                trigger="capture",
                known_names=names,
                environment=manifest.environment,
            )
        )
        names = tuple(dict.fromkeys((*names, *learn_live_names(gate, installation.artifacts, live))))
        refused = []
        for tool in seen:
            result = gate.call(tool.name, _windows(manifest), call_id=tool.name)
            if result.status in ("error", "denied"):
                refused.append(f"{tool.name}: {result.message}")
        try:
            written = write_run(installation, run_id, manifest, wanted, systems=tuple(live), names=names)
        except InputError as error:
            gate.end("failed")
            if refused:
                told = "; ".join(refused)[:_TOLD]
                raise BackendError(f"nothing was answered: {told}", remedy="mend the systems, and ask again") from error
            raise
        gate.end("captured")
    return written


def capture_run(installation: Installation, run_id: str, wanted: Wanted) -> Origin:
    """Write down what a triage saw.

    Raises:
        InputError: there is no such run, it was not live, what it saw is not kept, or the folder exists.
        LedgerError: it could not be recorded.
    """
    check_free(wanted.out)
    request = RunRequests(installation.database).recall(run_id)
    if not request.is_live:
        raise InputError("that run read a snapshot", remedy=f"it lies in {request.snapshot}")
    manifest = read_manifest(request.snapshot)
    live = _live(installation, manifest)
    with closing(SnapshotStore(request.snapshot, elsewhere=frozenset(TABLE_OF[domain] for domain in live))) as store:
        names = names_of(installation, store)
    return write_run(installation, run_id, manifest, wanted, systems=tuple(live), names=names, while_triaging=True)


def capture_sealed(installation: Installation, file: Path, wanted: Wanted) -> Origin:
    """Write what a sealed capture holds as a snapshot, redacted by the rules of today.

    Raises:
        InputError: it is no sealed capture of this installation, or the folder exists.
        LedgerError: it could not be recorded.
    """
    check_free(wanted.out)
    return _write(installation, unseal(file, installation.keys), replace(wanted, is_sealed=False))


def write_run(
    installation: Installation,
    run_id: str,
    manifest: Manifest,
    wanted: Wanted,
    *,
    systems: tuple[str, ...],
    names: tuple[str, ...] = (),
    while_triaging: bool = False,
) -> Origin:
    """Write what was kept of a run; recorded before anything is readable.

    Raises:
        InputError: nothing was kept, or the folder exists.
        LedgerError: it could not be recorded.
    """
    check_free(wanted.out)
    kept = kept_answers(installation, run_id).read()
    origin = Origin(
        run_id=run_id,
        captured_at=installation.clock.now(),
        while_triaging=while_triaging,
        systems=tuple(sorted(systems)),
        most_rows=wanted.most_rows,
    )
    known = tuple(dict.fromkeys((*names, *entities_in(kept.pieces))))
    return _write(installation, Sealed(manifest.model_copy(update={"source": SOURCE}), origin, known, kept), wanted)


def _write(installation: Installation, found: Sealed, wanted: Wanted) -> Origin:
    team, run_id = installation.settings.team, found.origin.run_id
    body: dict[str, JsonValue] = {
        "by": wanted.by,
        "tables": list(found.kept.tables),
        "while_triaging": found.origin.while_triaging,
        "sealed": wanted.is_sealed,
        "start": to_iso((found.manifest.baseline or found.manifest.window).start),
        "end": to_iso(found.manifest.window.end),
    }
    installation.ledger.append([LedgerEntry("capture.written", run_id, body)])
    if wanted.is_sealed:
        seal(wanted.out, found, installation.keys)
        return found.origin
    joins = JoinTokens(installation.redaction, installation.keys, team)
    redactor = installation.redaction.for_run(run_id, vault=installation.vault, known_names=found.names, joins=joins)
    origin = found.origin.model_copy(update={"most_rows": wanted.most_rows})
    cleaner = Cleaner(redactor.under(f"team:{team}"))
    return write_captured(wanted.out, found.manifest, found.kept.pieces, found.kept.failures, cleaner, origin)


def _live(installation: Installation, incident: Manifest) -> dict[str, Any]:
    surroundings = surroundings_of(installation, incident)
    live = live_backends(installation.settings.systems, incident.environment, surroundings)
    return with_moves(installation, incident.environment, live)


def _windows(manifest: Manifest) -> Mapping[str, Any]:
    quiet = manifest.baseline
    if quiet is None:
        raise InputError("the incident has no quiet time before it", remedy="set `live.baseline_s`")
    return {
        "start": to_iso(manifest.window.start),
        "end": to_iso(manifest.window.end),
        "baseline_start": to_iso(quiet.start),
        "baseline_end": to_iso(quiet.end),
    }
