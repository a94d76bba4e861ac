"""What a trace of a triage looks like at a collector of OTLP/HTTP, and what is never in it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from opswarden.tests.apps.conftest import Cli, OpenHouse
from opswarden.tests.apps.models import asks, diagnosis
from opswarden.tests.doubles.openai_server import Fail
from opswarden.tests.doubles.otlp_collector import OtlpCollector, Taken

WINDOW = {"start": "2024-03-05T11:30:00Z", "end": "2024-03-05T12:00:00Z"}
CANARY = "zoe.quintero@shop.example"

pytestmark = pytest.mark.usefixtures("_litellm_is_loaded")


@pytest.fixture
def collector() -> Iterator[OtlpCollector]:
    with closing(OtlpCollector()) as served:
        yield served


def telemetry(collector: OtlpCollector, more: str = "") -> str:
    return f'[telemetry]\notlp_endpoint = "{collector.url}/v1/traces"\n{more}'


def named(collector: OtlpCollector, name: str) -> Taken:
    return next(each for each in collector.spans if each.name == name)


def triage(cli: Cli, calm: Path) -> Any:
    said = cli("triage", calm, "--format", "json", "--ask", f"why can {CANARY} not pay?")
    assert said.code == 0, said.err
    return said.json


def test_a_triage_is_one_trace_with_the_names_of_the_conventions(
    cli: Cli, calm: Path, open_house: OpenHouse, collector: OtlpCollector
) -> None:
    house = open_house(more_settings=telemetry(collector))
    house.script(asks(("logs.search", WINDOW)), diagnosis("healthy"))
    report = triage(cli, calm)
    root = named(collector, "invoke_agent triage")
    assert (root.kind, root.parent_id, root.status) == ("INTERNAL", b"", "UNSET")
    assert {each.trace_id for each in collector.spans} == {root.trace_id}
    assert {each.parent_id for each in collector.spans if each is not root} == {root.span_id}
    assert root.attributes["gen_ai.operation.name"] == "invoke_agent"
    assert root.attributes["opswarden.outcome"] == "reported"
    assert {each.attributes["gen_ai.conversation.id"] for each in collector.spans} == {report["run_id"]}
    assert {each.attributes["gen_ai.agent.name"] for each in collector.spans} == {"triage"}

    chat = named(collector, "chat house-1")
    assert chat.kind == "CLIENT"
    facts = {name: value for name, value in chat.attributes.items() if name.startswith("gen_ai.")}
    assert (facts["gen_ai.operation.name"], facts["gen_ai.provider.name"]) == ("chat", "openai")
    assert facts["gen_ai.request.model"] == "house-1"
    assert facts["gen_ai.request.max_tokens"] > 0
    assert facts["gen_ai.usage.input_tokens"] > 0
    assert facts["gen_ai.usage.output_tokens"] > 0
    assert facts["gen_ai.response.finish_reasons"] == ["tool_calls"]

    tool = named(collector, "execute_tool logs.search")
    assert (tool.kind, tool.attributes["gen_ai.tool.type"]) == ("INTERNAL", "function")
    assert tool.attributes["gen_ai.tool.call.id"]
    assert tool.attributes["opswarden.decision.code"] == "reads.triage"
    assert tool.attributes["opswarden.ledger.seq"] >= 0
    assert {each["service.name"] for each in collector.resources} == {"opswarden"}
    content = ("gen_ai.input.messages", "gen_ai.output.messages", "gen_ai.tool.call.arguments")
    assert not any(name in each.attributes for name in content for each in collector.spans)
    assert CANARY.encode() not in collector.bodies


def test_content_is_there_where_it_is_wanted_and_never_unredacted(
    cli: Cli, calm: Path, open_house: OpenHouse, collector: OtlpCollector
) -> None:
    house = open_house(more_settings=telemetry(collector, "content = true\n"))
    house.script(asks(("logs.search", {**WINDOW, "contains": CANARY})), diagnosis("healthy"))
    triage(cli, calm)
    asked = json.loads(named(collector, "chat house-1").attributes["gen_ai.input.messages"])
    assert {each["role"] for each in asked} <= {"system", "user"}
    said = named(collector, "chat house-1").attributes["gen_ai.output.messages"]
    assert json.loads(said)[0]["parts"][0]["name"] == "logs__search"
    assert any("gen_ai.tool.call.arguments" in each.attributes for each in collector.spans)
    assert b"EMAIL_ADDRESS" in collector.bodies
    assert CANARY.encode() not in collector.bodies


def test_what_fails_says_its_kind_and_not_its_text(
    cli: Cli, calm: Path, open_house: OpenHouse, collector: OtlpCollector
) -> None:
    open_house(lambda _body: Fail(401, f"no key for {CANARY}"), telemetry(collector))
    triage(cli, calm)
    chat = named(collector, "chat house-1")
    assert (chat.status, chat.attributes["error.type"], chat.events) == ("ERROR", "ModelError", ())
    assert CANARY.encode() not in collector.bodies
