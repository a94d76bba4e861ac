"""Lines around invented values: where the value lies is where it says, and clean lines are clean."""

from __future__ import annotations

import base64
import html
import json
from urllib.parse import unquote

import pytest
from stdnum import luhn

from opswarden.evals.redaction_data.catalogue import GENERATORS
from opswarden.evals.redaction_data.diagnosis import KINDS, clean_lines
from opswarden.evals.redaction_data.draw import Draw
from opswarden.evals.redaction_data.fields import FORMATS, NEUTRAL_KEYS, Format
from opswarden.evals.redaction_data.generator import PLACEMENTS, Made
from opswarden.evals.redaction_data.planting import planted_lines
from opswarden.evals.redaction_data.tokens import diagnostic_tokens, is_exempt

VALUES = (Made("", "529.982.247-25"), Made("pg://u:", "a'b&c\"d %é", "@host"), Made("", "two words"))


@pytest.mark.parametrize("form", FORMATS, ids=[form.name for form in FORMATS])
@pytest.mark.parametrize("made", VALUES, ids=["plain", "signs", "space"])
def test_the_value_lies_where_it_says(form: Format, made: Made) -> None:
    placed = form.write("payload.items[3].f", made, Draw(0, "x"))
    found = placed.text[placed.start : placed.end]
    if form.name == "base64":
        blob = base64.b64decode(found + "=" * (-len(found) % 4)).decode()
        assert "".join(made) in json.loads(blob).values()
        return
    read = {
        "url query": unquote,
        "xml": html.unescape,
        "json escaped": lambda text: json.loads(f'"{json.loads(chr(34) + text + chr(34))}"'),
    }.get(form.name, lambda text: text.replace("''", "'").replace('\\"', '"').replace("\\'", "'"))
    assert read(found) == made.value
    if form.name == "json":
        assert json.loads(placed.text)["f"] == "".join(made)


def test_every_generator_is_planted_in_every_placement_of_its_own() -> None:
    lines = list(planted_lines(GENERATORS, per_placement=2, seed=1))
    assert [line.id for line in lines] == [line.id for line in planted_lines(GENERATORS, per_placement=2, seed=1)]
    assert len({line.id for line in lines}) == len(lines)
    planted = {(line.generator.name, line.placement) for line in lines}
    assert planted == {(each.name, placement) for each in GENERATORS for placement in each.placements}
    assert {line.placement for line in lines} == set(PLACEMENTS)
    assert all(0 <= line.placed.start < line.placed.end <= len(line.placed.text) for line in lines)


def test_keys_that_say_nothing_are_not_the_generators_own() -> None:
    own = {key for generator in GENERATORS for key in generator.keys}
    assert own.isdisjoint(NEUTRAL_KEYS)


def test_clean_lines_hold_their_token() -> None:
    lines = list(clean_lines(per_kind=6, seed=2))
    assert {line.kind for line in lines} == set(KINDS)
    assert len(KINDS) == len(set(KINDS))
    assert all(line.placed.text[line.placed.start : line.placed.end].strip() for line in lines)
    that_pass = [line for line in lines if "passes Luhn" in line.kind]
    assert that_pass
    assert all(luhn.is_valid(line.placed.text[line.placed.start : line.placed.end]) for line in that_pass)


TOKENS: list[tuple[str, str, list[str]]] = [
    ("a plain sentence has none", "Connection refused by peer", []),
    ("a time", "at 2031-05-06T12:00:01.250Z done", ["2031-05-06T12:00:01.250Z"]),
    ("a block", "Received blk_-160899 of size 91178", ["blk_-160899", "91178"]),
    ("a pod", "pod checkout-7f9c-x2x4z", ["checkout-7f9c-x2x4z"]),
    ("a trace", "trace 4bf92f3577b34da6a3ce929d0e0e4736", ["4bf92f3577b34da6a3ce929d0e0e4736"]),
    ("a class", "dfs.DataNode$PacketResponder: ok", ["dfs.DataNode$PacketResponder"]),
    ("camel case and a constant", "KeeperErrorCode is NO_NODE", ["KeeperErrorCode", "NO_NODE"]),
    ("an address is none, its port is", "from 10.1.2.3:50010", ["50010"]),
    ("a mailbox is none", "mail bob.x1@example.com now", []),
]


@pytest.mark.parametrize(("text", "tokens"), [row[1:] for row in TOKENS], ids=[row[0] for row in TOKENS])
def test_diagnostic_tokens(text: str, tokens: list[str]) -> None:
    assert [text[start:end] for start, end in diagnostic_tokens(text)] == tokens


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("peer 10.1.2.3 gone", True),
        ("peer 2001:db8::7 gone", True),
        ("to bob@example.com", True),
        ("root@node-7 logged in", True),
        ("took 12:30:01.250 and 1.2.3", False),
    ],
)
def test_lines_that_may_rightly_be_touched(text: str, expected: bool) -> None:
    assert is_exempt(text) is expected
