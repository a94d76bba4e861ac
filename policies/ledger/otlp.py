"""Entries as log records in OTLP/JSON, as a collector reads them from a file or takes them at `/v1/logs`.

Source: opentelemetry-proto, logs/v1/logs.proto and common/v1/common.proto, in the JSON mapping of the OTLP
specification (64-bit integers as text); names of attributes from `core/semconv.py` and the semantic conventions.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from ...core import semconv
from ...core.canonical import JsonValue
from .exported import Exported

_PRODUCT = "opswarden"
_INFO, _WARN = (9, "INFO"), (13, "WARN")
_DEPTH = 32  # deeper values go as JSON text: collectors limit how deep a record may be
_OPERATIONS = {"call": semconv.OPERATION_EXECUTE_TOOL, "prompt": semconv.OPERATION_CHAT}
_USER = "enduser.id"
_ENVIRONMENT = "deployment.environment.name"
_KIND = "opswarden.ledger.kind"
_LEAF = "opswarden.ledger.leaf"
_NUMBERS = {"tokens_in": semconv.USAGE_INPUT_TOKENS, "tokens_out": semconv.USAGE_OUTPUT_TOKENS}


def otlp_request(records: Sequence[JsonValue], origin: str, version: str) -> dict[str, JsonValue]:
    """One `ExportLogsServiceRequest`.

    Args:
        records: what `otlp_record` made.
        origin: the name of the ledger.
        version: of opswarden.
    """
    resource = {
        "service.name": _PRODUCT,
        "service.version": version,
        "opswarden.ledger.origin": origin,
        "opswarden.semconv": semconv.VERSION,
    }
    scope: dict[str, JsonValue] = {"name": f"{_PRODUCT}.ledger", "version": version}
    return {
        "resourceLogs": [
            {
                "resource": {"attributes": _pairs(resource, _DEPTH)},
                "scopeLogs": [{"scope": scope, "logRecords": list(records)}],
            }
        ]
    }


def otlp_record(exported: Exported) -> dict[str, JsonValue]:
    """One log record: the redacted body, and beside it what people search by."""
    entry = exported.entry
    number, word = _WARN if exported.standing == "failure" else _INFO
    return {
        "timeUnixNano": _nanoseconds(exported.happened_at),
        "observedTimeUnixNano": _nanoseconds(entry.ts),
        "severityNumber": number,
        "severityText": word,
        "eventName": f"{_PRODUCT}.{entry.kind}",
        "body": _any(entry.body, _DEPTH),
        "attributes": _pairs(_attributes(exported), _DEPTH),
    }


def _attributes(exported: Exported) -> dict[str, JsonValue]:
    entry = exported.entry
    verb = entry.kind.partition(".")[0]
    texts = {
        semconv.CONVERSATION_ID: entry.run_id,
        semconv.OPERATION_NAME: _OPERATIONS.get(verb, ""),
        semconv.AGENT_NAME: exported.agent.role,
        semconv.TEAM: exported.agent.team,
        _USER: exported.person,
        _ENVIRONMENT: exported.text("environment"),
        semconv.TOOL_NAME: exported.text("tool") if verb in ("call", "approval", "value") else "",
        semconv.TOOL_CALL_ID: exported.text("call_id") if verb in ("call", "approval", "value") else "",
        semconv.REQUEST_MODEL: semconv.model_of(exported.text("model")) if entry.kind == "prompt.decided" else "",
        semconv.RESPONSE_MODEL: exported.text("model") if entry.kind == "prompt.outcome" else "",
        semconv.DECISION: exported.text("decision"),
        semconv.DECISION_CODE: exported.text("code"),
        semconv.RESULT_STATUS: exported.text("status"),
        semconv.ERROR_TYPE: _error(exported),
        _KIND: entry.kind,
        _LEAF: entry.leaf.hex(),
    }
    found: dict[str, JsonValue] = {name: text for name, text in texts.items() if text}
    found[semconv.LEDGER_SEQ] = entry.seq
    if entry.kind == "prompt.outcome":
        numbers = {name: entry.body.get(ours) for ours, name in _NUMBERS.items()}
        found.update({name: value for name, value in numbers.items() if isinstance(value, int)})
    return found


def _error(exported: Exported) -> str:
    """A low number of words, as the convention asks; a decision that says no is no error."""
    if exported.standing != "failure" or not exported.entry.kind.endswith(".outcome"):
        return ""
    return exported.text("error") or exported.text("code") or "_OTHER"


def _nanoseconds(moment: datetime) -> str:
    return str(round(moment.timestamp() * 1_000) * 1_000_000)


def _pairs(values: Mapping[str, JsonValue], depth: int) -> list[JsonValue]:
    return [{"key": name, "value": _any(value, depth)} for name, value in values.items()]


def _any(value: JsonValue, depth: int) -> dict[str, JsonValue]:
    """An `AnyValue`; an empty one stands for null."""
    if value is None:
        return {}
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, int):
        return {"intValue": str(value)}
    if isinstance(value, float):
        return {"doubleValue": value}
    if isinstance(value, str):
        return {"stringValue": value}
    if depth == 0:
        return {"stringValue": json.dumps(value)}
    if isinstance(value, Mapping):
        return {"kvlistValue": {"values": _pairs(value, depth - 1)}}
    return {"arrayValue": {"values": [_any(item, depth - 1) for item in value]}}
