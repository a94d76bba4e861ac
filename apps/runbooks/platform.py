"""What pages are held against: learned through the gate, from the settings, and from files beside the pages."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from ...core.clock import to_iso
from ...core.errors import InputError, RedactionError, ToolRetry
from ...policies.engine import CedarEngine
from ...policies.explain import Circumstances, explain
from ...policies.freezes import Freezes
from ...policies.types import Principal, Stage
from ...redaction.types import TextWithheld
from ...tools.owners.backends.snapshot import catalogue_of
from ...tools.owners.catalogue import Entry, Team, merged
from ...tools.plain_files import read_plain_text
from ...tools.runbooks.checks.findings import OneSeries, Platform, RuleLimit, Series, ToolFacts
from ...tools.runbooks.checks.pages import anchors_of
from ...tools.runbooks.page import Page, read_page
from ...tools.runbooks.rule_expressions import read_rule
from ...tools.runbooks.rules import AlertRule
from ...tools.runbooks.selectors import simple
from ..boundaries import declared_boundaries
from ..catalogue import declared_by_name
from ..wiring import policy_engine, recorded_stages
from .opened import ROLE, OpenRunbooks
from .targets import targets_of

_DASHBOARD_LIMIT_BYTES = 5_000_000
_MOST_DASHBOARDS = 5_000


@dataclass(frozen=True)
class Checking:
    """What a check is told.

    Args:
        oldest_days: how long a page may go unverified.
        dashboards: a folder of dashboards as Grafana exports them; links to others are then findings.
        commands: of opswarden.
        makes_calls: whether reads are made, through the gate.
    """

    oldest_days: int = 180
    dashboards: Path | None = None
    commands: frozenset[str] | None = None
    makes_calls: bool = True


def pages_of(runbooks: OpenRunbooks) -> list[Page]:
    """Every page by name, read into its parts."""
    found = runbooks.library.index(runbooks.deadline()).pages()
    return [read_page(each.runbook.name, each.runbook.text) for each in found]


def platform_of(runbooks: OpenRunbooks, pages: Sequence[Page], checking: Checking) -> Platform:
    """What is known; where nothing is configured or named, nothing is held against a page."""
    installation, store = runbooks.installation, runbooks.store
    catalogues = [installation.catalogue] if installation.catalogue else []
    catalogues += [catalogue_of(store)] if store is not None else []
    catalogue = merged(catalogues) if catalogues else None
    entries = catalogue.entries if catalogue else ()
    metrics = _metrics(runbooks) if store is not None else None
    entities = {entity for series in (metrics or {}).values() for entity in series.entities}
    named = {name for entry in entries for name in (entry.name, entry.system, *entry.aliases) if name}
    services = {name.casefold() for name in (*entities, *named, *_entities(runbooks))}
    teams = frozenset(team.name.casefold() for team in catalogue.teams) if catalogue else frozenset()
    owners = frozenset(entry.owner.casefold() for entry in entries if entry.owner)
    rules = runbooks.library.rules.rules
    calls = _Calls(runbooks)
    headings = {page.runbook.name: anchors_of(page) for page in pages}
    return Platform(
        today=installation.clock.now().date(),
        oldest_days=checking.oldest_days,
        tools={tool.name: ToolFacts(tool.effect, tool.args, tool.result) for tool in runbooks.tools}
        if store is not None
        else None,
        metrics=metrics,
        alerts=frozenset(rule.name for rule in rules) if rules else None,
        limits=_limits(rules) if rules else None,
        services=frozenset(services) if services else None,
        teams=teams | owners if teams | owners else None,
        pages=frozenset(headings),
        anchors=lambda name: headings.get(name, frozenset()),
        has_file=_Files(runbooks.folder).has if runbooks.folder is not None else None,
        dashboards=_dashboards(checking.dashboards) if checking.dashboards is not None else None,
        commands=checking.commands,
        given=_given(runbooks, sorted(entities)),
        renamed=renamed_of(entries, entities),
        others={page.runbook.name: page for page in pages},
        channels=_channels(catalogue.teams) if catalogue else None,
        **targets_of(runbooks, pages),
        private=_Private(runbooks).lines,
        refused=_Refusals(runbooks).why if store is not None else None,
        answered=calls.answer if store is not None and checking.makes_calls else None,
    )


def renamed_of(entries: Sequence[Entry], entities: Collection[str]) -> Mapping[str, str]:
    """What the service catalogue knows as another name of an entry and telemetry no longer has, in lower case.

    An alias that something still reports under is a name like any other.
    """
    living = {name.casefold() for name in entities}
    names = {entry.name.casefold() for entry in entries}
    return {
        alias.casefold(): entry.name
        for entry in entries
        for alias in entry.aliases
        if entry.name.casefold() in living and alias.casefold() not in living | names
    }


def _channels(teams: Sequence[Team]) -> Mapping[str, str]:
    return {team.name.casefold(): team.channel.lstrip("#").casefold() for team in teams}


def _given(runbooks: OpenRunbooks, entities: Sequence[str]) -> Mapping[str, Any]:
    """What stands for the blanks: the window of the snapshot, and its alert if it has one."""
    if runbooks.store is None:
        return {}
    manifest = runbooks.store.manifest
    alert = manifest.alert
    quiet = manifest.baseline
    length = manifest.window.end - manifest.window.start
    given: dict[str, Any] = {
        "start": to_iso(manifest.window.start),
        "end": to_iso(manifest.window.end),
        "baseline_start": to_iso(quiet.start if quiet else manifest.window.start - length),
        "baseline_end": to_iso(quiet.end if quiet else manifest.window.start),
        "entity": (alert.entity if alert else None) or next(iter(entities), "any"),
        "alert": alert.name if alert else "Any",
    }
    return given | ({"metric": alert.metric} if alert and alert.metric else {})


def _metrics(runbooks: OpenRunbooks) -> Mapping[str, Series] | None:
    """The metrics of the window and the time before it, by one call through the gate; `None` if it brings nothing."""
    given = _given(runbooks, ())
    names = ("start", "end", "baseline_start", "baseline_end")
    try:
        found = runbooks.call("metrics.shifts", {**{name: given[name] for name in names}, "limit": 1}, "check.metrics")
        if found.artifact_id is None:
            return None
        run = runbooks.gate.run
        table = runbooks.installation.artifacts.read(found.artifact_id, run_id=run.id, team=run.principal.team)
    except (RedactionError, ToolRetry):
        return None
    entities: dict[str, set[str]] = defaultdict(set)
    labels: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    each: dict[str, list[OneSeries]] = defaultdict(list)
    rows = table.select(["entity", "metric", "labels", "before"]).to_pylist()
    for row in rows:
        entities[row["metric"]].add(row["entity"])
        each[row["metric"]].append(OneSeries(row["entity"], dict(row["labels"] or ()), row["before"]))
        for name, value in row["labels"] or ():
            labels[row["metric"]][name].add(value)
    return {
        metric: Series(
            frozenset(names),
            {label: frozenset(values) for label, values in labels.get(metric, {}).items()},
            tuple(each[metric]),
        )
        for metric, names in entities.items()
    }


def _limits(rules: Sequence[AlertRule]) -> Mapping[str, Sequence[RuleLimit]]:
    """By alert, what its rules compare with a number: rules that compare one plain selector alone."""
    found: dict[str, list[RuleLimit]] = defaultdict(list)
    for rule in rules:
        comparison = read_rule(rule.expression).comparison
        selector = simple(comparison.asked) if comparison is not None else None
        if comparison is not None and selector is not None:
            found[rule.name].append(RuleLimit(selector, comparison.sign, comparison.threshold))
    return found


def _entities(runbooks: OpenRunbooks) -> Sequence[str]:
    if runbooks.store is None:
        return ()
    try:
        found = runbooks.call("topology.entities", {}, "check.entities")
        if found.artifact_id is None:
            return ()
        run = runbooks.gate.run
        table = runbooks.installation.artifacts.read(found.artifact_id, run_id=run.id, team=run.principal.team)
    except (RedactionError, ToolRetry):
        return ()
    names: list[str] = table["entity"].to_pylist()
    return names


class _Calls:
    """Reads that pages name, made once each."""

    def __init__(self, runbooks: OpenRunbooks) -> None:
        self._runbooks = runbooks
        self._answers: dict[str, tuple[str, str]] = {}

    def answer(self, tool: str, args: Mapping[str, Any]) -> tuple[str, str]:
        """Status and message of a read."""
        key = json.dumps([tool, args], sort_keys=True, default=str)
        if key not in self._answers:
            call_id = f"check.{len(self._answers) + 1}"
            try:
                found = self._runbooks.gate.call(tool, args, call_id=call_id)
                self._answers[key] = (found.status, found.message)
            except RedactionError:
                self._answers[key] = ("error", "its result is withheld")
        return self._answers[key]


class _Refusals:
    """What the policies would say, without asking anybody or recording anything."""

    def __init__(self, runbooks: OpenRunbooks) -> None:
        self._runbooks = runbooks
        self._tools = {tool.name: tool for tool in runbooks.tools}

    @cached_property
    def _engine(self) -> CedarEngine:
        return policy_engine(self._runbooks.installation, self._runbooks.tools)

    def why(self, name: str, args: Mapping[str, Any]) -> str:
        """The code of a refusal; empty if it is allowed or a person would be asked."""
        installation, tool = self._runbooks.installation, self._tools[name]
        settings = installation.settings
        # Lines about tools that other gates have, as the one that publishes, are no mistake.
        known = {**declared_by_name(installation), **self._tools}
        stage: Stage = recorded_stages(installation, known).stage_of(
            name, team=settings.team, environment=tool.environment
        )
        boundaries = declared_boundaries(installation)
        circumstances = Circumstances(
            principal=Principal(ROLE, "person:somebody", settings.team),
            stage=stage,
            frozen=bool(
                Freezes(settings.gate.freezes).binding(
                    team=settings.team, environment=tool.environment, now=installation.clock.now()
                )
            ),
            limits=settings.gate.limits,
            residency=boundaries.residency,
            environments=boundaries.environments,
        )
        try:
            found = explain(self._engine, tool, dict(args), circumstances, installation.clock)
        except InputError:
            return ""
        return found.decision.code if found.decision.word == "deny" else ""


class _Private:
    """What redaction takes out of a page; names that the platform knows pass."""

    def __init__(self, runbooks: OpenRunbooks) -> None:
        self._redaction = runbooks.installation.redaction
        self._known = frozenset(name.casefold() for name in runbooks.gate.run.known_names)

    def lines(self, text: str) -> list[tuple[int, str]]:
        """Line and type of everything that is found."""
        try:
            spans = self._redaction.analyze(text)
        except TextWithheld:
            return [(1, "SECRET")]
        return [
            (text.count("\n", 0, span.start) + 1, span.entity_type)
            for span in spans
            if text[span.start : span.end].casefold() not in self._known
        ]


class _Files:
    """Files beside the pages."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def has(self, name: str) -> bool:
        """Whether a path below the folder, or below the one it lies in, is there; it never leads out."""
        if self._folder is None or ".." in Path(name).parts or Path(name).is_absolute():
            return False
        return any((root / name).exists() for root in (self._folder, self._folder.resolve().parent))


def _dashboards(folder: Path) -> frozenset[str]:
    """The identifiers of exported dashboards.

    Raises:
        InputError: there is no such folder.
    """
    if not folder.is_dir():
        raise InputError(
            "the folder of dashboards is not there", remedy="name one with dashboards as Grafana exports them"
        )
    found: set[str] = set()
    for path in sorted(folder.rglob("*.json"))[:_MOST_DASHBOARDS]:
        text = read_plain_text(str(path), _DASHBOARD_LIMIT_BYTES)
        try:
            document = json.loads(text or "null")
        except (ValueError, RecursionError):
            continue
        inner = document.get("dashboard", document) if isinstance(document, dict) else None
        if isinstance(inner, dict) and isinstance(inner.get("uid"), str):
            found.add(inner["uid"])
    return frozenset(found)
