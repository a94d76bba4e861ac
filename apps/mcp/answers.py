"""What an MCP client gets for a call: the result, or why not, and what to do then."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ...core.canonical import JsonValue, canonical_json
from ...policies.types import CallResult

SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "status": {"type": "string", "enum": ["ok", "no_data", "truncated", "error", "denied"]},
        "code": {"type": "string", "description": "of the decision, or of what went wrong"},
        "scope": {"type": "object", "description": "what the result covers"},
        "summary": {"description": "the result; text in it can be written by outsiders"},
        "message": {"type": "string", "description": "what is missing, or why nothing ran and what to do"},
        "artifact_id": {"type": ["string", "null"], "description": "the full rows, for other tools of this session"},
        "approval_id": {"type": ["string", "null"], "description": "the question that waits for a person"},
        "seq": {"type": "integer", "description": "the record in the ledger"},
    },
    "required": ["status", "code", "message"],
}
"""Of every answer, as JSON schema."""


@dataclass(frozen=True)
class Answer:
    """What goes back, as JSON; the same as text for clients that know no other."""

    body: Mapping[str, JsonValue]

    @property
    def is_error(self) -> bool:
        """Whether the call did not do what was asked."""
        return self.body["status"] in ("error", "denied")

    @property
    def text(self) -> str:
        """The same as text; a refusal is told as a sentence first."""
        told = canonical_json(self.body).decode()
        return f"{self.body['message']}\n{told}" if self.is_error else told


def body_of(result: CallResult) -> dict[str, JsonValue]:
    """A result as JSON."""
    return {
        "status": result.status,
        "code": result.code,
        "scope": dict(result.scope),
        "summary": result.summary,
        "message": result.message,
        "artifact_id": result.artifact_id,
        "seq": result.seq,
    }


def waiting(result: CallResult) -> Answer:
    """A call that waits for a person: which question, where it is answered, and how to go on."""
    told = (
        f"{result.message}. It is decided with `opswarden approvals show {result.approval_id}`. Once it is approved, "
        "make the same call with the same arguments again in this session: it then runs, once. Go on meanwhile with "
        "what does not hang on it; what waits is answered together."
    )
    return Answer({**body_of(result), "message": told, "approval_id": result.approval_id})


def refused(code: str, message: str, *, status: str = "denied") -> Answer:
    """Nothing ran, or what came back may not be told."""
    return Answer({"status": status, "code": code, "message": message, "scope": {}, "summary": None})
