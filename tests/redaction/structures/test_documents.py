"""Values whose key stands where only the kind of document tells: each leaves without them, and with all else."""

from __future__ import annotations

import pytest

from opswarden.redaction.engine import Redaction

TABLE: list[tuple[str, str, str]] = [
    ("what was typed behind a star", "text=*334*1*0722111333*500#", "text=*334*1*<PHONE_NUMBER>*500#"),
    (
        "what a check did not expect, counted, its column below",
        '"partial_unexpected_counts": [{"value": "zoe quist", "count": 1}], "kwargs": {"column": "customer_name"}',
        '"partial_unexpected_counts": [{"value": "<PERSON>", "count": 1}], "kwargs": {"column": "customer_name"}',
    ),
    (
        "what a menu has asked for",
        "menu=Enter PIN input=1234 menu=Enter amount input=5000",
        "menu=Enter PIN input=<CARD_SECURITY_CODE> menu=Enter amount input=5000",
    ),
    (
        "a row of a data frame",
        "customer_name     Zoe Quist\nrisk_score         0.88\nName: 18, dtype: object",
        "customer_name     <PERSON>\nrisk_score         0.88\nName: 18, dtype: object",
    ),
    (
        "lines of no data frame",
        "customer_name     Zoe Quist\nName: 18",
        "customer_name     Zoe Quist\nName: 18",
    ),
    (
        "what a check of data did not expect",
        '{"kwargs": {"column": "customer_name"}, "result": {"partial_unexpected_list": ["Zoe Quist", "Bo Lind"]}}',
        '{"kwargs": {"column": "customer_name"}, "result": {"partial_unexpected_list": ["<PERSON>", "<PERSON>"]}}',
    ),
    (
        "the same of a column that tells nothing",
        '{"column": "status", "partial_unexpected_list": ["Zoe Quist"]}',
        '{"column": "status", "partial_unexpected_list": ["Zoe Quist"]}',
    ),
    (
        "an address card",
        "BEGIN:VCARD\nVERSION:3.0\nN:Quist;Zoe;;;\nFN:Zoe Quist\nEND:VCARD",
        "BEGIN:VCARD\nVERSION:3.0\nN:<PERSON>\nFN:<PERSON>\nEND:VCARD",
    ),
    (
        "what was typed into menus",
        "serviceCode=*384*12# text=1*0772123456*5000",
        "serviceCode=*384*12# text=1*<PHONE_NUMBER>*5000",
    ),
    ("menus without a number", "text=1*2*5000", "text=1*2*5000"),
    (
        "a row as psql prints it with \\x",
        "-[ RECORD 1 ]-----\nid        | 8812\nfull_name | Zoe Quist\nphone     | 0414-1234567\nstate     | ok\n",
        "-[ RECORD 1 ]-----\nid        | 8812\nfull_name | <PERSON>\nphone     | <PHONE_NUMBER>\nstate     | ok\n",
    ),
    (
        "names of columns set to the right",
        "+--+-------------+------------+\n|id|customer_name|      msisdn|\n+--+-------------+------------+\n"
        "| 1|    Zoe Quist|254722000111|\n+--+-------------+------------+",
        "+--+-------------+------------+\n|id|customer_name|      msisdn|\n+--+-------------+------------+\n"
        "| 1|    <PERSON>|<PHONE_NUMBER>|\n+--+-------------+------------+",
    ),
    (
        "a table of HTML",
        "<table><tr><th>Nome</th><th>Pod</th></tr><tr><td>Zoe Quist</td><td>scorer-0</td></tr></table>",
        "<table><tr><th>Nome</th><th>Pod</th></tr><tr><td><PERSON></td><td>scorer-0</td></tr></table>",
    ),
    (
        "a table of HTML with names in front",
        "<tr><th>Nome</th><td>Zoe Quist</td></tr><tr><th>Pod</th><td>scorer-0</td></tr>",
        "<tr><th>Nome</th><td><PERSON></td></tr><tr><th>Pod</th><td>scorer-0</td></tr>",
    ),
    (
        "an operator of a query",
        '{"filter":{"full_name":{"$regex":"Zoe"},"state":{"$eq":"open"}}}',
        '{"filter":{"full_name":{"$regex":"<PERSON>"},"state":{"$eq":"open"}}}',
    ),
    (
        "a tag of a trace, its type in between",
        '[{"key":"customer.name","type":"string","value":"Zoe Quist"},{"key":"code","type":"int64","value":402}]',
        '[{"key":"customer.name","type":"string","value":"<PERSON>"},{"key":"code","type":"int64","value":402}]',
    ),
]


@pytest.mark.parametrize(("text", "leaves"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(redaction: Redaction, text: str, leaves: str) -> None:
    assert redaction.scrub(text) == leaves
