from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opswarden.tools.attribution.walk import arrival

NAMES = st.sampled_from("abcdef")
SHARE = st.floats(0, 1)


def test_the_walk_ends_where_trouble_is_not_explained_further() -> None:
    (share,) = arrival("abc", {("a", "b"): 1.0, ("b", "c"): 1.0}, {"a": 0.0, "b": 0.0, "c": 1.0}, [{"a": 1.0}])
    assert share.argmax() == 2


def test_every_walk_ends_by_itself() -> None:
    first, second = arrival("abcd", {("a", "b"): 1.0, ("c", "d"): 1.0}, {"b": 1.0, "d": 1.0}, [{"a": 1.0}, {"c": 1.0}])
    assert first.tolist() == [0, 1, 0, 0]
    assert second.tolist() == [0, 0, 0, 1]


def test_being_the_start_is_no_evidence() -> None:
    (share,) = arrival("ab", {("a", "b"): 1.0}, {"a": 0.0, "b": 1.0}, [{"a": 1.0}])
    assert share[0] < 0.1


@given(st.dictionaries(st.tuples(NAMES, NAMES), SHARE), st.dictionaries(NAMES, SHARE), st.dictionaries(NAMES, SHARE))
def test_shares_are_never_negative_and_add_up_to_one(
    pull: dict[tuple[str, str], float], stay: dict[str, float], starts: dict[str, float]
) -> None:
    (share,) = arrival("abcdef", pull, stay, [starts])
    assert all(share >= 0)
    assert sum(share) == pytest.approx(1.0)


def test_no_entities_no_shares() -> None:
    assert arrival([], {}, {}, [{}]).shape == (1, 0)
