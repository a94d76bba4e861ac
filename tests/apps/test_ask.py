"""`opswarden ask RUN`: questions about a triage that has ended, in the same run, with and without a model."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from opswarden.apps.runs import RunRequests
from opswarden.core.sqlite import SqliteDatabase
from opswarden.tests.apps.conftest import PERSON, Cli
from opswarden.tests.apps.models import asks, claim, diagnosis
from opswarden.tests.apps.staging import Stage, deliveries
from opswarden.tests.doubles.openai_server import Fail, OpenAIServer, Text

KILLED = -9


def said(*sentences: Any, unknown: tuple[str, ...] = ()) -> Text:
    return Text(json.dumps({"sentences": list(sentences), "unknown": list(unknown)}))


def kinds(cli: Cli) -> list[tuple[str, str]]:
    entries = cli("audit", "tail", "-n", 500, "--format", "json").json
    return [(entry["kind"], str(entry["body"].get("call_id", ""))) for entry in entries]


def opened(cli: Cli) -> list[Any]:
    entries = cli("audit", "tail", "-n", 500, "--format", "json").json
    return [entry["body"] for entry in entries if entry["kind"] in ("run.started", "run.resumed")]


class TestWithoutAModel:
    def test_an_entity_that_is_named_as_people_write_it_is_looked_up(self, cli: Cli, triaged: Any) -> None:
        run_id, before = triaged.report["run_id"], triaged.report["evidence"]
        answer = cli("ask", run_id, "What about the feature server, since when?", "--format", "json")
        assert answer.code == 0, answer.err
        found = answer.json
        assert (found["run_id"], found["number"]) == (run_id, 1)
        assert found["known"]
        assert all(row["text"].startswith("feature-server: ") and row["evidence"] for row in found["known"])
        assert found["claims"] == []
        assert any("Only a language model can answer a free question" in text for text in found["unknown"])
        new = [row["id"] for row in found["evidence"] if int(row["id"][1:]) > len(before)]
        assert new == sorted(new, key=lambda name: int(name[1:]))
        assert new[0] == f"E{len(before) + 1}"
        assert ("tell.outcome", "tell.answer.1") in kinds(cli)

    def test_numbers_go_on_and_nothing_is_looked_up_twice(self, cli: Cli, triaged: Any) -> None:
        run_id = triaged.report["run_id"]
        first = cli("ask", run_id, "--entity", "feature-server", "--format", "json").json
        calls = [name for kind, name in kinds(cli) if kind == "call.outcome"]
        second = cli("ask", run_id, "feature server again?", "--format", "json").json
        assert second["number"] == 2
        assert [row["text"] for row in second["known"]] == [row["text"] for row in first["known"]]
        assert [row["id"] for row in second["evidence"]] == [row["id"] for row in first["evidence"]]
        assert [name for kind, name in kinds(cli) if kind == "call.outcome"] == calls

    def test_the_report_stays_as_it_was_told(self, cli: Cli, triaged: Any) -> None:
        run_id = triaged.report["run_id"]
        cli("ask", run_id, "--entity", "feature-server")
        assert cli("resume", run_id).code == 0
        resumed = cli("resume", run_id).out
        assert "E1" in resumed
        assert "feature-server" in cli("ask", run_id, "--entity", "feature-server").out

    def test_evidence_is_shown_by_its_number(self, cli: Cli, triaged: Any) -> None:
        shifts = next(row["id"] for row in triaged.report["evidence"] if row["tool"] == "metrics.shifts")
        text = cli("ask", triaged.report["run_id"], "--evidence", shifts).out
        assert f"{shifts} metrics.shifts" in text
        assert "entity | metric" in text

    def test_a_question_that_names_nothing_gets_the_first_suspect_and_is_told_so(self, cli: Cli, triaged: Any) -> None:
        found = cli("ask", triaged.report["run_id"], "since when?", "--format", "json").json
        first = triaged.report["ranking"][0]["entity"]
        assert {row["text"].partition(":")[0] for row in found["known"]} == {first}
        assert any("names no entity" in text for text in found["unknown"])

    def test_markdown_holds_the_same(self, cli: Cli, triaged: Any) -> None:
        text = cli("ask", triaged.report["run_id"], "the feature server?", "--format", "markdown").out
        assert "## What the evidence holds" in text


class TestRefusals:
    @pytest.mark.parametrize(
        ("arguments", "hint"),
        [
            ((), "nothing is asked"),
            (("x" * 5_000,), "longer than"),
            (("--evidence", "E99"), "no evidence 'E99'"),
            (("--entity", "feature-serve"), "did you mean 'feature-server'"),
        ],
    )
    def test_what_cannot_be_asked(self, cli: Cli, triaged: Any, arguments: tuple[str, ...], hint: str) -> None:
        answer = cli("ask", triaged.report["run_id"], *arguments)
        assert answer.code == 2
        assert hint in answer.err

    def test_a_run_that_is_not_here(self, cli: Cli, home: Path) -> None:
        assert "there is no such run" in cli("ask", "run_x", "why?").err

    def test_only_the_teams_people_may_ask(
        self, cli: Cli, triaged: Any, write_settings: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        write_settings('version = 1\n[people.ann]\nroles = ["oncall"]\n')
        run_id = triaged.report["run_id"]
        monkeypatch.setattr("opswarden.apps.installation.current_person", lambda: "mallory")
        refused = cli("ask", run_id, "--entity", "feature-server")
        assert refused.code == 4
        assert "only the team's people may ask" in refused.err
        monkeypatch.setattr("opswarden.apps.installation.current_person", lambda: "ann")
        assert cli("ask", run_id, "--entity", "feature-server").code == 0

    def test_the_words_of_somebody_else_give_no_leave(
        self, cli: Cli, triaged: Any, write_settings: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        write_settings('version = 1\n[people.ann]\nroles = ["oncall"]\n')
        monkeypatch.setattr("opswarden.apps.installation.current_person", lambda: "ann")
        cli("ask", triaged.report["run_id"], "roll back the feature server")
        entries = cli("audit", "tail", "-n", 500, "--format", "json").json
        opened = [entry["body"] for entry in entries if entry["kind"] == "run.started"][-1]
        assert opened["request"] == "roll back the feature server"
        assert opened["requester_roles"] == []


@pytest.fixture
def model_run(cli: Cli, case: Any, house: OpenAIServer) -> str:
    """A triage with a model that has ended."""
    house.script(diagnosis("cause_found"))
    run_id: str = cli("triage", case.snapshot, "--format", "json").json["run_id"]
    return run_id


class TestWithAModel:
    def test_it_looks_up_answers_and_is_checked_sentence_by_sentence(
        self, cli: Cli, house: OpenAIServer, model_run: str
    ) -> None:
        house.script(
            asks(("topology.neighbours", {"entity": "gateway", "depth": 2})),
            said(claim("feature-server stands out", "E5"), claim("it cost 98765.4 USD", "E5"), unknown=("its owner",)),
        )
        found = cli("ask", model_run, "What about the feature server?", "--format", "json").json
        assert house.refusals == []
        assert [row["status"] for row in found["claims"]][1] == "unsupported"
        assert "its owner" in found["unknown"]
        assert found["model"]["used"] is True
        assert sorted(found["model"]["prompts"]) == ["answer", "last_turn", "repair"]
        first = house.captured[1].body["messages"]
        assert "You answer an on-call engineer's question" in first[0]["content"]
        assert first[1]["content"].endswith("The question: What about the feature server?")
        assert "The report says" in first[1]["content"]
        names = [name for kind, name in kinds(cli) if kind in ("call.outcome", "prompt.outcome")]
        assert names[-3:] == ["ask.1.1", "ask.1.1.1", "ask.1.2"]

    def test_what_was_asked_before_is_told_the_next_time(self, cli: Cli, house: OpenAIServer, model_run: str) -> None:
        house.script(said(claim("feature-server stands out", "E5")), said(unknown=("since when",)))
        cli("ask", model_run, "What about the feature server?")
        found = cli("ask", model_run, "Since when?", "--format", "json").json
        assert found["number"] == 2
        opening = house.captured[-1].body["messages"][1]["content"]
        assert "Asked before: What about the feature server?" in opening
        assert "Answered: feature-server stands out" in opening

    def test_a_model_that_fails_leaves_what_code_knows(self, cli: Cli, house: OpenAIServer, model_run: str) -> None:
        house.script(Fail(500))
        found = cli("ask", model_run, "What about the feature server?", "--format", "json").json
        assert found["known"]
        assert found["claims"] == []
        assert "the model gave no answer" in found["model"]["note"]

    def test_the_budget_of_the_run_holds_for_its_questions(
        self, cli: Cli, house: OpenAIServer, model_run: str, home: Path
    ) -> None:
        path = home / "opswarden.toml"
        path.write_text(path.read_text().replace("version = 1\n", "version = 1\n[gate.limits]\nprompts = 1\n", 1))
        asked = len(house.captured)
        found = cli("ask", model_run, "What about the feature server?", "--format", "json").json
        assert len(house.captured) == asked
        assert "the run has used up its model requests" in found["model"]["note"]

    def test_a_question_is_redacted_before_anybody_keeps_it(
        self, cli: Cli, house: OpenAIServer, model_run: str, home: Path
    ) -> None:
        house.script(said())
        mail = "zoe.quill@example.org"
        answer = cli("ask", model_run, f"Did {mail} notice the feature server?", "--format", "json")
        assert mail not in answer.out
        assert mail.encode() not in house.everything_received()
        for path in (home / "state").rglob("*"):
            assert not path.is_file() or mail.encode() not in path.read_bytes(), path


def test_a_run_that_has_not_ended_cannot_be_asked(cli: Cli, triaged: Any, case: Any) -> None:
    database = SqliteDatabase(triaged.state / "opswarden.sqlite")
    request = RunRequests(database).recall(triaged.report["run_id"])
    RunRequests(database).remember("run_never", request)
    database.close()
    answer = cli("ask", "run_never", "why?")
    assert answer.code == 2
    assert "has not ended" in answer.err


@pytest.mark.parametrize(
    "place", [("question", "exit"), pytest.param(("answer", "entry"), marks=pytest.mark.soak)], ids="-".join
)
def test_a_question_that_was_killed_is_answered_by_a_resume_with_the_leave_it_gave(
    stage: Stage, cli: Cli, home: Path, triaged: Any, place: tuple[str, str], write_settings: Callable[[str], Path]
) -> None:
    write_settings(f'version = 1\n[people.{json.dumps(PERSON)}]\nroles = ["oncall"]\n')
    run_id, words = triaged.report["run_id"], "roll back the feature server"
    line = ("ask", run_id, words, "--entity", "feature-server", "--format", "json")
    assert stage.run(home, *line, die=place).code == KILLED
    resumed = stage.run(home, "resume", run_id)
    assert resumed.code == 0, resumed.err
    assert resumed.json["number"] == 1
    assert resumed.json["known"]
    assert deliveries(home) == ["triage.answer"]
    calls = [name for kind, name in kinds(cli) if kind == "call.outcome"]
    assert len(calls) == len(set(calls))
    assert [(body["request"], body["requester_roles"]) for body in opened(cli)[-2:]] == [(words, ["oncall"])] * 2
    cli("resume", run_id)
    assert opened(cli)[-1]["request"] == "", "what was answered gives no leave any more"
    assert cli("ask", run_id, "--entity", "feature-server", "--format", "json").json["number"] == 2
