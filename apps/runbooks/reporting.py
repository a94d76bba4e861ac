"""What is missing among the runbooks and what rots: for a person, once a week."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from ...agents.triage.types import TriageReport
from ...tools.runbooks.checks.findings import Finding
from ...tools.runbooks.checks.pages import check_page
from ...tools.runbooks.connected import linked
from ...tools.runbooks.index import RunbookIndex
from ...tools.runbooks.overlaps import Overlap, contradictions, duplicates
from ...tools.runbooks.page import Page
from ...tools.runbooks.rules import AlertRule
from ...tools.runbooks.selectors import UnreadableExpression, selectors_of
from ..keeping.reports import KeptReports
from .opened import OpenRunbooks
from .platform import Checking, pages_of, platform_of

_LOOKS_BACK = timedelta(days=90)
_MOST_REPORTS = 2_000
_VERIFIED = ("verified.missing", "verified.old", "verified.future")
_OWNED = ("owner.missing", "owner.unknown")


@dataclass(frozen=True)
class Helped:
    """How often a page was shown by a triage, and how often the triage found no cause all the same."""

    page: str
    shown: int
    without_cause: int


@dataclass(frozen=True)
class RunbookReport:
    """The report.

    Args:
        without_page: alerts that no page is for: name, and where it is known from.
        broken: findings that are neither about the owner nor about verification.
        notes: what could not be looked at.
        renamed: alerting rules that read something under a name that it no longer bears: the rule, and the names.
    """

    pages: int
    without_page: tuple[tuple[str, str], ...]
    broken: tuple[Finding, ...]
    unverified: tuple[Finding, ...]
    ownerless: tuple[Finding, ...]
    unhelpful: tuple[Helped, ...]
    duplicates: tuple[Overlap, ...]
    contradictions: tuple[Overlap, ...]
    notes: tuple[str, ...] = field(default=())
    renamed: tuple[tuple[str, str], ...] = ()

    @property
    def is_clean(self) -> bool:
        """Whether there is nothing to do."""
        return not any(lines for _, lines in self.sections())

    def sections(self) -> Iterator[tuple[str, list[str]]]:
        """Every part with its lines."""
        yield "alerts without a page", [f"{name}  ({source})" for name, source in self.without_page]
        yield "rules that read a former name", [f"{rule}: {names}" for rule, names in self.renamed]
        yield "pages that no longer hold", [_line(each) for each in self.broken]
        yield "pages not verified in time", [_line(each) for each in self.unverified]
        yield "pages without an owner", [_line(each) for each in self.ownerless]
        yield (
            "pages that were shown and did not help",
            [
                f"{each.page}: no cause was found in {each.without_cause} of {each.shown} triages"
                for each in self.unhelpful
            ],
        )
        yield "duplicates", [_pair(each) for each in self.duplicates]
        yield "contradictions", [_pair(each) for each in self.contradictions]

    def as_json(self) -> dict[str, Any]:
        """The report as plain values."""
        return {
            "pages": self.pages,
            "without_page": [{"alert": name, "known_from": source} for name, source in self.without_page],
            "renamed": [{"rule": rule, "text": names} for rule, names in self.renamed],
            "broken": [_finding(each) for each in self.broken],
            "unverified": [_finding(each) for each in self.unverified],
            "ownerless": [_finding(each) for each in self.ownerless],
            "unhelpful": [
                {"page": each.page, "shown": each.shown, "without_cause": each.without_cause} for each in self.unhelpful
            ],
            "duplicates": [{"pages": [each.first, each.second], "text": each.text} for each in self.duplicates],
            "contradictions": [
                {"pages": [name for name in (each.first, each.second) if name], "text": each.text}
                for each in self.contradictions
            ],
            "notes": list(self.notes),
        }


def report_on(runbooks: OpenRunbooks, checking: Checking) -> RunbookReport:
    """Look at every page, every alert that is known, and the triages of the last ninety days."""
    pages = pages_of(runbooks)
    platform = platform_of(runbooks, pages, checking)
    found = [finding for page in pages for finding in check_page(page, platform)]
    reports = _reports(runbooks)
    rules = runbooks.library.rules
    by_name: dict[str, list[AlertRule]] = defaultdict(list)
    for rule in rules.rules:
        by_name[rule.name].append(rule)
    notes = [f"rules: {problem}" for problem in rules.problems]
    if not rules.rules:
        notes.append("no rule files are configured (`runbook_rules`): only alerts of triages are known")
    if platform.metrics is None:
        notes.append("queries were not held against anything: name a --snapshot or ask --live")
    return RunbookReport(
        pages=len(pages),
        without_page=tuple(_without_page(runbooks, by_name, reports)),
        broken=tuple(each for each in found if each.code not in (*_VERIFIED, *_OWNED)),
        unverified=tuple(each for each in found if each.code in _VERIFIED),
        ownerless=tuple(each for each in found if each.code in _OWNED),
        unhelpful=tuple(unhelpful(pages, reports)),
        duplicates=tuple(duplicates(pages)),
        contradictions=tuple(contradictions(pages, by_name)),
        notes=tuple(notes),
        renamed=tuple(_renamed(rules.rules, platform.renamed or {})),
    )


def _without_page(
    runbooks: OpenRunbooks, rules: Mapping[str, Sequence[AlertRule]], reports: Sequence[TriageReport]
) -> Iterator[tuple[str, str]]:
    index = runbooks.library.index(runbooks.deadline())
    fired = Counter(report.incident.alert_name for report in reports if report.incident.alert_name)
    for name in sorted({*rules, *fired}):
        if not _has_page(index, name, [link for rule in rules.get(name, ()) for link in rule.links]):
            times = f"fired {fired[name]} times" if fired[name] else ""
            yield name, ", ".join(part for part in ("a rule" if name in rules else "", times) if part)


def _renamed(rules: Sequence[AlertRule], names: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Rules that can no longer fire, as what they select bears another name."""
    for rule in rules:
        try:
            selectors = selectors_of(rule.expression)
        except UnreadableExpression:
            continue
        values = {each.value for selector in selectors for each in selector.conditions if each.operator == "="}
        for value in sorted(values):
            if now := names.get(value.casefold()):
                yield rule.name, f"{value} is called {now} now"


