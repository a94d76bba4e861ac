"""Entries as events of the Open Cybersecurity Schema Framework, class API Activity.

Source: github.com/ocsf/ocsf-schema, release 1.3.0: events/base_event.json, events/application/api_activity.json and the
objects actor, api, metadata, product and network_endpoint, with what they require.
"""

from __future__ import annotations

from ...core.canonical import JsonValue
from ...core.clock import to_iso
from .exported import Exported

OCSF_VERSION = "1.3.0"
CLASS_UID = 6003
CATEGORY_UID = 6

_PRODUCT = "opswarden"
_ACTIVITIES = {"read": (2, "Read"), "write": (3, "Update")}
_OTHER = 99
_STATUSES = {"unknown": (0, "Unknown"), "success": (1, "Success"), "failure": (2, "Failure"), "other": (_OTHER, "")}
_INFORMATIONAL, _LOW = (1, "Informational"), (2, "Low")
# What people do to the guards themselves is worth a look whatever came of it.
_WATCHED = frozenset(
    {
        "switch.set",
        "stage.set",
        "emergency.opened",
        "emergency.closed",
        "emergency.reviewed",
        "vault.revealed",
        "capture.written",
        "file.written",
        "keys.changed",
        "server.accepted",
        "token.made",
        "runner.refused",
        "payload.erased",
        "data.held",
        "data.erased",
        "ledger.restored",
    }
)


def ocsf_event(exported: Exported, origin: str, version: str) -> dict[str, JsonValue]:
    """One event.

    Args:
        exported: the entry with its context.
        origin: the name of the ledger.
        version: of opswarden.
    """
    entry = exported.entry
    activity_id, activity = _ACTIVITIES.get(exported.effect, (_OTHER, exported.effect or entry.kind))
    status_id, status = _STATUSES[exported.standing]
    is_notable = exported.standing == "failure" or entry.kind in _WATCHED
    severity_id, severity = _LOW if is_notable else _INFORMATIONAL
    event: dict[str, JsonValue] = {
        "activity_id": activity_id,
        "activity_name": activity,
        "category_uid": CATEGORY_UID,
        "category_name": "Application Activity",
        "class_uid": CLASS_UID,
        "class_name": "API Activity",
        "type_uid": CLASS_UID * 100 + activity_id,
        "type_name": f"API Activity: {activity if activity_id != _OTHER else 'Other'}",
        "severity_id": severity_id,
        "severity": severity,
        "status_id": status_id,
        "status": status or exported.finding,
        "time": _milliseconds(exported),
        "metadata": _metadata(exported, origin, version),
        "actor": _actor(exported),
        "api": _api(exported),
        "src_endpoint": {"svc_name": _PRODUCT, "name": origin},
        "unmapped": entry.body,
    }
    if exported.finding:
        event["status_detail"] = exported.finding
    if exported.text("code"):
        event["status_code"] = exported.text("code")
    if exported.text("message"):
        event["message"] = exported.text("message")
    if exported.text("resource"):
        event["resources"] = [{"name": exported.text("resource"), "type": "target"}]
    return event


def _milliseconds(exported: Exported) -> int:
    return round(exported.happened_at.timestamp() * 1_000)


def _metadata(exported: Exported, origin: str, version: str) -> dict[str, JsonValue]:
    entry = exported.entry
    return {
        "version": OCSF_VERSION,
        "product": {"name": _PRODUCT, "vendor_name": _PRODUCT, "version": version},
        "uid": str(entry.seq),
        "sequence": entry.seq,
        "log_name": origin,
        "event_code": entry.kind,
        "correlation_uid": entry.run_id,
        "original_time": to_iso(exported.happened_at),
        "logged_time": round(entry.ts.timestamp() * 1_000),
    }


def _actor(exported: Exported) -> dict[str, JsonValue]:
    """The agent is the application; whom it acts for, or the person who acted, is the user."""
    actor: dict[str, JsonValue] = {
        "app_name": exported.agent.role or _PRODUCT,
        "session": {"uid": exported.entry.run_id},
    }
    if exported.person:
        user: dict[str, JsonValue] = {"uid": exported.person, "name": exported.person.partition(":")[2]}
        if not user["name"]:
            del user["name"]
        if exported.agent.team:
            user["groups"] = [{"name": exported.agent.team}]
        actor["user"] = user
    return actor


def _api(exported: Exported) -> dict[str, JsonValue]:
    api: dict[str, JsonValue] = {
        "operation": exported.text("tool") or exported.entry.kind,
        "service": {"name": _PRODUCT},
    }
    if exported.text("call_id"):
        api["request"] = {"uid": exported.text("call_id")}
    return api
