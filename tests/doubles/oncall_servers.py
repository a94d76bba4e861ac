"""Doubles of PagerDuty and Opsgenie: who is on call, over real HTTP, with the shapes of their documentation."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from .key_server import Answer, Asked, KeyServer

TOKEN = "u+n0tAr3alT0ken"


class PagerDutyServer(KeyServer):
    """`GET /oncalls` of the REST API v2.

    `turns` holds (schedule, user id, e-mail, start, end); a schedule of `None` is a person whom the escalation policy
    itself names.
    """

    def __init__(self) -> None:
        super().__init__()
        self.turns: list[tuple[str | None, str, str, str | None, str | None]] = []
        self.has_more = False

    def answer(self, asked: Asked) -> Answer:
        parts = urlsplit(asked.path)
        if asked.headers.get("authorization") != f"Token token={TOKEN}":
            return Answer(401, {"error": {"message": "Unauthorized", "code": 2006}})
        if parts.path != "/oncalls" or "version=2" not in asked.headers.get("accept", ""):
            return Answer(404, {"error": {"message": "Not Found", "code": 2100}})
        query = parse_qs(parts.query)
        wanted, is_whole = query.get("schedule_ids[]", []), query.get("include[]") == ["users"]
        turns = [self._turn(turn, is_whole) for turn in self.turns if turn[0] is None or turn[0] in wanted]
        return Answer(200, {"oncalls": turns, "limit": 100, "offset": 0, "more": self.has_more, "total": None})

    def _turn(self, turn: tuple[str | None, str, str, str | None, str | None], is_whole: bool) -> dict[str, Any]:
        schedule, user_id, email, start, end = turn
        user: dict[str, Any] = {"id": user_id, "type": "user_reference", "summary": "Somebody"}
        if is_whole:
            user |= {"type": "user", "email": email}
        plan = None if schedule is None else {"id": schedule, "type": "schedule_reference"}
        return {"user": user, "schedule": plan, "escalation_level": 1, "start": start, "end": end}


class OpsgenieServer(KeyServer):
    """`GET /v2/schedules/{id}/on-calls?flat=true`."""

    def __init__(self) -> None:
        super().__init__()
        self.on_call: dict[str, list[str]] = {}

    def answer(self, asked: Asked) -> Answer:
        parts = urlsplit(asked.path)
        if asked.headers.get("authorization") != f"GenieKey {TOKEN}":
            return Answer(403, {"message": "Key format is not valid!", "took": 0.0, "requestId": "r"})
        steps, query = parts.path.split("/"), parse_qs(parts.query)
        if steps[1:3] != ["v2", "schedules"] or steps[4:] != ["on-calls"] or query.get("flat") != ["true"]:
            return Answer(400, {"message": "Bad request"})
        schedule = unquote(steps[3])
        if schedule not in self.on_call:
            return Answer(404, {"message": f"Schedule with id [{schedule}] is not found"})
        parent = {"id": schedule, "name": "ops", "enabled": True}
        return Answer(200, {"data": {"_parent": parent, "onCallRecipients": self.on_call[schedule]}, "took": 0.1})
