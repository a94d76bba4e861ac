"""What is blotted out of a line, the same by DuckDB and by Arrow."""

from __future__ import annotations

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from opswarden.redaction.engine import Redaction
from opswarden.tools.logs.drain import templates_of
from opswarden.tools.logs.masks import finish, mask, sql_of

TABLE = [
    ("nothing varies here", "nothing varies here"),
    ("took 512ms for 3 loaves", "took <*> for <*> loaves"),
    ("from 10.1.2.3:8080 to fe80::1a2b", "from <*> to <*>::<*>"),
    ("mail to ana.maria@bakery.example now", "mail to <*> now"),
    ("order 0f8fad5b-d9cb-469f-a165-70867728950e done", "order <*> done"),
    ("deadbeef-dead-beef-cafe-deadbeefdead", "<*>"),
    ("at 2031-05-06T12:00:00.123Z", "at <*>"),
    ("ptr 0x7ffde4 hash 9f86d081884c7d65", "ptr <*> hash <*>"),
    ("token ZGVhZGJlZWZkZWFkYmVlZmRlYWRiZWVmZGVhZGJlZWZkZWFk== used", "token <*> used"),
    ('opened "the big oven" twice', "opened <*> twice"),
    ("can't open 'the big oven' now", "can't open <*> now"),
    ("bread-oven-7f9c6d says hi", "bread-oven-<*> says hi"),
    ("com.acme.oauth2.TokenExpired thrown", "com.acme.<*>.TokenExpired thrown"),
    ('"GET /loaves/17 HTTP/1.1" 200 512', "GET /loaves/<*> HTTP/<*> <*> <*>"),
    ('"GET /loaves/17 HTTP/1.1" 503 512', "GET /loaves/<*> HTTP/<*> 5xx <*>"),
    ("status=404 after 3 s", "status=4xx after <*> s"),
    ('{"msg":"bread burnt","id":"a1","ms":12,"ok":true}', '{msg: bread burnt, "id":<*>, "ms":<*>, "ok":true}'),
    ('{"status":500,"user":"Ana"}', '{"status":5xx, "user":<*>}'),
    ("seen [1, 2, 3] and [4, 5]", "seen [<*>] and [<*>]"),
    ("two   blanks\n and a line", "two blanks\n and a line"),
    ("", ""),
]


def by_duckdb(text: str) -> str:
    with duckdb.connect() as connection:
        sql = f"SELECT {sql_of('body')} AS m FROM (SELECT $body::VARCHAR AS body)"
        (row,) = connection.execute(sql, {"body": text}).fetchall()
    return str(row[0])


@pytest.mark.parametrize(("text", "masked"), TABLE)
def test_masks(text: str, masked: str) -> None:
    found = finish(mask(pa.array([text]))[0].as_py())
    assert found == masked
    assert finish(by_duckdb(text)) == found


def test_no_body_is_an_empty_text() -> None:
    assert mask(pa.array([None, "a"], pa.string())).to_pylist() == ["", "a"]


def test_of_a_long_line_the_ends_count_and_no_half_address_is_left() -> None:
    text = "x" * 390 + " ana.maria@bakery.example " + "word " * 2_000 + "bo.berg@bakery.example " + "y" * 190
    masked = mask(pa.array([text]))[0].as_py()
    assert masked == by_duckdb(text)
    assert len(masked) < 700
    assert "ana" not in masked
    assert "berg" not in masked


def test_odd_characters_do_no_harm() -> None:
    for text in ("nul \x00 9", "�� 12", "日本語 5 件", "\\1 $1 %s {}"):
        assert mask(pa.array([text]))[0].as_py() == by_duckdb(text)
    assert "\x00" in by_duckdb("nul \x00 9")


@given(st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=700))
def test_both_ways_agree(text: str) -> None:
    assert mask(pa.array([text]))[0].as_py() == by_duckdb(text)


@given(st.lists(st.sampled_from(["served", "order", "for", "42", "a1b2c3", "10.0.0.1", "ana@b.example"]), max_size=12))
def test_lines_that_differ_in_values_only_become_one(words: list[str]) -> None:
    other = [word.translate(str.maketrans("0123456789", "9876543210")) for word in words]
    first, second = mask(pa.array([" ".join(words), " ".join(other)])).to_pylist()
    assert first == second


def test_what_a_table_says_of_a_column_is_still_known_in_a_template() -> None:
    body = "ts,customer_name,state\n2031-05-06T12:00:00Z,Zuqbyvdwo Jyrgwebkaf,ok\n"
    template = finish(mask(pa.array([body]))[0].as_py())
    assert template == "ts,customer_name,state\n<*>,Zuqbyvdwo Jyrgwebkaf,ok"
    assert "Zuqb" not in Redaction().scrub(templates_of([template])[1][0])
