"""What the pages say of runs, the ledger, budgets and quality, and to whom."""

from __future__ import annotations

from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from opswarden.apps.installation import open_installation
from opswarden.apps.keeping.reports import KeptReports
from opswarden.apps.reports.html import render_html, report_body
from opswarden.apps.reports.outline import outline
from opswarden.apps.settings import DatabaseSettings, Settings
from opswarden.apps.web.house import House
from opswarden.apps.web.run_rows import Wanted, runs
from opswarden.core.clock import FixedClock
from opswarden.policies.budgets import MIGRATIONS as BUDGETS
from opswarden.policies.ledger.types import LedgerEntry
from opswarden.policies.runs import RunRegister
from opswarden.policies.types import Principal, Run
from opswarden.tests.apps.conftest import Triaged
from opswarden.tests.apps.web.conftest import PEOPLE, Office, Opened
from opswarden.tests.postgres_peer import PostgresPeer

VOID = {"meta", "link", "input", "br", "hr"}


class _Reader(HTMLParser):
    """Whether elements close in order, and what a page for the keyboard needs."""

    def __init__(self, body: str) -> None:
        super().__init__()
        self.open: list[tuple[str, dict[str, str | None]]] = []
        self.unlabelled: list[dict[str, str | None]] = []
        self.ids: list[str] = []
        self.headings = 0
        self.events: list[str] = []
        self.feed(body)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.events += [name for name in given if name.startswith("on") or name == "style"]
        self.ids += [value for name, value in attrs if name == "id" and value]
        self.headings += tag == "h1"
        is_field = tag in ("input", "select", "textarea") and given.get("type") != "hidden"
        if is_field and not any(name == "label" for name, _ in self.open):
            self.unlabelled.append(given)
        if tag not in VOID:
            self.open.append((tag, given))

    def handle_endtag(self, tag: str) -> None:
        name, _ = self.open.pop()
        assert name == tag, f"{tag} closes {name}"


def running(office: Office, run_id: str = "run_live", team: str = "platform", request: str = "") -> None:
    run = Run(run_id, Principal("triage", "person:kim", team), "cli", request=request)
    with office.installation.database.transaction() as connection:
        RunRegister(office.installation.database, office.clock).enter(connection, run)
    office.installation.ledger.append([LedgerEntry("run.started", run_id, {"role": "triage", "trigger": "cli"})])


@pytest.mark.parametrize(
    "place",
    [
        "/runs",
        "/runs/RUN",
        "/runs/run_live",
        "/approvals",
        "/approvals/ID",
        "/ledger",
        "/ledger/2",
        "/budgets",
        "/quality",
    ],
)
def test_every_page_is_sound_and_works_from_the_keyboard(office: Office, place: str) -> None:
    browser, _ = office.as_person("ana")
    running(office)
    place = place.replace("RUN", office.run_id).replace("ID", office.asks("production").id)
    page = browser.get(place)
    assert page.status == 200
    found = _Reader(page.body)
    assert found.open == []
    assert found.unlabelled == []
    assert found.events == []
    assert found.headings == 1
    assert len(found.ids) == len(set(found.ids))
    assert "<script" not in page.body
    assert "content" in found.ids, "the skip link leads there"
    assert page.header("content-security-policy").startswith("default-src 'none'; style-src 'self'")


def test_a_run_shows_its_report_as_the_report_does(office: Office) -> None:
    browser, _ = office.as_person("ana")
    report = House(office.installation).reports.report_of(office.run_id)
    assert report is not None
    page = browser.get(f"/runs/{office.run_id}")
    body = report_body(outline(report))
    assert body in page.body
    assert body in render_html(outline(report))
    row = browser.get("/runs").text
    assert report.incident.title in row
    assert report.ranking[0].entity in row
    assert "cause found" in row


