"""Which alerts fired, out of the moments when they changed."""

from __future__ import annotations

from typing import Any

import pytest

from opswarden.tools.alerts.firing import firing, severity_rank


def at(moment: int, state: str | None, name: str = "Hot", **more: Any) -> dict[str, Any]:
    row = {"ts_us": moment, "name": name, "entity": "oven", "severity": "warning", "state": state}
    return row | {"summary": "", "labels": []} | more


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([at(5, "firing")], [(5, None)]),
        ([at(15, "firing")], [(15, None)]),
        ([at(5, "firing"), at(9, "resolved")], []),
        ([at(5, "firing"), at(10, "resolved")], []),
        ([at(5, "firing"), at(11, "resolved")], [(5, 11)]),
        ([at(12, "firing"), at(14, "resolved"), at(16, "firing")], [(12, 14), (16, None)]),
        ([at(12, "firing"), at(13, "firing"), at(14, "OK ")], [(12, 14)]),
        ([at(16, "firing"), at(12, "firing"), at(14, "resolved")], [(12, 14), (16, None)]),
        ([at(12, "resolved")], []),
        ([at(12, "pending")], []),
        ([at(12, "pending"), at(13, "firing")], [(13, None)]),
        ([at(12, None)], [(12, None)]),
        ([at(12, "firing"), at(25, "resolved")], [(12, None)]),
        ([at(20, "firing")], []),
        ([{**at(0, "firing"), "ts_us": None}], []),
    ],
)
def test_stretches_between_10_and_20(events: list[dict[str, Any]], expected: list[tuple[int, int | None]]) -> None:
    assert [(alert.first_us, alert.last_us) for alert in firing(events, 10, 20)] == expected


def test_alerts_are_told_apart_by_entity_and_labels() -> None:
    events = [
        at(12, "firing", labels=[("a", "1"), ("b", None)]),
        at(13, "firing", labels=[("a", "2")]),
        at(14, "firing", entity=None),
        at(15, "resolved", labels=[("b", ""), ("a", "1")]),
    ]
    found = {(alert.entity, alert.labels): alert.last_us for alert in firing(events, 10, 20)}
    assert found == {("oven", (("a", "1"), ("b", ""))): 15, ("oven", (("a", "2"),)): None, ("", ()): None}


def test_severities_have_an_order() -> None:
    words = ["info", "Critical", "weird", " warning", "page"]
    assert sorted(words, key=severity_rank) == ["Critical", "page", " warning", "info", "weird"]
