"""Who looks decides how much is shown: models, audiences, environments and the ledger each by their own rule."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from worlds import Line, World

from opswarden.policies.types import Audience, ModelRequest, Notice
from opswarden.redaction.engine import Redaction
from opswarden.redaction.profile import PAYMENTS, Narrowing
from opswarden.redaction.settings import RedactionSettings, redaction_of

PLACE = "lat=-23.5505 lon=-46.6333"
SHOWN = "-23.5505"
MASK = Narrowing(frozenset({"COORDINATES"}))
CHAT = Audience("chat", "#payments", "payments")


@pytest.fixture
def narrowed(make_world: Callable[..., World]) -> Callable[..., World]:
    def make(**rules: Narrowing) -> World:
        profile = replace(PAYMENTS, passes=PAYMENTS.passes | {"COORDINATES"})
        narrowings = {name.replace("__", ":"): rule for name, rule in rules.items()}
        return make_world(redaction=Redaction(profile=profile, narrowings=narrowings))

    return make


def _ask(world: World, endpoint: str = "hosted") -> str:
    request = ModelRequest(({"role": "user", "content": PLACE},))
    world.open().prompt(request, endpoint=endpoint, call_id=f"p-{endpoint}")
    return repr((world.hosted if endpoint == "hosted" else world.own).seen)


def test_without_a_rule_everybody_sees_the_same(narrowed: Callable[..., World]) -> None:
    world = narrowed()
    world.open().tell(CHAT, Notice("report", {"text": PLACE}), call_id="t1")
    assert SHOWN in repr(world.chat.sent)
    assert SHOWN in _ask(world)


def test_a_model_sees_less(narrowed: Callable[..., World]) -> None:
    world = narrowed(audience__model=MASK)
    assert SHOWN not in _ask(world)
    world.open().tell(CHAT, Notice("report", {"text": PLACE}), call_id="t1")
    assert SHOWN in repr(world.chat.sent)


def test_one_endpoint_sees_less(make_world: Callable[..., World]) -> None:
    profile = replace(PAYMENTS, passes=PAYMENTS.passes | {"COORDINATES"})
    world = make_world(redaction=Redaction(profile=profile, narrowings={"audience:model/hosted": MASK}))
    assert SHOWN not in _ask(world)
    assert SHOWN in _ask(world, "own")


def test_an_audience_sees_less_and_no_numbers(narrowed: Callable[..., World]) -> None:
    world = narrowed(audience__chat=replace(MASK, numbered=False))
    gate = world.open()
    world.shop.lines = [Line(text=f"{PLACE} from zoe.quist@example.org", count=1)]
    found = gate.call("logs.search", {"query": "x"}, call_id="c1")
    assert SHOWN in repr(found.summary)
    assert "<EMAIL_ADDRESS_1·" in repr(found.summary)
    gate.tell(CHAT, Notice("report", {"text": str(found.summary)}), call_id="t1")
    assert SHOWN not in repr(world.chat.sent)
    assert "<EMAIL_ADDRESS>" in repr(world.chat.sent)
    assert "<EMAIL_ADDRESS_1" not in repr(world.chat.sent)


def test_results_of_an_environment_show_less(narrowed: Callable[..., World]) -> None:
    world = narrowed(environment__prod=MASK)
    world.shop.lines = [Line(text=PLACE, count=1)]
    assert SHOWN not in repr(world.open().call("logs.search", {"query": "x"}, call_id="c1"))


def test_the_ledger_keeps_less_than_was_shown(narrowed: Callable[..., World]) -> None:
    world = narrowed(audience__ledger=MASK)
    result = world.open().call("logs.search", {"query": PLACE}, call_id="c1")
    assert result.status == "ok"
    assert SHOWN not in world.record_text()
    assert "COORDINATES" in world.record_text()
    assert SHOWN in repr(world.effects.of("logs.search"))


def test_the_ledger_holds_join_tokens_where_records_must_join(make_world: Callable[..., World]) -> None:
    """One value has one token in all runs of a team, and none of it is the value or a placeholder."""
    redaction = redaction_of(RedactionSettings(ledger_joins=True))
    world = make_world(redaction=redaction)
    mail = "zoe.quist@example.org"
    seen = set()
    for run_id in ("run_1", "run_2"):
        result = world.open(run_id).call("logs.search", {"query": f"from {mail}"}, call_id="c1")
        assert result.status == "ok"
    for entry in world.records("call.decided"):
        seen.update(re.findall(r"<EMAIL_ADDRESS·j[0-9a-z]{26}>", json.dumps(entry.body, ensure_ascii=False)))
        assert "<EMAIL_ADDRESS_1" not in json.dumps(entry.body, ensure_ascii=False)
    assert len(seen) == 1
    assert mail not in world.record_text()
    other = world.open("run_3", team="risk").call("logs.search", {"query": f"from {mail}"}, call_id="c1")
    assert other.status in ("ok", "denied")
    assert next(iter(seen)) not in json.dumps(world.records("call.decided")[-1].body, ensure_ascii=False)
