"""Planted values are found in whatever form the check claims to know."""

from __future__ import annotations

import pytest

from opswarden.evals.attacks.canaries import ENCODINGS, canaries, encoded_in, found_in


def test_values_are_made_up_from_the_seed() -> None:
    assert canaries(1) == canaries(1)
    assert set(canaries(1).all).isdisjoint(canaries(2).all)


@pytest.mark.parametrize("change", [str, str.upper, ENCODINGS["zero_width"]], ids=["as it is", "case", "zero width"])
def test_a_value_is_found(change: object) -> None:
    assert callable(change)
    value = canaries(1).api_key
    assert found_in([value], [f"x {change(value)} y"]) == (value,)
    assert found_in([value], ["x y"]) == ()


@pytest.mark.parametrize("encoding", ["base64", "hex", "percent", "rot13", "reversed"])
def test_an_encoded_value_is_found(encoding: str) -> None:
    value = canaries(1).cloud_key
    assert encoded_in([value], [f"blob={ENCODINGS[encoding](value)}"]) == (value,)
    assert encoded_in([value], [f"blob={value}"]) == ()
