"""A finding on a page, and what a page is held against."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from pydantic import BaseModel

from ...spec import Effect
from ..page import Page
from ..selectors import Selector

Code = Literal[
    "form.unreadable",
    "form.no-steps",
    "form.expectation",
    "form.step",
    "alert.unknown",
    "service.unknown",
    "service.renamed",
    "owner.missing",
    "owner.unknown",
    "verified.missing",
    "verified.old",
    "verified.future",
    "query.invalid",
    "query.metric",
    "query.label",
    "query.empty",
    "query.limit",
    "query.rule",
    "call.tool",
    "call.arguments",
    "call.blank",
    "call.effect",
    "call.result",
    "call.refused",
    "call.failed",
    "call.empty",
    "decide.step",
    "decide.unanswerable",
    "decide.loop",
    "rollback.missing",
    "rollback.step",
    "risk.understated",
    "link.page",
    "link.anchor",
    "link.dashboard",
    "link.image",
    "command.removed",
    "command.unknown",
    "command.file",
    "command.target",
    "command.namespace",
    "manifest.removed",
    "translation.differs",
    "channel.archived",
    "text.secret",
    "text.personal",
    "publish.form",
    "publish.draft",
]


@dataclass(frozen=True)
class Finding:
    """What is wrong, in which line, and what to do; repeats nothing that redaction would take out.

    Args:
        step: the number of the step it is about; 0 for the page.
    """

    page: str
    line: int
    code: Code
    text: str
    step: int = 0


@dataclass(frozen=True)
class ToolFacts:
    """What a tool takes, gives and does."""

    effect: Effect
    args: type[BaseModel]
    result: type[BaseModel]


@dataclass(frozen=True)
class OneSeries:
    """One series of a metric, and its median while nothing was wrong; `None` if nothing came then."""

    entity: str
    labels: Mapping[str, str]
    usual: float | None


@dataclass(frozen=True)
class Series:
    """What a metric has: its entities, the values of each of its labels, and, where they are known, its series."""

    entities: frozenset[str]
    labels: Mapping[str, frozenset[str]]
    each: tuple[OneSeries, ...] = ()


@dataclass(frozen=True)
class RuleLimit:
    """What an alerting rule compares with a number: one selector, and how."""

    selector: Selector
    sign: str
    threshold: float


@dataclass(frozen=True)
class Cluster:
    """What a cluster has, all of it or of the namespaces that are read.

    Args:
        workloads: by kind, such as `Deployment`: namespace and name of each.
        nodes: names of machines; `None` where they are not known.
        read: the only namespaces that are read; `None` where all are.
    """

    workloads: Mapping[str, frozenset[tuple[str, str]]]
    nodes: frozenset[str] | None = None
    read: frozenset[str] | None = None

    @property
    def namespaces(self) -> frozenset[str]:
        """In which a workload runs."""
        return frozenset(namespace for found in self.workloads.values() for namespace, _ in found)


@dataclass(frozen=True)
class Platform:
    """What is known; `None` where nothing is known, and then nothing is held against it.

    Args:
        today: for ages.
        oldest_days: how long a page may go unverified.
        tools: by name.
        metrics: by name, over the window.
        alerts: names of alerting rules.
        limits: by name of the alert, what its rules compare with a number.
        services: entities, in lower case.
        teams: of the service catalogue, in lower case.
        pages: names of all pages.
        anchors: headings of a page by its name, as links write them.
        has_file: whether a path below the folder of runbooks is there.
        dashboards: identifiers of dashboards.
        commands: of opswarden itself, as `triage` or `eval run`, and their options, as `eval run --data`.
        given: what stands for the blanks, as in an incident now.
        private: what redaction would take out of a text: line and type.
        refused: why a policy would refuse a call; empty if it would not.
        answered: status and message of a read, made through the gate.
        renamed: what the service catalogue calls by another name now, in lower case: that name.
        others: all pages by name.
        cluster: what runs where.
        pipelines: names of what runs by schedule.
        views: names of feature views of the feature store.
        model_versions: versions of a model in the registry; none where it has no such model, `None` where that cannot
            be told.
        channels: of teams, both in lower case and without `#`; empty of those who have none.
        archived: channels that people have closed, without `#`, in lower case.
    """

    today: date
    oldest_days: int = 180
    tools: Mapping[str, ToolFacts] | None = None
    metrics: Mapping[str, Series] | None = None
    alerts: frozenset[str] | None = None
    limits: Mapping[str, Sequence[RuleLimit]] | None = None
    services: frozenset[str] | None = None
    teams: frozenset[str] | None = None
    pages: frozenset[str] | None = None
    anchors: Callable[[str], frozenset[str]] | None = None
    has_file: Callable[[str], bool] | None = None
    dashboards: frozenset[str] | None = None
    commands: frozenset[str] | None = None
    given: Mapping[str, Any] = field(default_factory=dict)
    private: Callable[[str], Sequence[tuple[int, str]]] | None = None
    refused: Callable[[str, Mapping[str, Any]], str] | None = None
    answered: Callable[[str, Mapping[str, Any]], tuple[str, str]] | None = None
    renamed: Mapping[str, str] | None = None
    others: Mapping[str, Page] | None = None
    cluster: Cluster | None = None
    pipelines: frozenset[str] | None = None
    views: frozenset[str] | None = None
    model_versions: Callable[[str], frozenset[int] | None] | None = None
    channels: Mapping[str, str] | None = None
    archived: frozenset[str] | None = None


Findings = Iterator[Finding]
