"""What a draft may say: nothing that its sources do not."""

from __future__ import annotations

import pytest

from opswarden.agents.writing.grounding import ungrounded
from opswarden.agents.writing.sources import Source, code, number

SOURCES = (
    Source(
        "S1", "metrics.query entity=oven-a, metric=delay_s", "ok", {"maximum": 0.01527, "n": 1203, "at": "2031-05-06"}
    ),
    Source("S2", "owners.find entities=oven-a", "ok", {"owner": "night-shift", "page": "https://x.example/a"}),
)


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("`oven-a` was at most 0.01527 [S1]", []),
        ("`oven-a` was at most 0.0153, so 1.5 % [S1]", []),
        ("It was at most 0.016 [S1]", ["0.016"]),
        ("It was at most 0.01528 [S1]", ["0.01528"]),
        ("There were 1203 [S1]", []),
        ("There were 1204 [S1]", ["1204"]),
        ("There were 1203 [S2]", ["1203"]),
        ("There were 1203", ["1203"]),
        ("`oven-b` is late [S1]", ["oven-b"]),
        ("the mill-wheel is late [S1]", ["mill-wheel"]),
        ("ask the Millers [S2]", ["Millers"]),
        ("`oven-a` is of `night-shift` [S1, S2]", []),
        ("see https://x.example/a [S2]", []),
        ("see https://y.example/a [S2]", ["https://y.example/a"]),
        ("since 2031-05-06 [S1]", []),
        ("since 2031-05-07 [S1]", ["2031-05-07"]),
        ("said so [S9]", ["S9"]),
        ('reads `delay_s{entity="oven-a"}` [S1]', []),
        ('reads `delay_s{entity="oven-z"}` [S1]', ['delay_s{entity="oven-z"}']),
        ("1. First, look [S1]\n2. Then act [S1]", []),
        ("```opswarden\nquery: delay_s\nexpect: {value: 0.01527}\n```", []),
        ("```opswarden\nquery: delay_s\nexpect: {value: 7}\n```", ["7"]),
        ("```opswarden\nquery: waiting_s\nexpect: x\n```", ["waiting_s"]),
        ("## Sources\n- S9: anything_at_all 17", []),
    ],
)
def test_what_no_source_has_is_found(text: str, wrong: list[str]) -> None:
    assert sorted({each.text for each in ungrounded(text, SOURCES)}) == wrong


def test_numbers_are_written_without_powers_and_text_of_others_on_one_line() -> None:
    assert [number(each) for each in (0.000012345, 3.0, 1203.44, 12)] == ["0.000012", "3", "1203", "12"]
    assert code("a`\n](http://evil)") == "`a' ](http://evil)`"