def test_runs_are_filtered_and_paged(office: Office) -> None:
    browser, _ = office.as_person("ana")
    for number in range(60):
        office.clock.advance(1)
        running(office, f"run_{number:03}", request=f"look at lever_{number:03} 100%")
    seen: list[str] = []
    place = ""
    house = House(office.installation)
    for _ in range(3):
        found = runs(house, ("platform",), Wanted(before=place))
        seen += [row.run_id for row in found.rows]
        place = found.more
    assert place == ""
    assert seen == [*(f"run_{number:03}" for number in reversed(range(60))), office.run_id]
    text = browser.get("/runs?words=lever_007").text
    assert "look at lever_007" in text
    assert "lever_008" not in text
    for words in ("%25%25", "_______________", "'; DROP TABLE run; --", "x' OR '1'='1", "!%25", "\\"):
        assert "No run is like that" in browser.get(f"/runs?words={words}").text, words
    assert "lever_059" in browser.get("/runs?words=100%25").text
    ended = browser.get("/runs?state=ended").text
    assert "cause found" in ended
    assert "look at lever" not in ended
    assert "No run" in browser.get("/runs?verdict=healthy").text
    assert browser.get("/runs?before=nonsense&state=nonsense&verdict=nonsense").status == 200


def test_a_run_under_way_is_followed_without_script(office: Office) -> None:
    browser, _ = office.as_person("ana")
    running(office)
    page = browser.get("/runs/run_live")
    assert 'http-equiv="refresh" content="5"' in page.body
    assert "running" in page.text
    assert "run.started" in page.text
    assert "http-equiv" not in browser.get("/runs/run_live?live=no").body
    office.clock.advance(1_000)
    page = browser.get("/runs/run_live")
    assert "stopped" in page.text
    assert "opswarden resume run_live" in page.text
    office.installation.ledger.append([LedgerEntry("run.ended", "run_live", {"outcome": "failed"})])
    assert "It failed" in browser.get("/runs/run_live").text


