"""UPI ids by the handles that exist. The values are invented."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.engine import Redaction
from opswarden.redaction.recognizers.national.in_upi_id import IN_UPI_ID

TABLE: list[tuple[str, str, list[str]]] = [
    ("a name at an app", "collect from asha.rao@okhdfcbank failed", ["asha.rao@okhdfcbank"]),
    ("a mobile number", "paid 9876543210@ybl, ok", ["9876543210@ybl"]),
    ("a second account", "9876543210-2@axl", ["9876543210-2@axl"]),
    ("in capitals", "to ASHA@OKAXIS.", ["ASHA@OKAXIS"]),
    ("at the end of a sentence", "he paid asha@upi.", ["asha@upi"]),
    ("in JSON", '{"payerVpa":"asha_r@paytm"}', ["asha_r@paytm"]),
    ("a handle of tomorrow under its key", "vpa=asha@newbank", ["asha@newbank"]),
    ("in a link", "upi://pay?pa=asha@newpsp&pn=Asha&am=10", ["asha@newpsp"]),
    ("behind an escaped line break", r"\nasha@ybl", ["asha@ybl"]),
    ("in a sentence of the country", "यूपीआई आईडी asha@ibl गलत है", ["asha@ibl"]),
    ("a handle nobody has, without a key", "asha@host7", []),
    ("an e-mail address", "asha@sbi.co.in", []),
    ("an e-mail address at a handle", "asha@upi.example", []),
    ("a host behind a user", "ssh asha@ybl-gw-1", []),
    ("under a key, but an e-mail address", "upi_id=asha@example.org", []),
    ("a package", "pkg @paytm/checkout", []),
    ("only a handle", "handle @ybl is down", []),
    ("the branch of a bank", "ifsc=HDFC0001234", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(IN_UPI_ID, text) == values


@pytest.mark.parametrize("text", ["from asha@okicici", "from asha%40okicici", "vpa=asha@newbank"])
def test_it_wins_over_an_e_mail_address(redaction: Redaction, text: str) -> None:
    assert [span.entity_type for span in redaction.analyze(text)] == ["IN_UPI_ID"]
