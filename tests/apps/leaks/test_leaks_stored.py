"""What every command says and writes of an installation whose triage has read the planted snapshot: none of it."""

from __future__ import annotations

import html
import re
import shutil
import tarfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from opswarden.apps.installation import open_installation
from opswarden.apps.web.app import app_of
from opswarden.apps.web.records import WebRecords
from opswarden.tests.apps.answers import PERSON
from opswarden.tests.apps.conftest import Cli
from opswarden.tests.apps.leaks.leaks import Needle, bytes_below, leaks_in
from opswarden.tests.apps.web.browser import Browser

Line = tuple[object, ...]
_MOST_PAGES = 60
_LINK = re.compile(r'href="(/[^"#]*)"')
RUN, SNAPSHOT = "RUN", "SNAPSHOT"
"""Stand for the run and for the folder of the snapshot."""
SOON = (datetime.now(UTC) + timedelta(days=30)).date().isoformat()
DOCUMENTS: tuple[Line, ...] = (
    ("ask", RUN, "what does gateway say, and zqmark01?", "--no-model"),
    ("ask", RUN, "--evidence", "E1", "--entity", "gateway", "--no-model", "--format", "json"),
    ("docs", "handbook", "--snapshot", SNAPSHOT),
    ("docs", "service", "gateway", "--snapshot", SNAPSHOT),
    ("docs", "service", "svc-0", "--snapshot", SNAPSHOT, "--format", "html"),
    ("docs", "architecture", "--snapshot", SNAPSHOT, "--out", "calls.svg"),
    ("docs", "dashboard", "gateway", "--snapshot", SNAPSHOT, "--out", "board.json"),
    ("docs", "site", "--snapshot", SNAPSHOT, "--out", "site"),
    ("docs", "model-card", "gateway", "--snapshot", SNAPSHOT),
    ("docs", "feature-view", "gateway", "--snapshot", SNAPSHOT),
    ("docs", "changelog", "gateway", "--snapshot", SNAPSHOT),
    ("runbook", "draft", "--service", "gateway", "--snapshot", SNAPSHOT, "--no-model", "--out", "draft.md"),
    ("runbook", "draft", "--incident", RUN, "--snapshot", SNAPSHOT, "--no-model"),
    ("runbook", "list", "--snapshot", SNAPSHOT),
    ("runbook", "search", "rotate contact write", "--snapshot", SNAPSHOT),
    ("runbook", "show", "zqmark00.md", "--snapshot", SNAPSHOT),
    ("runbook", "show", "zqmark01.md", "--snapshot", SNAPSHOT, "--format", "html", "--out", "page.html"),
    ("runbook", "check", "--snapshot", SNAPSHOT),
    ("runbook", "report", "--snapshot", SNAPSHOT, "--format", "json"),
    ("runbook", "steps", RUN),
)
RECORDS: tuple[Line, ...] = (
    ("audit", "export"),
    ("audit", "export", "--format", "ocsf", "--out", "events.jsonl"),
    ("audit", "export", "--format", "otlp"),
    ("audit", "tail", "-n", "2000", "--format", "json"),
    ("audit", "show", "3"),
    ("audit", "verify", "--save-head", "head"),
    ("audit", "rerun", RUN),
    ("audit", "unknown"),
    ("audit", "prove", "3", "--save-key", "key"),
    ("audit", "check-key", "key", "--kept", "key"),
    ("audit", "anchor", "--to", "heads.txt"),
    ("policy", "check"),
    ("policy", "explain", "logs.read"),
    ("policy", "re-decide"),
    ("web", "token", PERSON),
    ("web", "revoke", PERSON),
    ("runbook", "index", "--folder", "runbooks"),
    ("budget", "show", "--run", RUN),
    ("incidents", "list"),
    ("incidents", "handover"),
    ("incidents", "handover", "--format", "json"),
    ("approvals", "list", "--all", "--format", "json"),
    ("data", "inventory", "--format", "json"),
    ("data", "hold", RUN, "--until", SOON, "--reason", "a claim"),
    ("data", "hold", RUN, "--release", "--reason", "it is over"),
    ("database", "status"),
    ("eval", "past", "list"),
    ("slack", "usage"),
    ("stages", "list"),
    ("stages", "report", "logs.read"),
    ("emergency", "list"),
    ("schedules",),
    ("doctor", "--format", "json"),
    ("config",),
    ("config", "check"),
    ("config", "rotate-ledger-key"),
    ("config", "rotate-keys"),
    ("config", "backup-keys", "keys.copy"),
    ("database", "backup", "--out", "backup.tar"),
    ("data", "tidy"),
    ("data", "erase", "--run", RUN, "--reason", "asked for"),
    ("audit", "erase", "--run", RUN, "--reason", "asked for"),
    ("audit", "tail", "-n", "2000"),
)
SETTINGS = f"""version = 1
[people.{PERSON}]
roles = ["oncall", "auditor"]
[ledger]
erase_roles = ["oncall"]
[gate.limits]
tokens = 5_000_000
"""


