"""How the recognizer of an identifier is built: the same rules for every country."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.evidence.identifiers import compact, identifier


def _valid(value: str) -> bool:
    """Made up: the last digit is the sum of the others, modulo 10."""
    return value.isdecimal() and sum(map(int, value[:-1])) % 10 == int(value[-1])


BADGE = identifier(
    "ZZ_BADGE",
    country="ZZ",
    keys="badge_no nr_badge",
    shared_keys="pass_number",
    words="doorpass",
    bare=("0{8}",),
    written=(r"000-000-00",),
    length=(8, 8),
    valid=_valid,
    one_in=10,
    zeros=8,
)
PLATE = identifier(
    "ZZ_PLATE", country="ZZ", keys="plate", bare=("A{3}0{4}",), written=("A{3}-0{4}",), length=(7, 7), one_in=1
)
GOOD, BAD = "12345678", "12345670"

TABLE: list[tuple[str, str, list[str]]] = [
    ("its key", f"badge_no={GOOD}", [GOOD]),
    ("its key in another dress", f'"nrBadge": "{GOOD}"', [GOOD]),
    ("mistyped under its key", f"badge_no={BAD}", [BAD]),
    ("a number without the zeros in front", '{"badge_no": 345678}', ["345678"]),
    ("a key that others share", f"pass_number={GOOD}", [GOOD]),
    ("mistyped under a key that others share", f"pass_number={BAD}", []),
    ("a word in front", f"the doorpass {GOOD}", [GOOD]),
    ("mistyped behind a word", f"the doorpass {BAD}", []),
    ("as it is written", "saw 123-456-78 today", ["123-456-78"]),
    ("mistyped as it is written", "saw 123-456-70 today", []),
    ("written with blanks behind its word", "the doorpass 123 456 78", ["123 456 78"]),
    ("mistyped with blanks", "the doorpass 123 456 70", []),
    ("with blanks and no word", "saw 123 456 78 today", []),
    ("under a key that says nothing", f"xq7={GOOD}", [GOOD]),
    ("with nothing around it", f"saw {GOOD} today", []),
    ("the id of an order", f"order_id={GOOD}", []),
    ("one digit over and over", "badge 00000000", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_with_a_check(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(BADGE, text) == values


LETTERED: list[tuple[str, str, list[str]]] = [
    ("its key", "plate=ABC1234", ["ABC1234"]),
    ("small letters under its key", "plate=abc1234", ["abc1234"]),
    ("its word in front", "plate ABC1234 seen", ["ABC1234"]),
    ("written, its word in front", "plate ABC-1234 seen", ["ABC-1234"]),
    ("no word", "ABC1234 and ABC-1234", []),
    ("a key that says nothing", "xq7=ABC1234", []),
    ("inside a longer word", "plate XABC1234Y", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in LETTERED], ids=[row[0] for row in LETTERED])
def test_with_letters_and_without_a_check(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(PLATE, text) == values


def test_separators_and_case_make_no_other_value() -> None:
    assert compact("ab-12.3 c") == "AB123C"
    assert PLATE.identity("ABC-1234") == PLATE.identity("abc 1234")
