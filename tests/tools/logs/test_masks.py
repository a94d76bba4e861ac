"""What is blotted out of a line."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opswarden.redaction.engine import Redaction
from opswarden.tools.logs.mining import Miner, mine
from opswarden.tools.logs.variables import finish

TABLE = [
    ("nothing varies here", "nothing varies here"),
    ("took 512ms for 3 loaves", "took <*> for <*> loaves"),
    ("from 10.1.2.3:8080 to fe80::1a2b", "from <*> to <*>"),
    ("link fe80:0:ba:c3:1f2::1 of 00:1b:fe:dc:0a:11", "link <*> of <*>"),
    ("mail to ana.maria@bakery.example now", "mail to <*> now"),
    ("mail to ana99@b2.example now", "mail to <*> now"),
    ("order 0f8fad5b-d9cb-469f-a165-70867728950e done", "order <*> done"),
    ("order 0f8fad5b-beef-469f-a165-70867728950e done", "order <*> done"),
    ("deadbeef-dead-beef-cafe-deadbeefdead", "<*>"),
    ("at 2031-05-06T12:00:00.123Z", "at <*>"),
    ("at 2031-05-06 12:00:00 +0000 UTC", "at <*>"),
    ("ptr 0x7ffde4 hash 9f86d081884c7d65", "ptr <*> hash <*>"),
    ("word ffffffff then", "word <*> then"),
    ("token ZGVhZGJlZWZkZWFkYmVlZmRlYWRiZWVmZGVhZGJlZWZkZWFk== used", "token <*> used"),
    ('opened "the big oven" twice', "opened <*> twice"),
    ("can't open 'the big oven' now", "can't open <*> now"),
    ("bread-oven-7f9c6d says hi", "bread-oven-<*> says hi"),
    ("com.acme.oauth2.TokenExpired thrown", "com.acme.<*>.TokenExpired thrown"),
    ('"GET /loaves/17 HTTP/1.1" 200 512', "GET <*> HTTP/<*>"),
    ('"GET /loaves/17 HTTP/1.1" 503 512', "GET <*> HTTP/<*> 5xx <*>"),
    ("status=404 after 3 s", "status=4xx after <*>"),
    ('{"status":500,"user":"Ana"}', '{"status":5xx, "user":<*>}'),
    ("seen [1, 2, 3] and [4, 5]", "seen [<*>] and [<*>]"),
    ("speeds ( 3552 3534 3375 )", "speeds ( <*> )"),
    ("lost row-1, row-22, row-3", "lost row-<*>"),
    ("two   blanks\n and a line", "two blanks\n and a line"),
    ("lifetime <1 sec", "lifetime <*>"),
    ("lifetime 00:01", "lifetime <*>"),
    ("sent 18846 bytes (18.4 KB)", "sent <*> (<*>)"),
    ("size 5.2 KB, free 317 B, used 1 GiB", "size <*>, free <*>, used <*>"),
    ("adjusted by -40 or +7 or ~3%", "adjusted by <*> or <*> or <*>"),
    ("opened /var/lib/bread/oven.sock", "opened <*>"),
    (r"opened C:\Bread\oven.dll twice", "opened <*> twice"),
    ("read/write of a loaf", "read/write of a loaf"),
    ("fetch https://bakery.example/a?b=c now", "fetch <*> now"),
    ("proxy.bakery.co.uk:8080 open", "<*> open"),
    ("till.bakery.example closed", "<*> closed"),
    ("rolls of ip-10-0-1-2.bakery.internal", "rolls of <*>"),
    ("at Oven.java:12 and oven.py:3", "at Oven.java:<*> and oven.py:<*>"),
    ("connected at Sat Jul  9 22:53:22 2031", "connected at <*>"),
    ("lock=23, tag=oven lock, ws=Work{12}, name=null", "lock=<*>, tag=<*> lock, ws=<*>, name=<*>"),
    ("a == b, a != b", "a == b, a != b"),
    ("state=burnt user=ana", "state=burnt user=<*>"),
    ("isHot true, isDone false", "isHot <*>, isDone <*>"),
    ("\x1b[31mtoo hot\x1b[0m", "too hot"),
    ("", ""),
]


@pytest.fixture(scope="module")
def miner() -> Iterator[Miner]:
    with Miner() as miner:
        yield miner


@pytest.fixture(scope="module")
def masked(miner: Miner) -> Callable[..., list[str]]:
    return lambda *texts: [finish(text) for text in miner.masked(pa.array(texts, pa.string()))]


@pytest.mark.parametrize(("text", "expected"), TABLE)
def test_masks(text: str, expected: str, masked: Callable[..., list[str]]) -> None:
    assert masked(text) == [expected]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"msg":"bread burnt 3 times","id":"a1","ms":12,"ok":true}', "bread burnt <*> times"),
        ('{"ms":12,"message":"bread burnt","error":"steam","status":503}', "bread burnt error: steam status: 5xx"),
        ('{"event":"say \\"hi\\"","level":"info"}', "say <*>"),
        ('ts=2031-05-06 level=info msg="bread burnt" id=3', "bread burnt"),
        ('level=error msg="bread burnt" err="no steam at 4"', "bread burnt error: no steam at <*>"),
        ('{"id":"a1","ms":12}', '{"id":<*>, "ms":<*>}'),
        ('{"msg":"cut in the mid', '{"msg":"cut in the mid'),
    ],
)
def test_of_a_structured_line_the_message_counts(text: str, expected: str, masked: Callable[..., list[str]]) -> None:
    assert masked(text) == [expected]


def test_no_body_is_an_empty_text(masked: Callable[..., list[str]]) -> None:
    assert masked(None, "a") == ["", "a"]


def test_of_a_long_line_the_ends_count_and_no_half_address_is_left(masked: Callable[..., list[str]]) -> None:
    text = "x" * 390 + " ana.maria@bakery.example " + "word " * 2_000 + "bo.berg@bakery.example " + "y" * 190
    (found,) = masked(text)
    assert len(found) < 700
    assert "ana" not in found
    assert "berg" not in found


def test_odd_characters_do_no_harm(masked: Callable[..., list[str]]) -> None:
    found = masked("nul \x00 9", "�� 12", "日本語 5 件", "\\1 $1 %s {}")
    assert found[0] == "nul \x00 <*>"
    assert found[2] == "日本語 <*> 件"


@settings(max_examples=25)
@given(st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=700))
def test_any_text_has_a_template(text: str) -> None:
    numbers, templates = mine([text, text])
    assert numbers == [0, 0]
    assert len(templates) == 1


@given(st.lists(st.sampled_from(["served", "order", "for", "42", "a1b2c3", "10.0.0.1", "ana@b.example"]), max_size=12))
def test_lines_that_differ_in_values_only_become_one(masked: Callable[..., list[str]], words: list[str]) -> None:
    other = [word.translate(str.maketrans("0123456789", "9876543210")) for word in words]
    assert len(set(masked(" ".join(words), " ".join(other)))) == 1


def test_what_a_table_says_of_a_column_is_still_known_in_a_template() -> None:
    body = "ts,customer_name,state\n2031-05-06T12:00:00Z,Zuqbyvdwo Jyrgwebkaf,ok\n"
    _, (template,) = mine([body])
    assert template == "ts,customer_name,state\n<*>,Zuqbyvdwo Jyrgwebkaf,ok"
    assert "Zuqb" not in Redaction().scrub(template)
