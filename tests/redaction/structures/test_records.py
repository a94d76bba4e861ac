"""Records of fixed width: names and accounts leave, amounts, references and control records stay."""

from __future__ import annotations

import re

import pytest

from opswarden.redaction.engine import Redaction


def nacha(routing: str = "091000019", account: str = "4455667788", name: str = "ZOE QUIST") -> str:
    return f"622{routing}{account:<17}0000012550{'EMP0012':<15}{name:<22}  0091000010000001"


def cnab_a(name: str = "ZOE QUIST", account: str = "000000123456") -> str:
    front = f"3410001300001A000093410012300{account}8 {name:<30}{'PAG0099881':<20}04032026BRL"
    return f"{front}{'15000':0>30}".ljust(240)


def cnab_b(number: str = "00052998224725", street: str = "RUA DAS LARANJEIRAS") -> str:
    return f"3410001300002B   1{number}{street:<30}00112{'APTO 41':<15}{'BOTAFOGO':<15}".ljust(240)


def bacs(name: str = "OKAFOR IFEANYI", account: str = "55779911") -> str:
    return f"200000{account}09940123412345678    00000012500{'PAYCO LTD':<18}{'PAYROLL 0304':<18}{name:<18}"


def hidden(text: str, *values: str) -> str:
    for value in values:
        assert value in text
        text = text.replace(value, "<>")
    return text


FOUND: list[tuple[str, str, tuple[str, ...]]] = [
    ("NACHA, an entry", nacha(), ("4455667788", "ZOE QUIST")),
    ("CNAB 240, whom to pay", cnab_a(), ("000000123456", "ZOE QUIST")),
    ("CNAB 240, who that is", cnab_b(), ("52998224725", "RUA DAS LARANJEIRAS")),
    ("Bacs", bacs(), ("55779911", "12345678", "OKAFOR IFEANYI")),
]


@pytest.mark.parametrize(("record", "values"), [row[1:] for row in FOUND], ids=[row[0] for row in FOUND])
def test_fields_of_a_record_leave(redaction: Redaction, record: str, values: tuple[str, ...]) -> None:
    left = re.sub("<[A-Z_]+>", "<>", redaction.scrub(f"{record}\n{record}"))
    assert left == "\n".join([hidden(record, *values)] * 2)


UNTOUCHED = [
    ("NACHA with a routing number that is none", nacha(routing="091000018")),
    ("NACHA, the end of a file", "9000001000001000000080012345678000000125500000000000000".ljust(94)),
    ("CNAB 240, the head of a lot", f"3410001{'1C2001040':<20}{'ZOE QUIST LTDA':<30}".ljust(240)),
    (
        "figures in front of a message",
        "1764000000000 " + "worker pool scaled from three to five because of a growing backlog " * 2,
    ),
]


@pytest.mark.parametrize("record", [row[1] for row in UNTOUCHED], ids=[row[0] for row in UNTOUCHED])
def test_other_records_stay(redaction: Redaction, record: str) -> None:
    assert redaction.scrub(f"{record}\n{record}") == f"{record}\n{record}"
