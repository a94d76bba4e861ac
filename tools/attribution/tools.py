"""`attribution.rank` and `attribution.changes`: reads over the artifacts of earlier calls of the same run."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import NormalDist

import pyarrow as pa

from ..metrics.indicators import classify
from ..spec import AnyTool, Output, Scope, Tool, ToolContext
from ..summary import first_that_fit, one_line
from ..windows import to_us
from .changed import last_releases, read_symptoms, scene_of, usual_step_s, with_changes
from .evidence import STANDS_OUT, EntityEvidence, Evidence, Sign, new_evidence, read_shifts
from .explaining import alert_shift
from .features import read_features
from .logs import read_patterns
from .models import read_models
from .outcomes import read_segments
from .ranking import Ranked, is_anomalous, leading_shift, margin_of, rank
from .releases import releases_of
from .states import read_states
from .suspects import Judgement, Suspect, judge
from .traces import read_calls, read_latency
from .types import Candidate, ChangesResult, JudgedChange, RankArgs, RankResult
from .versions import read_versions

_KINDS = ("shifts", "patterns", "latency", "calls", "graph", "changes", "notices", "symptoms", "versions")
_DOMAIN_KINDS = ("outcomes", "models", "features", "workloads", "nodes")
"""Most platforms keep none of these, so one that is not there is not missing."""
_REASONS = 3
_FIGURE = re.compile(r"\S*\d\S*")
_FALSE_ALARMS = 0.01
_CHANGES_TOKENS = 800


@dataclass(frozen=True)
class Tables:
    """The artifacts to rank over; `None` for those that are missing."""

    shifts: pa.Table | None = None
    patterns: pa.Table | None = None
    latency: pa.Table | None = None
    calls: pa.Table | None = None
    graph: pa.Table | None = None
    changes: pa.Table | None = None
    outcomes: pa.Table | None = None
    models: pa.Table | None = None
    features: pa.Table | None = None
    workloads: pa.Table | None = None
    nodes: pa.Table | None = None
    notices: pa.Table | None = None
    symptoms: pa.Table | None = None
    versions: pa.Table | None = None

    @property
    def compared(self) -> int:
        """How many things were compared with the quiet time: a row of every artifact that compares is one."""
        counted = (
            self.shifts, self.patterns, self.latency, self.calls, self.outcomes, self.models, self.features,
            self.versions,
        )  # fmt: skip
        return sum(table.num_rows for table in counted if table is not None)


def rank_tables(
    tables: Tables,
    start: datetime,
    alert_entity: str | None,
    alert_metric: str | None,
    *,
    end: datetime | None = None,
    since: datetime | None = None,
    alert_text: str = "",
) -> tuple[list[Ranked], Evidence, Judgement]:
    """The ranking as a pure function of the artifacts, and what was found of the changes.

    Args:
        tables: what there is.
        start: the start of the incident window.
        alert_entity: where the alert fired.
        alert_metric: the metric it fired on.
        end: the end of the window.
        since: since when changes are recorded, as far as that is known.
        alert_text: name and summary of the alert.
    """
    since_us = to_us(since) if since is not None else None
    evidence, edges = _read_all(tables, since_us)
    start_us = to_us(start)
    releases = releases_of(tables.changes) if tables.changes is not None else ()
    comparisons = (
        read_versions(tables.versions, evidence, last_releases(releases)) if tables.versions is not None else {}
    )
    onsets = {entity: onset for entity, found in evidence.items() if (onset := found.onset_us) is not None}
    alert_kind = classify(alert_metric) if alert_metric else None
    ranked = rank(
        evidence, edges, alert_entity=alert_entity, alert_kind=alert_kind, ceiling=noise_ceiling(tables.compared)
    )
    scene = scene_of(
        ranked,
        evidence,
        [edge[:2] for edge in edges],
        onsets_us=onsets,
        start_us=start_us,
        since_us=since_us,
        step_s=usual_step_s(tables.shifts, (end - start).total_seconds() if end is not None else 0.0),
        notices=tables.notices,
        symptoms=read_symptoms(tables.symptoms, f"{alert_text} {alert_metric or ''}"),
        comparisons=comparisons,
        alert_entity=alert_entity,
    )
    judgement = judge(releases, scene)
    return with_changes(ranked, judgement), evidence, judgement


def _read_all(tables: Tables, since_us: int | None) -> tuple[Evidence, list[tuple[str, str, str]]]:
    """What the artifacts say of each entity, those apart that compare releases, and who calls whom."""
    evidence = new_evidence()
    if tables.shifts is not None:
        read_shifts(tables.shifts, evidence)
    if tables.latency is not None:
        read_latency(tables.latency, evidence)
    if tables.calls is not None:
        read_calls(tables.calls, evidence)
    edges: list[tuple[str, str, str]] = []
    if tables.graph is not None:
        ends = zip(*(tables.graph[name].to_pylist() for name in ("caller", "callee", "kind")), strict=True)
        edges = sorted({(caller, callee, kind or "") for caller, callee, kind in ends if caller and callee})
    if tables.patterns is not None:
        entities = {*evidence, *(end for edge in edges for end in edge[:2])}
        read_patterns(tables.patterns, entities, evidence, tables.calls)
    if tables.outcomes is not None:
        read_segments(tables.outcomes, {*evidence, *(end for edge in edges for end in edge[:2])}, evidence)
    if tables.features is not None:
        read_features(tables.features, evidence)
    if tables.models is not None:  # after the features: they explain scores that moved
        read_models(tables.models, evidence)
    if tables.workloads is not None:
        read_states(tables.workloads, since_us, evidence)
    if tables.nodes is not None:
        read_states(tables.nodes, since_us, evidence, "nodes")
    return evidence, edges


def noise_ceiling(compared: int) -> float:
    """How far something has to move to stand out among so many that were compared, in wobbles; at least 3.

    The normal deviate that the largest of so many quiet draws passes once in a hundred times (Bonferroni's bound).
    """
    return max(STANDS_OUT, NormalDist().inv_cdf(1 - _FALSE_ALARMS / max(compared, 1)))


def result_of(ranked: Sequence[Ranked], evidence: Evidence, tables: Tables, args: RankArgs) -> RankResult:
    """What `attribution.rank` says of a ranking of at least one suspect."""
    named = {kind: getattr(args, kind) for kind in (*_KINDS, *_DOMAIN_KINDS)}
    total = sum(row.weight for row in ranked)
    alerted = alert_shift(evidence, args.alert_entity, args.alert_metric)
    return RankResult(
        entities_considered=len(ranked),
        entities_anomalous=sum(is_anomalous(found) for found in evidence.values()),
        strongest_shift=round(max(row.strength for row in ranked), 2),
        leading_shift=round(leading_shift(ranked), 2),
        noise_ceiling=round(noise_ceiling(tables.compared), 2),
        alert_shift=round(alerted, 2) if alerted is not None else None,
        causes_needed=sum(row.accounts_for > 0 for row in ranked),
        margin=round(margin_of(ranked), 3),
        evidence_used=tuple(kind for kind, name in named.items() if name),
        evidence_missing=tuple(kind for kind in _KINDS if not named[kind]),
        candidates=tuple(_candidate(row, total, evidence.get(row.entity)) for row in ranked[: args.limit]),
        leading_signs=tuple(about(sign) for sign in ranked[0].signs[:_REASONS] if sign.score >= 1.0),
    )


def attribution_tools(environment: str) -> tuple[AnyTool, ...]:
    """The ranking tool; it reads artifacts only, so it needs no backend."""

    def run(args: RankArgs, context: ToolContext) -> Output[RankResult]:
        tables = _read(args, context)
        scope = Scope(environment=environment, start=args.start, end=args.end)
        ranked, evidence, _ = _ranked(tables, args)
        if not ranked:
            return Output("no_data", scope, note="the evidence names no entity")
        total = sum(row.weight for row in ranked)
        result = result_of(ranked, evidence, tables, args)
        return Output("ok", scope, result, artifact=_ranking_table(ranked, total))

    def changes(args: RankArgs, context: ToolContext) -> Output[ChangesResult]:
        tables = _read(args, context)
        scope = Scope(environment=environment, start=args.start, end=args.end)
        _, _, judgement = _ranked(tables, args)
        if not judgement.suspects:
            return Output("no_data", scope, note="no change is recorded, so none can be judged")
        named = judgement.named()
        shown = first_that_fit([_judged(one) for one in _to_show(judgement)[: args.limit]], _CHANGES_TOKENS)
        result = ChangesResult(
            changes_judged=len(judgement.suspects),
            none=round(judgement.none, 3),
            outside=one_line(judgement.outside) or None,
            named=named[0].id if named else None,
            rejected=sum(one.verdict == "against" for one in judgement.suspects),
            changes=tuple(shown),
        )
        return Output("ok", scope, result, artifact=_changes_table(judgement))

    return (
        Tool(
            name="attribution.changes",
            effect="read",
            description="Judge every change: which one did it, or none, and why the others are rejected.",
            args=RankArgs,
            result=ChangesResult,
            run=changes,
            environment=environment,
            summary_tokens=1_000,
        ),
        Tool(
            name="attribution.rank",
            effect="read",
            description="Rank the entities, indicators and changes that could explain the incident.",
            args=RankArgs,
            result=RankResult,
            run=run,
            environment=environment,
            data_classes=frozenset({"operational"}),
            summary_tokens=1_200,
        ),
    )


def _read(args: RankArgs, context: ToolContext) -> Tables:
    named = {kind: getattr(args, kind) for kind in (*_KINDS, *_DOMAIN_KINDS)}
    return Tables(**{kind: context.artifacts.read(name) for kind, name in named.items() if name})


def _ranked(tables: Tables, args: RankArgs) -> tuple[list[Ranked], Evidence, Judgement]:
    return rank_tables(
        tables,
        args.start,
        args.alert_entity,
        args.alert_metric,
        end=args.end,
        since=args.changes_since,
        alert_text=args.alert_text or "",
    )


def _to_show(judgement: Judgement) -> list[Suspect]:
    """The suspects by probability, then the rejected ones, those nearest to the onset first."""
    open_ones = [one for one in judgement.suspects if one.verdict != "against"]
    rejected = [one for one in judgement.suspects if one.verdict == "against"]
    return open_ones + sorted(rejected, key=lambda one: (-one.probability, abs(one.gap_s), one.id))


def _judged(one: Suspect) -> JudgedChange:
    return JudgedChange(
        change=one.id,
        entity=one.entity,
        kind=one_line(one.kind),
        at=one.at,
        verdict=one.verdict,
        probability=round(one.probability, 3),
        reasons=one.reasons[:_REASONS],
    )


def _changes_table(judgement: Judgement) -> pa.Table:
    rows = judgement.suspects
    return pa.table(
        {
            "change": [row.id for row in rows],
            "entity": [row.entity for row in rows],
            "kind": [row.kind for row in rows],
            "ts": pa.array([row.at_us for row in rows], pa.timestamp("us", "UTC")),
            "verdict": [row.verdict for row in rows],
            "probability": [row.probability for row in rows],
            "reasons": [list(row.reasons) for row in rows],
        }
    )


def _candidate(row: Ranked, total: float, found: EntityEvidence | None) -> Candidate:
    reasons = [sign.text for sign in row.signs[:_REASONS] if sign.score >= 1.0]
    if row.change is not None:
        reasons.append(f"{row.change.kind} {row.change.id}: {'; '.join(row.change.reasons[:_REASONS])}")
    lead = _lead(row)
    # What a model scores may be told by its predictions and be a metric of that name as well.
    is_metric = lead is not None and (
        lead.source == "metrics" or (found is not None and lead.indicator in found.measured)
    )
    return Candidate(
        entity=row.entity,
        indicator=lead.indicator if lead else None,
        metric=lead.indicator if lead and is_metric else None,
        change=row.change.id if row.change else None,
        score=round(row.weight / total, 4) if total > 0 else 0.0,
        strength=round(lead.score, 1) if lead else 0.0,
        accounts_for=row.accounts_for,
        reasons=tuple(reasons),
        sources=row.sources,
    )


def about(sign: Sign) -> str:
    """What a sign is about, without its figures: they are of this incident alone."""
    if sign.kind == "version":
        return f"{sign.indicator} of its newer version"
    # The indicator of a segment is a rate, and its text says what happened to whose payments.
    return " ".join(_FIGURE.sub(" ", sign.text).split()) if sign.source == "outcomes" else sign.indicator


def _lead(row: Ranked) -> Sign | None:
    """The sign that names the candidate's indicator: the strongest metric if one stands out, else the strongest."""
    metrics = [sign for sign in row.signs if sign.source == "metrics" and sign.score >= STANDS_OUT]
    return metrics[0] if metrics else row.lead


def _ranking_table(ranked: list[Ranked], total: float) -> pa.Table:
    return pa.table(
        {
            "entity": [row.entity for row in ranked],
            "score": [row.weight / total if total > 0 else 0.0 for row in ranked],
            "indicator": pa.array([row.lead.indicator if row.lead else None for row in ranked], pa.string()),
            "change": pa.array([row.change.id if row.change else None for row in ranked], pa.string()),
        }
    )
