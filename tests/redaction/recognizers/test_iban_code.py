"""IBANs of all countries of the registry."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.iban_code import IBAN_CODE

TABLE: list[tuple[str, str, list[str]]] = [
    ("Germany", "to DE89370400440532013000.", ["DE89370400440532013000"]),
    ("United Kingdom in groups", "GB29 NWBK 6016 1331 9268 19", ["GB29 NWBK 6016 1331 9268 19"]),
    ("in groups, words after it", "GB29 NWBK 6016 1331 9268 19 PAID NOW", ["GB29 NWBK 6016 1331 9268 19"]),
    ("small letters", "gb29nwbk60161331926819", ["gb29nwbk60161331926819"]),
    ("Turkey", "TR330006100519786457841326", ["TR330006100519786457841326"]),
    ("Norway, the shortest", "NO9386011117947", ["NO9386011117947"]),
    ("behind an underscore", "iban_DE89370400440532013000_x", ["DE89370400440532013000"]),
    ("behind an escaped line break", r"\nDE89370400440532013000", ["DE89370400440532013000"]),
    ("behind something alike", "AB12 GB29 NWBK 6016 1331 9268 19", ["GB29 NWBK 6016 1331 9268 19"]),
    ("with slashes", "GB29/NWBK/6016/1331/9268/19", ["GB29/NWBK/6016/1331/9268/19"]),
    ("split over two lines", "GB29 NWBK 6016\n1331 9268 19", ["GB29 NWBK 6016\n1331 9268 19"]),
    ("a country's own, which the registry has not", "CI93CI0080111301134291200589", ["CI93CI0080111301134291200589"]),
    ("Morocco's own", "MA64011519000001205000534921", ["MA64011519000001205000534921"]),
    ("Honduras", "HN88CABF00000000000250005469", ["HN88CABF00000000000250005469"]),
    ("mistyped under its key", '"iban":"DE88370400440532013000"', ["DE88370400440532013000"]),
    ("a word behind it", "iban=DE88370400440532013000 cpf=1", ["DE88370400440532013000"]),
    ("groups behind a mistyped one", "iban=DE88 3704 0044 0532 0130 00 11", ["DE88 3704 0044 0532 0130 00 11"]),
    ("in XML", "<IBAN>DE88370400440532013000</IBAN>", ["DE88370400440532013000"]),
    ("masked under its key", "iban=DE89**************3000", []),
    ("wrong check digits", "DE88370400440532013000", []),
    ("too long for its country", "DE893704004405320130001", []),
    ("no country", "ZZ89370400440532013000", []),
    ("inside a word", "XDE89370400440532013000", []),
    ("a commit", "be12f7a9c0d1e2f3a4b5c6d7e8f90123456789ab", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(IBAN_CODE, text) == values


def test_spaces_and_case_make_no_other_account() -> None:
    assert IBAN_CODE.identity("GB29 NWBK 6016 1331 9268 19") == IBAN_CODE.identity("gb29nwbk60161331926819")
