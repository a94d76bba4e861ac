"""Documents made behind the gate: pages that keep what people wrote, sketches, dashboards."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ...agents.writing.about_service import service_page
from ...agents.writing.dashboard import dashboard
from ...agents.writing.document import Document, has_parts, merged, numbers_before, renamed, without_parts
from ...agents.writing.facts import Known
from ...agents.writing.feature_view import feature_view_page
from ...agents.writing.model_card import model_card
from ...agents.writing.postmortem import postmortem
from ...agents.writing.sketch import MOST_ENTITIES, sketch
from ...agents.writing.sources import Sources
from ...core.errors import BackendError, InputError
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
        to_do: what is left to people.
        down: sources whose system failed; what they would say is marked as unknown.
    """

    text: str
    is_changed: bool
    notes: tuple[str, ...] = ()
    before: str | None = None
    by_hand: tuple[str, ...] = ()
    down: tuple[str, ...] = ()
    to_do: tuple[str, ...] = ()


def make_page(runbooks: OpenRunbooks, kind: str, name: str, out: Path | None, former: Path | None = None) -> Made:
    """Write the page of a service, a model or a feature view.

    Args:
        runbooks: whose gate asks.
        kind: `service`, `model-card` or `feature-view`.
        name: of what it is about.
        out: where it goes, beside what people wrote there.
        former: a page of the same under another name, out of which what people wrote is carried over.

    Raises:
        InputError: nothing is there to read, or nothing is called so any more and a page of it is there.
        BackendError: a system failed, and a page is there that would lose what it says.
        DraftRefusedError: the page says what no source has.
    """
    makers: Mapping[str, Callable[[str, Known], Document]] = {
        "service": service_page,
        "model-card": model_card,
        "feature-view": feature_view_page,
    }
    platform = platform_of(runbooks, [], Checking(makes_calls=False))
    document = makers[kind](name, known_for(runbooks, platform, out, measures=kind == "service"))
    # The name was asked for; whether anything is known of it, the page says.
    return checked(runbooks, document, out, frozenset({name}), platform, former)


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
        RedactionError: a name cannot be cleaned.
    """
    found = runbooks.call("topology.graph", {}, "docs.graph")
    if found.artifact_id is None:
        raise InputError("no call graph is known", remedy="name a snapshot or systems that have one")
    run = runbooks.gate.run
    table = runbooks.installation.artifacts.read(found.artifact_id, run_id=run.id, team=run.principal.team)
    rows = table.to_pylist()
    edges = [(str(row["caller"]), str(row["callee"])) for row in rows if row.get("kind") != "runs_on"]
    names = {name for edge in edges for name in edge}
    if len(names) > MOST_ENTITIES:
        raise InputError("the call graph is too large for a sketch", remedy=f"up to {MOST_ENTITIES} entities")
    # An artifact is as the system answered, and somebody may have named a service after a customer.
    redactor = runbooks.installation.redaction.for_run(run.id, vault=runbooks.installation.vault, known_names=names)
    shown = {name: redactor.text(name) for name in sorted(names)}
    return _file(sketch([(shown[caller], shown[callee]) for caller, callee in edges], "Who calls whom"), out)


def make_dashboard(runbooks: OpenRunbooks, entity: str, entity_label: str, out: Path | None) -> Made:
    """Make the Grafana dashboard of a service.

    Raises:
        InputError: it has no metric.
    """
    platform = platform_of(runbooks, [], Checking(makes_calls=False))
    known = known_of(runbooks, platform)
    if now := (platform.renamed or {}).get(entity.casefold()):
        raise InputError(f"{entity} is called {now} now", remedy=f"make the dashboard of {now}")
    if not known.metrics_of(entity):
        raise InputError("no metric is of this name", remedy="name an entity as the metrics spell it")
    board = dashboard(entity, known, entity_label)
    made = _file(json.dumps(board, indent=2, ensure_ascii=False) + "\n", out)
    before = _uid(made.before)
    if before and before != board["uid"]:
        note = f"Grafana keeps the dashboard that was in the file, of the uid {before}, and links lead there"
        return replace(made, to_do=(f"{note}: take it away once this one is imported",))
    return made


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
    former: Path | None = None,
) -> Made:
    """Hold a document against its sources, and put it into what is there, or into what was there under another name.

    Raises:
        InputError, BackendError: what is there would only lose by it.
        DraftRefusedError: it says what no source has, nor is among these words.
    """
    platform = platform or platform_of(runbooks, [], Checking(makes_calls=False))
    refuse(document.text(), document.sources.all(), platform, words_of(platform) | words)
    before = _before(out)
    down = tuple(each.what for each in document.sources.all() if each.is_down)
    if has_parts(before) and out is not None:
        _loses_nothing(document, out, words, platform, down)
    base, to_do = (before, ()) if former is None else _carried(former, before, document.title)
    found = merged(base, document)
    return Made(found.text, found.text != before, tuple(document.notes), before, found.by_hand, down, to_do)


def _loses_nothing(
    document: Document, out: Path, words: frozenset[str], platform: Platform, down: Sequence[str]
) -> None:
    """Refuse to write over a page where a system failed, or where nothing is called so any more."""
    if down:
        raise BackendError(
            f"{len(down)} of {len(document.sources.all())} sources could not be read, the first {down[0][:120]}; "
            f"{out.name} is left as it was",
            remedy="run the same command again once it answers",
        )
    for name in sorted(words):
        if now := (platform.renamed or {}).get(name.casefold()):
            raise InputError(
                f"{name} is called {now} now; {out.name} is left as it was",
                remedy=f"write the page of {now} with `--from {out.name}`, then take {out.name} away",
            )
    if not document.is_known:
        raise InputError(
            f"nothing is called so any more; {out.name} is left as it was",
            remedy="if it has another name, write the page of that one with --from; else take the file away",
        )


def _carried(former: Path, before: str | None, title: str) -> tuple[str, tuple[str, ...]]:
    """A page under its new title, and what is left to people."""
    text = _before(former)
    if text is None or not has_parts(text):
        raise InputError("there is no page to carry over from", remedy="name one that `opswarden docs` wrote")
    if before is not None:
        raise InputError("a page is there already", remedy="carry over by hand, or take one of the two away")
    heading = next((line[2:].strip() for line in text.splitlines() if line.startswith("# ")), "")
    old = heading.rpartition(": ")[2]
    left = [f"take {former.name} away: what people wrote in it is in the new page"]
    still = sum(old in line for line in without_parts(renamed(text, title)).splitlines()) if old else 0
    left += [f"lines of people's that still say {old}: {still}"] if still else []
    return renamed(text, title), tuple(left)


def known_for(runbooks: OpenRunbooks, platform: Platform, out: Path | None, *, measures: bool = True) -> Known:
    """What a document is made with; sources that stay keep the numbers that they have in the file.

    Raises:
        InputError, BackendError: as `known_of`.
    """
    known = known_of(runbooks, platform, measures=measures)
    return replace(known, sources=sources_for(runbooks, out))


def sources_for(runbooks: OpenRunbooks, out: Path | None) -> Sources:
    """The sources of a document; those that stay keep the numbers that they have in the file."""
    return Sources(Asking(runbooks), numbers_before(_before(out)))


def _uid(text: str | None) -> str:
    """The uid of a dashboard in a file; empty without one."""
    try:
        found = json.loads(text or "null")
    except (ValueError, RecursionError):
        return ""
    uid = found.get("uid") if isinstance(found, dict) else None
    return uid if isinstance(uid, str) else ""


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
