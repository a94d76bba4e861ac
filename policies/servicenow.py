"""Change requests of ServiceNow, read through its Table API.

Source: ServiceNow REST API reference, Table API, `GET /api/now/table/change_request`; with `sysparm_display_value=all`
each field has a `value` (dates in UTC) and a `display_value`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from pydantic import SecretStr

from ..core.errors import BackendError, ConfigError
from ..core.https import HttpService
from .tickets import Ticket, check_id

_FIELDS = "number,state,approval,active,start_date,end_date,cmdb_ci,business_service,assignment_group"
_COVERING = ("cmdb_ci", "business_service")


class ServiceNowTickets:
    """Change requests by number; implements `TicketSource`.

    Args:
        token: a bearer token with leave to read `change_request`, and nothing else.
        http: the instance.
        teams: name of an assignment group: our team.
    """

    def __init__(self, token: Callable[[], SecretStr], http: HttpService, teams: Mapping[str, str]) -> None:
        self._token = token
        self._http = http
        self._teams = teams

    def find(self, ticket_id: str) -> Ticket | None:
        """The change request of a number.

        Raises:
            BackendError: ServiceNow gives no usable answer.
            ConfigError: it does not accept our token.
        """
        # A `^` would begin another condition of the query; no id that passes the check has one.
        query = urlencode(
            {
                "sysparm_query": f"number={check_id(ticket_id)}",
                "sysparm_fields": _FIELDS,
                "sysparm_display_value": "all",
                "sysparm_limit": "2",
            }
        )
        headers = {"Authorization": f"Bearer {self._token().get_secret_value()}", "Accept": "application/json"}
        reply = self._http.get(f"/api/now/table/change_request?{query}", headers)
        if reply.status in (401, 403):
            raise ConfigError("ServiceNow does not accept the token", remedy="check `gate.tickets.token_env`")
        if reply.status == 404:
            return None
        rows = reply.body.get("result")
        if reply.status != 200 or not isinstance(rows, list) or len(rows) > 1:
            raise BackendError("ServiceNow gave no usable change request", remedy="check `gate.tickets.endpoint`")
        # The instance ignores a query that it does not understand and would give any row.
        found = [row for row in rows if isinstance(row, dict) and _text(row, "number") == ticket_id]
        return self._ticket(ticket_id, found[0]) if found else None

    def _ticket(self, ticket_id: str, row: Mapping[str, Any]) -> Ticket:
        names = {_text(row, field, "display_value") for field in _COVERING}
        return Ticket(
            id=ticket_id,
            state=_text(row, "state", "display_value") or _text(row, "state"),
            is_approved=_text(row, "approval") == "approved" and _text(row, "active") == "true",
            covers=frozenset(names - {""}),
            team=self._teams.get(_text(row, "assignment_group", "display_value"), ""),
            start=_moment(_text(row, "start_date")),
            end=_moment(_text(row, "end_date")),
        )


def _text(row: Mapping[str, Any], field: str, part: str = "value") -> str:
    value = row.get(field)
    inside = value.get(part) if isinstance(value, dict) else value
    return inside if isinstance(inside, str) else ""


def _moment(text: str) -> datetime | None:
    try:
        return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    except ValueError:
        return None
