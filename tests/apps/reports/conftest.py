"""One incident on a made-up payments platform, in which every text can be replaced."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from opswarden.agents.triage.types import (
    Action,
    Claim,
    Cost,
    Evidence,
    FirstMinute,
    Hypothesis,
    Incident,
    ModelUse,
    Objection,
    RankedCause,
    TriageReport,
)

START = datetime(2026, 11, 19, 13, 40, tzinfo=UTC)
END = START + timedelta(minutes=50)
CHART_START = START - timedelta(hours=4)
POINTS = 58  # of five minutes each: 48 before the start, 10 in the incident

Replace = Callable[[str], str]


def _points(before: float, during: float) -> list[float | None]:
    points: list[float | None] = [before + (index % 3) * before / 50 for index in range(48)] + [during] * 10
    points[20] = None
    return points


def _series(labels: dict[str, str], unit: str, points: list[float | None]) -> dict[str, Any]:
    return {"labels": labels, "unit": unit, "samples": 174, "step_s": 300.0, "points": points}


def _evidence(text: Replace) -> tuple[Evidence, ...]:
    def scope(start: datetime, **filters: str) -> dict[str, Any]:
        return {"environment": text("prod"), "start": start.isoformat(), "end": END.isoformat(), "filters": filters}

    changes = [
        (-640, "feature-pipeline", "pipeline_run", "run-03", "Backfill of velocity features", "scheduler"),
        (-11, "fraud-scorer", "model_promotion", "card-risk-v42", "Promote card-risk v42", "release"),
        (6, "edge-gateway", "config", "cfg-8849", "Rate limit 300 to 500", "ops"),
    ]
    newest = [
        {
            "ts": (START + timedelta(minutes=minutes)).isoformat(),
            "entity": text(entity),
            "kind": text(kind),
            "id": text(name),
            "summary": text(summary),
            "author": text(author),
        }
        for minutes, entity, kind, name, summary, author in changes
    ]
    latency = [
        _series({text("quantile"): text("0.95")}, text("s"), _points(0.062, 0.871)),
        _series({text("quantile"): text("0.5")}, text("s"), _points(0.021, 0.044)),
    ]
    hits = [{"name": text("scorer-slow"), "title": text("Fraud scorer is slow"), "section": text("After a promotion"),
             "snippet": text("Compare the feature list first."), "score": 8.2}]  # fmt: skip
    return (
        Evidence(id="E1", tool="metrics.shifts", scope=scope(START), status="ok", seq=2051,
                 summary={"series_compared": 4812, "shifts": [{"entity": text("fraud-scorer"), text("labels"): 3}]}),
        Evidence(id="E2", tool="changes.recent", scope=scope(CHART_START), status="ok", seq=2052,
                 summary={"changes": 5, "kinds": [{"kind": text("config"), "count": 1}], "newest": newest}),
        Evidence(id="E3", tool="metrics.query", status="ok", seq=2053,
                 scope=scope(CHART_START, entity=text("fraud-scorer"), metric=text("latency_seconds")),
                 summary={"series_matched": 2, "series": latency}),
        Evidence(id="E4", tool="metrics.query", status="ok", seq=2054,
                 scope=scope(CHART_START, entity=text("feature-server"), metric=text("cache_hit_ratio")),
                 summary={"series_matched": 1, "series": [_series({}, text("ratio"), _points(0.98, 0.4))]}),
        Evidence(id="E5", tool="runbooks.search", scope={"environment": text("prod"), "filters": {"query": text("q")}},
                 status="ok", seq=2055, summary={"runbooks": 14, "matched": 1, "hits": hits}),
        Evidence(id="E6", tool=text("features.freshness"), scope={text("group"): text("velocity")}, status="error",
                 message=text("the feature store did not answer"), seq=-1),
    )  # fmt: skip


def build(text: Replace = str, **changed: Any) -> TriageReport:
    """The report with every text put through `text`, then with fields changed."""
    incident = Incident(
        title=text("Approval rate fell"),
        environment=text("prod"),
        start=START.isoformat(),
        end=END.isoformat(),
        baseline_start=CHART_START.isoformat(),
        baseline_end=(START - timedelta(minutes=10)).isoformat(),
        alert_name=text("ApprovalRateLow"),
        alert_entity=text("checkout-api"),
        alert_metric=text("approval_rate"),
        alert_severity=text("page"),
        alert_summary=text("Approval rate below 75 %"),
        missing_tables=(text("slos"),),
        notes=(text("two time zones were mixed"),),
    )
    report = TriageReport(
        run_id=text("run_01k"),
        incident=incident,
        verdict="cause_found",
        summary=text("The data points to fraud-scorer."),
        first_minute=(
            FirstMinute(kind="owner", text=text("risk (fraud-scorer)"), evidence=("E2",)),
            FirstMinute(kind="runbook", text=text("compare the feature list"), evidence=("E5", "E9")),
        ),
        ranking=(
            RankedCause(entity=text("fraud-scorer"), indicator=text("latency_seconds"), change=text("card-risk-v42"),
                        score=0.412, evidence=("E1", "E2"), reasons=(text("latency went up"), text("new model"))),
            RankedCause(entity=text("feature-server"), indicator=text("cache_hit_ratio"), change=None,
                        score=0.172, evidence=("E1", "E9")),
        ),
        hypotheses=(
            Hypothesis(entity=text("fraud-scorer"), indicator=text("latency_seconds"), change=text("card-risk-v42"),
                       mechanism=text("it asks for more features"), evidence=("E1", "E3"), place=1,
                       refuted_by=text("a cold cache"), status="supported", second_look="weakened",
                       searched=text("the shifts"),
                       objections=(Objection(kind="other", text=text("the cache fell first"), evidence=("E4",),
                                             status="supported", weight="weakens"),)),
            Hypothesis(entity=text("edge-gateway"), mechanism=text("it limits"), evidence=("E9",), place=None,
                       status="unsupported", problem=text("cites evidence that does not exist")),
        ),
        claims=(
            Claim(text=text("latency rose to 0.871"), evidence=("E1",), status="supported"),
            Claim(text=text("a rollback mends it"), evidence=("E5",), status="unsupported", author="model",
                  problem=text("a number is not in the cited evidence")),
        ),
        actions=(
            Action(tool=text("models.rollback"), args={text("model"): text("card-risk"), text("to_version"): 41},
                   decision=text("triage.rollback.prod"), roles=(text("oncall"),), status="denied",
                   approval_id=text("apr_7k2")),
            Action(tool=text("kubernetes.scale"), args={}, decision=text("stage-observe"), status="denied"),
        ),
        evidence=_evidence(text),
        cost=Cost(model_calls=4, tokens_in=18_240, tokens_out=1_312, usd=0.0614, wall_s=21.4),
        model=ModelUse(used=True, endpoint=text("eu-hosted"), model=text("large-model"), fallbacks=(text("backup"),),
                       note=text("one answer was repaired")),
        gaps=(text("features.freshness: error"),),
        synthetic=True,
    )  # fmt: skip
    return report.model_copy(update=changed)


@pytest.fixture(scope="session")
def make_report() -> Callable[..., TriageReport]:
    """Builds the report; `text` replaces every text in it, keywords replace whole fields."""
    return build
