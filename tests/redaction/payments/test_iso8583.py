"""Reading ISO 8583 messages."""

from __future__ import annotations

import pytest

from opswarden.redaction.payments.iso8583 import message_at, read
from opswarden.redaction.payments.iso8583_field import number_before, sensitive_value

PAN, AMOUNT = "4111111111111111", "000000010000"
START = {2: f"16{PAN}", 3: "000000", 4: AMOUNT, 7: "1123194741", 11: "123456"}


def message(fields: dict[int, str], kind: str = "0200") -> str:
    second = any(number > 64 for number in fields)
    numbers = set(fields) | ({1} if second else set())
    bits = sum(1 << ((128 if second else 64) - number) for number in numbers)
    return f"{kind}{bits:0{32 if second else 16}X}" + "".join(fields[number] for number in sorted(fields))


def found(text: str) -> list[tuple[str, str]]:
    return [(field.name, text[field.start : field.end]) for field in read(text, 22, len(text))]


def test_fields_by_number() -> None:
    text = message(START)
    read_message = message_at(text, 0, packed=False)
    assert read_message is not None
    assert [number for number, _, _ in read_message.fields] == [2, 3, 4, 7, 11]
    assert read_message.rest is None


def test_a_second_bitmap() -> None:
    text = message(START | {102: "10ACCT123456", 128: "A1B2C3D4E5F60718"})
    assert found(text) == [("2", PAN), ("102", "ACCT123456"), ("128", "A1B2C3D4E5F60718")]


def test_the_layout_of_1993() -> None:
    text = message(START | {12: "261123194741", 22: "0510101C0344", 39: "000", 52: "0412AC89ABCDEF67"}, "1200")
    assert found(text) == [("2", PAN), ("52", "0412AC89ABCDEF67")]


def test_chip_data_counts_bytes_or_digits() -> None:
    data = "9F2608A1B2C3D4E5F607189F36020017"
    for counted in (f"{len(data) // 2:03d}", f"{len(data):03d}"):
        text = message(START | {55: counted + data, 64: "A1B2C3D4E5F60718"})
        assert ("2", PAN) in found(text)
        kept = text
        for _, value in found(text):
            kept = kept.replace(value, "…")
        assert "A1B2C3D4E5F60718" not in kept


@pytest.mark.parametrize(
    "text",
    [
        "0200" + "7" * 60,
        "0200720000000000000016" + "9" * 60,
        "02007220000000000000" + "20261323194741" * 6,
        "9" * 80,
    ],
)
def test_other_figures_are_no_message(text: str) -> None:
    assert found(text) == []


def test_a_dump_of_fields() -> None:
    assert number_before("DE052=x", 6) == 52
    assert number_before('<field id="35" value="', 22) == 35
    assert number_before("[002] 4", 6) == 2
    assert number_before("score=", 6) is None
    assert sensitive_value("0412AC89ABCDEF67 next", 0, 52) == 16
    assert sensitive_value("0.123", 0, 52) is None
    assert sensitive_value("2712", 0, 14) == 4
    assert sensitive_value("2713", 0, 14) is None
    assert sensitive_value("432198765012", 0, 37) is None
