"""Runbooks from the command line and in a triage: found, followed through the gate, checked, reported on."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from opswarden.evals.cases import Case
from opswarden.tests.apps.conftest import Cli

PAGE = """---
runbook: 1
title: What to do first
alerts: [ALERT]
services: [ENTITY]
owner: OWNER
severity: critical
risk: medium
last_verified: 2026-01-01
---
# First

1. Is there a metric of it?

   ```opswarden
   query: request_rate{entity="ENTITY"}
   expect: {text: "it has one series at least", path: series_matched, is: above, value: 0}
   ```

   ```opswarden
   decide: Is there one?
   when: {held: 3, not held: 2}
   ```

2. Never asked.

   ```opswarden
   query: request_rate{entity="ENTITY"}
   expect: nothing
   ```

3. What changed?

   ```opswarden
   call: changes.recent
   args: {start: $baseline_start, end: $end}
   expect: nothing
   effect: read
   ```

4. Turn it off.

   ```opswarden
   command: kubectl rollout restart deployment/x
   expect: it is off
   effect: write
   ```

   ```opswarden
   rollback: kubectl rollout undo deployment/x
   undoes: 4
   expect: it is on
   effect: write
   ```
"""


@pytest.fixture
def books(home: Path, case: Case, write_settings: Callable[[str], Path]) -> Path:
    """A folder of runbooks that the settings name, with one for the alert of the case."""
    alert = json.loads((case.snapshot / "snapshot.json").read_text())["alert"]
    folder = home / "books"
    folder.mkdir()
    text = PAGE.replace("ALERT", alert["name"]).replace("ENTITY", alert["entity"]).replace("OWNER", "night-shift")
    (folder / "first.md").write_text(text)
    (folder / "till.md").write_text("# TillOpen\n\n## Meaning\nThe till was left open over night.\n")
    (home / "rules.yml").write_text(
        f"groups: [{{rules: [{{alert: {alert['name']}, expr: up, labels: {{severity: critical}}}}, "
        "{alert: TillOpen, expr: up}, {alert: FlourLow, expr: up, annotations: {runbook_url: x/flour}}]}]\n"
    )
    (home / "catalogue.yaml").write_text("teams: {night-shift: {}}\nentities: {till: {owner: night-shift}}\n")
    write_settings(
        'version = 1\nrunbooks = "books"\nrunbook_rules = "rules.yml"\n[catalogue]\npath = "catalogue.yaml"\n'
    )
    return folder


def test_a_triage_takes_the_steps_that_read_and_cites_them(cli: Cli, case: Case, books: Path) -> None:
    said = cli("triage", case.snapshot, "--no-model", "--format", "json")
    assert said.code == 0, said.err
    (line,) = [line for line in said.json["first_minute"] if line["kind"] == "runbook"]
    assert "step 1 held; step 3 read; step 4 needs a person" in line["text"]
    steps = {item["step"]: item for item in said.json["evidence"] if item["step"]}
    assert {step: item["tool"] for step, item in steps.items()} == {"1.1": "metrics.query", "3.1": "changes.recent"}
    assert {item["id"] for item in steps.values()} <= set(line["evidence"])
    recorded = cli("audit", "tail", "--run", said.json["run_id"], "-n", "200", "--format", "json").json
    assert {"runbook.plan", "runbook.1.1", "runbook.3.1"} <= {str(entry["body"].get("call_id")) for entry in recorded}


def test_search_says_what_is_suitable_and_what_is_not(cli: Cli, books: Path) -> None:
    found = cli("runbook", "search", "la", "caja", "till", "abierta", "open", "--format", "json")
    assert (found.code, found.json["suitable"]) == (0, True), found.err
    assert found.json["result"]["hits"][0]["name"] == "till.md"
    none = cli("runbook", "search", "Kafka", "consumers", "lag")
    assert (none.code, none.out.startswith("no suitable runbook")) == (1, True)
    assert cli("runbook", "search").code == 2
    assert cli("runbook", "search", "till", "open", "--incidents").code == 1


def test_search_says_where_words_do_not_decide(cli: Cli, books: Path) -> None:
    (books / "drawer.md").write_text(
        "# Drawer\n\n## Meaning\nA drawer of the counter jams. Pull.\n\n## Drawer\ncounter\n"
    )
    (books / "hinge.md").write_text(
        "# Hinge\n\n## Meaning\nA hinge of the counter squeaks. Oil it.\n\n## Hinge\ncounter\n"
    )
    both = cli("runbook", "search", "the", "drawer", "and", "the", "hinge", "of", "the", "counter")
    assert both.code == 0, both.out
    assert both.out.startswith("the first 2 fit about alike; words do not say which is the right one:\n")
    one = cli("runbook", "search", "the", "hinge", "of", "the", "counter", "squeaks", "--format", "json")
    assert (one.json["result"]["alike"], one.json["result"]["hits"][0]["name"]) == (1, "hinge.md")


def test_search_takes_an_alert(cli: Cli, books: Path) -> None:
    alert: dict[str, Any] = {"labels": {"alertname": "TillOpen"}, "startsAt": "2031-05-06T12:00:00Z"}
    found = cli("runbook", "search", "--alert", "-", stdin=json.dumps([alert]).encode())
    assert (found.code, "TillOpen (till.md), by its name" in found.out) == (0, True), found.err
    alert["annotations"] = {"runbook_url": "https://wiki.example/elsewhere"}
    other = cli("runbook", "search", "--alert", "-", stdin=json.dumps([alert]).encode())
    assert (other.code, "not among these 2" in other.out) == (1, True)


def test_check_holds_pages_against_a_snapshot(cli: Cli, case: Case, books: Path) -> None:
    fresh = cli("runbook", "check", "--snapshot", case.snapshot, "--days", 3_650, "--format", "json")
    assert (fresh.code, fresh.json["findings"]) == (0, []), fresh.out
    page = books / "first.md"
    text = page.read_text().replace("query: request_rate", "query: request_rates", 1)
    page.write_text(
        text.replace("call: changes.recent", "call: changes.recently").replace("# First", "# First\n\npassword=hunter2")
    )
    rotten = cli("runbook", "check", "first.md", "--snapshot", case.snapshot, "--days", 3_650, "--format", "json")
    assert rotten.code == 1
    found = {finding["code"]: finding["line"] for finding in rotten.json["findings"]}
    assert set(found) == {"query.metric", "call.tool", "text.secret"}
    assert "hunter2" not in rotten.out + rotten.err
    assert found["text.secret"] == 1 + page.read_text().splitlines().index("password=hunter2")
    assert cli("runbook", "check", "nowhere.md").code == 2


def test_report_says_what_is_missing_and_what_contradicts(cli: Cli, books: Path) -> None:
    (books / "second.md").write_text((books / "first.md").read_text().replace("critical", "info"))
    said = cli("runbook", "report", "--days", 3_650, "--format", "json")
    assert said.code == 1, said.err
    assert said.json["without_page"] == [{"alert": "FlourLow", "known_from": "a rule"}]
    assert [each["pages"] for each in said.json["duplicates"]] == [["first.md", "second.md"]]
    texts = [each["text"] for each in said.json["contradictions"]]
    assert any("disagree on its severity" in text for text in texts)
    assert any("the alert's rule does not" in text for text in texts)
    assert "alerts without a page: 1" in cli("runbook", "report").out


def test_index_and_list(cli: Cli, books: Path) -> None:
    assert cli("runbook", "index", "--format", "json").json == {
        "pages": 2,
        "read": 2,
        "removed": 0,
        "rules": 3,
        "refused": [],
        "problems": [],
    }
    assert cli("runbook", "index", "--format", "json").json["read"] == 0
    (books / "bad.zip").write_bytes(b"no zip")
    said = cli("runbook", "index")
    assert (said.code, "bad.zip" in said.err) == (1, True)
    rows = cli("runbook", "list", "--format", "json").json
    assert [(row["name"], row["owner"], row["blocks"]) for row in rows] == [
        ("first.md", "night-shift", 6),
        ("till.md", None, 0),
    ]
    assert cli("runbook", "list", "--folder", "nowhere").code == 3


@pytest.mark.parametrize("arguments", [("list",), ("check",), ("report",), ("index",), ("search", "who", "to", "ask")])
@pytest.mark.parametrize("style", ["terminal", "json"])
def test_pages_of_people_are_redacted_wherever_they_are_shown(
    cli: Cli, tmp_path: Path, arguments: tuple[str, ...], style: str
) -> None:
    mail, password = "zoe.quist@example.org", "hunter2-tp"
    folder = tmp_path / "pages"
    folder.mkdir()
    (folder / f"{mail}.md").write_text(
        f"---\ntitle: Ask {mail}\nowner: {mail}\nalerts: [{mail}]\nservices: [{mail}]\n---\n# Who to ask: {mail}\n\n"
        f"1. [Ask]({mail}.html), or `curl -u admin:{password} http://u:{password}@host/{mail}`\n",
        encoding="utf-8",
    )
    (folder / f"{mail}.zip").write_bytes(b"no zip")
    said = cli("runbook", *arguments, "--folder", str(folder), "--format", style)
    assert said.out or said.err
    assert mail not in said.out + said.err
    assert password not in said.out + said.err
