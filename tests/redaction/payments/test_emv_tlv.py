"""Reading chip data."""

from __future__ import annotations

import pytest

from opswarden.redaction.payments.emv_tlv import elements, is_chip_data, read

BLOB = "9F02060000000100005F2A02098657114111111111111111D271220100000000009F360200AB"


def test_elements_in_their_order() -> None:
    found = elements(BLOB)
    assert found is not None
    assert [element.tag for element in found] == ["9F02", "5F2A", "57", "9F36"]
    assert BLOB[found[3].start : found[3].end] == "00AB"


def test_templates_are_opened() -> None:
    found = elements("6F098407A0000000031010")
    assert found is not None
    assert [element.tag for element in found] == ["84"]


@pytest.mark.parametrize("digits", ["9F", "9F02", "9F0206", "9F020600", "5781", "578201", "5783010000", "1F8181818181"])
def test_what_is_cut_off_is_no_chip_data(digits: str) -> None:
    assert elements(digits) is None


def test_padding_between_elements() -> None:
    found = elements("0000" + BLOB + "FFFF")
    assert found is not None
    assert len(found) == 4


def test_only_what_may_not_stay_is_returned() -> None:
    assert [field.name for field in read(BLOB, 0, len(BLOB))] == ["57"]
    assert is_chip_data(BLOB, 0, len(BLOB))
    assert not is_chip_data("C1" + BLOB, 0, len(BLOB) + 2)
