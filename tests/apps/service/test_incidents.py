"""Alerts that are one trouble are one incident, whatever comes twice, late, or in another order."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from opswarden.apps.service.arrivals import Arrivals
from opswarden.apps.service.folding import FoldingRules
from opswarden.apps.service.incident_records import Incident, KnownAlert
from opswarden.apps.service.incidents import Incidents
from opswarden.apps.service.intake import Intake
from opswarden.core.clock import FixedClock
from opswarden.core.database import Database
from opswarden.core.errors import InputError, RedactionError
from opswarden.core.ids import CountedIds
from opswarden.core.keys import FileKeys
from opswarden.core.sqlite import SqliteDatabase
from opswarden.redaction.engine import Redaction

NOON = datetime(2031, 5, 6, 12, tzinfo=UTC)
EDGES = {"gateway": {"cart", "login"}, "cart": {"gateway", "store"}, "store": {"cart"}, "login": {"gateway"}}


class World:
    def __init__(self, folder: Path) -> None:
        self.clock = FixedClock(NOON)
        self.database: Database = SqliteDatabase(folder / "db")
        self.arrivals = Arrivals(self.database, FileKeys(folder / "keys"), self.clock, CountedIds())
        self.incidents = Incidents(self.database, self.clock, CountedIds())
        self.rules = FoldingRules()

    def fires(self, entity: str, *, name: str = "Slow", after_s: float = 0, **more: Any) -> Incident | None:
        alert = KnownAlert(
            fingerprint=f"{name}/{entity}",
            name=name,
            entity=entity,
            severity="warning",
            summary="",
            metric="",
            began=NOON + timedelta(seconds=after_s),
            status="firing",
        )
        where = {"team": "payments", "environment": "prod"}
        where |= {key: more.pop(key) for key in tuple(more) if key in where}
        return self.incidents.fold(
            replace(alert, **more),
            **where,
            by="system:pager",
            telling="reports",
            neighbours=lambda entity: EDGES.get(entity, set()),
            rules=self.rules,
        )

    def whats(self, incident: Incident) -> list[str]:
        return [each.what for each in self.incidents.timeline(incident.id) if each.what]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.database.close()


def test_a_storm_is_one_incident_in_whatever_order_it_comes(tmp_path: Path) -> None:
    for number, order in enumerate(itertools.permutations(["gateway", "cart", "store"])):
        (tmp_path / str(number)).mkdir()
        world = World(tmp_path / str(number))
        for entity in order:
            world.fires(entity)
        other = world.fires("warehouse")
        found = world.incidents.listed()
        assert len(found) == 2, order
        (storm,) = [each for each in found if each.id != (other.id if other else "")]
        assert {each.entity for each in world.incidents.alerts(storm.id)} == {"gateway", "cart", "store"}
        world.database.close()


def test_other_teams_environments_and_times_are_other_incidents(world: World) -> None:
    first = world.fires("gateway")
    others = [
        world.fires("gateway", team="search"),
        world.fires("gateway", environment="staging"),
        world.fires("gateway", name="Late", after_s=601),
    ]
    assert len({each.id for each in [first, *others] if each}) == 4
    joined = world.fires("cart", after_s=600)
    assert joined is not None
    assert joined.id == (first.id if first else "")


def test_what_has_been_told_of_is_never_merged_away(world: World) -> None:
    gateway, store = world.fires("gateway"), world.fires("store")
    assert gateway is not None
    assert store is not None
    world.incidents.queue(store)
    joined = world.fires("cart")
    assert joined is not None
    assert joined.id == store.id
    assert [each.id for each in world.incidents.listed()] == [store.id]
    assert world.whats(joined) == ["opened", "grew"]


def test_a_re_fired_alert_joins_its_incident_and_an_end_is_recorded(world: World) -> None:
    incident = world.fires("gateway")
    assert incident is not None
    world.fires("cart")
    assert world.fires("unheard", status="resolved") is None
    world.fires("gateway", status="resolved")
    assert world.incidents.told_as(incident).firing == 1
    world.fires("gateway")  # the message about its start took longer than the one about its end
    assert world.incidents.told_as(incident).firing == 1
    world.fires("cart", status="resolved")
    assert world.whats(incident) == ["cleared"]
    again = world.fires("gateway", after_s=900)
    assert again is not None
    assert again.id == incident.id
    assert [each.times for each in world.incidents.alerts(incident.id) if each.entity == "gateway"] == [2]
    world.incidents.resolve(incident.id, "person:ana", "over")
    world.clock.advance(1_799)
    back = world.fires("gateway", after_s=2_000)
    assert back is not None
    assert (back.id, back.state) == (incident.id, "open")
    world.incidents.resolve(incident.id, "person:ana", "over")
    world.clock.advance(1_801)
    fresh = world.fires("gateway", after_s=4_000)
    assert fresh is not None
    assert fresh.id != incident.id
    assert world.whats(incident)[-3:] == ["resolved", "reopened", "resolved"]


def test_one_triage_unless_it_becomes_clearly_worse_or_somebody_asks(world: World) -> None:
    incident = world.fires("gateway")
    assert incident is not None
    world.incidents.queue(incident)
    begun = world.incidents.begin(incident.id, "run_1", "folder")
    assert world.incidents.begin(incident.id, "run_2", "elsewhere").run_id == "run_1"
    with pytest.raises(InputError, match="not ended"):
        world.incidents.ask_again(incident.id, "person:ana")
    world.incidents.ended(begun, "reported")
    world.incidents.ended(begun, "failed")  # told twice, by a worker that was thought dead
    assert world.incidents.get(incident.id).run_state == "reported"
    world.fires("cart")
    world.fires("gateway", after_s=5)
    assert world.incidents.get(incident.id).run_state == "reported"
    world.fires("gateway", name="Down", severity="critical")
    worse = world.incidents.get(incident.id)
    assert (worse.run_state, worse.leg, worse.run_id, worse.severity) == ("settling", 2, "", "critical")
    world.incidents.queue(worse)
    world.incidents.ended(world.incidents.begin(incident.id, "run_2", "folder"), "reported")
    world.clock.advance(900)
    world.fires("login", after_s=300)
    assert world.incidents.get(incident.id).run_state == "settling"
    assert world.whats(incident).count("opened") == 1


def test_the_states_of_an_incident(world: World) -> None:
    incident = world.fires("gateway")
    assert incident is not None
    world.fires("gateway", status="acknowledged")
    assert world.incidents.acknowledge(incident.id, "person:ana").state == "acknowledged"
    assert world.whats(incident) == ["acknowledged"]
    cancelled = world.incidents.cancel(incident.id, "person:ana")
    assert (cancelled.state, cancelled.run_state) == ("cancelled", "none")
    for action in (world.incidents.acknowledge, world.incidents.cancel, world.incidents.ask_again):
        with pytest.raises(InputError, match="cancelled already"):
            action(incident.id, "person:ana")
    with pytest.raises(InputError, match="no such incident"):
        world.incidents.get("inc_x")
    # What was said to be none does not come back; the same alert is another incident.
    fresh = world.fires("gateway", after_s=60)
    assert fresh is not None
    assert fresh.id != incident.id


HOSTILE_PARTS: list[dict[str, str]] = [
    {"began": "0001-01-01T00:00:00Z"},
    {"began": "9999-12-31T23:59:59Z"},
    *({part: "a\0b"} for part in ("name", "entity", "severity", "summary", "metric", "fingerprint")),
]


@pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)
def test_no_text_of_an_alert_keeps_the_alerts_behind_it_waiting(database: Database, tmp_path: Path) -> None:
    clock = FixedClock(NOON)
    arrivals = Arrivals(database, FileKeys(tmp_path / "keys"), clock, CountedIds())
    incidents = Incidents(database, clock, CountedIds())
    intake = Intake(
        database,
        arrivals,
        incidents,
        Redaction().scrub,
        telling="reports",
        neighbours=lambda _environment: lambda _entity: (),
        rules=FoldingRules(),
    )
    usual = {"event": "e", "status": "firing", "name": "Slow", "entity": "gateway", "began": "2031-05-06T12:00:00Z"}
    for number, part in enumerate((*HOSTILE_PARTS, {}, {"entity": "cart"})):
        body = {"team": "t", "environment": "prod", "alert": {"fingerprint": f"f{number}", **usual, **part}}
        arrivals.accept("webhook/pager", f"e{number}", "alert", body)
    count = len(HOSTILE_PARTS) + 2
    assert (intake.take_waiting(), arrivals.count_waiting()) == (count, 0)
    assert sum(len(incidents.alerts(each.id)) for each in incidents.listed()) == count


def test_an_alert_that_breaks_the_fold_is_given_up_and_keeps_nobody_waiting(world: World) -> None:
    def neighbours(entity: str) -> tuple[str, ...]:
        if entity == "cursed":
            raise ZeroDivisionError
        return ()

    intake = Intake(
        world.database,
        world.arrivals,
        world.incidents,
        Redaction().scrub,
        telling="reports",
        neighbours=lambda _environment: neighbours,
        rules=FoldingRules(),
    )
    for entity in ("cursed", "gateway"):
        alert = {"fingerprint": entity, "event": "e", "status": "firing", "name": "Slow", "entity": entity}
        body = {"team": "t", "environment": "prod", "alert": {**alert, "began": "2031-05-06T12:00:00Z"}}
        world.arrivals.accept("webhook/pager", entity, "alert", body)
    assert [(intake.take_waiting(), world.arrivals.count_waiting()) for _ in range(4)] == [
        (1, 1), (0, 1), (0, 0), (0, 0),
    ]  # fmt: skip
    assert [incident.entity for incident in world.incidents.listed()] == ["gateway"]


def test_an_arrival_becomes_part_of_an_incident_once_redacted_or_withheld(world: World, tmp_path: Path) -> None:
    def scrub(text: str) -> str:
        if "unclean" in text:
            raise RedactionError("no")
        return Redaction().scrub(text)

    intake = Intake(
        world.database,
        world.arrivals,
        world.incidents,
        scrub,
        telling="reports",
        neighbours=lambda _environment: lambda _entity: (),
        rules=FoldingRules(),
    )
    alert = {"fingerprint": "f", "event": "e", "status": "firing", "name": "Slow", "began": "2031-05-06T12:00:00Z"}
    texts = {"entity": "gateway", "summary": "of mia@example.com", "severity": "unclean"}
    body = {"team": "payments", "environment": "prod", "alert": {**alert, **texts}}
    first, _ = world.arrivals.accept("webhook/pager", "e", "alert", body)
    world.arrivals.accept("webhook/pager", "odd", "alert", {"team": "payments"})
    world.arrivals.accept("slack", "m", "mention", {})
    stale = world.arrivals.read(first)
    assert intake.take_waiting() == 2
    assert intake.take(stale) is None  # another worker had read it as well
    assert intake.take_waiting() == 0
    (incident,) = world.incidents.listed()
    (known,) = world.incidents.alerts(incident.id)
    assert (known.entity, known.severity, known.times) == ("gateway", "withheld", 1)
    assert not any(b"mia@example.com" in path.read_bytes() for path in tmp_path.glob("db*"))
    assert world.arrivals.count_waiting() == 1
    with pytest.raises(InputError):
        world.arrivals.read(first)
