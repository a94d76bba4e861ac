"""`kill -9` at any node, before or after its work: the same run is resumed and nothing is done twice."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from opswarden.tests.apps.conftest import Cli, OpenHouse, sampled
from opswarden.tests.apps.models import asks, claim, diagnosis
from opswarden.tests.apps.staging import MODEL_NODES, NODES, Stage, deliveries, kill_child
from opswarden.tests.doubles.openai_server import Reset, Step

KILLED = -9
WINDOW = {"start": "2024-03-05T11:30:00Z", "end": "2024-03-05T12:00:00Z"}

PLACES = sampled(
    [(node, at) for node in NODES for at in ("entry", "exit")],
    [("intake", "entry"), ("survey", "exit"), ("rank", "exit"), ("report", "entry"), ("report", "exit")],
)
MODEL_PLACES = sampled(
    [(node, at) for node in MODEL_NODES for at in ("entry", "exit")],
    [("reason", "entry"), ("reason", "exit"), ("follow_up", "exit"), ("join", "exit")],
)


@pytest.fixture(scope="module")
def ended_calm(stage: Stage, calm_snapshot: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The report of an uninterrupted triage."""
    home = tmp_path_factory.mktemp("uninterrupted")
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("OPSWARDEN_SOAK", raising=False)
        patch.setenv("OPSWARDEN_STATE_DIR", str(home / "state"))
        said = stage.run(home, "triage", calm_snapshot, "--format", "json")
    assert said.code == 0, said.err
    report: dict[str, Any] = said.json
    return report


def entries_of(cli: Cli) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = cli("audit", "tail", "-n", 1000, "--format", "json").json
    return found


def run_id_of(home: Path) -> str:
    connection = sqlite3.connect(home / "state" / "opswarden.sqlite")
    ((run_id,),) = connection.execute("SELECT run_id FROM run_request").fetchall()
    connection.close()
    return str(run_id)


def shape_of(report: Mapping[str, Any]) -> list[tuple[str, str, str, Any]]:
    return [(item["id"], item["tool"], item["status"], item["scope"]) for item in report["evidence"]]


def assert_nothing_was_done_twice(cli: Cli, report: Mapping[str, Any]) -> None:
    """Every call, prompt and message has one outcome, and the ledger is whole."""
    assert cli("audit", "verify", "--format", "json").json["ok"] is True
    entries = entries_of(cli)
    outcomes = Counter(
        (entry["kind"], entry["body"]["call_id"]) for entry in entries if entry["kind"].endswith(".outcome")
    )
    assert [name for name, count in outcomes.items() if count > 1] == []
    for item in report["evidence"]:
        entry = entries[item["seq"]]
        assert (entry["kind"], entry["body"]["tool"]) == ("call.outcome", item["tool"])


