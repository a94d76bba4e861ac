"""Who is on call now, asked of the system that keeps the schedule.

Sources: PagerDuty REST API v2, "List all of the on-calls"; Opsgenie, "Who is On Call API", get on-calls with `flat`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

from pydantic import SecretStr

from ...core.clock import Clock, from_iso, to_iso
from ...core.errors import BackendError, ConfigError
from ...core.https import HttpService, Reply
from .roles import Person

PAGERDUTY = "https://api.pagerduty.com"
OPSGENIE = "https://api.opsgenie.com"

_SCHEDULE = re.compile(r"[A-Za-z0-9_-]{1,128}")
_MOST_PEOPLE = 100


class OnCallSchedule:
    """The people on call by one schedule; implements `RoleSource`.

    Args:
        system: `pagerduty` or `opsgenie`.
        schedule: its id.
        role: what being on call makes of a person.
        ask: gives what the system calls those on call now.
        cache_s: for how many seconds an answer holds.
    """

    def __init__(
        self, system: str, schedule: str, role: str, ask: Callable[[], frozenset[str]], clock: Clock, cache_s: float
    ) -> None:
        self.name = f"{system}:{schedule}"
        self.governs = frozenset({role})
        self._ask = ask
        self._clock = clock
        self._cache_s = cache_s
        self._answer: tuple[float, frozenset[str]] | None = None

    def roles_of(self, person: Person) -> frozenset[str]:
        """The role, if the person is on call now.

        Raises:
            BackendError: the system gives no usable answer.
            ConfigError: it does not accept our token.
        """
        now = self._clock.monotonic()
        if self._answer is None or now - self._answer[0] >= self._cache_s:
            self._answer = None
            self._answer = (now, self._ask())
        return self.governs if any(person.is_called(name) for name in self._answer[1]) else frozenset()


def pagerduty_asker(
    schedule: str, token: Callable[[], SecretStr], http: HttpService, clock: Clock
) -> Callable[[], frozenset[str]]:
    """Asks PagerDuty: ids and e-mail addresses of those whose turn it is.

    Raises:
        ConfigError: the schedule is no id.
    """
    _check(schedule)

    def ask() -> frozenset[str]:
        now = clock.now()
        query = [
            ("schedule_ids[]", schedule),
            ("since", to_iso(now)),
            # An interval of no length is refused; whose turn it is at its start is sorted out below.
            ("until", to_iso(now + timedelta(seconds=1))),
            ("include[]", "users"),
            ("limit", str(_MOST_PEOPLE)),
        ]
        headers = {
            "Authorization": f"Token token={token().get_secret_value()}",
            "Accept": "application/vnd.pagerduty+json;version=2",
        }
        body = _answered("PagerDuty", http.get(f"/oncalls?{urlencode(query)}", headers))
        turns = body.get("oncalls")
        if not isinstance(turns, list) or body.get("more") is True:
            raise _unusable("PagerDuty")
        found: set[str] = set()
        for turn in turns:
            user = turn.get("user") if isinstance(turn, dict) else None
            plan = turn.get("schedule") if isinstance(turn, dict) else None
            if not isinstance(user, dict) or not isinstance(plan, dict) or plan.get("id") != schedule:
                continue  # somebody who is always on call by the escalation policy is not on this schedule
            if _is_now(turn.get("start"), turn.get("end"), now):
                found.update(name for name in (user.get("id"), user.get("email")) if isinstance(name, str) and name)
        return frozenset(found)

    return ask


def opsgenie_asker(schedule: str, token: Callable[[], SecretStr], http: HttpService) -> Callable[[], frozenset[str]]:
    """Asks Opsgenie: user names, which are e-mail addresses, of those on call now.

    Raises:
        ConfigError: the schedule is no id.
    """
    _check(schedule)
    path = f"/v2/schedules/{quote(schedule, safe='')}/on-calls?scheduleIdentifierType=id&flat=true"

    def ask() -> frozenset[str]:
        headers = {"Authorization": f"GenieKey {token().get_secret_value()}", "Accept": "application/json"}
        found = _answered("Opsgenie", http.get(path, headers)).get("data")
        names = found.get("onCallRecipients") if isinstance(found, dict) else None
        if not isinstance(names, list) or len(names) > _MOST_PEOPLE:
            raise _unusable("Opsgenie")
        return frozenset(name for name in names if isinstance(name, str) and name)

    return ask


def _check(schedule: str) -> None:
    if not _SCHEDULE.fullmatch(schedule):
        raise ConfigError(
            "`identity.schedules[].schedule` is no id", remedy="copy the id of the schedule, not its name"
        )


def _answered(system: str, reply: Reply) -> Mapping[str, Any]:
    if reply.status == 200:
        return reply.body
    if reply.status in (401, 403):
        raise ConfigError(
            f"{system} does not accept the token", remedy="check the token that `identity.schedules[].token_env` names"
        )
    if reply.status == 404:
        raise ConfigError(f"{system} knows no such schedule", remedy="check `identity.schedules[].schedule`")
    raise BackendError(f"{system} answered with status {reply.status}", remedy="try again, or look at its status page")


def _unusable(system: str) -> BackendError:
    return BackendError(
        f"{system} gave no list of people on call", remedy="check `identity.schedules[].endpoint` and the schedule"
    )


def _is_now(start: object, end: object, now: datetime) -> bool:
    """Whether a turn lasts at a moment; an open end is `None`. What is no time is no turn."""
    try:
        begun = start is None or from_iso(str(start)) <= now
        return begun and (end is None or now < from_iso(str(end)))
    except ValueError:
        return False
