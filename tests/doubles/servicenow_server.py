"""A double of ServiceNow's Table API for `change_request`, over real HTTP."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

from .key_server import Answer, Asked, KeyServer

TOKEN = "sn0w-tok3n"


def change(number: str, **more: tuple[str, str] | str) -> dict[str, Any]:
    """A row as `sysparm_display_value=all` gives it; a pair is (value, display value)."""
    fields: dict[str, tuple[str, str] | str] = {
        "number": number,
        "state": ("-1", "Implement"),
        "approval": ("approved", "Approved"),
        "active": "true",
        "start_date": ("2026-11-23 13:00:00", "2026-11-23 14:00:00"),
        "end_date": ("2026-11-23 15:00:00", "2026-11-23 16:00:00"),
        "cmdb_ci": ("aa01", "checkout"),
        "business_service": ("", ""),
        "assignment_group": ("bb02", "Payments SRE"),
        **more,
    }
    pairs = {name: (value, value) if isinstance(value, str) else value for name, value in fields.items()}
    return {name: {"value": value, "display_value": shown} for name, (value, shown) in pairs.items()}


class ServiceNowServer(KeyServer):
    """Serves `rows`; `ignores_query` gives the first row whatever was asked, as an instance does with a bad query."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[dict[str, Any]] = []
        self.ignores_query = False

    def answer(self, asked: Asked) -> Answer:
        parts = urlsplit(asked.path)
        if asked.headers.get("authorization") != f"Bearer {TOKEN}":
            return Answer(401, {"error": {"message": "User Not Authenticated"}, "status": "failure"})
        if asked.method != "GET" or parts.path != "/api/now/table/change_request":
            return Answer(400, {"error": {"message": "Invalid table"}, "status": "failure"})
        query = parse_qs(parts.query)
        wanted = query["sysparm_query"][0].partition("=")[2]
        found = [row for row in self.rows if row["number"]["value"] == wanted]
        return Answer(200, {"result": self.rows[:1] if self.ignores_query else found})
