"""Documents made behind the gate: pages that keep what people wrote, sketches, dashboards."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from ...agents.writing.about_service import service_page
from ...agents.writing.dashboard import dashboard
from ...agents.writing.document import Document, merged, numbers_before
from ...agents.writing.facts import Known
from ...agents.writing.feature_view import feature_view_page
from ...agents.writing.model_card import model_card
from ...agents.writing.postmortem import postmortem
from ...agents.writing.sketch import MOST_ENTITIES, sketch
from ...agents.writing.sources import Sources
from ...core.errors import InputError
from ...core.whole_files import sweep
from ...tools.plain_files import read_plain_text
from ...tools.runbooks.checks.findings import Platform
from ..keeping.reports import KeptReports
from ..people.senders import write_whole
from ..runbooks.opened import OpenRunbooks
from ..runbooks.platform import Checking, platform_of
from .drafting import Asking, known_of, refuse, words_of
from .happened import happened

_LIMIT_BYTES = 2_000_000


@dataclass(frozen=True)
class Made:
    """What was made.

    Args:
        text: of the whole file.
        is_changed: whether the file differs from what was there.
        notes: what is not known.
        before: what was there; `None` if nothing was.
        by_hand: parts that people wrote on in, and that stay as they are.
    """

    text: str
    is_changed: bool
    notes: tuple[str, ...] = ()
    before: str | None = None
    by_hand: tuple[str, ...] = ()


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
    document = makers[kind](name, known_for(runbooks, platform, out))
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
    labels = [each for each in installation.incident_labels.all() if each.run_id == run_id]
    causes = labels[-1].causes if labels else ()
    document = postmortem(report, happened(runbooks, report), sources_for(runbooks, out), causes)
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
        InputError: somebody else wrote to it meanwhile.
        BackendError: it cannot be written; then it is as it was.
    """
    sweep(out.parent)
    if made.is_changed and not write_whole(out, made.text, may=lambda: _before(out) == made.before):
        raise InputError("somebody else wrote to the file meanwhile", remedy="run the same command again")


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
    found = merged(before, document)
    return Made(found.text, found.text != before, tuple(document.notes), before, found.by_hand)


def known_for(runbooks: OpenRunbooks, platform: Platform, out: Path | None) -> Known:
    """What a document is made with; sources that stay keep the numbers that they have in the file.

    Raises:
        InputError: nothing is there to measure.
    """
    known = known_of(runbooks, platform)
    return replace(known, sources=sources_for(runbooks, out))


def sources_for(runbooks: OpenRunbooks, out: Path | None) -> Sources:
    """The sources of a document; those that stay keep the numbers that they have in the file."""
    return Sources(Asking(runbooks), numbers_before(_before(out)))


def _file(text: str, out: Path | None) -> Made:
    before = _before(out)
    return Made(text, text != before, before=before)


def _before(out: Path | None) -> str | None:
    if out is None:
        return None
    before = read_plain_text(str(out), _LIMIT_BYTES)
    if before is None and (out.exists() or out.is_symlink()):
        raise InputError("what is there is no plain file", remedy="name another file with --out")
    return before
