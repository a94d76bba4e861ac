"""The stricter rule for values that no word speaks for."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.definition import Definition
from opswarden.redaction.evidence.identifiers import identifier
from opswarden.redaction.recognizers.national.also_alone import also_alone


def _even(number: str) -> bool:
    return number[-1] in "02468"


def _of_seven(number: str) -> bool:
    return number[0] == "7" and _even(number)


_BASE = identifier("XX_CARD", country="XX", keys="xcard", bare=("0{10}",), length=(10, 10), valid=_even)
_RARE = also_alone(_BASE, "0{10}", valid=_of_seven, one_in=100)
_SELDOM_MET = also_alone(_BASE, "0{10}", valid=_of_seven, one_in=49)
_TIMES = also_alone(_BASE, "0{10}", valid=_even, one_in=100)
_EVEN_TIMES = also_alone(_BASE, "0{10}", valid=_even, one_in=100, even_times=True)


@pytest.mark.parametrize(
    ("definition", "text", "values"),
    [
        (_RARE, "xcard 4000000002", ["4000000002"]),
        (_RARE, "got 7000000002 from", ["7000000002"]),
        (_RARE, "got 4000000002 from", []),
        (_RARE, "order_id=7000000002", []),
        (_SELDOM_MET, "xq7=7000000002", ["7000000002"]),
        (_SELDOM_MET, "got 7000000002 from", []),
        (_TIMES, "got 1764000000 from", []),
        (_TIMES, "xcard 1764000000", ["1764000000"]),
        (_EVEN_TIMES, "got 1764000000 from", ["1764000000"]),
        (_EVEN_TIMES, "got 2222222222 from", []),
    ],
)
def test_asks_for_more(finds: Callable[..., list[str]], definition: Definition, text: str, values: list[str]) -> None:
    named = Definition(definition.entity_type, definition.rules, name=f"also_alone_{id(definition)}")
    assert finds(named, text) == values
