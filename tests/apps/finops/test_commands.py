"""`opswarden finops`: a week from a fleet to a book, what people say in it, and what leaves as files."""

from __future__ import annotations

import csv
import io
import shutil
import subprocess
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from opswarden.agents.finops.types import FinopsReport
from opswarden.apps.finops.senders import FinopsSender
from opswarden.apps.installation import open_installation
from opswarden.tests.apps.conftest import Cli
from opswarden.tests.doubles.issue_servers import TOKEN as ISSUE_TOKEN
from opswarden.tests.doubles.issue_servers import JiraServer

from .conftest import Analysed

Write = Callable[[str], Path]


def offered(analysed: Analysed) -> set[str]:
    return {each["id"] for each in analysed.report["plan"]["offered"]}


def ids(analysed: Analysed) -> dict[str, str]:
    """By subject; of a subject for which there are several, the last."""
    return {each["subject"]: each["id"] for each in analysed.report["plan"]["offered"]}


def moved(cli: Cli, *argv: str) -> str:
    said = cli("finops", "recommendations", *argv)
    assert said.code == 0, said.err
    return said.out.strip().partition(" (")[0]


def test_the_week_is_computed_tied_and_written_down(analysed: Analysed, cli: Cli) -> None:
    report = analysed.report
    plan = report["plan"]
    kinds = {each["kind"] for each in plan["offered"]}
    assert {"decommission", "schedule", "replicas", "rightsize"} <= kinds
    # Every amount carries its currency, its period and its interval, and the parts add up.
    total = sum(each["saving"]["effective"]["expected"] for each in plan["offered"])
    assert plan["saving"]["effective"]["expected"] == pytest.approx(total, rel=1e-4)
    for each in plan["offered"]:
        saving = each["saving"]
        assert saving["bill"]["expected"] + saving["freed"]["expected"] == pytest.approx(
            saving["effective"]["expected"], rel=1e-4
        )
        assert saving["effective"]["low"] <= saving["effective"]["expected"] <= saving["effective"]["high"]
        assert (saving["effective"]["currency"], saving["effective"]["period"]) == (plan["currency"], "month")
    assert {each["kind"] for each in report["backtests"]} == kinds - set(plan["unproven"])
    assert all(tie["residual"] == 0 for tie in report["costs"]["costs.describe"]["invoices"])
    assert report["model"]["used"] is False
    assert report["recorded"]["found"] == plan["offered_count"]
    assert {claim["status"] for claim in report["claims"]} == {"supported"}
    listed = cli("finops", "recommendations", "list", "--format", "json").json
    assert {each["recommendation"]["id"] for each in listed} == offered(analysed)
    # Gone on with after its end, the run gives its report again and does nothing.
    again = cli("resume", report["run_id"])
    assert again.code == 0, again.err
    assert again.json == report


def test_what_people_say_is_recorded_and_survives_the_next_week(analysed: Analysed, cli: Cli) -> None:
    endpoint, notebook, dev, volume = (
        ids(analysed)[name]
        for name in ("ep/payout-scorer-v1", "nb/notebook-credit", "fraud-scorer-dev", "vol-old-trainer")
    )
    assert moved(cli, "claim", endpoint) == f"{endpoint}: open → claimed"
    assert moved(cli, "dismiss", notebook, "--reason", "the auditors still read it") == f"{notebook}: open → dismissed"
    until = f"{open_now() + timedelta(days=20):%Y-%m-%d}"
    assert moved(cli, "snooze", volume, "--until", until, "--reason", "after the audit") == f"{volume}: open → snoozed"
    assert cli("finops", "recommendations", "dismiss", dev).code != 0  # no reason given
    assert moved(cli, "applied", dev) == f"{dev}: open → applied"
    tail = cli("audit", "tail", "--format", "json", "-n", 100, "--tool", "recommendations.move").out
    assert tail.count('"recommendations.move"') >= 4
    assert cli("audit", "verify").code == 0
    again = cli("finops", "analyze", analysed.fleet, "--format", "json").json
    assert {each["id"] for each in again["plan"]["offered"]}.isdisjoint({notebook, dev, volume})
    assert again["plan"]["states"][endpoint] == "claimed"
    reasons = {each["subject"]: each["detail"] for each in again["plan"]["held_examples"]}
    assert reasons["nb/notebook-credit"] == "dismissed by ana: the auditors still read it"
    since = again["plan"]["since_last"]
    assert (since["applied"], since["dismissed"]) == (1, 1)
    # Since the notebook stays, its size may change; nothing else is new.
    fresh = {each["subject"] for each in again["plan"]["offered"] if each["id"] in again["plan"]["new"]}
    assert fresh <= {"notebook-credit"}
    assert [one["id"] for one in again["plan"]["under_way"]] == [dev]
    history = cli("finops", "recommendations", "show", notebook, "--format", "json").json["moves"]
    assert [(one["move"], one["by"]) for one in history] == [("found", "system:finops"), ("dismiss", "person:ana")]


