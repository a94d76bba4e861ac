"""What is told of an incident lies in the reports folder, one line for each thing that happened."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from opswarden.apps.service.telling import STATUS, Happened, IncidentStatus, ReportsFolder, ToldIncident
from opswarden.core.state import open_state
from opswarden.policies.types import Notice

INCIDENT = ToldIncident(
    id="inc_1",
    run_id="run_1",
    team="payments",
    environment="prod",
    title="HighLatency\n<b>",
    entity="gateway",
    severity="critical",
    state="open",
    began=datetime(2031, 5, 6, 12, tzinfo=UTC),
    alerts=3,
    firing=2,
    thread="",
    asked_by="system:pager",
)


def notice(what: Happened, **more: object) -> Notice:
    status = IncidentStatus.model_validate({"incident": INCIDENT, "what": what, **more})
    return Notice(STATUS, status.model_dump(mode="json"))


def test_what_happens_is_a_line_each_and_no_text_breaks_out_of_it(tmp_path: Path) -> None:
    state = open_state(tmp_path / "state")
    folder = ReportsFolder(state)
    audience, sender = folder.audience(INCIDENT), folder.sender(INCIDENT)
    assert (audience.kind, audience.team) == ("file", "payments")
    sender.send(audience, notice("opened"), "k1")
    receipt = sender.send(audience, notice("waiting", approval_ids=["apr_1"]), "k2")
    sender.send(audience, notice("waiting", approval_ids=["apr_1"]), "k2")  # by a process that did not know
    lines = Path(receipt).read_text().splitlines()
    assert [line.split(" ")[0] for line in lines] == ["opened", "waiting"]
    assert "2 of 3 alerts fire" in lines[0]
    assert lines[1].endswith("opswarden approvals show apr_1 [k2]")
