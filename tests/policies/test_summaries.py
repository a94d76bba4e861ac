from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opswarden.core.canonical import canonical_json
from opswarden.core.tokens import estimate_tokens
from opswarden.policies.summaries import bound, fit, plain_json

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats() | st.text(max_size=200),
    lambda inner: st.lists(inner, max_size=30) | st.dictionaries(st.text(max_size=20), inner, max_size=20),
    max_leaves=60,
)


@given(JSON)
def test_any_value_gets_a_canonical_form(value: Any) -> None:
    plain = plain_json(value)
    text = canonical_json(plain)
    json.loads(text)
    assert canonical_json(plain_json(plain)) == text


def test_what_json_cannot_say_exactly_is_replaced() -> None:
    value = {"a": float("nan"), "b": float("inf"), "c": 2**60, "d": "half \ud800", "e": (1, 2), "f": "kept é"}
    assert plain_json(value) == {"a": None, "b": None, "c": str(2**60), "d": "half ?", "e": [1, 2], "f": "kept é"}


@given(JSON, st.integers(20, 400))
def test_however_big_it_fits(value: Any, limit: int) -> None:
    small = fit(plain_json(value), limit)
    assert estimate_tokens(canonical_json(small.value).decode()) <= limit * 2 + 64


def test_what_fits_is_left_alone() -> None:
    value = {"rows": [{"text": "x"}] * 3}
    assert fit(value, 400).value == value
    assert fit(value, 400).left_out == ()


def test_lists_keep_head_and_tail_and_say_what_is_missing() -> None:
    value = {"rows": [{"n": n, "text": f"line {n} of the log"} for n in range(500)], "total": 500}
    small = fit(value, 200)
    numbers = [row["n"] for row in small.value["rows"]]  # type: ignore[index, call-overload]
    assert numbers[0] == 0
    assert numbers[-1] == 499
    assert numbers == sorted(numbers)
    assert 4 < len(numbers) < 40
    assert small.value["total"] == 500  # type: ignore[index, call-overload]
    assert small.left_out == (f"{500 - len(numbers)} of 500 items in the middle of 'result.rows' are left out",)


def test_the_tail_is_about_a_third() -> None:
    rows = [{"n": n} for n in range(400)]
    numbers = [row["n"] for row in fit(rows, 100).value]  # type: ignore[union-attr, index, call-overload]
    tail = [n for n in numbers if n >= 200]
    assert len(numbers) / 4 < len(tail) < len(numbers) / 2


def test_one_giant_does_not_push_the_others_out() -> None:
    value = [{"text": "x" * 50_000}, {"text": "small"}, {"text": "last"}]
    small = fit(value, 200)
    assert [item["text"] for item in small.value][-1] == "last"  # type: ignore[union-attr, index, call-overload]
    assert "characters left out" in json.dumps(small.value)


def test_a_wide_mapping_keeps_its_ends() -> None:
    small = fit({"tags": {f"key{n:05}": "v" for n in range(10_000)}}, 200)
    tags = list(small.value["tags"])  # type: ignore[index, call-overload, arg-type]
    assert (tags[0], tags[-1]) == ("key00000", "key09999")
    assert small.left_out


@pytest.mark.parametrize("size", [10, 1_000, 100_000])
def test_the_coarse_cut_drops_whole_items_only(size: int) -> None:
    value = [{"text": f"mail user{n}@example.org now"} for n in range(size)]
    kept = bound(value, 100).value
    assert isinstance(kept, list)
    assert all(item in value for item in (kept[0], kept[-1]))
    assert {len(item) for item in kept} == {1}
    assert all(item["text"].endswith("now") for item in kept)
