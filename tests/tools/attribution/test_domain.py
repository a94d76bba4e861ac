"""Signs out of payments, models and features."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa

from opswarden.tools.attribution.evidence import Evidence, new_evidence
from opswarden.tools.attribution.features import read_features
from opswarden.tools.attribution.models import read_models
from opswarden.tools.attribution.outcomes import read_segments
from opswarden.tools.attribution.ranking import rank
from opswarden.tools.attribution.tools import Tables, result_of
from opswarden.tools.attribution.types import RankArgs
from opswarden.tools.features.tools import FEATURE_COLUMNS
from opswarden.tools.models.tools import MODEL_COLUMNS
from opswarden.tools.outcomes.analysis import SEGMENT_COLUMNS

START = datetime(2031, 5, 6, 12, tzinfo=UTC)


def table(schema: pa.Schema, *rows: dict[str, Any]) -> pa.Table:
    return pa.Table.from_pylist([{name: row.get(name) for name in schema.names} for row in rows], schema=schema)


def segment(score: float = 20.0, direction: str = "fell", measure: str = "approval", **where: str) -> dict[str, Any]:
    row = {"segment": str(where), "conditions": list(where.items()), "entity": "counter", "measure": measure}
    rates = {"rate_before": 0.8, "rate_after": 0.4, "payments_lost": 400.0, "codes": "declined 05"}
    return row | rates | {"reported": True, "direction": direction, "score": score, "onset_us": 5}


def segments(*rows: dict[str, Any], known: tuple[str, ...] = ()) -> Evidence:
    evidence = new_evidence()
    read_segments(table(SEGMENT_COLUMNS, *rows), known, evidence)
    return evidence


def test_the_party_of_a_segment_gets_the_sign() -> None:
    evidence = segments(segment(country="AA", provider="till-x"))
    assert set(evidence) == {"till-x"}
    sign = evidence["till-x"].signs["segment"]
    assert (sign.indicator, sign.score, sign.onset_us, sign.source, sign.weight) == (
        "approval_rate",
        20.0,
        5,
        "outcomes",
        1.0,
    )
    assert "400 payments lost, mostly declined 05" in sign.text


def test_of_two_parties_each_counts_less_and_a_label_names_one_only_if_it_is_known() -> None:
    evidence = segments(segment(issuer="bank", provider="till-x", channel="web", method="card"), known=("web",))
    assert set(evidence) == {"bank", "till-x", "web"}
    assert all(found.signs["segment"].weight < 1 for found in evidence.values())


def test_a_segment_without_a_party_is_a_symptom_of_whoever_recorded_it() -> None:
    evidence = segments(segment(country="AA"))
    assert set(evidence) == {"counter"}
    assert set(evidence["counter"].signs) == {"quality"}


def test_a_rise_tells_less_and_what_is_not_reported_tells_nothing() -> None:
    assert segments(segment(direction="rose", issuer="bank"))["bank"].signs["segment"].weight < 0.5
    assert not segments(segment(issuer="bank") | {"reported": False})
    assert not segments(segment(issuer="bank") | {"score": None})


def test_a_burst_counts_for_its_channel() -> None:
    evidence = segments(segment(measure="burst", direction="rose", channel="web", country="AA"), known=("web",))
    assert evidence["web"].signs["segment"].indicator == "attempts"
    assert "cards are being tested" in evidence["web"].signs["segment"].text


def model(entity: str = "oven", drift: float = 8.0, **more: Any) -> dict[str, Any]:
    row = {"entity": entity, "model": f"m-{entity}", "mean_before": 0.2, "mean_after": 0.4, "psi": 0.4}
    return row | {"drift_score": drift, "onset_us": 0} | more


NEW = {"newest": "8", "older": "7", "newest_since_us": 0, "gap": 0.9, "gap_score": 9.0}


def models(*rows: dict[str, Any]) -> Evidence:
    evidence = new_evidence()
    read_models(table(MODEL_COLUMNS, *rows), evidence)
    return evidence


def test_a_version_that_scores_otherwise_speaks_of_the_model_itself() -> None:
    assert models(model(**NEW, at_once=True))["oven"].signs["model"].weight == 1.0
    assert models(model(**NEW, at_once=False))["oven"].signs["model"].weight < 1.0


def test_scores_that_moved_without_a_new_version_are_a_symptom() -> None:
    assert set(models(model())["oven"].signs) == {"quality"}
    late = NEW | {"newest_since_us": -3_600_000_000}
    assert set(models(model(**late, at_once=False))["oven"].signs) == {"quality"}


def test_a_common_input_speaks_against_a_version_that_took_over() -> None:
    alone = models(model(**NEW, at_once=False))["oven"].signs["model"].weight
    both = models(model(**NEW, at_once=False), model("mixer"))["oven"].signs["model"].weight
    assert both < alone


def feature(trouble: str | None, writer: str | None = "miller") -> dict[str, Any]:
    row = {"entity": "pantry", "feature": "flour_g", "writer": writer, "trouble": trouble, "score": 9.0}
    numbers = {"null_rate_after": 0.5, "age_before_s": 5.0, "age_after_s": 900.0, "psi": 0.5, "silent_s": 60.0}
    return row | numbers | {"mean_before": 1.0, "mean_after": 2.0, "top_value": 0.0, "top_share_after": 0.4}


def features(row: dict[str, Any]) -> Evidence:
    evidence = new_evidence()
    read_features(table(FEATURE_COLUMNS, row), evidence)
    return evidence


def test_an_old_feature_is_its_writers() -> None:
    evidence = features(feature("stale"))
    assert evidence["miller"].signs["feature"].weight > evidence["pantry"].signs["feature"].weight


def test_without_a_writer_the_server_answers_for_it() -> None:
    for trouble in ("nulls", "constant", "stale", "silent", "values", "skew"):
        evidence = features(feature(trouble, writer=None))
        assert set(evidence) == {"pantry"}
        assert evidence["pantry"].signs["feature"].weight == 1.0
        assert "flour_g" in evidence["pantry"].signs["feature"].text


def test_a_feature_without_trouble_says_nothing() -> None:
    assert not features(feature(None))


def test_an_indicator_of_a_model_that_is_a_metric_too_can_be_queried() -> None:
    args = RankArgs(start=START, end=START + timedelta(minutes=30))
    for measured, metric in (({"score"}, "score"), (set[str](), None)):
        evidence = models(model(**NEW, at_once=True))
        evidence["oven"].measured |= measured
        ranked = rank(evidence, [], alert_entity=None, alert_kind=None)
        (candidate,) = result_of(ranked, evidence, Tables(), args).candidates
        assert (candidate.indicator, candidate.metric) == ("score", metric)