@pytest.fixture
def read(cli: Cli, home: Path, temporary: Path, planted_snapshot: Path) -> str:
    """The run of a triage that read the snapshot, its id."""
    (home / "opswarden.toml").write_text(SETTINGS, encoding="utf-8")
    told = cli("triage", planted_snapshot, "--format", "json")
    assert told.code == 0, told.err
    assert told.out.count("<EMAIL_ADDRESS") > 3, "there was something to take out"
    return str(told.json["run_id"])


def of_run(lines: tuple[Line, ...], run_id: str, snapshot: Path) -> Iterator[Line]:
    stands = {RUN: run_id, SNAPSHOT: snapshot}
    return (tuple(stands.get(str(word), word) for word in line) for line in lines)


def every_page(run_id: str) -> Iterator[tuple[str, bytes]]:
    """The web view, from the list of runs along every link that leads no further than itself."""
    with open_installation() as installation:
        own = installation.settings.web
        records = WebRecords(
            installation.database, installation.ledger, installation.clock, session_s=own.session_s, idle_s=own.idle_s
        )
        browser = Browser(app_of(installation))
        assert browser.sign_in(records.make_token(PERSON, f"person:{PERSON}", timedelta(hours=1))).status == 303
        waiting, seen = ["/runs", f"/runs/{run_id}", "/approvals", "/ledger", "/budgets", "/quality"], set[str]()
        while waiting and len(seen) < _MOST_PAGES:
            place = waiting.pop(0)
            if place in seen:
                continue
            seen.add(place)
            page = browser.get(place)
            assert page.status < 500, place
            yield f"web {place}", page.body.encode()
            waiting += [html.unescape(link) for link in _LINK.findall(page.body) if "sign-out" not in link]
    assert len(seen) > 20


def test_whatever_commands_say_and_write_of_it_is_clean(
    cli: Cli, home: Path, temporary: Path, planted_snapshot: Path, needles: tuple[Needle, ...], read: str
) -> None:
    exits: list[tuple[str, bytes]] = []
    silent = []
    exits += every_page(read)
    shutil.copytree(planted_snapshot / "runbooks", home / "runbooks")
    for line in of_run((*DOCUMENTS, *RECORDS), read, planted_snapshot):
        answer = cli(*line)
        assert answer.code in (0, 1), (line, answer.err)
        silent += [line] if not (answer.out or answer.err) else []
        exits.append((" ".join(map(str, line)), f"{answer.out}\n{answer.err}".encode()))
    assert [line[:2] for line in silent] in ([], [("config", "check")])
    assert sum(b"<EMAIL_ADDRESS" in content for _, content in exits) > 5, "what was taken out left its marks"
    with tarfile.open(home / "backup.tar") as archive:
        for member in archive:
            inner = archive.extractfile(member)
            assert inner is not None
            exits.append((f"backup: {member.name}", inner.read()))
    shutil.rmtree(home / "runbooks")  # what was there before
    (home / "state" / "runbooks.sqlite").unlink(missing_ok=True)  # their texts as they are: docs/assurance/data-flow.md
    exits += [*bytes_below(home), *bytes_below(temporary)]
    assert {name: found for name, content in exits if (found := leaks_in(content, needles))} == {}
