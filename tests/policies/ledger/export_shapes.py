"""JSON Schemas of what the formats of `audit export` document as required and allowed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

TEXT = {"type": "string", "minLength": 1}
WHOLE = {"type": "integer", "minimum": 0}


def record(required: Sequence[str], properties: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "object", "required": list(required), "properties": properties, **more}


# What release 1.3.0 requires of API Activity, of the objects in it, and the values that it knows.
OCSF = record(
    [
        "activity_id",
        "category_uid",
        "class_uid",
        "type_uid",
        "severity_id",
        "time",
        "metadata",
        "actor",
        "api",
        "src_endpoint",
    ],
    {
        "activity_id": {"enum": [0, 1, 2, 3, 4, 99]},
        "activity_name": TEXT,
        "category_uid": {"const": 6},
        "class_uid": {"const": 6003},
        "type_uid": {"enum": [600300, 600301, 600302, 600303, 600304, 600399]},
        "severity_id": {"enum": [0, 1, 2, 3, 4, 5, 6, 99]},
        "status_id": {"enum": [0, 1, 2, 99]},
        "status": TEXT,
        "status_code": TEXT,
        "status_detail": TEXT,
        "message": {"type": "string"},
        "time": {"type": "integer", "minimum": 1_600_000_000_000, "maximum": 4_000_000_000_000},
        "metadata": record(
            ["version", "product"],
            {
                "version": {"pattern": r"^1\.[0-9]+\.[0-9]+$"},
                "product": record(["name", "vendor_name"], {"name": TEXT, "vendor_name": TEXT, "version": TEXT}),
                "uid": {"type": "string", "pattern": "^[0-9]+$"},
                "sequence": WHOLE,
                "log_name": TEXT,
                "event_code": TEXT,
                "correlation_uid": TEXT,
                "original_time": TEXT,
                "logged_time": WHOLE,
            },
            additionalProperties=False,
        ),
        "actor": record(
            [],
            {
                "app_name": TEXT,
                "session": record([], {"uid": TEXT}, additionalProperties=False),
                "user": record(
                    [],
                    {"uid": TEXT, "name": TEXT, "groups": {"type": "array", "items": record([], {"name": TEXT})}},
                    additionalProperties=False,
                    anyOf=[{"required": ["uid"]}, {"required": ["name"]}],
                ),
            },
            additionalProperties=False,
            anyOf=[{"required": [name]} for name in ("process", "user", "session", "app_name", "app_uid")],
        ),
        "api": record(
            ["operation"],
            {
                "operation": TEXT,
                "service": record([], {"name": TEXT}),
                "request": record(["uid"], {"uid": TEXT}, additionalProperties=False),
            },
            additionalProperties=False,
        ),
        "src_endpoint": record(
            [],
            {"svc_name": TEXT, "name": TEXT},
            additionalProperties=False,
            anyOf=[{"required": [name]} for name in ("ip", "uid", "name", "hostname", "svc_name")],
        ),
        "resources": {"type": "array", "items": record([], {"name": TEXT, "type": TEXT})},
        "category_name": {"const": "Application Activity"},
        "class_name": {"const": "API Activity"},
        "type_name": {"pattern": "^API Activity: "},
        "severity": TEXT,
        "unmapped": {"type": "object"},
    },
    additionalProperties=False,
)

ANY = {"$ref": "#/$defs/any"}
OTLP = record(
    ["resourceLogs"],
    {
        "resourceLogs": {
            "type": "array",
            "minItems": 1,
            "items": record(
                ["resource", "scopeLogs"],
                {
                    "resource": record(
                        ["attributes"], {"attributes": {"$ref": "#/$defs/pairs"}}, additionalProperties=False
                    ),
                    "scopeLogs": {
                        "type": "array",
                        "items": record(
                            ["logRecords"],
                            {
                                "scope": record(["name"], {"name": TEXT, "version": TEXT}, additionalProperties=False),
                                "logRecords": {
                                    "type": "array",
                                    "minItems": 1,
                                    "maxItems": 100,
                                    "items": {"$ref": "#/$defs/log"},
                                },
                            },
                            additionalProperties=False,
                        ),
                    },
                },
                additionalProperties=False,
            ),
        }
    },
    additionalProperties=False,
) | {
    "$defs": {
        "log": record(
            ["timeUnixNano", "observedTimeUnixNano", "severityNumber", "body", "attributes"],
            {
                "timeUnixNano": {"type": "string", "pattern": "^[0-9]{19}$"},
                "observedTimeUnixNano": {"type": "string", "pattern": "^[0-9]{19}$"},
                "severityNumber": {"type": "integer", "minimum": 1, "maximum": 24},
                "severityText": TEXT,
                "eventName": TEXT,
                "body": ANY,
                "attributes": {"$ref": "#/$defs/pairs"},
            },
            additionalProperties=False,
        ),
        "pairs": {
            "type": "array",
            "items": record(["key", "value"], {"key": TEXT, "value": ANY}, additionalProperties=False),
        },
        "any": {
            "type": "object",
            "maxProperties": 1,
            "additionalProperties": False,
            "properties": {
                "stringValue": {"type": "string"},
                "boolValue": {"type": "boolean"},
                "intValue": {"type": "string", "pattern": "^-?[0-9]+$"},
                "doubleValue": {"type": "number"},
                "arrayValue": record(["values"], {"values": {"type": "array", "items": ANY}}),
                "kvlistValue": record(["values"], {"values": {"$ref": "#/$defs/pairs"}}),
            },
        },
    }
}
