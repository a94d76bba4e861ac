"""How a run of a tool ended: what came back is stored, redacted and cut; what broke is told without its text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..core.canonical import JsonValue, canonical_json
from ..core.errors import BackendError, RedactionError, ToolFailed, ToolRetry
from ..tools.shown import as_shown, shortened
from ..tools.spec import AnyTool, Args, Output, Status
from .desk import Desk
from .fingerprints import hashable
from .services import Services
from .subjects import told_of_withheld, why_withheld, withheld
from .summaries import bound, fit, plain_json
from .trail import Brought
from .undo import undo_facts

UNKNOWN = "outcome-unknown"
UNKNOWN_MESSAGE = "it is not known whether this took effect; it will not be tried again: look before proposing it anew"


@dataclass(frozen=True)
class Ended:
    """How a run of a tool ended, cleaned.

    Args:
        is_known: False for a write or send that may or may not have taken effect.
        rows: of the full result.
        bytes: of the full result and the summary.
        body: for the ledger, beside status and code.
        said: what of the message the tool wrote.
    """

    status: Status
    code: str = ""
    message: str = ""
    scope: Mapping[str, JsonValue] | None = None
    summary: JsonValue = None
    artifact_id: str | None = None
    is_known: bool = True
    is_withheld: bool = False
    rows: int = 0
    bytes: int = 0
    body: Mapping[str, JsonValue] | None = None
    said: str = ""


class Endings:
    """Makes of what a tool returned or raised what an agent and the ledger may see, in one run."""

    def __init__(self, services: Services, desk: Desk) -> None:
        self._services = services
        self._desk = desk

    def late(self, tool: AnyTool, *, has_started: bool) -> Ended:
        """What a deadline that has passed means; a write or send that had started may have taken effect."""
        if has_started and tool.effect != "read":
            return Ended("error", UNKNOWN, UNKNOWN_MESSAGE, is_known=False, body={"error": "deadline"})
        return Ended("error", "deadline", f"no answer within {tool.timeout_s:g} s", body={"error": "deadline"})

    def failed(self, tool: AnyTool, error: Exception) -> Ended:
        """What an exception means. Of an unexpected one only the class is told: its text can hold anything."""
        kind = type(error).__name__
        if isinstance(error, (ToolRetry, ToolFailed)):
            code = "tool-retry" if isinstance(error, ToolRetry) else "tool-failed"
            said = self.clean(" ".join(filter(None, (error.message, error.remedy))))
            return Ended("error", code, said, body={"error": kind}, said=said)
        if tool.effect != "read":
            # A connection that broke says nothing about what the far side did.
            return Ended("error", UNKNOWN, UNKNOWN_MESSAGE, is_known=False, body={"error": kind})
        if isinstance(error, BackendError):
            said = self.clean(error.message)
            return Ended("error", "backend", said, body={"error": kind}, said=said)
        return Ended("error", "tool-broken", f"the tool broke ({kind})", body={"error": kind})

    def clean(self, text: str, *, ours: bool = False, limit: int = 120) -> str:
        """A short text that is safe to show, whatever it was."""
        redactor = self._desk.redactor
        try:
            return shortened(redactor.clean_ours(text).text if ours else redactor.text(text), limit)
        except RedactionError:
            return "(withheld: it could not be cleaned)"

    def digest(self, tool: AnyTool, args: Args, output: object) -> Ended:
        """Store the full rows, redact, flatten and cut; what comes back is what the agent sees."""
        if not isinstance(output, Output) or not (output.summary is None or isinstance(output.summary, tool.result)):
            return Ended(
                "error", "tool-broken", "the tool returned something it did not declare", body={"error": "result"}
            )
        artifact, notes = None, []
        if output.artifact is not None:
            try:
                run = self._desk.run
                artifact = self._services.artifacts.write(output.artifact, run_id=run.id, team=run.principal.team)
            except ToolFailed as error:
                notes.append(f"the full rows could not be kept: {error.message}")
        summary = None if output.summary is None else plain_json(output.summary.model_dump(mode="json"))
        coarse = bound(summary, tool.summary_tokens)
        raw: dict[str, JsonValue] = {
            "scope": plain_json(output.scope.model_dump(mode="json", exclude_none=True)),
            "summary": coarse.value,
            "note": plain_json(output.note),
        }
        try:
            salvaged = self._desk.redactor.under(f"environment:{tool.environment}").value_salvaged(raw)
            shown = salvaged.value
            if not isinstance(shown, Mapping):
                raise RedactionError("redaction changed the shape of a result")
            small = fit(as_shown(shown["summary"], tool.result), tool.summary_tokens)
            notes += [self._desk.redactor.clean_ours(line).text for line in (*coarse.left_out, *small.left_out)]
        except RedactionError as error:
            message = "the result is withheld because it could not be cleaned"
            return Ended(
                "error",
                "redaction-failed",
                message,
                is_withheld=True,
                body={"error": type(error).__name__, **why_withheld(error)},
            )
        if salvaged.withheld:
            notes.append(told_of_withheld(salvaged.withheld))
        scope, note = shown["scope"], str(shown["note"] or "")
        is_cut = bool(notes)
        return Ended(
            status="truncated" if is_cut and output.status == "ok" else output.status,
            message="; ".join(filter(None, (note, *notes))),
            scope=scope if isinstance(scope, Mapping) else {},
            summary=small.value,
            artifact_id=artifact.id if artifact else None,
            rows=0 if output.artifact is None else output.artifact.num_rows,
            bytes=(0 if output.artifact is None else output.artifact.nbytes) + len(canonical_json(small.value)),
            body={
                "result_hmac": self._desk.fingerprints.of(hashable(raw, shown).value),
                "artifact_sha256": artifact.sha256 if artifact else None,
                "artifact_rows": artifact.rows if artifact else None,
                **withheld(salvaged.withheld),
                **undo_facts(self._services, self._desk.run, self._desk.redactor, args, tool, output),
            },
            said=note,
        )

    def brought(self, tool: AnyTool, ended: Ended) -> Brought:
        """What the call adds to what the run knows, for its trail."""
        found: dict[str, JsonValue] = {"tool": tool.name, "status": ended.status, "summary": ended.summary}
        is_empty = ended.status in ("error", "no_data")
        return Brought(self._desk.fingerprints.of(found), is_empty, is_effect=tool.effect != "read")
