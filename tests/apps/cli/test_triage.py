"""`opswarden triage` and `resume`: a snapshot goes in, a report comes out, in every format."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from opswarden.agents.triage.types import TriageReport
from opswarden.evals.cases import Case
from opswarden.tests.apps.answers import PERSON
from opswarden.tests.apps.conftest import Cli, Triaged

NO_MODEL = "No language model was used"

CONTRACT = {
    "": {"run_id", "incident", "verdict", "ranking", "claims", "actions", "evidence", "cost"},
    "ranking": {"entity", "indicator", "change", "score", "evidence"},
    "claims": {"text", "evidence", "status"},
    "evidence": {"id", "tool", "scope", "status", "summary"},
    "cost": {"model_calls", "tokens_in", "tokens_out", "usd", "wall_s"},
}


def ledger_kinds(cli: Cli, kind: str) -> list[Any]:
    return [entry for entry in cli("audit", "tail", "-n", 500, "--format", "json").json if entry["kind"] == kind]


class TestJson:
    """The contract that others build on."""

    def test_stdout_is_one_document_and_nothing_else(self, triaged: Triaged) -> None:
        assert triaged.text.startswith("{")
        document, end = json.JSONDecoder().raw_decode(triaged.text)
        assert triaged.text[end:].strip() == ""
        assert TriageReport.model_validate(document).run_id.startswith("run_")

    @pytest.mark.parametrize("part", CONTRACT)
    def test_it_holds_the_keys_of_the_contract(self, triaged: Triaged, part: str) -> None:
        found = triaged.report[part] if part else triaged.report
        rows = found if isinstance(found, list) else [found]
        assert rows
        for row in rows:
            assert CONTRACT[part] <= set(row)

    def test_what_is_closed_stays_within_its_words(self, triaged: Triaged) -> None:
        report = triaged.report
        assert report["verdict"] in ("cause_found", "inconclusive", "healthy")
        assert {claim["status"] for claim in report["claims"]} <= {"supported", "unsupported"}
        assert {item["status"] for item in report["evidence"]} <= {"ok", "no_data", "error", "truncated", "denied"}
        assert report["actions"] == []
        assert report["synthetic"] is True

    def test_the_ranking_is_best_first_and_cites_evidence_that_exists(self, triaged: Triaged) -> None:
        ranking, ids = triaged.report["ranking"], [item["id"] for item in triaged.report["evidence"]]
        assert [row["score"] for row in ranking] == sorted((row["score"] for row in ranking), reverse=True)
        assert ids == [f"E{place}" for place in range(1, len(ids) + 1)]
        for row in [*ranking, *triaged.report["claims"]]:
            assert row["evidence"]
            assert set(row["evidence"]) <= set(ids)

    def test_entities_are_named_as_in_the_data(self, triaged: Triaged, case: Case) -> None:
        import pyarrow.parquet as pq

        known = set(pq.read_table(case.snapshot / "metrics.parquet", columns=["entity"])["entity"].to_pylist())
        assert {row["entity"] for row in triaged.report["ranking"]} <= known

    def test_every_piece_of_evidence_is_an_entry_of_the_ledger(self, triaged: Triaged, cli: Cli) -> None:
        for item in triaged.report["evidence"]:
            entry = cli("audit", "show", item["seq"], "--format", "json").json
            assert (entry["kind"], entry["body"]["tool"], entry["body"]["status"]) == (
                "call.outcome",
                item["tool"],
                item["status"],
            )

    def test_no_model_took_part_and_the_report_says_so(self, triaged: Triaged) -> None:
        assert triaged.report["model"]["used"] is False
        assert NO_MODEL in triaged.report["model"]["note"]
        cost = triaged.report["cost"]
        assert (cost["model_calls"], cost["tokens_in"], cost["tokens_out"], cost["usd"]) == (0, 0, 0, 0)
        assert cost["wall_s"] > 0


FORMATS = ["terminal", "json", "markdown", "html"]
OPENING = {"terminal": "", "json": "{", "markdown": "#", "html": "<!"}


class TestFormats:
    @pytest.mark.parametrize("style", FORMATS)
    def test_each_format_names_the_leading_suspect_the_verdict_and_the_missing_model(
        self, cli: Cli, triaged: Triaged, style: str, home: Path
    ) -> None:
        """Through `resume`, whose request is the only thing that differs between the formats."""
        rewrite_request(home / "state", style=style)
        said = cli("resume", triaged.report["run_id"])
        assert said.code == 0
        assert said.out.startswith(OPENING[style])
        assert triaged.report["ranking"][0]["entity"] in said.out
        assert NO_MODEL in said.out
        assert "ynthetic" in said.out

    def test_html_loads_nothing_from_elsewhere_and_runs_nothing(self, cli: Cli, triaged: Triaged, home: Path) -> None:
        rewrite_request(home / "state", style="html")
        page = cli("resume", triaged.report["run_id"]).out
        assert "<script" not in page
        assert " src=" not in page
        assert "http://" not in page.replace("http://www.w3.org", "")
        assert "https://" not in page


def rewrite_request(state: Path, **changed: Any) -> None:
    """Change what the run was asked for, as if the user had asked otherwise."""
    import sqlite3

    with sqlite3.connect(state / "opswarden.sqlite") as connection:
        ((run_id, text),) = connection.execute("SELECT run_id, request FROM run_request").fetchall()
        connection.execute(
            "UPDATE run_request SET request = ? WHERE run_id = ?", (json.dumps(json.loads(text) | changed), run_id)
        )
    connection.close()


class TestOut:
    def test_the_file_holds_the_report_and_stdout_nothing(self, cli: Cli, case: Case, home: Path) -> None:
        said = cli("triage", case.snapshot, "--format", "markdown", "--out", "deep/er/report.md")
        assert (said.code, said.out) == (0, "")
        text = (home / "deep" / "er" / "report.md").read_text()
        assert text.startswith("#")
        assert NO_MODEL in text
        assert "report: " in said.err
        assert [path.name for path in (home / "deep" / "er").iterdir()] == ["report.md"]

        run_id = ledger_kinds(cli, "run.started")[-1]["run_id"]
        (home / "deep" / "er" / "report.md").unlink()
        assert cli("resume", run_id).code == 0
        assert (home / "deep" / "er" / "report.md").read_text() == text
        (home / "deep" / "er" / "report.md").write_text("mine now")
        assert cli("resume", run_id).code == 0
        assert (home / "deep" / "er" / "report.md").read_text() == "mine now"

    def test_a_file_that_cannot_be_written_is_a_failure_and_a_resume_delivers_it(
        self, cli: Cli, case: Case, home: Path
    ) -> None:
        (home / "taken").write_text("a file where a folder should be")
        said = cli("triage", case.snapshot, "--out", "taken/report.txt")
        assert (said.code, said.out) == (3, "")
        what, fix = said.err.splitlines()[-2:]
        assert "taken/report.txt cannot be written" in what
        run_id = ledger_kinds(cli, "run.started")[-1]["run_id"]
        assert f"opswarden resume {run_id}" in fix
        outcomes = len(ledger_kinds(cli, "call.outcome"))

        (home / "taken").unlink()
        assert cli("resume", run_id).code == 0
        assert NO_MODEL in (home / "taken" / "report.txt").read_text()
        assert len(ledger_kinds(cli, "call.outcome")) == outcomes
        assert [entry["body"]["status"] for entry in ledger_kinds(cli, "tell.outcome")] == ["failed", "sent"]


class TestResume:
    def test_an_ended_run_shows_its_report_again_and_does_nothing(self, cli: Cli, triaged: Triaged) -> None:
        before = cli("audit", "tail", "-n", 500, "--format", "json").json
        said = cli("resume", triaged.report["run_id"])
        assert said.code == 0
        assert said.json == triaged.report
        after = cli("audit", "tail", "-n", 500, "--format", "json").json
        assert after[: len(before)] == before
        assert [entry["kind"] for entry in after[len(before) :]] == ["run.started", "run.ended"]
        assert after[len(before)]["body"]["is_resumed"] is True

    def test_a_snapshot_that_has_gone_is_named(self, cli: Cli, triaged: Triaged, home: Path) -> None:
        rewrite_request(home / "state", snapshot=str(home / "gone"))
        said = cli("resume", triaged.report["run_id"])
        assert (said.code, said.out) == (2, "")
        assert "gone is no snapshot" in said.err

    def test_a_request_of_another_version_is_refused(self, cli: Cli, triaged: Triaged, home: Path) -> None:
        rewrite_request(home / "state", from_the_future=1)
        said = cli("resume", triaged.report["run_id"])
        assert (said.code, said.out) == (2, "")
        assert "another version" in said.err

    def test_a_run_is_of_whoever_started_it(self, cli: Cli, triaged: Triaged, home: Path) -> None:
        rewrite_request(home / "state", on_behalf_of="person:mallory")
        said = cli("resume", triaged.report["run_id"])
        assert (said.code, said.out) == (2, "")
        assert "internal error" not in said.err


class TestDenied:
    def test_a_report_that_policy_does_not_let_out_is_not_shown(
        self, cli: Cli, case: Case, home: Path, write_settings: Callable[[str], Path]
    ) -> None:
        (home / "rules").mkdir()
        (home / "rules" / "quiet.cedar").write_text(
            '@id("quiet.terminal") @reason("nothing is shown on this terminal") @remedy("ask the auditor")\n'
            'forbid (principal, action == Ops::Action::"people.tell", resource);\n'
        )
        write_settings('version = 1\n[gate]\npolicy_folders = ["rules"]\n')
        said = cli("triage", case.snapshot, "--format", "json")
        assert (said.code, said.out) == (4, "")
        what, fix = said.err.splitlines()[-2:]
        assert "nothing is shown on this terminal" in what
        assert "opswarden resume run_" in fix

        write_settings("version = 1\n")
        run_id = ledger_kinds(cli, "run.started")[-1]["run_id"]
        said = cli("resume", run_id)
        assert said.code == 0
        assert said.json["run_id"] == run_id

    def test_a_report_that_needs_leave_waits_for_it(
        self, cli: Cli, case: Case, home: Path, write_settings: Callable[[str], Path]
    ) -> None:
        (home / "rules").mkdir()
        (home / "rules" / "leave.cedar").write_text(
            '@id("leave.tell") @approval("auditor") @reason("an auditor reads it first")\n'
            'forbid (principal, action == Ops::Action::"people.tell", resource)\n'
            'unless { context has approval && context.approval.approver_roles.contains("auditor")\n'
            "    && context.approval.call_hmac == context.common.call_hmac\n"
            "    && context.common.now < context.approval.expires };\n"
        )
        write_settings(f'version = 1\n[gate]\npolicy_folders = ["rules"]\n[people.{PERSON}]\nroles = ["auditor"]\n')
        said = cli("triage", case.snapshot, "--format", "json")
        assert (said.code, said.out) == (5, "")
        (waiting,) = cli("approvals", "list", "--format", "json").json
        assert waiting["id"] in said.err
        assert cli("resume", waiting["run_id"]).code == 5
        assert cli("approvals", "approve", waiting["id"]).code == 0
        said = cli("resume", waiting["run_id"])
        assert said.code == 0
        assert said.json["run_id"] == waiting["run_id"]

    def test_a_role_without_leave_to_read_gets_no_triage(
        self, cli: Cli, case: Case, home: Path, write_settings: Callable[[str], Path]
    ) -> None:
        (home / "rules").mkdir()
        (home / "rules" / "closed.cedar").write_text(
            '@id("closed.reads") @reason("the house is closed") @remedy("come back tomorrow")\n'
            'forbid (principal, action in Ops::Action::"read", resource);\n'
        )
        write_settings('version = 1\n[gate]\npolicy_folders = ["rules"]\n')
        said = cli("triage", case.snapshot)
        assert (said.code, said.out) == (4, "")
        assert "the house is closed" in said.err