def test_people_see_their_teams_and_auditors_every_team(office: Office) -> None:
    eve, bo, ana = (office.as_person(name)[0] for name in ("eve", "bo", "ana"))
    running(office, "run_fraud", "fraud", "look at fraud")
    assert "No run" not in eve.get("/runs").text
    assert office.run_id not in eve.get("/runs").body
    assert "run_fraud" not in ana.get("/runs").body
    assert all(run_id in bo.get("/runs").body for run_id in (office.run_id, "run_fraud"))
    for browser, run_id, status in ((eve, office.run_id, 404), (eve, "run_fraud", 200), (ana, "run_fraud", 404)):
        assert browser.get(f"/runs/{run_id}").status == status

    size = office.installation.ledger.head()
    assert size is not None
    entries = list(office.installation.ledger.entries())
    fraud = [entry.seq for entry in entries if entry.run_id == "run_fraud"]
    for entry in entries[:: max(1, len(entries) // 12)] + entries[-3:]:
        may = entry.seq in fraud
        assert eve.get(f"/ledger/{entry.seq}").status == (200 if may else 404), entry
        assert bo.get(f"/ledger/{entry.seq}").status == 200
    text = eve.get("/ledger").body
    assert f'href="/ledger/{fraud[0]}"' in text
    assert text.count("<tr>") == 2
    assert eve.get(f"/ledger?run={office.run_id}").text.count("No entry that you may see") == 1
    assert "platform" not in eve.get("/budgets").text
    assert "platform" in ana.get("/budgets").text
    assert "cause found" not in eve.get("/quality").text


class TestLedger:
    def test_it_is_paged_filtered_and_verified(self, office: Office) -> None:
        browser, _ = office.as_person("ana")
        head = office.installation.ledger.head()
        assert head is not None
        page, seen = browser.get("/ledger"), list[int]()
        assert f"UNANCHORED: {head.size} entries" in page.text
        while True:
            places = [
                int(part.partition('"')[0])
                for part in page.body.split('<td class="number" data-label="place"><span><a href="/ledger/')[1:]
            ]
            seen += places
            if "Older entries" not in page.body:
                break
            page = browser.get(f"/ledger?before={places[-1]}")
        assert seen == list(range(head.size))[::-1]
        text = browser.get("/ledger?kind=run.started").text
        assert "call.decided allow" not in text
        assert "run.started" in browser.get(f"/ledger?kind=run.started&run={office.run_id}").body
        assert browser.get("/ledger?kind=nonsense").status == 400
        assert browser.get("/ledger/99999").status == 400
        assert browser.get("/ledger/-1").status == 404
        assert f'"run_id": "{office.run_id}"' in browser.get("/ledger/0").text

    def test_an_altered_entry_is_found(self, office: Office) -> None:
        browser, _ = office.as_person("ana")
        browser.get("/ledger")
        with office.installation.database.transaction() as connection:
            connection.execute("UPDATE entry SET body = replace(body, 'triage', 'triagf') WHERE seq = 1")
        assert browser.post("/ledger/verify").status == 303
        for place in ("/ledger?before=1", "/ledger", f"/ledger?run={office.run_id}"):
            text = browser.get(place).text
            assert "BAD:" in text
            assert "first bad entry: 1" in text
        assert "cannot be shown: entry 1 was altered" in text
        assert "triagf" not in browser.get("/ledger").text
        assert browser.get("/ledger/1").status == 503


def test_budgets_show_what_is_used_and_what_is_near_its_end(office: Office) -> None:
    browser, _ = office.as_person("ana")
    database: Any = office.installation.database
    database.migrate("budgets", BUDGETS)
    day = f"{office.clock.now():%Y-%m-%d}"
    text = browser.get("/budgets").text
    assert "team platform calls" in text
    assert "role triage" not in text, "what all teams did together is for auditors"
    assert "role triage" in office.as_person("bo")[0].get("/budgets").text
    assert browser.get(f"/budgets?day={day}").status == 200
    assert "Nothing was used" in browser.get("/budgets?day=2001-01-01").text
    assert browser.get("/budgets?day=2001-1-1").status == 400
    assert browser.get("/budgets?day='").status == 400


def test_quality_is_what_people_said_of_incidents(office: Office) -> None:
    browser, _ = office.as_person("ana")
    assert "nothing is known of quality" in browser.get("/quality").text
    report = House(office.installation).reports.report_of(office.run_id)
    assert report is not None
    label = {"change": "", "run_id": office.run_id, "by": "person:ana"}
    office.installation.incident_labels.add(
        "/s", "f", causes=(report.ranking[0].entity,), verdict="cause_found", **label
    )
    text = browser.get("/quality").text
    assert "1 of 1 (21% to 100%)" in text
    assert "1 incidents are few" in text
    office.installation.incident_labels.add("/s", "f", causes=("somewhere-else",), verdict="cause_found", **label)
    assert "0 of 1 (0% to 79%)" in browser.get("/quality").text


def test_every_page_reads_a_shared_database_as_well(
    postgres: PostgresPeer, home: Path, ended_triage: Triaged, opened: Opened
) -> None:
    report = KeptReports(opened().installation.database).report_of(ended_triage.report["run_id"])
    assert report is not None
    database = DatabaseSettings(url=postgres.url(postgres.new_database()))
    clock = FixedClock(datetime.now(UTC))
    settings = Settings(state_dir=home / "shared", people=PEOPLE, database=database)
    with open_installation(settings, clock) as installation:
        office = Office(installation, clock, report.run_id)
        empty, _ = office.as_person("ana")
        for place in ("/runs", "/approvals", "/budgets", "/quality", "/metrics"):
            assert empty.get(place).status == 200, place
        running(office, report.run_id)
        KeptReports(office.installation.database).keep(report, "platform", clock.now())
        item = office.asks()
        browser, _ = office.as_person("ana")
        assert report.ranking[0].entity in browser.get("/runs?words=e&verdict=cause_found").text
        assert report.summary in browser.get(f"/runs/{report.run_id}").text
        assert browser.post(f"/approvals/{item.id}", {"answer": "approve"}).status == 303
        for place in (
            "/approvals",
            f"/approvals/{item.id}",
            "/ledger",
            "/ledger/1",
            "/budgets",
            "/quality",
            "/metrics",
        ):
            assert browser.get(place).status == 200, place
        assert office.records.end_flow(office.records.begin_flow("", "")) is not None
        assert office.as_person("eve")[0].get(f"/runs/{report.run_id}").status == 404