def _has_page(index: RunbookIndex, alert: str, links: Sequence[str]) -> bool:
    return index.named(alert) is not None or any(linked(index, link) is not None for link in links)


def _reports(runbooks: OpenRunbooks) -> list[TriageReport]:
    installation = runbooks.installation
    since = installation.clock.now() - _LOOKS_BACK
    return KeptReports(installation.database).since(since, installation.settings.team, _MOST_REPORTS)


def unhelpful(pages: Sequence[Page], reports: Sequence[TriageReport]) -> Iterator[Helped]:
    """Pages that were shown at least twice, and in most triages no cause was found."""
    names = {page.runbook.name for page in pages}
    shown: Counter[str] = Counter()
    without: Counter[str] = Counter()
    for report in reports:
        matched = {
            str(item.summary.get("name"))
            for item in report.evidence
            if item.tool == "runbooks.match" and item.status == "ok" and isinstance(item.summary, dict)
        }
        for name in matched & names:
            shown[name] += 1
            without[name] += report.verdict == "inconclusive"
    for name, times in sorted(shown.items()):
        if times >= 2 and without[name] * 2 > times:
            yield Helped(name, times, without[name])


def _line(finding: Finding) -> str:
    return f"{finding.page}:{finding.line}: {finding.text}"


def _pair(overlap: Overlap) -> str:
    return f"{' and '.join(name for name in (overlap.first, overlap.second) if name)}: {overlap.text}"


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "page": finding.page,
        "line": finding.line,
        "step": finding.step,
        "code": finding.code,
        "text": finding.text,
    }
