"""Signs out of log patterns: who fails, who is blamed, and who only says so."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

from opswarden.tools.attribution.evidence import Sign, new_evidence
from opswarden.tools.attribution.logs import read_patterns
from opswarden.tools.logs.patterns import PATTERN_COLUMNS
from opswarden.tools.traces.calls import CALL_COLUMNS

ENTITIES = ("oven-service", "mill-service", "till-service")


def pattern(entity: str, template: str, **more: Any) -> dict[str, Any]:
    row = {"entity": entity, "template": template, "level": "error", "kind": "new", "score": 9.0, "onset_us": 5}
    return row | {"rate_before_per_s": 0.0, "rate_after_per_s": 1.0} | more


def signs(*rows: dict[str, Any]) -> dict[str, Sign]:
    evidence = new_evidence()
    read_patterns(pa.Table.from_pylist(list(rows), schema=PATTERN_COLUMNS), ENTITIES, evidence)
    return {name: found.signs["logs"] for name, found in evidence.items() if "logs" in found.signs}


def test_who_says_something_new_is_suspect() -> None:
    found = signs(pattern("oven-service", "loaf burnt", exception="BurntException", frame="Oven.bake (Oven.java)"))
    assert set(found) == {"oven-service"}
    assert (found["oven-service"].weight, found["oven-service"].onset_us) == (1.0, 5)
    assert "threw BurntException, in Oven.bake (Oven.java)" in found["oven-service"].text


def test_who_is_named_is_suspect_and_not_who_says_so() -> None:
    found = signs(pattern("oven-service", "timeout calling mill-service", family="timeout"))
    assert set(found) == {"mill-service"}
    assert found["mill-service"].text.endswith("as said by oven-service")


def test_a_name_behind_a_mask_is_found_in_the_example_of_a_complaint() -> None:
    example = "dial tcp mill-service.bakery.svc:80: connect: connection refused"
    assert set(signs(pattern("oven-service", "dial tcp <*>", family="refused", example=example))) == {"mill-service"}
    assert set(signs(pattern("oven-service", "dial <*>", family="crash", example=example))) == {"oven-service"}
    far = " " * 600 + example
    assert set(signs(pattern("oven-service", "dial <*>", family="refused", example=far))) == {"oven-service"}


@pytest.mark.parametrize(
    ("kind", "held", "share_score", "left"),
    [
        ("surged", 90, 0.2, 0.2),
        ("surged", 90, -6.0, 6.0),
        ("surged", 90, 30.0, 9.0),
        ("surged", 20, 0.2, 9.0),
        ("new", 90, 0.2, 9.0),
    ],
)
def test_lines_that_only_follow_the_requests_are_no_sign(kind: str, held: int, share_score: float, left: float) -> None:
    row = {"entity": "oven-service", "kind": "line", "event": "no loaf left", "with_after": held}
    calls = pa.Table.from_pylist([row | {"share_score": share_score, "times_score": None}], schema=CALL_COLUMNS)
    said = pattern("oven-service", "no loaf left", level="warning", kind=kind, count_after=100)
    evidence = new_evidence()
    read_patterns(pa.Table.from_pylist([said], schema=PATTERN_COLUMNS), ENTITIES, evidence, calls)
    assert evidence["oven-service"].signs["logs"].score == pytest.approx(left)


def test_nobody_is_blamed_if_several_are_named_or_nobody_complains() -> None:
    assert set(signs(pattern("oven-service", "neither mill-service nor till-service"))) == {"oven-service"}
    assert set(signs(pattern("oven-service", "called mill-service", level="info"))) == {"oven-service"}


def test_a_complaint_of_nobody_weighs_less_than_a_failure_of_ones_own() -> None:
    own = signs(pattern("oven-service", "loaf burnt", family="crash"))["oven-service"]
    other = signs(pattern("oven-service", "call timed out", family="timeout"))["oven-service"]
    assert other.weight < own.weight


def test_what_all_say_tells_little_of_each() -> None:
    alone = signs(pattern("oven-service", "loaf burnt"))["oven-service"]
    shared = signs(*(pattern(name, "loaf burnt") for name in ENTITIES))
    assert set(shared) == set(ENTITIES)
    assert all(sign.weight == pytest.approx(alone.weight / 3**0.5) for sign in shared.values())


def test_what_did_not_change_or_cannot_be_compared_is_no_sign() -> None:
    assert (
        signs(pattern("oven-service", "a", kind="steady"), pattern("", "b"), pattern("oven-service", "c", score=None))
        == {}
    )


def test_an_artifact_without_the_further_columns_is_read() -> None:
    evidence = new_evidence()
    table = pa.Table.from_pylist([pattern("oven-service", "loaf burnt")], schema=PATTERN_COLUMNS)
    read_patterns(table.drop_columns(["family", "exception", "frame", "example"]), ENTITIES, evidence)
    assert "logs" in evidence["oven-service"].signs
