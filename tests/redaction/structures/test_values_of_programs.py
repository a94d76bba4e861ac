"""How programs print what they hold: nothing of a value under a telling name comes out, what is beside it stays."""

from __future__ import annotations

import pytest

from opswarden.redaction.engine import Redaction

REDACTION = Redaction()

TABLE: list[tuple[str, str, str]] = [
    ("several lines of TOML", 'password = """\nTr0ub4dor&3"""\nport = 1', 'password = """\n<SECRET>"""\nport = 1'),
    ("several lines of Python", "password = b'''Tr0ub4dor\n3x'''\nport = 1", "password = b'''<SECRET>'''\nport = 1"),
    ("an empty text", 'password = ""\nport = 1', 'password = ""\nport = 1'),
    (
        "a plan that changes it",
        '~ token = "oldtokABC123" -> "newtokABC456" # x',
        '~ token = "<SECRET>" -> "<SECRET>" # x',
    ),
    (
        "a binary of Erlang",
        '#{password => <<"Tr0ub4dor&3">>,retries => 3}',
        '#{password => <<"<SECRET>">>,retries => 3}',
    ),
    ("a number of MongoDB", '{"cvv": NumberInt(123), "n": 4}', '{"cvv": NumberInt(<CARD_SECURITY_CODE>), "n": 4}'),
    (
        "a text with escapes in PostgreSQL",
        r"SET password = E'Tr0ub\'4dor' WHERE id = 3",
        r"SET password = E'<SECRET>' WHERE id = 3",
    ),
    (
        "a statement whose quotes are escaped",
        r"INSERT INTO t (id,password) VALUES (\'7\',\'Tr0ub4dor&3\')",
        r"INSERT INTO t (id,password) VALUES (\'7\',\'<SECRET>\')",
    ),
    (
        "a form that holds JSON",
        "data=%7B%22customer_name%22%3A+%22Ana+Souza%22%7D&page=1",
        "data=%7B%22customer_name%22%3A+%22<PERSON>%22%7D&page=1",
    ),
    (
        "a telephone number in front of the next line's time",
        "sms to=+254712000005\n2031-01-30 05:44:11 UTC [95] LOG:  duration: 81.429 ms",
        "sms to=<PHONE_NUMBER>\n2031-01-30 05:44:11 UTC [95] LOG:  duration: 81.429 ms",
    ),
    (
        "a sign of quoted-printable before digits",
        "uoted-printable card=3D45395787=\n63621486 ok",
        "uoted-printable card=3D<CREDIT_CARD> ok",
    ),
]


@pytest.mark.parametrize(("text", "leaves"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_values_of_programs(text: str, leaves: str) -> None:
    assert REDACTION.scrub(text) == leaves
