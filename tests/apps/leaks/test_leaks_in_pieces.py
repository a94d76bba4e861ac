"""A value that comes in pieces: what tools shorten, what a model streams, what stands on several lines."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from opswarden.policies.types import ModelReply, ModelRequest
from opswarden.redaction.engine import Redaction
from opswarden.tests.policies.worlds import World
from opswarden.tests.redaction.disguises import FORMATS, hidden
from opswarden.tests.redaction.effort import LONG
from opswarden.tests.redaction.planting import KINDS, plant, survivors
from opswarden.tools.summary import one_line, paragraphs

REDACTION = Redaction()
FILLER = "The service was slow, and nobody knew why it was so. " * 12
ROOMS = (30, 60, 120, 225)
STRUCTURED = {
    "rows of a table": ('ts,customer_name,state\n2026-11-29,"{0}",ok\n2026-11-29,"{0}",ok\n', "Zuqbyvdwo Jyrgwebkaf"),
    "a Secret": (
        "apiVersion: v1\nkind: Secret\nmetadata:\n  name: db\ntype: Opaque\ndata:\n  frob: {0}\n",
        "eDlLcUxtMlB6Ujd0VmJZdzNOY0Q=",
    ),
    "a name and its value": ('{{\n  "name": "DB_PASSWORD",\n  "value": "{0}"\n}}\n', "zQ9kLm2PzRzz"),
    "a card on two lines": ("the card is {0} ok\n", "4539 3771\n3616 8550"),
    "a begun private key": ("-----BEGIN PRIVATE KEY-----\n{0}\n{0}\n", "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC"),
    "an indented customer": ("customer:\n  - id: 7\n    full_name: {0}\n", "Zuqbyvdwo Jyrgwebkaf"),
    "a coloured address": ("sent to {0} today\n", "zuqbyv\x1b[31m\x1b[1mjyr@example.com"),
}


def _parts(value: str) -> list[str]:
    return [part for part in value.replace("\n", " ").replace("\x1b", " ").split() if len(part) > 3]


def _left(value: str, cleaned: str) -> list[str]:
    return [part for part in _parts(value) if part in cleaned]


@pytest.mark.parametrize("room", ROOMS)
@pytest.mark.parametrize(("text", "value"), STRUCTURED.values(), ids=list(STRUCTURED))
def test_a_tool_joins_no_lines_that_redaction_needs(text: str, value: str, room: int) -> None:
    whole = text.format(value)
    assert _left(value, REDACTION.scrub(whole)) == []
    assert _left(value, REDACTION.scrub(one_line(whole, room))) == []


def _environment(count: int, place: int) -> str:
    variables = [{"name": f"VAR_{row}", "value": f"v{row}"} for row in range(count)]
    variables[place] = {"name": "DB_PASSWORD", "value": "zQ9kLm2PzRzz"}
    return json.dumps({"kind": "Pod", "env": variables})


def _secret(count: int, place: int) -> str:
    labels = {f"label{row}": "abcdef" for row in range(count)}
    secret = {
        "kind": "Secret",
        "metadata": {"name": "db", "labels": labels},
        "data": {"frob": "eDlLcUxtMlB6Ujd0VmJZdzN"},
    }
    return json.dumps({"before": ["x"] * place, **secret})


@pytest.mark.parametrize("make", [_environment, _secret])
def test_a_cut_leaves_no_value_without_what_tells_of_it(make: object) -> None:
    assert callable(make)
    for count in range(6, 40, 4):
        for place in range(0, count, 2):
            text = make(count, place)
            for room in ROOMS:
                cleaned = REDACTION.scrub(one_line(text, room))
                assert "zQ9kLm2PzRzz" not in cleaned
                assert "eDlLcUxtMlB6Ujd0VmJZdzN" not in cleaned


@pytest.mark.parametrize("kind", KINDS)
def test_a_cut_leaves_no_half(kind: str) -> None:
    """A value anywhere in a line or document that is cut before it is clean leaves no telling part behind."""
    planted = plant(kind, "cut")
    rng = random.Random(kind)
    for wrap in rng.sample(("logfmt", "json", "nested escaped json", "stack trace"), 4 if LONG else 2):
        text = FORMATS[wrap](planted.key, planted.value)
        for words in rng.sample(range(8, 60), 20 if LONG else 3):
            lead = "some words of no meaning at all " * words
            whole = f"{lead}{text} {FILLER * 60}\n\n{text} {lead}{text}\n\n{lead}"
            room = rng.choice(ROOMS)
            assert survivors(planted.telling, REDACTION.scrub(one_line(whole, room))) == []
            assert survivors(planted.telling, REDACTION.scrub(paragraphs(whole, room))) == []


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path / "world")


REQUEST = ModelRequest(({"role": "user", "content": "hi"},))


@pytest.mark.parametrize("piece", [3, 11, 10_000])
@pytest.mark.parametrize(("text", "value"), STRUCTURED.values(), ids=list(STRUCTURED))
def test_a_streamed_answer_is_cleaned_as_the_whole(world: World, text: str, value: str, piece: int) -> None:
    whole = text.format(value)
    world.own.pieces = [whole[at : at + piece] for at in range(0, len(whole), piece)]
    world.own.replies = [ModelReply(whole)]
    *told, reply = world.open().prompt_stream(REQUEST, endpoint="own", call_id="p1")
    assert isinstance(reply, ModelReply)
    assert "".join(map(str, told)) == reply.text
    assert _left(value, reply.text) == []


def test_every_kind_streamed(world: World) -> None:
    """Long answers, so that parts of them are told before their end has come."""
    gate, early = world.open(), 0
    for row, kinds in enumerate([list(KINDS)[at : at + 5] for at in range(0, len(KINDS), 5)]):
        values = [hidden(plant(kind, "stream"), *(("base64",) if row % 3 == 0 else ())) for kind in kinds]
        parts = [FORMATS[wrap](each.key, each.value) for wrap in ("csv", "json", "yaml", "sql") for each in values]
        whole = f"{FILLER}\n\n".join(parts)
        world.own.pieces = [whole[at : at + 13] for at in range(0, len(whole), 13)]
        world.own.replies = [ModelReply(whole)]
        *told, reply = gate.prompt_stream(REQUEST, endpoint="own", call_id=f"p{row}")
        assert isinstance(reply, ModelReply)
        early += len(told) > 1
        assert "".join(map(str, told)) == reply.text
        assert [survivors(each.telling, reply.text) for each in values] == [[]] * len(values), kinds
    assert early > 7


MANIFEST = "apiVersion: v1\ndata:\n{0}{1}{0}kind: Secret\nmetadata:\n  name: db\n"


@pytest.mark.parametrize("size", [0, 400, 1_500, 4_000, 12_000])
def test_the_kind_of_an_object_may_stand_far_behind_its_data(world: World, size: int) -> None:
    """As `kubectl get -o yaml` sorts it."""
    value = "eDlLcUxtMlB6Ujd0VmJZdzNOY0Q="
    filler = "".join(f"  key{row}: {'QUJD' * 12}\n" for row in range(size // 60))
    whole = f"Here it is.\n\n{MANIFEST.format(filler, f'  frob: {value}' + chr(10))}"
    world.own.pieces = [whole[at : at + 29] for at in range(0, len(whole), 29)]
    world.own.replies = [ModelReply(whole)]
    told = list(world.open().prompt_stream(REQUEST, endpoint="own", call_id="p1"))
    assert value[:12] not in "".join(str(item) for item in told)


def test_all_that_a_request_carries_is_clean(world: World) -> None:
    mail = "zuqbyv.jyr@example.com"
    request = ModelRequest(
        ({"role": "user", "content": [{"type": "text", "text": mail}], "name": mail},),
        tools=({"type": "function", "function": {"name": "x", "description": mail, "parameters": {"enum": [mail]}}},),
        tool_choice=mail,
        response_format={"type": "json_schema", "json_schema": {"description": mail}},
        stop=(mail, f"until {mail}"),
    )
    world.open().prompt(request, endpoint="own", call_id="p1")
    assert "zuqbyv" not in str(world.own.seen)