def open_now() -> Any:
    with open_installation() as installation:
        return installation.clock.now()


def test_a_stopped_installation_moves_nothing(analysed: Analysed, cli: Cli) -> None:
    assert cli("stop", "--all", "--reason", "drill").code == 0
    said = cli("finops", "recommendations", "claim", ids(analysed)["fraud-scorer-dev"])
    assert said.code == 4, said.out


def test_the_report_is_the_same_in_every_format(first_week: Analysed) -> None:
    report = FinopsReport.model_validate(first_week.report)
    page = FinopsSender("html", print).rendered(report)
    assert "<script" not in page
    assert 'http-equiv="Content-Security-Policy"' in page
    for text in (
        "Backtest: each kind replayed",
        "How it ties to the invoices",
        "What this toolkit costs",
        "1,000 scored",
    ):
        assert text in page
    rows = list(csv.DictReader(io.StringIO(FinopsSender("csv", print).rendered(report))))
    assert {row["id"] for row in rows} == offered(first_week)
    assert all(row["currency"] and row["period"] == "month" for row in rows)
    assert "| saves a month |" in FinopsSender("markdown", print).rendered(report)
    assert report.plan.offered[0].id in FinopsSender("terminal", print).rendered(report)


def test_patches_are_written_per_owner(analysed: Analysed, cli: Cli, home: Path) -> None:
    assert cli("finops", "patches", "--out", "patches").code == 0
    found = sorted(path.relative_to(home / "patches") for path in (home / "patches").rglob("*.*"))
    owners = {each["owner"].lstrip("#@") for each in analysed.report["plan"]["offered"] if each["owner"]}
    assert {path.parts[0] for path in found} == owners
    keda = next(path for path in found if path.name == "scaled-object.yaml")
    triggers = yaml.safe_load((home / "patches" / keda).read_text())["spec"]["triggers"]
    assert triggers[0]["metadata"]["timezone"] == "Europe/Lisbon"


