"""Roles by on-call schedule, asked of doubles over a real socket; whatever fails gives no role."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pydantic import SecretStr

from opswarden.core.clock import FixedClock, from_iso
from opswarden.core.errors import BackendError, ConfigError
from opswarden.core.https import HttpService
from opswarden.policies.people.oncall import OnCallSchedule, opsgenie_asker, pagerduty_asker
from opswarden.policies.people.roles import ConfiguredRoles, Directory, Person, RoleBook
from opswarden.tests.doubles.key_server import Fault
from opswarden.tests.doubles.oncall_servers import TOKEN, OpsgenieServer, PagerDutyServer

NOW = "2026-11-29T09:00:00Z"
ANN = Person("ann", frozenset({"Ann@example.org", "PANN"}))
BOB = Person("bob", frozenset({"bob@example.org"}))
HOUR = ("2026-11-29T08:00:00Z", "2026-11-29T10:00:00+00:00")


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(from_iso(NOW))


@pytest.fixture
def pagerduty() -> Iterator[PagerDutyServer]:
    with PagerDutyServer() as server:
        yield server


@pytest.fixture
def opsgenie() -> Iterator[OpsgenieServer]:
    with OpsgenieServer() as server:
        yield server


def _http(url: str) -> HttpService:
    return HttpService("the double", url, timeout_s=0.6, section="identity.schedules[]")


def by_pagerduty(server: PagerDutyServer, clock: FixedClock, token: str = TOKEN, cache_s: float = 0) -> OnCallSchedule:
    ask = pagerduty_asker("P1", lambda: SecretStr(token), _http(server.url), clock)
    return OnCallSchedule("pagerduty", "P1", "oncall", ask, clock, cache_s)


def by_opsgenie(server: OpsgenieServer, clock: FixedClock, token: str = TOKEN) -> OnCallSchedule:
    ask = opsgenie_asker("s-1", lambda: SecretStr(token), _http(server.url))
    return OnCallSchedule("opsgenie", "s-1", "oncall", ask, clock, 0)


class TestPagerDuty:
    @pytest.mark.parametrize(
        ("turn", "expected"),
        [
            (("P1", "PANN", "x@example.org", *HOUR), True),
            (("P1", "PX", "ann@example.org", *HOUR), True),
            (("P1", "PX", "eve@example.org", *HOUR), False),
            (("P1", "PANN", "", None, None), True),
            (("P1", "PANN", "", "2026-11-29T09:00:00Z", None), True),
            (("P1", "PANN", "", "2026-11-29T09:00:01Z", None), False),
            (("P1", "PANN", "", HOUR[0], "2026-11-29T09:00:00Z"), False),
            (("P1", "PANN", "", HOUR[0], "whenever"), False),
            ((None, "PANN", "", None, None), False),
        ],
        ids=["id", "address", "other", "always", "just", "not yet", "over", "no time", "by the policy alone"],
    )
    def test_whose_turn_it_is(
        self, pagerduty: PagerDutyServer, clock: FixedClock, turn: tuple[str, str, str, str, str], expected: bool
    ) -> None:
        pagerduty.turns = [turn]
        assert by_pagerduty(pagerduty, clock).roles_of(ANN) == (frozenset({"oncall"}) if expected else frozenset())

    def test_a_list_that_goes_on_is_not_believed(self, pagerduty: PagerDutyServer, clock: FixedClock) -> None:
        pagerduty.turns = [("P1", "PANN", "", *HOUR)]
        pagerduty.has_more = True
        with pytest.raises(BackendError, match="no list"):
            by_pagerduty(pagerduty, clock).roles_of(ANN)

    def test_an_answer_holds_for_seconds(self, pagerduty: PagerDutyServer, clock: FixedClock) -> None:
        pagerduty.turns = [("P1", "PANN", "", *HOUR)]
        source = by_pagerduty(pagerduty, clock, cache_s=10)
        assert source.roles_of(ANN)
        pagerduty.turns = []
        clock.advance(9)
        assert source.roles_of(ANN)
        clock.advance(1)
        assert not source.roles_of(ANN)
        assert len(pagerduty.asked) == 2

    def test_after_the_answer_has_expired_an_outage_gives_no_role(
        self, pagerduty: PagerDutyServer, clock: FixedClock
    ) -> None:
        pagerduty.turns = [("P1", "PANN", "", *HOUR)]
        source = by_pagerduty(pagerduty, clock, cache_s=10)
        assert source.roles_of(ANN)
        pagerduty.fault = "500"
        clock.advance(10)
        with pytest.raises(BackendError):
            source.roles_of(ANN)


class TestOpsgenie:
    def test_whoever_is_listed(self, opsgenie: OpsgenieServer, clock: FixedClock) -> None:
        opsgenie.on_call = {"s-1": ["ANN@example.org"]}
        source = by_opsgenie(opsgenie, clock)
        assert (source.roles_of(ANN), source.roles_of(BOB)) == (frozenset({"oncall"}), frozenset())

    def test_an_unknown_schedule_is_told(self, opsgenie: OpsgenieServer, clock: FixedClock) -> None:
        with pytest.raises(ConfigError, match="no such schedule"):
            by_opsgenie(opsgenie, clock).roles_of(ANN)


FAULTS: list[Fault] = ["hang", "drip", "reset", "html", "huge", "500", "not-json"]


@pytest.mark.parametrize("fault", FAULTS)
def test_whatever_the_system_does_nobody_gets_the_role_and_it_is_told(
    pagerduty: PagerDutyServer, clock: FixedClock, fault: Fault
) -> None:
    pagerduty.turns = [("P1", "PANN", "", *HOUR)]
    pagerduty.fault = fault
    held = RoleBook([ConfiguredRoles({"ann": ["oncall", "reader"]}), by_pagerduty(pagerduty, clock)]).held_by(ANN)
    assert held.roles == frozenset({"reader"})
    (problem,) = held.problems
    assert problem.startswith("pagerduty:P1: ")
    assert problem.endswith("nobody holds oncall by it")
    assert TOKEN not in problem
    assert "aGVsbG8" not in problem


@pytest.mark.parametrize("system", ["pagerduty", "opsgenie"])
def test_a_token_that_is_not_accepted_is_told(
    pagerduty: PagerDutyServer, opsgenie: OpsgenieServer, clock: FixedClock, system: str
) -> None:
    opsgenie.on_call = {"s-1": ["ann@example.org"]}
    source = by_pagerduty(pagerduty, clock, "x") if system == "pagerduty" else by_opsgenie(opsgenie, clock, "x")
    held = RoleBook([source]).held_by(ANN)
    assert (held.roles, "does not accept the token" in held.problems[0]) == (frozenset(), True)


def test_a_role_that_a_schedule_gives_is_given_by_nothing_else(pagerduty: PagerDutyServer, clock: FixedClock) -> None:
    pagerduty.turns = [("P1", "PANN", "", *HOUR)]
    configured = ConfiguredRoles({"ann": ["reader"], "bob": ["oncall", "reader"]})
    book = RoleBook([configured, by_pagerduty(pagerduty, clock)])
    assert book.held_by(ANN).sources == {"reader": ("configuration",), "oncall": ("pagerduty:P1",)}
    assert book.held_by(BOB).sources == {"reader": ("configuration",)}


@pytest.mark.parametrize("schedule", ["", "a/b", "x?y", "../users", "x" * 129])
def test_what_is_no_id_is_never_asked_for(clock: FixedClock, schedule: str) -> None:
    http = _http("http://127.0.0.1:9")
    with pytest.raises(ConfigError, match="no id"):
        pagerduty_asker(schedule, lambda: SecretStr(""), http, clock)
    with pytest.raises(ConfigError, match="no id"):
        opsgenie_asker(schedule, lambda: SecretStr(""), http)


def test_one_name_means_one_person() -> None:
    with pytest.raises(ConfigError, match="known by one name"):
        Directory({"ann": ["a@example.org"], "bob": ["A@example.org"]})
    directory = Directory({"ann": ["a@example.org", "A@EXAMPLE.org"]})
    assert directory.known("A@example.ORG", "oidc:x").name == "ann"
    assert directory.named("ann").is_called("a@example.org")
    assert not directory.named("eve").known_as
