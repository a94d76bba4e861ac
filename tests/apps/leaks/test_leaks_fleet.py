"""Workloads and owners that bear customers' names: reports, patches, approvals and issue trackers show none of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from opswarden.apps.finops.weekly import week
from opswarden.apps.installation import open_installation
from opswarden.apps.service.settings import RecurringSettings
from opswarden.tests.apps.conftest import Cli, sampled
from opswarden.tests.apps.leaks.leaks import bytes_below, leaks_in, telling_parts
from opswarden.tests.apps.leaks.planted_fleet import NAMED, write_planted_fleet
from opswarden.tests.doubles.issue_servers import TOKEN, TRACKERS, IssueServer

NEEDLES = telling_parts(NAMED, "the fleet")


@pytest.fixture(scope="module")
def planted_fleet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_planted_fleet(tmp_path_factory.mktemp("fleets"))


@pytest.fixture(params=sampled(TRACKERS, ("jira",)))
def tracker(request: pytest.FixtureRequest, home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[IssueServer]:
    monkeypatch.setenv("TRACKER_TOKEN", TOKEN)
    make, project = TRACKERS[request.param]
    server = make(project)
    (home / "opswarden.toml").write_text(
        f'version = 1\n[finops.issues]\nkind = "{request.param}"\nurl = "{server.url}"\nproject = "{project}"\n'
        'token_env = "TRACKER_TOKEN"\n[people.ana]\nroles = ["oncall"]\n[gate.stages."*"."*"]\n"issues.open" = "act"\n'
    )
    yield server
    server.close()


def test_the_names_of_a_fleet_reach_no_tracker_and_no_report(
    cli: Cli, home: Path, temporary: Path, planted_fleet: Path, tracker: IssueServer
) -> None:
    said: dict[str, bytes] = {}

    def run(*argv: object) -> Any:
        answer = cli(*argv)
        said[" ".join(map(str, argv))] = f"{answer.out}\n{answer.err}".encode()
        return answer

    report = run("finops", "analyze", planted_fleet, "--format", "json").json
    assert sum("<" in each["subject"] for each in report["plan"]["offered"]) > 1, "something was taken out"
    offered = report["plan"]["offered"][0]["id"]
    run("finops", "recommendations", "list")
    run("finops", "recommendations", "show", offered)
    run("finops", "patches", "--out", "patches")
    run("finops", "cost", planted_fleet)
    run("finops", "usage", planted_fleet)
    run("finops", "ask", planted_fleet, "why did the bill rise?", "--format", "json")
    assert run("finops", "issues").code == 0
    waiting = run("finops", "issues", "--open")
    assert waiting.code == 5, waiting.err
    for approval in (part.split()[0] for part in waiting.err.split("approvals show ")[1:]):
        run("approvals", "show", approval)
        assert run("approvals", "approve", approval).code == 0
    assert run("finops", "issues", "--open").code == 0
    assert len(tracker.issues) > 2
    run("audit", "export")
    said["the tracker"] = json.dumps(tracker.issues).encode()
    # The history of usage keeps names as systems spell them, since the next pull looks them up.
    kept = [(name, found) for name, found in bytes_below(home) if not name.endswith(".parquet")]
    exits = [*said.items(), *kept, *bytes_below(temporary)]
    assert {name: found for name, content in exits if (found := leaks_in(content, NEEDLES))} == {}


@pytest.mark.soak
def test_the_page_of_the_week_and_every_format_show_none(
    cli: Cli, home: Path, temporary: Path, planted_fleet: Path
) -> None:
    with open_installation() as installation:
        week(installation, RecurringSettings(do="finops", cron="0 8 * * 1", fleet=planted_fleet), datetime.now(UTC))
    exits = list(bytes_below(home / "state" / "reports"))
    assert any(len(content) > 50_000 for _, content in exits)
    for style in ("html", "markdown", "csv", "terminal", "json"):
        answer = cli("finops", "report", planted_fleet, "--format", style)
        assert answer.code == 0, answer.err
        exits.append((style, f"{answer.out}\n{answer.err}".encode()))
    assert {name: found for name, content in exits if (found := leaks_in(content, NEEDLES))} == {}
