"""`opswarden audit rerun`: a triage repeated from what it left in the ledger."""

from __future__ import annotations

from opswarden.tests.apps.cli.test_audit import change
from opswarden.tests.apps.conftest import Cli, Triaged


def test_it_tells_the_whole_triage_again(cli: Cli, triaged: Triaged) -> None:
    said = cli("audit", "rerun", triaged.report["run_id"], "--format", "json")
    assert said.code == 0, said.err
    found = said.json
    evidence = {step["evidence"]: step["seq"] for step in found["steps"] if step["evidence"]}
    assert evidence == {item["id"]: item["seq"] for item in triaged.report["evidence"]}
    summaries = {step["seq"]: step["body"].get("summary") for step in found["steps"]}
    assert all(summaries[item["seq"]] == item["summary"] for item in triaged.report["evidence"])
    decided = [step for step in found["steps"] if step["kind"].endswith(".decided")]
    assert {step["standing"] for step in decided} == {"same"}
    assert (found["outcome"], found["open"], found["missing"], found["contradictions"]) == ("reported", [], [], [])


def test_the_terminal_shows_steps_cost_and_what_decides_now(cli: Cli, triaged: Triaged) -> None:
    said = cli("audit", "rerun", triaged.report["run_id"])
    assert said.code == 0
    for part in ("attribution.rank", "E1", "allow reads.triage", "cost: 0 tokens in", "the same set that decided"):
        assert part in said.out


def test_full_results_that_are_gone_are_named(cli: Cli, triaged: Triaged) -> None:
    for path in (triaged.state / "artifacts").iterdir():
        path.unlink()
    said = cli("audit", "rerun", triaged.report["run_id"])
    assert said.code == 0
    assert "missing: the full result behind entries" in said.out


def test_an_altered_record_is_no_step(cli: Cli, triaged: Triaged) -> None:
    change(triaged.state, "UPDATE entry SET body = replace(body, 'allow', 'deny') WHERE seq = 3")
    said = cli("audit", "rerun", triaged.report["run_id"])
    assert said.code == 3
    assert "entry 3 was altered" in said.err


def test_an_unknown_run_is_a_mistake(cli: Cli, triaged: Triaged) -> None:
    said = cli("audit", "rerun", "run_nobody")
    assert said.code == 2
    assert "no record of this run" in said.err
