"""Keys and their values in text of any dress."""

from __future__ import annotations

import pytest

from opswarden.redaction.structures.key_values import Values, key_behind, pairs

TABLE: list[tuple[str, str, list[tuple[str, str]]]] = [
    ("logfmt", 'a=1 b="x y"', [("a", '1 b="x y"'), ("b", "x y")]),
    ("JSON", '{"a":"x y","b":2}', [("a", "x y"), ("b", "2}")]),
    ("escaped JSON", r"{\"a\":\"x y\"}", [("a", "x y")]),
    ("JSON escaped twice", r"{\\\"a\\\":\\\"x y\\\"}", [("a", "x y")]),
    ("Python", "{'a': 'x y'}", [("a", "x y")]),
    ("a header", "X-Api-Key: abc", [("X-Api-Key", "abc")]),
    ("an arrow", "a => 'x'", [("a", "x")]),
    ("a flag", "cmd --pass-word x", [("pass-word", "x")]),
    ("a tag", "<ns:a id='1'>x y</ns:a>", [("ns", "a id='1'>x y</ns:a>"), ("id", "1"), ("a", "x y"), ("ns", "a>")]),
    ("a list", '"a": ["x", "y z"]', [("a[]", "x"), ("a[]", "y z")]),
    ("a list without quotes", "a=[x, 7]", [("a[]", "x"), ("a[]", "7")]),
    ("a list that is not closed", "a=[x, 7", [("a[]", "[x, 7")]),
    ("a key of two words", "my a: x", [("a", "x"), ("my a", "x")]),
    ("a quote of Python", "a=b'x y'", [("a", "x y")]),
    ("a doubled quote", "a='x ''y'' z'", [("a", "x ''y'' z")]),
    ("an escaped quote in an escaped value", r"{\"a\":\"x \\\"y\\\" z\",", [("a", r"x \\\"y\\\" z")]),
    ("something around the value", 'a=Some("x y")', [("a", "x y")]),
    ("several lines", "a: |\n  x\n  y\n", [("a", "x\n  y")]),
    ("an order of values, not of keys", "--aa x bb=y", [("aa", "x bb=y"), ("bb", "y")]),
    ("an apostrophe", "a='O'Brien'", [("a", "O'Brien")]),
    ("not closed", 'a="x y\nb', [("a", "x y")]),
    ("empty", 'a="" b= c=1', [("c", "1")]),
    ("behind an escaped line break", r"x\npass=y", [("npass", "y"), ("pass", "y")]),
    ("a time has no key", "at 19:47:41", []),
]


@pytest.mark.parametrize(("text", "expected"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(text: str, expected: list[tuple[str, str]]) -> None:
    reader = Values(text)
    found = [(pair.key, text[value.start : value.end]) for pair in pairs(text) for value in reader.under(pair)]
    assert found == expected


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("order_id=", "order_id"),
        ('"order_id": "', "order_id"),
        (r"\"order_id\":\"", "order_id"),
        ("orders[", None),
        ("id: ", "id"),
        ("blk_-", "blk"),
        ("pan_", "pan"),
        ("order ", None),
        ("<order_id>", "order_id"),
        ("<ns:order_id>", "order_id"),
        ("</order_id>", None),
        (r"{\\\"order_id\\\":\\\"", "order_id"),
    ],
)
def test_the_key_in_front_of_a_place(text: str, key: str | None) -> None:
    assert key_behind(text + "4111", len(text)) == key
