"""Data residency: which labels data carry, where they may go, and that the gate keeps to it on every way out."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest
from pydantic import ValidationError
from worlds import ACT, Shop, World

from opswarden.core.errors import CallDenied, ConfigError, LedgerError
from opswarden.policies.data_facts import DataLabel, Destination, label_of
from opswarden.policies.data_labels import DataSettings, labels_of
from opswarden.policies.engine import CedarEngine
from opswarden.policies.facts import Target
from opswarden.policies.gate import RunGate
from opswarden.policies.loading import builtin_files
from opswarden.policies.re_decide import re_decide
from opswarden.policies.residency import DestinationSettings, Pairing, ResidencySettings
from opswarden.policies.run_data import Residency
from opswarden.policies.types import Audience, CallResult, Endpoint, ModelRequest, Notice
from opswarden.policies.unserved import unserved

MakeWorld = Callable[..., World]
PERSONAL = DataLabel("BR", "personal")
CHAT, TERMINAL = Audience("chat", "#payments", "payments"), Audience("terminal", "me", "payments")
ASKED = ModelRequest(({"role": "user", "content": "what is wrong?"},))


def residency(
    *allow: Mapping[str, Any],
    data: Mapping[str, Any] | None = None,
    destinations: Mapping[str, Any] | None = None,
    models: Mapping[str, str] | None = None,
) -> Residency:
    """By default `logs.search` reads personal data of Brazil, and that is all that is declared."""
    return Residency(
        DataSettings.model_validate(
            data or {"resources": {"logs": {"countries": ["BR"], "classes": ["personal"]}}}, strict=False
        ),
        ResidencySettings.model_validate({"allow": list(allow), "models": dict(models or {})}, strict=False),
        DestinationSettings.model_validate(dict(destinations or {}), strict=False),
        frozenset({"terminal"}),
    )


IN_BRAZIL = {"countries": ["BR"], "classes": ["personal"], "regions": ["BR"]}
IN_EUROPE = {"countries": ["BR"], "classes": ["personal"], "regions": ["EU"]}
AT_HOME = {"countries": ["BR"], "classes": ["personal"], "self_hosted": True}


def look(gate: RunGate, call_id: str = "c1") -> CallResult:
    return gate.call("logs.search", {"query": "checkout"}, call_id=call_id)


# Pairings


def pairing(**said: Any) -> Pairing:
    return Pairing.model_validate({**IN_BRAZIL, **said}, strict=False)


HERE = Destination("model", "BR", "azure", frozenset({"dpa", "no-training"}))

ALLOWED: list[tuple[str, Pairing, DataLabel, Destination, bool]] = [
    ("what is listed", pairing(), PERSONAL, HERE, True),
    ("another country", pairing(countries=["NG"]), PERSONAL, HERE, False),
    ("another class", pairing(classes=["card"]), PERSONAL, HERE, False),
    ("another kind of destination", pairing(to=["people"]), PERSONAL, HERE, False),
    ("another region", pairing(regions=["EU"]), PERSONAL, HERE, False),
    ("one of two regions, in other letters", pairing(regions=["EU", "br"]), PERSONAL, HERE, True),
    ("another provider", pairing(providers=["acme"]), PERSONAL, HERE, False),
    ("the provider", pairing(providers=["Azure"]), PERSONAL, HERE, True),
    ("all of the terms", pairing(terms=["no-training", "dpa"]), PERSONAL, HERE, True),
    ("a term that is missing", pairing(terms=["no-training", "zero-retention"]), PERSONAL, HERE, False),
    ("self-hosted only", pairing(self_hosted=True), PERSONAL, HERE, False),
    ("self-hosted", pairing(self_hosted=True), PERSONAL, replace(HERE, is_self_hosted=True), True),
    (
        "self-hosted but elsewhere",
        pairing(self_hosted=True),
        PERSONAL,
        Destination("model", "EU", is_self_hosted=True),
        False,
    ),
    ("nobody has said where", pairing(), PERSONAL, Destination("model"), False),
    ("any known country", pairing(countries=["*"]), PERSONAL, HERE, True),
    ("any known country is no unknown one", pairing(countries=["*"]), DataLabel("unknown", "personal"), HERE, False),
    ("the unknown country by name", pairing(countries=["unknown"]), DataLabel("unknown", "personal"), HERE, True),
    ("any known class", pairing(classes=["*"]), DataLabel("BR", "card"), HERE, True),
    ("any known class is no unknown one", pairing(classes=["*"]), DataLabel("BR", "unknown"), HERE, False),
    ("the unknown class by name", pairing(classes=["unknown"]), DataLabel("BR", "unknown"), HERE, True),
]


@pytest.mark.parametrize(
    ("line", "label", "where", "allowed"), [row[1:] for row in ALLOWED], ids=[r[0] for r in ALLOWED]
)
def test_a_pairing_allows_what_it_lists(line: Pairing, label: DataLabel, where: Destination, allowed: bool) -> None:
    assert line.allows(label, where) is allowed
    assert ResidencySettings(allow=(line,)).gaps([label], where) == (frozenset() if allowed else {label})


REFUSED: list[tuple[str, dict[str, Any], str]] = [
    ("no place", {"regions": []}, "self_hosted"),
    ("an unknown region", {"regions": ["unknown"]}, "cannot be allowed"),
    ("an unknown provider", {"providers": ["Unknown"]}, "cannot be allowed"),
    ("a country that is none", {"countries": ["Brazil"]}, "countries"),
    ("no country", {"countries": []}, "countries"),
    ("a class that there is not", {"classes": ["health"]}, "classes"),
    ("a kind of destination that there is not", {"to": ["mars"]}, "to"),
]


@pytest.mark.parametrize(("said", "why"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_a_line_that_cannot_be_meant_is_refused(said: dict[str, Any], why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        pairing(**said)


def test_pins_alone_would_forbid_everything_and_are_refused() -> None:
    with pytest.raises(ValidationError, match="list what may"):
        residency(models={"NG": "none"})


PINS: list[tuple[str, str | None, bool, bool]] = [
    ("no pin, hosted", None, False, True),
    ("pinned to our own, hosted", "self-hosted", False, False),
    ("pinned to our own, our own", "self-hosted", True, True),
    ("pinned to none, hosted", "none", False, False),
    ("pinned to none, our own", "none", True, False),
]


@pytest.mark.parametrize(("pin", "is_ours", "allowed"), [row[1:] for row in PINS], ids=[row[0] for row in PINS])
def test_a_pin_narrows_models_and_nothing_else(pin: str | None, is_ours: bool, allowed: bool) -> None:
    rules = residency(IN_BRAZIL, models={} if pin is None else {"BR": pin}).rules
    model = Destination("model", "BR", is_self_hosted=is_ours)
    assert rules.gaps([PERSONAL], model) == (frozenset() if allowed else {PERSONAL})
    assert not rules.gaps([PERSONAL], replace(model, kind="people"))


# Labels


def _tool(world_shop: Shop, name: str, **changed: Any) -> Any:
    return replace(next(tool for tool in world_shop.tools() if tool.name == name), **changed)


BR, NG, IN = ({"countries": [country]} for country in ("BR", "NG", "IN"))
LABELLED: list[tuple[str, dict[str, Any], frozenset[str] | None, set[str]]] = [
    ("nothing is declared", {}, None, {"unknown/unknown"}),
    ("a resource", {"resources": {"logs": {**BR, "classes": ["card", "personal"]}}}, None, {"BR/card", "BR/personal"}),
    ("another resource", {"resources": {"metrics": BR}}, None, {"unknown/unknown"}),
    ("a resource before a tool", {"resources": {"logs": BR}, "tools": {"logs.search": NG}}, None, {"BR/unknown"}),
    (
        "a tool before an environment",
        {"tools": {"logs.search": BR}, "environments": {"prod": NG}},
        None,
        {"BR/unknown"},
    ),
    ("an environment before a team", {"environments": {"prod": BR}, "teams": {"payments": NG}}, None, {"BR/unknown"}),
    ("a team", {"teams": {"payments": BR}}, None, {"BR/unknown"}),
    ("the owner's team before the run's", {"teams": {"payments": BR, "search": IN}}, None, {"BR/unknown"}),
    ("what the tool says", {"environments": {"prod": BR}}, frozenset({"operational"}), {"BR/operational"}),
    (
        "what the tool says before an environment",
        {"environments": {"prod": {**BR, "classes": ["card"]}}},
        frozenset({"operational"}),
        {"BR/operational"},
    ),
    (
        "the operator about a tool before the tool",
        {"tools": {"logs.search": {"classes": ["card"]}}, "teams": {"payments": BR}},
        frozenset({"operational"}),
        {"BR/card"},
    ),
    (
        "several countries",
        {"resources": {"logs": {"countries": ["BR", "NG"], "classes": ["card"]}}},
        None,
        {"BR/card", "NG/card"},
    ),
    ("public data", {"resources": {"logs": {"classes": ["public"]}}}, None, set()),
]


@pytest.mark.parametrize(("said", "tool_says", "labels"), [row[1:] for row in LABELLED], ids=[r[0] for r in LABELLED])
def test_the_most_exact_word_counts(
    world: World, said: dict[str, Any], tool_says: frozenset[str] | None, labels: set[str]
) -> None:
    settings = DataSettings.model_validate(said, strict=False)
    tool = _tool(world.shop, "logs.search", data_classes=tool_says)
    assert set(map(str, labels_of(settings, tool, Target("logs", "prod"), "payments"))) == labels


def test_data_belong_to_the_team_of_the_target_where_that_is_known(world: World) -> None:
    settings = DataSettings.model_validate({"teams": {"payments": BR, "search": NG}}, strict=False)
    tool = _tool(world.shop, "logs.search")
    assert labels_of(settings, tool, Target("logs", "prod", "search"), "payments") == {DataLabel("NG", "unknown")}


def test_of_several_things_the_labels_of_all_count(make_world: MakeWorld) -> None:
    rules = residency(IN_BRAZIL, data={"resources": {"ours": {**BR, "classes": ["card"]}, "theirs": NG}})
    tools = [
        replace(tool, resource=lambda args: args.query.split(",")) if tool.name == "logs.search" else tool
        for tool in make_world().tools
    ]
    gate = make_world(tools=tools, residency=rules).open()
    gate.call("logs.search", {"query": "ours,theirs"}, call_id="c1")
    with pytest.raises(CallDenied) as caught:
        gate.prompt(ASKED, endpoint="hosted", call_id="p1")
    assert caught.value.code == "residency.prompts"
    facts = make_world(tools=tools, residency=rules).records("prompt.decided")[0].body["request"]
    assert set(facts["context"]["common"]["data_labels"]) == {"BR/card", "NG/unknown"}  # type: ignore[index,call-overload]


@pytest.mark.parametrize("text", ["BR", "BR/", "/personal", ""])
def test_a_text_that_is_no_label(text: str) -> None:
    with pytest.raises(ValueError, match="written like"):
        label_of(text)


# The gate: models


def test_nothing_is_checked_while_nothing_is_configured(make_world: MakeWorld) -> None:
    world = make_world()
    gate = world.open()
    look(gate)
    assert gate.prompt(ASKED, endpoint="hosted", call_id="p1").text == "fine"
    common = world.records("prompt.decided")[0].body["request"]["context"]["common"]  # type: ignore[index,call-overload]
    assert (common["data_labels"], common["residency_gaps"]) == ([], [])


def test_what_the_run_has_read_decides_which_model_may_be_asked(make_world: MakeWorld) -> None:
    world = make_world(residency=residency(AT_HOME))
    gate = world.open()
    assert gate.prompt(ASKED, endpoint="hosted", call_id="p1").text == "fine"
    assert look(gate).status == "ok"
    with pytest.raises(CallDenied) as denied:
        gate.prompt(ASKED, endpoint="hosted", call_id="p2")
    assert (denied.value.code, len(world.hosted.seen)) == ("residency.prompts", 1)
    assert gate.prompt(ASKED, endpoint="own", call_id="p3").text == "fine"
    common = world.records("prompt.decided")[1].body["request"]["context"]["common"]  # type: ignore[index,call-overload]
    assert common["residency_gaps"] == common["data_labels"] == ["BR/personal"]
    assert (common["countries"], common["data_classes"]) == (["BR"], ["personal"])
    assert common["destination"] == {
        "kind": "model",
        "region": "eu",
        "provider": "unknown",
        "terms": [],
        "is_self_hosted": False,
    }


def test_a_stream_is_denied_like_a_whole_answer(make_world: MakeWorld) -> None:
    world = make_world(residency=residency(AT_HOME))
    gate = world.open()
    look(gate)
    with pytest.raises(CallDenied, match="may not go to this model"):
        list(gate.prompt_stream(ASKED, endpoint="hosted", call_id="p1"))
    assert world.hosted.seen == []


def test_every_country_of_a_run_must_be_allowed(make_world: MakeWorld) -> None:
    data = {
        "resources": {
            "logs": {"countries": ["BR"], "classes": ["personal"]},
            "attribution": {"countries": ["NG"], "classes": ["operational"]},
        }
    }
    world = make_world(residency=residency(IN_EUROPE, data=data))
    gate = world.open()
    found = look(gate)
    assert gate.prompt(ASKED, endpoint="hosted", call_id="p1").text == "fine"
    assert gate.call("attribution.rank", {"artifact_id": found.artifact_id}, call_id="c2").status == "ok"
    with pytest.raises(CallDenied, match="may not go"):
        gate.prompt(ASKED, endpoint="hosted", call_id="p2")


def test_undeclared_data_go_nowhere_once_a_rule_is_there(make_world: MakeWorld) -> None:
    world = make_world(residency=residency(AT_HOME, data={"resources": {"metrics": BR}}))
    gate = world.open()
    look(gate)
    with pytest.raises(CallDenied) as denied:
        gate.prompt(ASKED, endpoint="own", call_id="p1")
    assert denied.value.code == "residency.prompts"


def test_declared_data_alone_stop_only_models_of_unknown_regions(make_world: MakeWorld) -> None:
    world = make_world(residency=residency())
    gate = world.open()
    look(gate)
    assert gate.prompt(ASKED, endpoint="hosted", call_id="p1").text == "fine"
    world.hosted.endpoint = replace(world.hosted.endpoint, region="unknown")
    with pytest.raises(CallDenied) as denied:
        gate.prompt(ASKED, endpoint="hosted", call_id="p2")
    assert denied.value.code == "prompts.region"


def test_a_failed_call_counts_as_having_read(make_world: MakeWorld) -> None:
    """Its message may hold what the backend said."""
    world = make_world(residency=residency(AT_HOME))

    def broken(name: str) -> None:
        raise ValueError(name)

    world.shop.before = broken
    gate = world.open()
    assert look(gate).status == "error"
    with pytest.raises(CallDenied):
        gate.prompt(ASKED, endpoint="hosted", call_id="p1")


# Resuming


def test_a_resumed_run_still_carries_what_it_has_read(make_world: MakeWorld) -> None:
    rules = residency(AT_HOME)
    look(make_world(residency=rules).open())
    # The declaration is gone, the label is not.
    changed = residency(AT_HOME, data={"resources": {"metrics": BR}})
    later = make_world(residency=changed)
    with pytest.raises(CallDenied):
        later.open().prompt(ASKED, endpoint="hosted", call_id="p1")
    assert later.records("prompt.decided")[0].body["request"]["context"]["common"]["data_labels"] == [  # type: ignore[index,call-overload]
        "BR/personal"
    ]


def test_a_result_that_another_process_of_the_run_got_counts(make_world: MakeWorld) -> None:
    rules = residency(AT_HOME)
    world, other = make_world(residency=rules), make_world(residency=rules)
    gate, twin = world.open(), other.open()
    look(twin)
    assert look(gate).status == "ok"
    assert len(world.effects.of("logs.search")) == 1
    with pytest.raises(CallDenied):
        gate.prompt(ASKED, endpoint="hosted", call_id="p1")


def test_a_run_of_which_nobody_knows_counts_as_having_read_everything(
    make_world: MakeWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules = residency(AT_HOME)
    make_world(residency=rules).open()

    def lost(*_: object) -> Any:
        raise LedgerError("the journal is gone")

    monkeypatch.setattr("opswarden.policies.journal.RunJournal.begun", lost)
    later = make_world(residency=rules)
    gate = later.open()
    with pytest.raises(CallDenied):
        gate.prompt(ASKED, endpoint="own", call_id="p1")
    labels = later.records("prompt.decided")[0].body["request"]["context"]["common"]["data_labels"]  # type: ignore[index,call-overload]
    assert labels == ["BR/personal", "unknown/unknown"]


def test_results_of_before_labels_were_kept_count_as_unknown(make_world: MakeWorld) -> None:
    world = make_world()
    look(world.open())
    with world.database.transaction() as connection:
        connection.execute("UPDATE journal_call SET result = json_remove(result, '$.data_labels')")
    later = make_world(residency=residency(AT_HOME))
    with pytest.raises(CallDenied):
        later.open().prompt(ASKED, endpoint="own", call_id="p1")


def test_recorded_decisions_are_tried_again_with_their_facts(make_world: MakeWorld) -> None:
    world = make_world(residency=residency(AT_HOME), stages=ACT)
    gate = world.open(environment="stage")
    look(gate)
    with pytest.raises(CallDenied):
        gate.prompt(ASKED, endpoint="hosted", call_id="p1")
    gate.call("rollouts.rollback", {"service": "checkout"}, call_id="w1")
    codes = ["allow reads.triage", "deny residency.prompts", "deny environments.foreign"]
    entries = world.records()
    again = list(re_decide(CedarEngine.load(world.tools), entries))
    assert [each.before for each in again] == [each.now for each in again] == codes
    without = [file for file in builtin_files() if file.name not in ("residency.cedar", "environments.cedar")]
    changed = [each.now for each in re_decide(CedarEngine(world.tools, without), entries)]
    assert changed == ["allow reads.triage", "allow prompts.triage", "ask taint.args"]


def test_decisions_of_before_these_facts_are_tried_without_them(make_world: MakeWorld) -> None:
    world = make_world()
    look(world.open())
    entry = world.records("call.decided")[0]
    body = json.loads(json.dumps(entry.body))
    common = body["request"]["context"]["common"]
    for name in ("countries", "data_labels", "residency_gaps", "environment_kind", "is_writer"):
        del common[name]
    (again,) = re_decide(CedarEngine.load(world.tools), [replace(entry, body=body)])
    assert (again.now, again.why) == ("allow reads.triage", "")


# The gate: people


def told(gate: RunGate, audience: Audience, call_id: str) -> tuple[str, str]:
    result = gate.tell(audience, Notice("report", {"text": "all is well"}), call_id=call_id)
    return result.status, result.code


AUDIENCES: list[tuple[str, dict[str, Any], Audience, str]] = [
    ("a chat that nobody has declared", {}, CHAT, "residency.tells"),
    ("a chat in a listed region", {"audiences": {"chat": {"region": "BR"}}}, CHAT, "tell.team"),
    ("a chat in another", {"audiences": {"chat": {"region": "US"}}}, CHAT, "residency.tells"),
    (
        "one room of a chat",
        {"audiences": {"chat": {"region": "US"}, "chat/#payments": {"region": "BR"}}},
        CHAT,
        "tell.team",
    ),
    ("the terminal, where the state is", {"stores": {"region": "BR"}}, TERMINAL, "tell.team"),
    ("the terminal of an undeclared place", {}, TERMINAL, "residency.tells"),
]


@pytest.mark.parametrize(("where", "audience", "code"), [r[1:] for r in AUDIENCES], ids=[r[0] for r in AUDIENCES])
def test_people_are_told_where_the_data_may_go(
    make_world: MakeWorld, where: dict[str, Any], audience: Audience, code: str
) -> None:
    world = make_world(residency=residency(IN_BRAZIL, destinations=where))
    gate = world.open()
    assert told(gate, audience, "t1")[0] == "sent"
    look(gate)
    is_allowed = code == "tell.team"
    assert told(gate, audience, "t2") == ("sent" if is_allowed else "denied", code)
    assert len(world.effects.of("send")) == (2 if is_allowed else 1)


# The gate: tools that send


SENDS: list[tuple[str, dict[str, Any], str]] = [
    ("nobody has declared where it takes them", {}, "residency.sends"),
    ("to another region", {"tools": {"tickets.comment": {"region": "US"}}}, "residency.sends"),
    ("to a listed region", {"tools": {"tickets.comment": {"region": "BR"}}}, "taint.args"),
]


@pytest.mark.parametrize(("where", "code"), [row[1:] for row in SENDS], ids=[row[0] for row in SENDS])
def test_a_send_takes_nothing_where_it_may_not_go(make_world: MakeWorld, where: dict[str, Any], code: str) -> None:
    world = make_world(stages=ACT, residency=residency(IN_BRAZIL, destinations=where))
    gate = world.open()
    look(gate)
    result = gate.call("tickets.comment", {"to": "desk", "body": "hello"}, call_id="s1")
    assert (result.status, result.code, bool(result.approval_id)) == ("denied", code, code == "taint.args")
    assert world.effects.of("tickets.comment") == []


# The gate: our own state


STORES: list[tuple[str, str, str]] = [
    ("where they may be kept", "BR", "reads.triage"),
    ("where they may not", "US", "residency.stores"),
]


@pytest.mark.parametrize(("region", "code"), [row[1:] for row in STORES], ids=[row[0] for row in STORES])
def test_data_are_read_where_they_may_be_kept(make_world: MakeWorld, region: str, code: str) -> None:
    world = make_world(residency=residency(IN_BRAZIL, destinations={"stores": {"region": region}}))
    result = look(world.open())
    assert result.code == code
    assert len(world.effects.of("logs.search")) == (1 if code == "reads.triage" else 0)


def test_an_installation_where_declared_data_may_not_be_kept_does_not_start(world: World) -> None:
    tools = {tool.name: tool for tool in world.tools}
    wrong = residency(IN_BRAZIL, destinations={"stores": {"region": "US"}})
    with pytest.raises(ConfigError, match="region 'US', where BR/personal may not be kept"):
        wrong.check_stores(tools, "payments")
    residency(IN_BRAZIL, destinations={"stores": {"region": "BR"}}).check_stores(tools, "payments")
    residency(IN_BRAZIL).check_stores(tools, "payments")
    # What only a tool says of itself is denied call by call.
    financial = {"costs.read": replace(world.tools[0], data_classes=frozenset({"financial"}))}
    at_home = residency(
        IN_BRAZIL,
        data={"teams": {"payments": {"countries": ["BR"], "classes": ["personal"]}}},
        destinations={"stores": {"region": "BR"}},
    )
    at_home.check_stores(financial, "payments")
    assert [str(gap) for gap in at_home.store_gaps(financial, "payments")] == ["BR/financial"]


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (residency(data={"tools": {"logs.serch": BR}}), "does not exist"),
        (residency(destinations={"tools": {"logs.serch": {}}}), "no tool that sends"),
        (residency(destinations={"tools": {"logs.search": {}}}), "no tool that sends"),
    ],
    ids=["data of no tool", "destination of no tool", "destination of a tool that reads"],
)
def test_a_line_about_no_tool_is_refused(world: World, wrong: Residency, why: str) -> None:
    with pytest.raises(ConfigError, match=why):
        wrong.check_tools({tool.name: tool for tool in world.tools})


# What can never be served


def _endpoint(name: str, **facts: Any) -> Endpoint:
    return Endpoint(name, f"acme/{name}", **facts)


UNSERVED: list[tuple[str, Residency, list[Endpoint], list[str]]] = [
    ("nothing is configured", residency(), [_endpoint("a")], []),
    (
        "everything has a way",
        residency(IN_BRAZIL, destinations={"stores": {"region": "BR"}}),
        [_endpoint("a"), _endpoint("b", region="BR")],
        [],
    ),
    (
        "no model is in a listed region",
        residency(IN_BRAZIL, destinations={"stores": {"region": "BR"}}),
        [_endpoint("a", region="US"), _endpoint("b")],
        ["no model may have BR/personal"],
    ),
    (
        "no model is configured",
        residency(IN_BRAZIL, destinations={"stores": {"region": "BR"}}),
        [],
        [],
    ),
    (
        "pinned to our own, and none is",
        residency(IN_BRAZIL, models={"BR": "self-hosted"}, destinations={"stores": {"region": "BR"}}),
        [_endpoint("b", region="BR")],
        ["no model may have BR/personal: only self-hosted ones may, and no endpoint is self-hosted"],
    ),
    (
        "pinned to our own, which is elsewhere",
        residency(IN_BRAZIL, models={"BR": "self-hosted"}, destinations={"stores": {"region": "BR"}}),
        [_endpoint("b", region="US", is_self_hosted=True)],
        ["no model may have BR/personal"],
    ),
    (
        "pinned to none, which is meant",
        residency(IN_BRAZIL, models={"BR": "none"}, destinations={"stores": {"region": "BR"}}),
        [_endpoint("b", region="BR")],
        [],
    ),
    (
        "nobody can be told",
        residency(
            IN_EUROPE | {"to": ["model"]}, AT_HOME | {"to": ["store"]}, destinations={"stores": {"region": "BR"}}
        ),
        [_endpoint("b", region="EU")],
        ["nobody may be told of BR/personal"],
    ),
    (
        "one audience can",
        residency(IN_EUROPE, AT_HOME | {"to": ["store"]}, destinations={"audiences": {"chat/x": {"region": "EU"}}}),
        [],
        ["where the state lies is not declared, so it is not checked"],
    ),
    (
        "what is not declared",
        residency(AT_HOME, data={"resources": {"metrics": BR}}, destinations={"stores": {"region": "BR"}}),
        [],
        [
            "nobody may be told of BR/unknown, unknown/unknown",
            "country or class of what logs.search may read is not declared",
        ],
    ),
]


@pytest.mark.parametrize(("rules", "endpoints", "told"), [r[1:] for r in UNSERVED], ids=[r[0] for r in UNSERVED])
def test_what_can_never_be_served_is_told(
    world: World, rules: Residency, endpoints: list[Endpoint], told: list[str]
) -> None:
    # Whatever the resource is named, this tool reads what is declared of logs.
    data = rules.data.resources.get("logs")
    declared = replace(rules, data=DataSettings(tools={"logs.search": data})) if data is not None else rules
    tool = _tool(world.shop, "logs.search")
    assert list(unserved(declared, {tool.name: tool}, "payments", endpoints)) == told
