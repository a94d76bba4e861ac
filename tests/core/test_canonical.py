from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opswarden.core.canonical import canonical_json, digest

# RFC 8785, appendix B, and ECMAScript's Number::toString.
NUMBERS = [
    (0.0, "0"),
    (-0.0, "0"),
    (5e-324, "5e-324"),
    (1.7976931348623157e308, "1.7976931348623157e+308"),
    (9007199254740992.0, "9007199254740992"),
    (295147905179352830000.0, "295147905179352830000"),
    (9.999999999999997e22, "9.999999999999997e+22"),
    (1e23, "1e+23"),
    (1e21, "1e+21"),
    (999999999999999700000.0, "999999999999999700000"),
    (9.999999999999997e-7, "9.999999999999997e-7"),
    (1e-6, "0.000001"),
    (333333333.33333329, "333333333.3333333"),
    (4.50, "4.5"),
    (2e-3, "0.002"),
    (10.0, "10"),
    (-1.5, "-1.5"),
]


@pytest.mark.parametrize(("value", "text"), NUMBERS, ids=[text for _, text in NUMBERS])
def test_numbers_are_written_as_ecmascript_writes_them(value: float, text: str) -> None:
    assert canonical_json(value) == text.encode()


def test_keys_are_sorted_by_utf16_code_units() -> None:
    value = {"\u20ac": 1, "\r": 2, "\ufb33": 3, "1": 4, "\U0001f600": 5, "\x80": 6, "\xf6": 7}
    assert [json.loads(canonical_json(value))[key] for key in json.loads(canonical_json(value))] == [
        2,
        4,
        6,
        7,
        1,
        5,
        3,
    ]


def test_texts_are_escaped_as_little_as_json_allows() -> None:
    assert canonical_json('\u20ac$\x0f\nA\'B"\\\\"/') == '"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"'.encode()


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 2**53 + 1, "\ud800"])
def test_what_has_no_canonical_form_is_refused(value: float | str) -> None:
    with pytest.raises(ValueError, match=r"no |beyond|lone"):
        canonical_json(value)


@pytest.mark.parametrize("value", [b"x", {1: 2}, object(), {"a": {3, 4}}])
def test_what_is_no_json_is_refused(value: object) -> None:
    with pytest.raises(TypeError):
        canonical_json(value)  # type: ignore[arg-type]


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(JSON)
def test_the_canonical_form_is_json_of_the_same_value_and_a_fixed_point(value: object) -> None:
    try:
        text = canonical_json(value)  # type: ignore[arg-type]
    except ValueError:
        return  # a lone surrogate
    again = json.loads(text)
    assert canonical_json(again) == text
    assert json.loads(text, parse_int=float) == json.loads(json.dumps(value), parse_int=float)


def test_the_digest_does_not_depend_on_the_order_of_keys() -> None:
    assert digest({"a": 1, "b": [2, None]}) == digest({"b": [2, None], "a": 1})
    assert digest({"a": 1}) != digest({"a": 2})
