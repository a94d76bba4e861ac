"""`attribution.rank`: a read over the artifacts of earlier calls of the same run."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from statistics import NormalDist

import pyarrow as pa

from ..metrics.indicators import classify
from ..spec import AnyTool, Output, Scope, Tool, ToolContext
from .evidence import STANDS_OUT, Evidence, Sign, new_evidence, read_shifts
from .logs import read_patterns
from .ranking import Ranked, is_anomalous, rank
from .suspects import suspects_by_entity
from .traces import read_latency
from .types import Candidate, RankArgs, RankResult
from .versions import read_versions

_KINDS = ("shifts", "patterns", "latency", "graph", "changes")
_REASONS = 3
_FALSE_ALARMS = 0.01


@dataclass(frozen=True)
class Tables:
    """The artifacts to rank over; `None` for those that are missing."""

    shifts: pa.Table | None = None
    patterns: pa.Table | None = None
    latency: pa.Table | None = None
    graph: pa.Table | None = None
    changes: pa.Table | None = None

    @property
    def compared(self) -> int:
        """How many things were compared with the quiet time: series, log patterns, operations."""
        return sum(table.num_rows for table in (self.shifts, self.patterns, self.latency) if table is not None)


def rank_tables(
    tables: Tables, start: datetime, alert_entity: str | None, alert_metric: str | None
) -> tuple[list[Ranked], Evidence]:
    """The ranking as a pure function of the artifacts.

    Args:
        tables: what there is.
        start: the start of the incident window.
        alert_entity: where the alert fired.
        alert_metric: the metric it fired on.
    """
    evidence = new_evidence()
    if tables.shifts is not None:
        read_shifts(tables.shifts, evidence)
        read_versions(tables.shifts, evidence)
    if tables.latency is not None:
        read_latency(tables.latency, evidence)
    edges: list[tuple[str, str, str]] = []
    if tables.graph is not None:
        ends = zip(*(tables.graph[name].to_pylist() for name in ("caller", "callee", "kind")), strict=True)
        edges = sorted({(caller, callee, kind or "") for caller, callee, kind in ends if caller and callee})
    if tables.patterns is not None:
        read_patterns(tables.patterns, {*evidence, *(end for edge in edges for end in edge[:2])}, evidence)
    onsets = {entity: onset for entity, found in evidence.items() if (onset := found.onset_us) is not None}
    # The incident window opens somewhat before the trouble; the first clear onset is the better guess.
    first = min(onsets.values(), default=round(start.timestamp() * 1e6))
    suspects = suspects_by_entity(tables.changes, onsets, max(first, round(start.timestamp() * 1e6)))
    ranked = rank(
        evidence,
        edges,
        suspects,
        alert_entity=alert_entity,
        alert_kind=classify(alert_metric) if alert_metric else None,
        ceiling=noise_ceiling(tables.compared),
    )
    return ranked, evidence


def noise_ceiling(compared: int) -> float:
    """How far something has to move to stand out among so many that were compared, in wobbles; at least 3.

    The normal deviate that the largest of so many quiet draws passes once in a hundred times (Bonferroni's bound).
    """
    return max(STANDS_OUT, NormalDist().inv_cdf(1 - _FALSE_ALARMS / max(compared, 1)))


def attribution_tools(environment: str) -> tuple[AnyTool, ...]:
    """The ranking tool; it reads artifacts only, so it needs no backend."""

    def run(args: RankArgs, context: ToolContext) -> Output[RankResult]:
        named = {kind: getattr(args, kind) for kind in _KINDS}
        tables = Tables(**{kind: context.artifacts.read(name) for kind, name in named.items() if name})
        scope = Scope(environment=environment, start=args.start, end=args.end)
        ranked, evidence = rank_tables(tables, args.start, args.alert_entity, args.alert_metric)
        if not ranked:
            return Output("no_data", scope, note="the evidence names no entity")
        total = sum(row.weight for row in ranked)
        ceiling = noise_ceiling(tables.compared)
        result = RankResult(
            entities_considered=len(ranked),
            entities_anomalous=sum(is_anomalous(found) for found in evidence.values()),
            strongest_shift=round(max(row.strength for row in ranked), 2),
            leading_shift=round(ranked[0].strength, 2),
            noise_ceiling=round(ceiling, 2),
            causes_needed=sum(row.accounts_for > 0 for row in ranked),
            margin=round(ranked[0].weight / ranked[1].weight, 3)
            if len(ranked) > 1 and ranked[1].weight > 0
            else 1_000.0,
            evidence_used=tuple(kind for kind, name in named.items() if name),
            evidence_missing=tuple(kind for kind, name in named.items() if not name),
            candidates=tuple(_candidate(row, total) for row in ranked[: args.limit]),
        )
        return Output("ok", scope, result, artifact=_ranking_table(ranked, total))

    return (
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


def _candidate(row: Ranked, total: float) -> Candidate:
    reasons = [sign.text for sign in row.signs[:_REASONS] if sign.score >= 1.0]
    if row.change is not None:
        when = "before" if row.change.gap_s >= 0 else "after"
        minutes = round(abs(row.change.gap_s) / 60)
        unit = "minute" if minutes == 1 else "minutes"
        reasons.append(f"{row.change.kind} {row.change.id} {minutes} {unit} {when} the onset")
    lead = _lead(row)
    return Candidate(
        entity=row.entity,
        indicator=lead.indicator if lead else None,
        metric=lead.indicator if lead and lead.source == "metrics" else None,
        change=row.change.id if row.change else None,
        score=round(row.weight / total, 4) if total > 0 else 0.0,
        strength=round(lead.score, 1) if lead else 0.0,
        accounts_for=row.accounts_for,
        reasons=tuple(reasons),
        sources=row.sources,
    )


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
