"""`opswarden approvals`: what waits, who may answer, and what happens when nobody does."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from opswarden.apps.installation import open_installation
from opswarden.apps.wiring import gate_factory
from opswarden.policies.types import CallResult, Principal, Run
from opswarden.tests.apps.conftest import Cli

EXAMPLES = Path(__file__).parents[3] / "docs" / "examples"
SETTINGS = """\
version = 1
team = "payments"
packages = ["queue_pause:register"]
[gate]
approval_ttl_s = 3600
{more}
[gate.stages.payments.production]
"queues.pause" = "act"
[people.ann]
roles = ["oncall", "payments-lead"]
[people.bo]
roles = ["oncall"]
[people.cy]
roles = ["payments-lead"]
[people.eve]
roles = ["spectator"]
"""
ESCALATION = """\
[[gate.escalation]]
after_minutes = 1
audiences = ["file/oncall.log", "terminal/cron"]
roles = ["oncall-lead"]
"""
Act = Callable[[str], None]


@pytest.fixture
def settings(write_settings: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], Path]]:
    monkeypatch.syspath_prepend(str(EXAMPLES))

    def write(more: str = "") -> Path:
        return write_settings(SETTINGS.format(more=more))

    write()
    yield write
    sys.modules.pop("queue_pause", None)


@pytest.fixture
def work_as(monkeypatch: pytest.MonkeyPatch) -> Act:
    return lambda name: monkeypatch.setattr("opswarden.apps.installation.current_person", lambda: name)


def call(queue: str = "refunds", call_id: str = "c1") -> CallResult:
    """A run asks, or asks again."""
    with open_installation() as installation:
        tools = tuple(installation.registry.tools.values())
        principal = Principal("triage", "person:kim", "payments")
        gate = gate_factory(installation, tools).open_run(Run("run_1", principal, "test"))
        return gate.call("queues.pause", {"queue": queue}, call_id=call_id)


@pytest.fixture
def waiting(settings: Callable[[str], Path], home: Path) -> str:
    return str(call().approval_id)


class TestShow:
    def test_the_page(self, waiting: str, cli: Cli) -> None:
        said = cli("approvals", "show", waiting)
        assert said.code == 0
        assert said.out.startswith("stop the consumers of refunds\n")
        flat = " ".join(said.out.split())
        assert "consumers running paused" in flat
        assert "the payments cluster; environment production" in flat
        assert "oncall and payments-lead; not person:kim" in flat
        assert said.err.splitlines() == [
            f"next: opswarden approvals approve {waiting}",
            f"next: opswarden approvals deny {waiting} --reason WHY",
        ]

    def test_for_machines(self, waiting: str, cli: Cli) -> None:
        shown = cli("approvals", "show", waiting, "--format", "json").json
        assert shown["changes"] == [{"field": "consumers", "before": "running", "after": "paused"}]
        assert (shown["what"], shown["preview_status"]) == ("stop the consumers of refunds", "ok")
        assert [row["name"] for row in shown["arguments"]] == ["queue"]

    def test_the_list_tells_age_expiry_and_who_is_told_next(
        self, settings: Callable[[str], Path], waiting: str, cli: Cli
    ) -> None:
        said = " ".join(cli("approvals", "list").out.split())
        assert "oncall and payments-lead pending" in said
        assert "in 59 min – run_1" in said
        settings(ESCALATION)
        assert "oncall-lead run_1" in " ".join(cli("approvals", "list").out.split())


class TestAnswers:
    def test_two_people_bring_a_role_each(self, waiting: str, cli: Cli, work_as: Act) -> None:
        work_as("bo")
        said = cli("approvals", "approve", waiting, "--note", "mind the backlog")
        assert (said.code, said.out) == (
            0,
            "you agreed: queues.pause in production\nstill needed: payments-lead\n",
        )
        shown = cli("approvals", "show", waiting)
        assert "person:bo as oncall" in shown.out
        assert "still needed: payments-lead" in shown.out
        assert call().approval_id == waiting
        work_as("cy")
        said = cli("approvals", "approve", waiting)
        assert said.out.splitlines() == ["approved: queues.pause in production", "next: opswarden resume run_1"]
        assert call().status == "ok"
        assert call("payouts", "c2").status == "denied"

    def test_the_slower_of_two_is_told_who_was_faster(self, waiting: str, cli: Cli, work_as: Act) -> None:
        work_as("ann")
        assert cli("approvals", "approve", waiting).code == 0
        work_as("bo")
        said = cli("approvals", "approve", waiting)
        assert said.code == 2
        assert "is approved already" in said.err
        assert "person:ann answered at " in said.err

    @pytest.mark.parametrize("option", ["--reason", "--note"])
    def test_the_reason_of_a_refusal_reaches_the_agent(self, waiting: str, cli: Cli, work_as: Act, option: str) -> None:
        work_as("cy")
        said = cli("approvals", "deny", waiting, option, "payday is tomorrow")
        assert (said.code, said.err) == (0, "")
        result = call()
        assert (result.code, "payday is tomorrow" in result.message) == ("approval-denied", True)

    def test_a_refusal_without_a_reason_counts_and_says_so(self, waiting: str, cli: Cli, work_as: Act) -> None:
        work_as("bo")
        said = cli("approvals", "deny", waiting)
        assert (said.code, "no reason given" in said.err) == (0, True)
        assert call().code == "approval-denied"

    def test_a_value_in_doubt(self, waiting: str, cli: Cli, work_as: Act) -> None:
        work_as("ann")
        said = cli("approvals", "endorse", waiting, "--argument", "queue")
        assert said.code == 2
        assert "nothing doubts such an argument" in said.err
        work_as("eve")
        assert cli("approvals", "endorse", waiting, "--argument", "queue").code == 4


class TestEscalate:
    def test_tells_once_and_closes_what_has_expired(
        self, settings: Callable[[str], Path], waiting: str, cli: Cli, home: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        settings(ESCALATION)
        said = cli("approvals", "escalate")
        assert (said.code, said.out, said.err) == (0, "", "")
        later(monkeypatch, 120)
        said = cli("approvals", "escalate")
        line = (home / "oncall.log").read_text()
        assert said.code == 0
        assert said.out == line
        assert line.startswith(
            "to oncall-lead: waits for oncall and payments-lead: stop the consumers of refunds (prod"
        )
        assert f"opswarden approvals show {waiting}" in line
        assert (home / "oncall.log").stat().st_mode & 0o077 == 0
        assert cli("approvals", "escalate").out == ""
        later(monkeypatch, 4_000)
        done = cli("approvals", "escalate", "--format", "json").json
        assert done["expired"] == [waiting]
        assert [row["about"] for row in done["told"]] == ["expired", "expired"]
        assert "expired: nobody answered in time" in (home / "oncall.log").read_text()
        kinds = [entry["kind"] for entry in cli("audit", "tail", "-n", 100, "--format", "json").json]
        assert (kinds.count("approval.escalated"), kinds.count("approval.expired")) == (1, 1)
        assert cli("audit", "verify").code == 0

    def test_a_file_that_cannot_be_written_is_a_failure(
        self, settings: Callable[[str], Path], waiting: str, cli: Cli, home: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        settings(ESCALATION)
        (home / "oncall.log").symlink_to(home / "elsewhere")
        later(monkeypatch, 120)
        said = cli("approvals", "escalate")
        assert (said.code, "failed: file/oncall.log" in said.err) == (3, True)
        assert not (home / "elsewhere").exists()

    def test_an_audience_that_nothing_reaches_stops_it(self, settings: Callable[[str], Path], cli: Cli) -> None:
        settings(ESCALATION.replace("terminal/cron", "pager/7"))
        said = cli("approvals", "escalate")
        assert (said.code, "'pager'" in said.err) == (2, True)

    def test_a_package_reaches_others(
        self, settings: Callable[[str], Path], waiting: str, cli: Cli, home: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (home / "pagers.py").write_text(
            "from pathlib import Path\n"
            "class Pager:\n"
            "    def send(self, audience, notice, key):\n"
            "        Path('paged').write_text(f'{audience.name} {notice.body[\"what\"]} {key}')\n"
            "        return 'p1'\n"
            "def register(registry):\n"
            "    registry.add_sender('pager', Pager())\n"
        )
        monkeypatch.syspath_prepend(str(home))
        path = settings(ESCALATION.replace("terminal/cron", "pager/7"))
        path.write_text(path.read_text().replace('pause:register"]', 'pause:register", "pagers:register"]'))
        later(monkeypatch, 120)
        assert cli("approvals", "escalate").code == 0
        assert (home / "paged").read_text().startswith("7 stop the consumers of refunds ")
        sys.modules.pop("pagers", None)


def later(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    """The clock of commands from now on."""
    from datetime import timedelta

    from opswarden.core.clock import SystemClock

    class Later(SystemClock):
        def now(self) -> Any:
            return super().now() + timedelta(seconds=seconds)

    monkeypatch.setattr("opswarden.apps.installation.SystemClock", Later)


def test_json_of_a_list_is_one_document(waiting: str, cli: Cli) -> None:
    said = cli("approvals", "list", "--format", "json")
    assert [item["id"] for item in json.loads(said.out)] == [waiting]
