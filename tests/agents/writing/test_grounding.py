"""What a draft may say: nothing that its sources do not."""

from __future__ import annotations

import pytest

from opswarden.agents.writing.grounding import ungrounded
from opswarden.agents.writing.sources import (
    Source,
    amount,
    amount_with_unit,
    code,
    duration,
    moment,
    number,
    share,
)

SOURCES = (
    Source(
        "S1", "metrics.query entity=oven-a, metric=delay_s", "ok", {"maximum": 0.01527, "n": 1203, "at": "2031-05-06"}
    ),
    Source("S2", "owners.find entities=oven-a", "ok", {"owner": "night-shift", "page": "https://x.example/a"}),
    Source("S3", "slo.burn", "ok", {"window_s": 2_419_200, "age_s": 9_036.4, "after_minutes": 15}),
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
        ("over 28 days [S3]", []),
        ("over 29 days [S3]", ["29 days"]),
        ("over 28 hours [S3]", ["28 hours"]),
        ("over 2.5 hours [S3]", []),
        ("after 15 minutes [S3]", []),
        ("## Sources\n- S9: anything_at_all 17", []),
    ],
)
def test_what_no_source_has_is_found(text: str, wrong: list[str]) -> None:
    assert sorted({each.text for each in ungrounded(text, SOURCES)}) == wrong


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (2_419_200, "28 days"),
        (86_400, "1 day"),
        (129_600, "36 hours"),
        (300.0, "5 minutes"),
        (9_036.4, "2.5 hours"),
        (200_000, "2.3 days"),
        (90, "90 s"),
        (0.25, "0.25 s"),
    ],
)
def test_durations_are_said_as_people_say_them(seconds: float, said: str) -> None:
    assert duration(seconds) == said
    found = Source("S1", "x", "ok", {"value": seconds})
    assert ungrounded(f"over {said} [S1]", (found,)) == []


def test_only_times_are_said_as_durations() -> None:
    assert [amount(9_000, "s"), amount(9_000, "1"), amount(0.5, "s")] == ["2.5 hours", "9000", "0.5"]


def test_numbers_are_written_without_powers_and_text_of_others_on_one_line() -> None:
    assert [number(each) for each in (0.000012345, 3.0, 1203.44, 12)] == ["0.000012", "3", "1203", "12"]
    assert code("a`\n](http://evil)") == "`a' ](http://evil)`"


def test_a_moment_to_the_second_stands_where_its_source_has_more_digits() -> None:
    source = Source("S1", "changes.recent", "ok", {"ts": "2031-05-06T12:00:25.817407Z"})
    assert moment("2031-05-06T12:00:25.817407Z") == "2031-05-06 12:00:25 UTC"
    assert moment("2031-05-06T12:00:25+05:30") == "2031-05-06T12:00:25+05:30", "of another zone nothing is made"
    assert ungrounded("- 2031-05-06 12:00:25 UTC: a change [S1]", [source]) == []
    (wrong,) = ungrounded("- 2031-05-06 12:00:26 UTC: a change [S1]", [source])
    assert (wrong.kind, wrong.text) == ("time", "2031-05-06 12:00:26")


def test_amounts_in_sentences_have_their_units() -> None:
    assert amount_with_unit(0.00266, "ratio") == "0.266 %"
    assert amount_with_unit(65.98, "ms") == "65.98 ms"
    assert amount_with_unit(1_800, "s") == "30 minutes"
    assert amount_with_unit(3.0, "1") == "3"
    assert share(None) == "unknown"