def test_a_proposal_waits_for_a_person_and_is_made_once(
    analysed: Analysed, cli: Cli, home: Path, write_settings: Write
) -> None:
    clone = home / "platform"
    for argv in (
        ("init", "-q", "-b", "main", str(clone)),
        ("-C", str(clone), "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "--allow-empty", "-m", "x"),
    ):
        subprocess.run(["git", *argv], check=True)
    write_settings(
        f'version = 1\n[finops.proposals]\nclone = "{clone}"\n[people.ana]\nroles = ["oncall"]\n'
        '[gate.stages."*"."*"]\n"documents.propose" = "act"\n'
    )
    name = ids(analysed)["fraud-scorer-dev"]
    assert cli("finops", "rollback", name).code == 2  # nothing is applied yet
    assert moved(cli, "applied", name).endswith("applied")
    waiting = cli("finops", "rollback", name)
    assert waiting.code == 5, waiting.err
    approval = waiting.err.split("approvals show ")[1].split()[0]
    shown = cli("approvals", "show", approval).out
    assert f"opswarden/rollback-{name}" in shown
    assert cli("approvals", "approve", approval).code == 0
    made = cli("finops", "rollback", name)
    assert made.code == 0, made.err
    branch = subprocess.run(
        ["git", "-C", str(clone), "log", "--format=%s", f"opswarden/rollback-{name}", "^main"],
        check=True, capture_output=True, text=True,
    ).stdout.splitlines()  # fmt: skip
    assert branch == [f"Take back schedule {name}"]
    assert cli("finops", "rollback", name).out == made.out  # once


def test_each_owner_gets_a_branch_with_their_own_changes(
    analysed: Analysed, cli: Cli, home: Path, write_settings: Write
) -> None:
    clone = home / "platform"
    subprocess.run(["git", "init", "-q", "-b", "main", str(clone)], check=True)
    who = ("-c", "user.name=a", "-c", "user.email=a@b")
    subprocess.run(["git", "-C", str(clone), *who, "commit", "-q", "--allow-empty", "-m", "x"], check=True)
    write_settings(
        f'version = 1\n[finops.proposals]\nclone = "{clone}"\n[people.ana]\nroles = ["oncall"]\n'
        '[gate.stages."*"."*"]\n"documents.propose" = "act"\n'
    )
    waiting = cli("finops", "patches", "--propose")
    assert waiting.code == 5, waiting.err
    for part in waiting.err.split("approvals show ")[1:]:
        assert cli("approvals", "approve", part.split()[0]).code == 0
    made = cli("finops", "patches", "--propose")
    assert made.code == 0, made.err
    listed = subprocess.run(
        ["git", "-C", str(clone), "for-each-ref", "--format=%(refname:short)", "refs/heads/opswarden"],
        check=True, capture_output=True, text=True,
    ).stdout.split()  # fmt: skip
    assert len(listed) > 1
    owners: set[str] = set()
    for branch in listed:
        names = subprocess.run(
            ["git", "-C", str(clone), "diff", "--name-only", "main", branch], check=True, capture_output=True, text=True
        ).stdout.split()
        theirs = {name.split("/")[1] for name in names}
        assert len(theirs) == 1, "nobody else's"
        owners |= theirs
    assert len(owners) == len(listed), "one branch an owner"


@pytest.fixture
def jira(monkeypatch: pytest.MonkeyPatch) -> Iterator[JiraServer]:
    monkeypatch.setenv("TRACKER_TOKEN", ISSUE_TOKEN)
    server = JiraServer("OPS")
    yield server
    server.close()


def test_each_owner_gets_an_issue_that_a_person_approved(
    analysed: Analysed, cli: Cli, jira: JiraServer, write_settings: Write
) -> None:
    refused = cli("finops", "issues", "--open")
    assert refused.code != 0
    assert "finops.issues" in refused.err
    write_settings(
        f'version = 1\n[finops.issues]\nkind = "jira"\nurl = "{jira.url}"\nproject = "OPS"\n'
        'token_env = "TRACKER_TOKEN"\n[people.ana]\nroles = ["oncall"]\n'
        '[gate.stages."*"."*"]\n"issues.open" = "act"\n'
    )
    shown = cli("finops", "issues")
    assert shown.code == 0, shown.err
    waiting = cli("finops", "issues", "--open")
    assert waiting.code == 5, waiting.err
    assert jira.issues == []
    for part in waiting.err.split("approvals show ")[1:]:
        assert cli("approvals", "approve", part.split()[0]).code == 0
    made = cli("finops", "issues", "--open")
    assert made.code == 0, made.err
    owners = {(each["owner"] or "unowned").lstrip("#@") for each in analysed.report["plan"]["offered"]}
    assert sorted(issue["labels"][0] for issue in jira.issues) == sorted(f"opswarden-cost-{each}" for each in owners)
    assert len(owners) > 1
    for issue in jira.issues:
        assert issue["title"] in shown.out
        assert "finops recommendations show ID" in issue["text"]
    told = "".join(issue["text"] for issue in jira.issues)
    assert all(each["id"] in told for each in analysed.report["plan"]["offered"])
    assert cli("finops", "issues", "--open").out == made.out  # once
    assert [issue["comments"] for issue in jira.issues] == [[]] * len(owners)


def test_a_question_is_answered_from_the_bill(analysed: Analysed, cli: Cli) -> None:
    answer = cli("finops", "ask", analysed.fleet, "Why did the risk bill rise 30 %?", "--format", "json").json
    texts = [claim["text"] for claim in answer["known"]]
    assert texts[0].startswith("The cost of team risk ")
    assert any("is not the one in the question" in text for text in texts)
    assert answer["unknown"] == ["No language model took part, so nothing but the computed answer is said."]
    found = next(each for each in answer["evidence"] if each["tool"] == "costs.decompose")["summary"]
    assert sum(part["amount"] for part in found["parts"]) == pytest.approx(found["difference"], abs=0.01)


@pytest.mark.parametrize("broken", ["nothing", "a file", "no usage"])
def test_what_is_no_fleet_is_one_line(broken: str, cli: Cli, fleet: Path, tmp_path: Path) -> None:
    folder = tmp_path / "broken"
    if broken == "a file":
        folder.write_text("x")
    elif broken == "no usage":
        shutil.copytree(fleet, folder, ignore=shutil.ignore_patterns("usage*"))
    said = cli("finops", "analyze", folder)
    assert said.code == 2
    assert said.err.count("error:") == 1
