"""Exports in the shapes that their formats document, of every kind of entry, and of more entries than fit a page."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, get_args

import jsonschema
import pytest

from opswarden.core.clock import FixedClock
from opswarden.core.errors import LedgerError
from opswarden.core.keys import FileKeys
from opswarden.core.sqlite import SqliteDatabase
from opswarden.policies.ledger.export import ExportFormat, export_lines
from opswarden.policies.ledger.read import as_json
from opswarden.policies.ledger.sqlite import SqliteLedger
from opswarden.policies.ledger.types import LedgerEntry
from opswarden.policies.types import EntryKind
from opswarden.tests.policies.ledger.export_shapes import OCSF, OTLP

JOURNALLED = datetime(2026, 2, 28, 23, 59, 59, 250_000, tzinfo=UTC)
AGENT = {"role": "triage", "on_behalf_of": "person:ana", "team": "payments"}
CALL = {"call_id": "c1", "tool": "logs.search", "code": "reads.triage"}

# One of each kind, as the gate writes them, in short.
BODIES: dict[EntryKind, dict[str, Any]] = {
    "run.started": {**AGENT, "trigger": "cli", "is_resumed": False, "limits": {"calls": 200}},
    "call.decided": {
        **AGENT,
        **CALL,
        "decision": "allow",
        "effect": "read",
        "resource": "logs",
        "environment": "production",
        "args": {"query": "größer\u202e\x1b[2J", "share": 0.25, "words": ["a", None, {"b": [True]}]},
    },
    "call.outcome": {**CALL, "status": "ok", "duration_ms": 3, "cost_microusd": 0, "artifact_id": None},
    "prompt.decided": {
        **AGENT,
        "call_id": "p1",
        "tool": "models.prompt",
        "model": "m-1",
        "decision": "deny",
        "code": "x",
    },
    "prompt.outcome": {
        "call_id": "p1",
        "status": "error",
        "error": "timeout",
        "model": "m-1",
        "tokens_in": 7,
        "tokens_out": 0,
    },
    "tell.decided": {**AGENT, "call_id": "t1", "tool": "people.tell", "decision": "ask", "code": "tell.team"},
    "tell.outcome": {"call_id": "t1", "tool": "people.tell", "status": "sent", "code": "tell.team"},
    "approval.requested": {"approval_id": "a1", "call_id": "c1", "tool": "logs.search", "team": "payments"},
    "approval.answered": {
        "approval_id": "a1",
        "call_id": "c1",
        "tool": "logs.search",
        "answer": "deny",
        "approver": "person:bob",
    },
    "approval.consumed": {"approval_id": "a1", "call_id": "c1", "tool": "logs.search", "approver": "person:bob"},
    "approval.voided": {"approval_id": "a1", "call_id": "c1", "tool": "logs.search", "why": "state"},
    "approval.escalated": {
        "approval_id": "a1",
        "call_id": "c1",
        "tool": "logs.search",
        "after_minutes": 15,
        "told": [],
    },
    "approval.expired": {"approval_id": "a1", "call_id": "c1", "tool": "logs.search", "why": "expired"},
    "value.endorsed": {
        "approval_id": "a1",
        "call_id": "c1",
        "tool": "logs.search",
        "argument": "query",
        "approver": "person:bob",
    },
    "switch.set": {"switch": "writes", "is_on": True, "by": "person:ana", "reason": "a drill"},
    "stage.set": {"tool": "rollouts.rollback", "from": "observe", "to": "act", "by": "person:ana"},
    "incident.labelled": {"causes": ["oven"], "verdict": "cause_found", "labelled_run": "run_1", "by": "person:ana"},
    "model.signed_off": {"model": "fraud", "version": 7, "signed_as": "model-risk", "by": "person:ana"},
    "proposal.judged": {"proposal": 1, "did": "same", "tool": "rollouts.rollback", "by": "person:ana"},
    "emergency.opened": {"emergency_id": "e1", "by": "person:ana", "reason": "down", "team": "payments"},
    "emergency.closed": {"emergency_id": "e1", "by": "person:ana", "team": "payments"},
    "emergency.reviewed": {"emergency_id": "e1", "by": "person:bob", "note": "fine", "team": "payments"},
    "ticket.given": {"ticket": "CHG1", "by": "person:ana"},
    "vault.revealed": {"placeholder": "<EMAIL_1>", "outcome": "denied", "code": "role", "by": "person:eve"},
    "capture.written": {"by": "person:ana", "tables": ["metrics"], "while_triaging": False},
    "file.written": {"by": "person:ana", "what": "document", "count": 1, "files": [{"name": "checkout.md"}]},
    "system.conformed": {"system": "metrics", "outcome": "passed", "by": "person:ana"},
    "keys.changed": {"act": "rotate", "by": "person:ana"},
    "server.accepted": {"server": "wiki", "tool": "mcp.wiki.search", "fingerprint": "00", "by": "person:ana"},
    "token.made": {"person": "person:ana", "by": "person:root"},
    "person.signed_in": {"by": "person:ana", "identified_by": "token"},
    "runner.refused": {"what": "second-connection"},
    "journal.merged": {"journal": "j", "from_line": 0, "lines": 2, "mac": "00"},
    "payload.erased": {"erased_run": "run_z", "by": "person:eve", "reason": "no", "outcome": "denied"},
    "data.held": {"held_run": "run_z", "by": "person:ana", "until": "2027-01-01T00:00:00Z", "outcome": "held"},
    "data.erased": {"what": "value", "by": "person:ana", "outcome": "erased", "stores": {"vault": 1}},
    "ledger.restored": {"made_at": "2026-11-29T00:00:00Z", "entries": 9, "known_size": 12, "by": "person:ana"},
    "run.ended": {"outcome": "reported", "spent": {"calls": 1}, "degraded": False},
}


@pytest.fixture
def filled(ledger: SqliteLedger, clock: FixedClock) -> SqliteLedger:
    assert set(BODIES) == set(get_args(EntryKind))
    for number, (kind, body) in enumerate(BODIES.items()):
        journal_ts = JOURNALLED if kind == "call.outcome" else None
        run_id = "installation" if kind in ("switch.set", "stage.set", "keys.changed", "journal.merged") else "run_a"
        ledger.append([LedgerEntry(kind, run_id, body, journal_ts)])
        clock.advance(number)
    return ledger


def exported(ledger: SqliteLedger, style: ExportFormat, **chosen: Any) -> list[Any]:
    lines = list(export_lines(ledger, style, "1.2.3", **chosen))
    assert all(line.endswith("\n") and line.count("\n") == 1 and line.isascii() for line in lines)
    return [json.loads(line) for line in lines]


def by_kind(ledger: SqliteLedger) -> dict[str, Any]:
    return {event["metadata"]["event_code"]: event for event in exported(ledger, "ocsf")}


def records(ledger: SqliteLedger, **chosen: Any) -> list[Any]:
    requests = exported(ledger, "otlp", **chosen)
    return [one for request in requests for one in request["resourceLogs"][0]["scopeLogs"][0]["logRecords"]]


def plain(value: dict[str, Any]) -> Any:
    """An `AnyValue` back as it was."""
    if not value:
        return None
    ((kind, inside),) = value.items()
    if kind == "kvlistValue":
        return {pair["key"]: plain(pair["value"]) for pair in inside["values"]}
    if kind == "arrayValue":
        return [plain(item) for item in inside["values"]]
    return int(inside) if kind == "intValue" else inside


def attributes(one: dict[str, Any]) -> dict[str, Any]:
    return {pair["key"]: plain(pair["value"]) for pair in one["attributes"]}


def test_jsonl_is_what_show_gives(filled: SqliteLedger) -> None:
    assert exported(filled, "jsonl") == [as_json(entry) for entry in filled.entries()]


class TestOcsf:
    def test_every_kind_has_what_the_class_requires(self, filled: SqliteLedger) -> None:
        events = exported(filled, "ocsf")
        assert len(events) == len(BODIES)
        for event in events:
            jsonschema.validate(event, OCSF)
            assert event["type_uid"] == event["class_uid"] * 100 + event["activity_id"]
            if event["activity_id"] == 99:
                assert event["activity_name"]  # the class asks for a word of the source then
        assert [event["unmapped"] for event in events] == list(BODIES.values())
        assert [event["metadata"]["uid"] for event in events] == [str(number) for number in range(len(events))]

    def test_a_call_names_agent_person_tool_and_what_it_does(self, filled: SqliteLedger) -> None:
        decided, outcome = by_kind(filled)["call.decided"], by_kind(filled)["call.outcome"]
        assert decided["actor"] == {
            "app_name": "triage",
            "session": {"uid": "run_a"},
            "user": {"uid": "person:ana", "name": "ana", "groups": [{"name": "payments"}]},
        }
        assert decided["api"] == {
            "operation": "logs.search",
            "service": {"name": "opswarden"},
            "request": {"uid": "c1"},
        }
        assert decided["resources"] == [{"name": "logs", "type": "target"}]
        assert (decided["activity_id"], decided["type_uid"], decided["status_id"]) == (2, 600302, 1)
        # The outcome itself names neither; the decision did.
        assert outcome["actor"] == decided["actor"]
        assert (outcome["activity_id"], outcome["status_id"], outcome["status_detail"]) == (2, 1, "ok")

    def test_times_are_milliseconds_of_when_it_was_taken_down(self, filled: SqliteLedger) -> None:
        outcome = by_kind(filled)["call.outcome"]
        assert outcome["time"] == int(JOURNALLED.timestamp() * 1_000)
        assert outcome["metadata"]["original_time"] == "2026-02-28T23:59:59.250Z"
        assert outcome["metadata"]["logged_time"] == int(datetime(2026, 3, 1, 12, 0, 1, tzinfo=UTC).timestamp() * 1_000)

    @pytest.mark.parametrize(
        ("kind", "status_id", "severity_id", "user"),
        [
            ("prompt.decided", 2, 2, "person:ana"),
            ("prompt.outcome", 2, 2, "person:ana"),
            ("tell.decided", 99, 1, "person:ana"),
            ("tell.outcome", 1, 1, "person:ana"),
            ("approval.answered", 2, 2, "person:bob"),
            ("switch.set", 0, 2, "person:ana"),
            ("stage.set", 0, 2, "person:ana"),
            ("vault.revealed", 2, 2, "person:eve"),
            ("run.ended", 1, 1, "person:ana"),
        ],
    )
    def test_status_severity_and_who_did_it(
        self, filled: SqliteLedger, kind: str, status_id: int, severity_id: int, user: str
    ) -> None:
        event = by_kind(filled)[kind]
        assert (event["status_id"], event["severity_id"]) == (status_id, severity_id)
        assert event["actor"]["user"]["uid"] == user

    def test_what_nobody_did_has_no_user(self, filled: SqliteLedger) -> None:
        assert by_kind(filled)["journal.merged"]["actor"] == {
            "app_name": "opswarden",
            "session": {"uid": "installation"},
        }

    @pytest.mark.parametrize(("effect", "activity"), [("write", (3, "Update")), ("send", (99, "send"))])
    def test_effects_are_activities(self, ledger: SqliteLedger, effect: str, activity: tuple[int, str]) -> None:
        ledger.append([LedgerEntry("call.decided", "r", {"call_id": "c", "effect": effect, "decision": "allow"})])
        ledger.append([LedgerEntry("call.outcome", "r", {"call_id": "c", "status": "ok"})])
        for event in exported(ledger, "ocsf"):
            jsonschema.validate(event, OCSF)
            assert (event["activity_id"], event["activity_name"]) == activity

    def test_an_entry_of_a_newer_version_or_with_odd_facts_has_the_shape_too(self, ledger: SqliteLedger) -> None:
        odd: dict[str, Any] = {
            "role": 7,
            "tool": None,
            "code": ["x"],
            "status": {},
            "by": "",
            "call_id": 3,
            "effect": 1,
        }
        for kind in ("call.decided", "something.new"):
            ledger.append([LedgerEntry(kind, "r", odd)])  # type: ignore[arg-type]  # a kind of tomorrow
        events, requests = list(exported(ledger, "ocsf")), list(exported(ledger, "otlp"))
        assert (len(events), len(requests)) == (2, 1)  # the second holds both
        for event in events:
            jsonschema.validate(event, OCSF)
        for request in requests:
            jsonschema.validate(request, OTLP)


class TestOtlp:
    def test_every_kind_has_the_shape_of_the_json_mapping(self, filled: SqliteLedger) -> None:
        for request in exported(filled, "otlp"):
            jsonschema.validate(request, OTLP)
        assert [plain(one["body"]) for one in records(filled)] == list(BODIES.values())

    def test_attributes_have_the_names_of_the_conventions(self, filled: SqliteLedger) -> None:
        found = {one["eventName"]: attributes(one) for one in records(filled)}
        leaf = found["opswarden.call.decided"].pop("opswarden.ledger.leaf")
        assert leaf == filled.read(1).leaf.hex()
        assert found["opswarden.call.decided"] == {
            "gen_ai.conversation.id": "run_a",
            "gen_ai.operation.name": "execute_tool",
            "gen_ai.agent.name": "triage",
            "gen_ai.tool.name": "logs.search",
            "gen_ai.tool.call.id": "c1",
            "enduser.id": "person:ana",
            "deployment.environment.name": "production",
            "opswarden.team": "payments",
            "opswarden.decision": "allow",
            "opswarden.decision.code": "reads.triage",
            "opswarden.ledger.kind": "call.decided",
            "opswarden.ledger.seq": 1,
        }
        prompt = found["opswarden.prompt.outcome"]
        assert prompt["gen_ai.operation.name"] == "chat"
        assert prompt["gen_ai.response.model"] == "m-1"
        assert (prompt["gen_ai.usage.input_tokens"], prompt["gen_ai.usage.output_tokens"]) == (7, 0)
        assert prompt["error.type"] == "timeout"
        assert "error.type" not in found["opswarden.prompt.decided"]

    def test_times_and_severities(self, filled: SqliteLedger) -> None:
        found = {one["eventName"]: one for one in records(filled)}
        outcome = found["opswarden.call.outcome"]
        assert outcome["timeUnixNano"] == "1772323199250000000"
        assert outcome["observedTimeUnixNano"] == "1772366401000000000"
        assert outcome["severityNumber"] == 9
        assert found["opswarden.prompt.outcome"]["severityNumber"] == 13

    def test_what_is_very_deep_goes_as_text(self, ledger: SqliteLedger) -> None:
        deep: Any = "bottom"
        for _ in range(200):
            deep = {"in": deep}
        ledger.append([LedgerEntry("call.outcome", "r", {"deep": deep})])
        (request,) = exported(ledger, "otlp")
        jsonschema.validate(request, OTLP)
        assert "bottom" in json.dumps(request)
        assert exported(ledger, "ocsf")[0]["unmapped"] == {"deep": deep}


class TestChoosing:
    @pytest.mark.parametrize("style", get_args(ExportFormat))
    def test_an_empty_ledger_has_no_lines(self, ledger: SqliteLedger, style: ExportFormat) -> None:
        assert exported(ledger, style) == []

    def test_a_run_and_a_moment(self, filled: SqliteLedger) -> None:
        entries = list(filled.entries())
        run = exported(filled, "jsonl", run_id="installation")
        assert [one["kind"] for one in run] == ["switch.set", "stage.set", "keys.changed", "journal.merged"]
        later = exported(filled, "jsonl", since=entries[5].ts)
        assert [one["seq"] for one in later] == list(range(5, len(entries)))
        assert exported(filled, "jsonl", since=entries[-1].ts + timedelta(seconds=1)) == []
        assert exported(filled, "jsonl", run_id="nobody") == []

    def test_an_agent_is_known_though_its_start_is_left_out(self, filled: SqliteLedger) -> None:
        entries = list(filled.entries())
        (last,) = exported(filled, "ocsf", since=entries[-1].ts)
        assert last["actor"]["app_name"] == "triage"

    def test_what_is_recorded_meanwhile_waits_for_the_next_export(self, ledger: SqliteLedger) -> None:
        def add() -> None:
            ledger.append([LedgerEntry("call.decided", "r", {})] * 400)

        add()
        count = 0
        for count, _ in enumerate(export_lines(ledger, "jsonl", "1"), 1):
            if count % 100 == 0:
                add()
        assert count == 400

    @pytest.mark.parametrize("style", get_args(ExportFormat))
    def test_an_altered_entry_ends_it(
        self, filled: SqliteLedger, database: SqliteDatabase, style: ExportFormat
    ) -> None:
        database.connection().execute("UPDATE entry SET body = replace(body, 'sent', 'lost') WHERE seq = 6")
        with pytest.raises(LedgerError, match="entry 6 was altered"):
            list(export_lines(filled, style, "1"))


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqliteLedger]:
    """Twenty thousand short entries in four thousand runs, some ten megabytes."""
    folder = tmp_path_factory.mktemp("large")
    database = SqliteDatabase(folder / "ledger.sqlite")
    ledger = SqliteLedger(database, FileKeys(folder / "keys.json"), FixedClock(JOURNALLED))
    body = {"role": "triage", "effect": "read", "pad": "x" * 500}
    for start in range(0, 20_000, 1_000):
        numbers = range(start, start + 1_000)
        ledger.append([LedgerEntry("call.decided", f"run_{n // 5}", {**body, "call_id": f"c{n}"}) for n in numbers])
    yield ledger
    database.close()


@pytest.mark.parametrize(
    "style",
    [get_args(ExportFormat)[0], *(pytest.param(one, marks=pytest.mark.soak) for one in get_args(ExportFormat)[1:])],
)
def test_twenty_thousand_entries_take_no_more_memory_than_some(large: SqliteLedger, style: ExportFormat) -> None:
    size = 0
    tracemalloc.start()
    try:
        for line in export_lines(large, style, "1"):
            size += len(line)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert size > 10 * 2**20
    assert peak < 5 * 2**20