class TestWithoutModel:
    @pytest.mark.parametrize("place", PLACES, ids="-".join)
    def test_killed_at_a_node(
        self, stage: Stage, cli: Cli, home: Path, calm: Path, ended_calm: dict[str, Any], place: tuple[str, str]
    ) -> None:
        died = stage.run(home, "triage", calm, "--format", "json", die=place)
        assert (died.code, died.out) == (KILLED, "")
        assert cli("audit", "verify").code == 0
        resumed = stage.run(home, "resume", run_id_of(home))
        assert resumed.code == 0, resumed.err
        assert shape_of(resumed.json) == shape_of(ended_calm)
        assert [row["entity"] for row in resumed.json["ranking"]] == [row["entity"] for row in ended_calm["ranking"]]
        assert resumed.json["verdict"] == ended_calm["verdict"]
        assert deliveries(home) == ["triage.report"]
        assert_nothing_was_done_twice(cli, resumed.json)

    @pytest.mark.parametrize("at", ["entry", "exit"])
    def test_killed_while_the_report_is_delivered(
        self, stage: Stage, cli: Cli, home: Path, calm: Path, at: str
    ) -> None:
        """Nobody can know whether it arrived, so it is not sent again; whoever resumes is shown it all the same."""
        line = ("triage", calm, "--format", "markdown", "--out", "report.md")
        assert stage.run(home, *line, die=("delivery", at)).code == KILLED
        assert (home / "report.md").exists() is (at == "exit")
        before = (home / "report.md").read_text() if at == "exit" else None
        resumed = stage.run(home, "resume", run_id_of(home))
        assert resumed.code == 0, resumed.err
        text = (home / "report.md").read_text()
        assert text.startswith("#")
        assert before in (None, text)
        assert deliveries(home) == ["triage.report"] * (at == "exit")
        found = cli("audit", "verify", "--format", "json").json
        assert found["ok"] is True
        assert [item["tool"] for item in found["missing_outcomes"]] == ["people.tell"]

    def test_killed_again_and_again(
        self, stage: Stage, cli: Cli, home: Path, calm: Path, ended_calm: dict[str, Any]
    ) -> None:
        line: tuple[object, ...] = ("triage", calm, "--format", "json")
        for node in NODES:
            assert stage.run(home, *line, die=(node, "exit")).code == KILLED
            line = ("resume", run_id_of(home))
        ended = stage.run(home, *line)
        assert ended.code == 0, ended.err
        assert shape_of(ended.json) == shape_of(ended_calm)
        assert deliveries(home) == ["triage.report"]
        assert_nothing_was_done_twice(cli, ended.json)
        starts = [entry["body"]["is_resumed"] for entry in entries_of(cli) if entry["kind"] == "run.started"]
        assert starts == [False] + [True] * len(NODES)


def analyst(body: Mapping[str, Any]) -> Step:
    """Asks two things, then answers; what it says depends on the conversation alone, so it may be asked twice."""
    if any(message["role"] == "tool" for message in body["messages"]):
        return diagnosis("cause_found", [], [claim("the gateway has an alert", "E1")])
    return asks(("logs.search", WINDOW | {"limit": 3}), ("changes.recent", WINDOW))


class TestWithModel:
    @pytest.mark.parametrize("place", MODEL_PLACES, ids="-".join)
    def test_killed_at_a_node(
        self,
        stage: Stage,
        cli: Cli,
        home: Path,
        calm: Path,
        open_house: OpenHouse,
        ended_calm: dict[str, Any],
        place: tuple[str, str],
    ) -> None:
        house = open_house(analyst)
        assert stage.run(home, "triage", calm, "--format", "json", die=place).code == KILLED
        resumed = stage.run(home, "resume", run_id_of(home))
        assert resumed.code == 0, resumed.err
        report = resumed.json
        statistics = shape_of(ended_calm)
        assert shape_of(report)[: len(statistics)] == statistics
        asked = [(item["id"], item["tool"]) for item in report["evidence"][len(statistics) :]]
        first = len(statistics) + 1
        assert asked == [(f"E{first}", "logs.search"), (f"E{first + 1}", "changes.recent")]
        assert report["model"]["used"] is True
        assert report["model"]["note"] == ""
        assert report["cost"]["model_calls"] == len(house.captured) == 2
        assert [row["status"] for row in report["claims"] if row["author"] == "model"] == ["supported"]
        assert deliveries(home) == ["triage.statistics", "triage.report"]
        assert_nothing_was_done_twice(cli, report)

    def test_killed_while_the_model_thinks(
        self, stage: Stage, cli: Cli, home: Path, calm: Path, open_house: OpenHouse
    ) -> None:
        """A prompt has no effect, so the one whose answer was lost is asked again, word for word."""

        def kill_first(body: Mapping[str, Any]) -> Step:
            if len(house.captured) > 1:
                return analyst(body)
            kill_child(home)
            return Reset()

        house = open_house(kill_first)
        assert stage.run(home, "triage", calm, "--format", "json").code == KILLED
        resumed = stage.run(home, "resume", run_id_of(home))
        assert resumed.code == 0, resumed.err
        assert resumed.json["model"]["note"] == ""
        first, again, last = (one.body for one in house.captured)
        assert again == first
        assert len(last["messages"]) > len(first["messages"])
        assert_nothing_was_done_twice(cli, resumed.json)
