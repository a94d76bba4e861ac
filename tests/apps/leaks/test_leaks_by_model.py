"""The same planted snapshot before a curious model: what is on the wire, told to people, and left after `kill -9`."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from opswarden.agents.triage.types import TriageReport
from opswarden.apps.reports.render import render
from opswarden.tests.apps.conftest import Cli, OpenHouse, sampled
from opswarden.tests.apps.leaks.leaks import Needle, bytes_below, leaks_in, telling_parts
from opswarden.tests.apps.leaks.planted_snapshot import mark
from opswarden.tests.apps.models import asks, claim, diagnosis, line_ids, window_in
from opswarden.tests.apps.staging import NODES, Stage
from opswarden.tests.doubles.openai_server import Calls, Fail, Step
from opswarden.tests.redaction.planting import KINDS, SELF_EVIDENT, plant

INVENTED = tuple(plant(kind, "model") for kind in KINDS if kind in SELF_EVIDENT or kind.startswith("card "))
"""What the model writes by itself."""


@pytest.fixture(scope="module")
def all_needles(needles: tuple[Needle, ...]) -> tuple[Needle, ...]:
    return (*needles, *telling_parts(INVENTED, "the model"))


class Curious:
    """Fails once, then reads the planted lines, then asks for tools in every wrong way, then says too much."""

    def __init__(self) -> None:
        self.has_failed = False

    def __call__(self, body: Mapping[str, Any]) -> Step:
        if not self.has_failed:
            self.has_failed = True
            return Fail(503, f"overloaded, ask {INVENTED[0].value}")
        turn = sum(1 for message in body["messages"] if message["role"] == "assistant")
        window = window_in(body)
        if turn == 0:
            return asks(*[("logs.search", {**window, "contains": mark(place)}) for place in range(0, len(KINDS), 12)])
        if turn == 1:
            ids = [one for message in body["messages"] for one in line_ids(str(message["content"]))]
            assert ids
            return asks(*[("logs.read", {"ids": ids[at : at + 3]}) for at in range(0, 24, 3)])
        if turn == 2:
            wrong = [(each.value[:60], {each.key: each.value}) for each in INVENTED[:3]]
            right = [("logs.search", {**window, "contains": each.value[:200]}) for each in INVENTED[3:7]]
            return Calls([(re.sub(r"[^\w-]", "_", name), json.dumps(args)) for name, args in (*wrong, *right)])
        if turn == 3:
            return Calls([("logs__read", f'{{"ids": ["{INVENTED[7].value}"'), ("metrics__query", "no JSON")])
        said = [each.value for each in INVENTED]
        return diagnosis(
            "cause_found",
            [{"entity": f"gateway of {said[0]}", "change": said[1]}],
            [claim(f"{each.key}: {each.value}", "E1", quotes=[each.value]) for each in INVENTED],
        )


@pytest.mark.usefixtures("_litellm_is_loaded")
def test_a_model_sees_and_gives_away_none_of_it(
    cli: Cli, home: Path, open_house: OpenHouse, planted_snapshot: Path, all_needles: tuple[Needle, ...]
) -> None:
    house = open_house(Curious(), "[gate.limits]\ntokens = 5_000_000\n")
    (home / "opswarden.toml").write_text(
        (home / "opswarden.toml").read_text().replace("retries = 0", "retries = 2"), encoding="utf-8"
    )
    said = cli("triage", planted_snapshot, "--format", "json")
    assert said.code == 0, said.err
    report = TriageReport.model_validate(said.json)
    assert len(house.captured) >= 4
    received = house.everything_received()
    assert received.count(b"CREDIT_CARD") > 3
    exits = [("the wire", received), ("stdout", said.out.encode()), ("stderr", said.err.encode())]
    for style in ("terminal", "json", "markdown", "html"):
        exits.append((f"the report as {style}", render(report, style, width=100, colour=True).encode()))  # type: ignore[arg-type]  # the four styles
    found = {name: leaks for name, content in (*exits, *bytes_below(home)) if (leaks := leaks_in(content, all_needles))}
    assert found == {}


@pytest.mark.parametrize("node", sampled(NODES, ("survey", "report")))
def test_nothing_lies_about_after_a_kill(
    cli: Cli, stage: Stage, home: Path, planted_snapshot: Path, all_needles: tuple[Needle, ...], node: str
) -> None:
    """Checkpoints, journals, artifacts and temporary files of a run that was killed, and of the run that goes on."""
    killed = stage.run(home, "triage", planted_snapshot, "--format", "json", "--out", "report.json", die=(node, "exit"))
    assert killed.code == -9
    after = dict(bytes_below(home))
    assert any(name.endswith(".sqlite") for name in after)
    assert {name: leaks for name, content in after.items() if (leaks := leaks_in(content, all_needles))} == {}
    entries = cli("audit", "tail", "-n", 1_000, "--format", "json").json
    run_id = next(entry["run_id"] for entry in entries if entry["kind"] == "run.started")
    resumed = stage.run(home, "resume", run_id)
    assert resumed.code == 0, resumed.err
    exits = [("stdout", resumed.out.encode()), ("stderr", resumed.err.encode()), *bytes_below(home)]
    assert {name: leaks for name, content in exits if (leaks := leaks_in(content, all_needles))} == {}
