"""A user's package adds an agent, a backend and the policy of the agent; both work through the command line."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from opswarden.apps.cli.main import main
from opswarden.tools.snapshots.manifest import Manifest, Window
from opswarden.tools.snapshots.writer import SnapshotWriter

START = datetime(2031, 3, 4, 10, 0, tzinfo=UTC)

PACKAGE = """
from pathlib import Path
from typing import TypedDict

from langgraph.graph import END, START, StateGraph
from opswarden.tools.runbooks.documents import parse


class State(TypedDict, total=False):
    question: str
    answer: dict
    refused: str


class Wiki:
    environment = "wiki"

    def documents(self, deadline):
        return (parse("burn.md", "# Burn rate\\n\\nAsk ana.wiki@example.com about the burn rate."),)


def build(gate):
    def look(state):
        found = gate.call("runbooks.search", {"query": state["question"], "limit": 1}, call_id="look")
        other = gate.call("metrics.query", {}, call_id="other")
        return {"answer": {"status": found.status, "summary": found.summary}, "refused": other.code}

    graph = StateGraph(State)
    graph.add_node("look", look)
    graph.add_edge(START, "look")
    graph.add_edge("look", END)
    return graph.compile()


def register(registry):
    registry.add_agent("librarian", build)
    registry.add_backend("runbooks.wiki", Wiki)
    registry.add_policies(Path(__file__).parent / "rules")
"""
RULE = """
@id("librarian.search") @reason("the librarian may search runbooks and nothing else")
permit (principal in Ops::Role::"librarian", action == Ops::Action::"runbooks.search", resource);
@id("librarian.tell") @reason("the librarian may tell its own team")
permit (principal in Ops::Role::"librarian", action == Ops::Action::"people.tell", resource);
"""


@pytest.fixture
def snapshot(tmp_path: Path) -> Path:
    window = Window(start=START, end=START + timedelta(minutes=30))
    manifest = Manifest(title="t", environment="stage", window=window, source="test (synthetic)", licence="Apache-2.0")
    with SnapshotWriter(tmp_path / "snapshot", manifest) as writer:
        writer.write(
            "metrics",
            {"ts": [START], "entity": ["a"], "metric": ["m"], "kind": ["gauge"], "value": [1.0]},
        )
    return tmp_path / "snapshot"


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    folder = tmp_path / "package"
    (folder / "rules").mkdir(parents=True)
    name = f"librarian_{tmp_path.name.replace('-', '_')}"
    (folder / f"{name}.py").write_text(PACKAGE, encoding="utf-8")
    (folder / "rules" / "librarian.cedar").write_text(RULE, encoding="utf-8")
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.chdir(tmp_path)
    return name


def configure(folder: Path, package: str, more: str = "") -> None:
    (folder / "opswarden.toml").write_text(f'packages = ["{package}:register"]\n{more}', encoding="utf-8")


def test_an_agent_and_a_backend_of_a_package_work_behind_the_gate(
    tmp_path: Path, snapshot: Path, package: str, capsys: pytest.CaptureFixture[str]
) -> None:
    configure(tmp_path, package, '[backends]\nrunbooks = "runbooks.wiki"\n')
    code = main(["agent", "librarian", "--snapshot", str(snapshot), "--input", '{"question": "burn rate"}'])
    printed = capsys.readouterr()
    assert code == 0, printed.err
    body = json.loads(printed.out)
    assert body["agent"] == "librarian"
    assert body["state"]["answer"]["status"] == "ok"
    assert "Burn rate" in json.dumps(body)
    assert "ana.wiki@example.com" not in printed.out
    assert body["state"]["refused"] != ""
    assert main(["audit", "tail", "--run", body["run_id"], "--format", "json"]) == 0
    entries = json.loads(capsys.readouterr().out)
    assert {entry["body"].get("role") for entry in entries} >= {"librarian"}
    assert [entry["body"]["decision"] for entry in entries if entry["body"].get("tool") == "metrics.query"] in (
        [],
        ["deny"],
    )


@pytest.mark.parametrize(
    ("more", "arguments", "message"),
    [
        ("", ["librarain"], "did you mean librarian?"),
        ('[backends]\nrunbooks = "runbooks.wikki"\n', ["librarian", "--snapshot", "S"], "runbooks.wikki"),
        ('[backends]\nrunbook = "runbooks.wiki"\n', ["librarian", "--snapshot", "S"], "domains: metrics"),
        ("", ["librarian", "--input", "[]"], "no JSON object"),
    ],
)
def test_a_mistake_is_named(
    tmp_path: Path,
    snapshot: Path,
    package: str,
    capsys: pytest.CaptureFixture[str],
    more: str,
    arguments: list[str],
    message: str,
) -> None:
    configure(tmp_path, package, more)
    code = main(["agent", *(str(snapshot) if word == "S" else word for word in arguments)])
    assert code == 2
    assert message in capsys.readouterr().err
