"""Documents made behind the gate: pages that keep what people wrote, sketches, dashboards."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...agents.triage.types import TriageReport
from ...agents.writing.about_service import service_page
from ...agents.writing.dashboard import dashboard
from ...agents.writing.document import Document, merged
from ...agents.writing.facts import Known
from ...agents.writing.feature_view import feature_view_page
from ...agents.writing.model_card import model_card
from ...agents.writing.postmortem import postmortem
from ...agents.writing.sketch import MOST_ENTITIES, sketch
from ...agents.writing.sources import Sources
from ...core.errors import InputError
from ...policies.ledger.read import rows as ledger_rows
from ...tools.plain_files import read_plain_text
from ...tools.runbooks.checks.findings import Platform
from ..keeping.reports import KeptReports
from ..runbooks.opened import OpenRunbooks
from ..runbooks.platform import Checking, platform_of
from ..runbooks.taking import steps_of
from .drafting import Asking, known_of, refuse, words_of

_LIMIT_BYTES = 2_000_000
_MOST_ENTRIES = 40


@dataclass(frozen=True)
class Made:
    """What was made.

    Args:
        text: of the whole file.
        is_changed: whether the file differs from what was there.
        notes: what is not known.
    """

    text: str
    is_changed: bool
    notes: tuple[str, ...] = ()


def make_page(runbooks: OpenRunbooks, kind: str, name: str, out: Path | None) -> Made:
    """Write the page of a service, a model or a feature view.

    Raises:
        InputError: nothing is there to read.
        DraftRefusedError: the page says what no source has.
    """
    makers: Mapping[str, Callable[[str, Known], Document]] = {
        "service": service_page,
        "model-card": model_card,
        "feature-view": feature_view_page,
    }
    platform = platform_of(runbooks, [], Checking(makes_calls=False))
    document = makers[kind](name, known_of(runbooks, platform))
    # The name was asked for; whether anything is known of it, the page says.
    return checked(runbooks, document, out, frozenset({name}), platform)


def make_postmortem(runbooks: OpenRunbooks, run_id: str, out: Path | None) -> Made:
    """Write the postmortem of a triage that has ended.

    Raises:
        InputError: no report of this run is kept.
        DraftRefusedError: as above.
    """
    installation = runbooks.installation
    report = KeptReports(installation.database).report_of(run_id)
    if report is None:
        raise InputError("no report of this run is kept", remedy="name the run of a triage that has ended")
    entries = sorted((*_seen(report), *_recorded(runbooks, run_id)), key=lambda each: str(each["at"]))
    labels = [each for each in installation.incident_labels.all() if each.run_id == run_id]
    document = postmortem(report, entries, Sources(Asking(runbooks)), labels[-1].causes if labels else ())
    return checked(runbooks, document, out, frozenset())


def make_sketch(runbooks: OpenRunbooks, out: Path | None) -> Made:
    """Draw who calls whom; on which machine something runs is left out.

    Raises:
        InputError: no call graph is known, or it is too large to be read.
    """
    found = runbooks.call("topology.graph", {}, "docs.graph")
    if found.artifact_id is None:
        raise InputError("no call graph is known", remedy="name a snapshot or systems that have one")
    run = runbooks.gate.run
    table = runbooks.installation.artifacts.read(found.artifact_id, run_id=run.id, team=run.principal.team)
    rows = table.to_pylist()
    edges = [(str(row["caller"]), str(row["callee"])) for row in rows if row.get("kind") != "runs_on"]
    if len({name for edge in edges for name in edge}) > MOST_ENTITIES:
        raise InputError("the call graph is too large for a sketch", remedy=f"up to {MOST_ENTITIES} entities")
    return _file(sketch(edges, "Who calls whom"), out)


def make_dashboard(runbooks: OpenRunbooks, entity: str, entity_label: str, out: Path | None) -> Made:
    """Make the Grafana dashboard of a service.

    Raises:
        InputError: it has no metric.
    """
    known = known_of(runbooks, platform_of(runbooks, [], Checking(makes_calls=False)))
    if not known.metrics_of(entity):
        raise InputError("no metric is of this name", remedy="name an entity as the metrics spell it")
    return _file(json.dumps(dashboard(entity, known, entity_label), indent=2, ensure_ascii=False) + "\n", out)


def write_made(made: Made, out: Path) -> None:
    """Write a file that is ours, or that keeps what people wrote in it.

    Raises:
        InputError: it cannot be written.
    """
    if not made.is_changed:
        return
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(made.text, encoding="utf-8")
    except OSError as error:
        raise InputError(f"the file cannot be written: {error.strerror}", remedy="name another --out") from None


def checked(
    runbooks: OpenRunbooks,
    document: Document,
    out: Path | None,
    words: frozenset[str],
    platform: Platform | None = None,
) -> Made:
    """Hold a document against its sources, and put it into what is there.

    Raises:
        DraftRefusedError: it says what no source has, nor is among these words.
    """
    platform = platform or platform_of(runbooks, [], Checking(makes_calls=False))
    refuse(document.text(), document.sources.all(), platform, words_of(platform) | words)
    before = _before(out)
    text = merged(before, document)
    return Made(text, text != before, tuple(document.notes))


def _file(text: str, out: Path | None) -> Made:
    return Made(text, text != _before(out))


def _before(out: Path | None) -> str | None:
    if out is None:
        return None
    before = read_plain_text(str(out), _LIMIT_BYTES)
    if before is None and (out.exists() or out.is_symlink()):
        raise InputError("what is there is no plain file", remedy="name another file with --out")
    return before


def _seen(report: TriageReport) -> Iterator[dict[str, Any]]:
    """What telemetry and the change log say happened at whatever is suspected."""
    suspects = {each.entity for each in report.ranking[:3]}
    for item in report.evidence:
        summary = item.summary if isinstance(item.summary, dict) else {}
        for row in summary.get("shifts") or () if item.tool == "metrics.shifts" else ():
            if row.get("onset") and row.get("entity") in suspects:
                what = f"{row['metric']} of {row['entity']} goes {row['direction']}"
                yield {"at": row["onset"], "kind": "telemetry", "what": what, "outcome": ""}
        for row in summary.get("newest") or () if item.tool == "changes.recent" else ():
            if row.get("entity") in suspects:
                yield {"at": row["ts"], "kind": "change", "what": f"{row['entity']}: {row['summary']}", "outcome": ""}


def _recorded(runbooks: OpenRunbooks, run_id: str) -> Iterator[dict[str, Any]]:
    """What the ledger holds of the run besides its reads."""
    entries = runbooks.installation.ledger.tail(2_000, run_id=run_id)
    found = [row for row in ledger_rows(entries) if not _is_read(row.kind, row.subject)]
    for row in found[:_MOST_ENTRIES]:
        yield {"at": row.ts, "kind": row.kind, "what": row.subject or row.run_id, "outcome": row.finding}
    for step in steps_of(runbooks.installation, run_id):
        if step["run_id"] != run_id:
            what = f"{step['tool']} for step {step['step']} of the runbook"
            yield {"at": step["at"], "kind": "step taken", "what": what, "outcome": step["outcome"]}


def _is_read(kind: str, subject: str) -> bool:
    writing = ("people.tell", "models.promote", "models.rollback", "rollouts.")
    return "." in subject and not subject.startswith(writing)
