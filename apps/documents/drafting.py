"""Drafts of runbooks, made behind the gate and held against their sources before anybody sees them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from ...agents.writing.facts import Known
from ...agents.writing.from_alert import draft_for_alert
from ...agents.writing.from_incident import draft_for_incident
from ...agents.writing.from_service import draft_for_service
from ...agents.writing.grounding import Ungrounded, ungrounded
from ...agents.writing.page import Draft
from ...agents.writing.prose import Prose, worded
from ...agents.writing.sources import Source, Sources
from ...core.canonical import JsonValue
from ...core.errors import BackendError, InputError, RedactionError
from ...policies.types import CallResult
from ...tools.plain_files import read_plain_text
from ...tools.plain_yaml import DocumentError
from ...tools.runbooks.checks.findings import Finding, Platform
from ...tools.runbooks.checks.pages import check_page
from ...tools.runbooks.page import read_page
from ...tools.runbooks.page_form import BLANKS, BLOCKS
from ...tools.runbooks.rules import AlertRule, rules_of
from ..keeping.reports import KeptReports
from ..runbooks.opened import OpenRunbooks
from ..runbooks.platform import Checking, pages_of, platform_of

_RULES_LIMIT_BYTES = 2_000_000


class DraftRefusedError(RedactionError):
    """A draft says something that no source has, or holds what redaction would take out; nobody gets to see it."""


@dataclass(frozen=True)
class Drafted:
    """A draft that holds.

    Args:
        text: the page.
        sources: what it rests on.
        findings: what a check of the page says all the same, such as an owner that nobody knows.
        notes: what is not known.
        prose: what a model did to its sentences; `None` if none was asked.
    """

    text: str
    sources: tuple[Source, ...]
    findings: tuple[Finding, ...]
    notes: tuple[str, ...]
    prose: Prose | None = None


class Asking:
    """Calls tools through the gate of open runbooks; a call that is denied is an answer like any other."""

    def __init__(self, runbooks: OpenRunbooks) -> None:
        self._runbooks = runbooks
        self._asked = 0

    def __call__(self, tool: str, args: Mapping[str, Any]) -> CallResult:
        self._asked += 1
        whole: Mapping[str, JsonValue] = json.loads(json.dumps(args, default=str))
        return self._runbooks.gate.call(tool, whole, call_id=f"draft.{self._asked}")


def known_of(runbooks: OpenRunbooks, platform: Platform, *, measures: bool = True) -> Known:
    """What drafts are made with.

    Args:
        runbooks: whose gate asks.
        platform: what is known of it.
        measures: whether it cannot be made without metrics.

    Raises:
        InputError: nothing is there to measure.
        BackendError: the systems that should have metrics gave none.
    """
    if measures and platform.metrics is None and runbooks.is_live:
        raise BackendError("the systems gave no metrics", remedy="see `opswarden doctor`")
    if (measures and platform.metrics is None) or not platform.given:
        raise InputError("there is nothing to measure", remedy="name a --snapshot with metrics, or ask --live")
    return Known(platform.metrics or {}, platform.given, Sources(Asking(runbooks)), frozenset(platform.tools or ()))


def draft_alert(runbooks: OpenRunbooks, rules: Path, name: str, entity: str | None, checking: Checking) -> Drafted:
    """Draft a page for an alerting rule of a file.

    Raises:
        InputError: the file has no such rule, or cannot be read.
        DraftRefusedError: see there.
    """
    rule = _rule(rules, name)
    scrub = runbooks.installation.redaction.scrub
    clean = AlertRule(
        name=rule.name,
        expression=scrub(rule.expression),
        summary=scrub(rule.summary),
        description=scrub(rule.description),
        severity=rule.severity,
        file=rule.file,
    )
    return drafted(runbooks, checking, lambda known: draft_for_alert(clean, known, entity))


def draft_service(runbooks: OpenRunbooks, entity: str, checking: Checking) -> Drafted:
    """Draft a page for a service.

    Raises:
        InputError: nothing is called so.
        DraftRefusedError: see there.
    """

    def make(known: Known) -> Draft:
        if not known.metrics_of(entity):
            raise InputError("no metric is of this name", remedy="name an entity as the metrics spell it")
        return draft_for_service(entity, known)

    return drafted(runbooks, checking, make)


def draft_incident(runbooks: OpenRunbooks, run_id: str, checking: Checking) -> Drafted:
    """Draft a page from a triage that has ended.

    Raises:
        InputError: no report of this run is kept.
        DraftRefusedError: see there.
    """
    report = KeptReports(runbooks.installation.database).report_of(run_id)
    if report is None:
        raise InputError("no report of this run is kept", remedy="name the run of a triage that has ended")
    labels = [each for each in runbooks.installation.incident_labels.all() if each.run_id == run_id]
    causes = labels[-1].causes if labels else ()
    return drafted(runbooks, checking, lambda known: draft_for_incident(report, known, causes))


def drafted(runbooks: OpenRunbooks, checking: Checking, make: Callable[[Known], Draft]) -> Drafted:
    """Make a draft, and hold it against its sources and the platform."""
    platform = platform_of(runbooks, pages_of(runbooks), checking)
    draft = make(known_of(runbooks, platform))
    text, sources = draft.text(), draft.sources.all()
    refuse(text, sources, platform, words_of(platform))
    prose = _prose(runbooks, text)
    if prose is not None and prose.taken:
        try:
            refuse(prose.text, sources, platform, words_of(platform))
            text = prose.text
        except DraftRefusedError:
            # The whole is looked at once more, whatever was said of its sentences; then that of the code stands.
            prose = Prose(text, prose.offered, 0, prose.taken + prose.refused)
    page = read_page("draft.md", text)
    return Drafted(text, sources, tuple(check_page(page, platform)), tuple(draft.notes), prose)


def _prose(runbooks: OpenRunbooks, text: str) -> Prose | None:
    """What the configured models make of the sentences, the first that answers; `None` without any."""
    found = None
    for place, endpoint in enumerate(runbooks.models, start=1):
        found = worded(text, partial(runbooks.gate.prompt, endpoint=endpoint, call_id=f"prose.{place}"))
        if not found.problem:
            break
    return found


def refuse(text: str, sources: tuple[Source, ...], platform: Platform, words: frozenset[str]) -> None:
    """Refuse a text that says what no source has, or that holds what redaction would take out.

    Raises:
        DraftRefusedError: see there; the error repeats nothing of the text.
    """
    wrong = ungrounded(text, sources, words)
    if wrong:
        raise DraftRefusedError(
            f"the draft says what no source has: {_counted(wrong)}", remedy="report this; the draft is withheld"
        )
    page = read_page("draft.md", text)
    private = [each for each in check_page(page, platform) if each.code in ("text.secret", "text.personal")]
    if private:
        raise DraftRefusedError(
            f"the draft holds what redaction takes out, in line {private[0].line}",
            remedy="take it out of what it was made from",
        )


def words_of(platform: Platform) -> frozenset[str]:
    """Names that need no source: of tools, of the parts of a block and of our own commands."""
    tools = frozenset(platform.tools or ())
    keys = {
        "series_matched",
        "last_verified",
        "runbook_url",
        "not held",
        "sources",
        "draft",
        "entity",
        *BLOCKS,
        *BLANKS,
    }
    paths = {
        name
        for tool in (platform.tools or {}).values()
        for name in (*tool.args.model_fields, *tool.result.model_fields)
    }
    return tools | frozenset(keys) | frozenset(paths)


def _counted(wrong: list[Ungrounded]) -> str:
    first = wrong[0]
    return f"{len(wrong)} things, the first a {first.kind} in line {first.line}"


def _rule(file: Path, name: str) -> AlertRule:
    text = read_plain_text(str(file), _RULES_LIMIT_BYTES)
    if text is None:
        raise InputError("the rule file cannot be read", remedy="name a plain file of Prometheus rules, up to 2 MB")
    try:
        found = [rule for rule in rules_of(file.name, text) if rule.name == name]
    except DocumentError as error:
        raise InputError(f"the rule file cannot be read: {error}", remedy="correct it") from None
    if not found:
        raise InputError("the rule file has no alert of this name", remedy="names match exactly")
    return found[0]
