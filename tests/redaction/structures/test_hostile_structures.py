"""Structures and disguises made to be slow: work grows with the length and no faster."""

from __future__ import annotations

import base64
import gzip
import time

import pytest

from opswarden.redaction.structures.key_values import Values, pairs
from opswarden.redaction.types import TextWithheld
from opswarden.redaction.views.encoded import blobs
from opswarden.redaction.views.normalise import views

UNITS = [
    ("bound values", "==> Parameters: a(String), "),
    ("numbered values", "select x where y = $1 parameters: $1 = 'a', "),
    ("values one a line", "select a = ?\nbinding parameter [1] as [V] - [x]\n"),
    ("statements without values", "select a = ? WHERE args: ["),
    ("places by name", "a = @p0 @p0='a' "),
    ("columns of blanks", "a   b   c\n"),
    ("columns below a rule", "a   b   c\n--- --- ---\nx   y   z\n"),
    ("keywords", '{:a "'),
    ("clauses", "X PIC X VALUE 'a'\n"),
    ("properties", '{a,<<"'),
    ("records", "622091000019000000000000000\n"),
    ("lines of pairs", "'a-key', 'b'\n"),
    ("open braces", "{"),
    ("open objects", '{"a":'),
    ("open objects with names", '{"name":{"a":'),
    ("open lists", "a=["),
    ("open brackets under keys", "name=({["),
    ("objects that are cut", '{"a":{"b":1\n'),
    ("named brackets", "Customer(a="),
    ("escaped quotes", 'a=\\"b\\\\\\"c'),
    ("backslashes and quotes", '\\\\\\"'),
    ("headers of tables", "name,cpf\n"),
    ("headers of tables with a row", "name,cpf\na,b\n"),
    ("cells", "a,"),
    ("pipes", "|"),
    ("open quotes in cells", 'a,b\n",\n'),
    ("rules of tables", "|---|---|\n"),
    ("columns", "name,"),
    ("copies", "COPY t (a, b) FROM stdin;\n"),
    ("inserts", "insert into t (a, b) values ("),
    ("rows of inserts", "insert into t (a) values ('x'), ("),
    ("open literals", "insert into t (a) values ('"),
    ("likes", "where a like '"),
    ("details", "Key (a)=("),
    ("duplicates", "entry 'a' for key '"),
    ("yaml keys", "a:\n  b:\n"),
    ("deeper and deeper", "a:\n "),
    ("yaml lists", "a:\n- b\n"),
    ("block scalars", "a: |\n  b\n"),
    ("open block scalars", "a: |\n"),
    ("secrets", "kind: Secret\n"),
    ("secrets with data", "kind: Secret\ndata:\n  a: b\n"),
    ("secrets in JSON", '"kind":"Secret",'),
    ("data of secrets in JSON", '"data":{"a":"b"},"kind":"Secret",'),
    ("data without a kind", '"data":{'),
    ("names and values", '"name":"a","value":"'),
    ("values and names", '"value":"a","name":"'),
    ("values", "value="),
    ("names", 'name="a" '),
    ("attributes", '<a name="b" '),
    ("open elements", "<a>b"),
    ("closed elements", "<a>b</a>"),
    ("closings", "</a>"),
    ("sections", "<a><![CDATA["),
    ("tuples", "('a', '"),
    ("rows of data frames", "ab   cd ef\n"),
    ("data frames", "ab   cd\ndtype: x\n"),
    ("data that was not expected", '"column": "a", "unexpected_list": ["x"],'),
    ("lists that were not expected", '"unexpected_list": ['),
    ("address cards", "BEGIN:VCARD\nN:a b\n"),
    ("menus", "text=1*0772123456*2 "),
    ("rows as lines", "-[ RECORD 1 ]-\nab | cd\n"),
    ("empty rows as lines", "-[ RECORD 1 ]-\n"),
    ("columns set to the right", "| a |       b"),
    ("cells of HTML", "<th>a</th><td>b"),
    ("operators", '"a":{"$a":'),
    ("loose separators", "1 . 234 . 567 - "),
    ("serialised", 's:1:"a";'),
    ("marks on letters", "a\u0300\u0301"),
    ("marks alone", "\u0336"),
    ("letters of two scripts", "а" + "a"),
    ("letters that pass for Latin", "сс:"),
    ("octal escapes", "\\141"),
    ("escapes of zeros", "a\\x00"),
    ("escaped colours", "\\u001b[31m"),
    ("begun titles", "\x1b]0;"),
    ("begun colours", "\x1b["),
    ("percent four deep", "%25252540"),
    ("quoted-printable", "=3D=40"),
    ("soft breaks", "a=\n"),
    ("continued lines", "a\\\n"),
    ("forms", "&a=b+c"),
    ("forms without values", "&+a="),
    ("escaped lines of a table", r"'a,b\n"),
    ("escaped lines that are none", "'a,"),
    ("partial lines", "2026-11-23T19:47:41.123456789Z stdout P 4111\n"),
    ("lines with stamps", "2026-11-23T19:47:41Z INFO 41111\n"),
    ("formatted letters", "4<b>"),
    ("comments", "4<!--"),
    ("spelled addresses", "a(at)"),
    ("printed figures", "4111|"),
    ("printed figures of two kinds", "4111|4111,"),
    ("figure by figure", "4|"),
    ("hexadecimal", "616e"),
    ("hexadecimal with spaces", "61 6e "),
    ("hexadecimal with spaces, and some more", "61 6e 61 6e 61 6e 61 6e q"),
    ("dumps", "00000000  61 6e 61 40 65 78 61 6d  |ana@exam|\n"),
    ("lists of bytes", "[97, 110, 97, 64, "),
    ("base64 in lines", "QUFB" * 16 + "\n"),
    ("base64 in paths", "/QUFBQUFBQUFBQUFB"),
    ("padded base64", "QUFBQUFBQUE="),
    ("base32", "MFXGCQDFPBQW24DM "),
    ("begun gzip", "H4sIAAAAAAAAA"),
]
SMALL, FACTOR = 6_000, 8


def _read(text: str) -> None:
    for view in views(text):
        reader = Values(view.text)
        for pair in pairs(view.text):
            for _ in reader.under(pair):
                pass
        for _ in blobs(view.text):
            pass


def _cpu_s(text: str) -> float:
    best = float("inf")
    for _ in range(2):
        start = time.process_time()
        _read(text)
        best = min(best, time.process_time() - start)
    return best


@pytest.mark.parametrize("unit", [row[1] for row in UNITS], ids=[row[0] for row in UNITS])
def test_time_grows_with_the_length_and_no_faster(unit: str) -> None:
    small = unit * max(1, SMALL // len(unit))
    _read(small)
    once, many = _cpu_s(small), _cpu_s(small * FACTOR)
    # Linear is 8; the square would be 64. The constant keeps tiny times from deciding.
    assert many < once * FACTOR * 3 + 0.05


def test_what_unfolds_beyond_the_limit_is_withheld() -> None:
    bomb = base64.b64encode(gzip.compress(b"ana@example.com " * 1_000_000)).decode()
    with pytest.raises(TextWithheld) as withheld:
        list(blobs(bomb))
    assert withheld.value.reason == "too-much-work"


def test_what_unfolds_within_the_limit_is_read() -> None:
    packed = base64.b64encode(gzip.compress(b"nothing to see, but ana@example.com " * 200)).decode()
    ((_, _, decoded),) = blobs(packed)
    assert "ana@example.com" in decoded
