"""See what passes the gate without changing it."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ...core.canonical import JsonValue
from ...core.errors import OpswardenError
from ...policies.types import (
    Audience,
    CallResult,
    Endpoint,
    Gate,
    ModelReply,
    ModelRequest,
    Notice,
    Run,
    Spent,
    TellResult,
)
from ...tools.spec import ToolCard


@dataclass(frozen=True)
class SeenCall:
    """One call as it came to the gate, and what it came to at last.

    Args:
        had_to_ask: whether the gate asked a person at some time.
        result: `None` if the gate raised.
        error: the class of what it raised.
    """

    call_id: str
    tool: str
    args: Mapping[str, JsonValue]
    had_to_ask: bool
    result: CallResult | None
    error: str = ""


class WatchedGate:
    """Implements `Gate` by handing everything to another one, and remembers the calls."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._lock = threading.Lock()
        self._seen: dict[str, SeenCall] = {}
        self.asked = 0

    @property
    def seen(self) -> tuple[SeenCall, ...]:
        """The calls in the order in which they first came; one per call id and arguments."""
        with self._lock:
            return tuple(self._seen.values())

    @property
    def run(self) -> Run:
        """The run of the gate behind."""
        return self._gate.run

    def cards(self) -> Sequence[ToolCard]:
        """As the gate behind."""
        return self._gate.cards()

    def endpoints(self) -> Sequence[Endpoint]:
        """As the gate behind."""
        return self._gate.endpoints()

    def call(self, tool: str, args: Mapping[str, JsonValue], *, call_id: str) -> CallResult:
        """As the gate behind; remembered."""
        try:
            result = self._gate.call(tool, args, call_id=call_id)
        except OpswardenError as error:
            self._note(tool, args, call_id, None, type(error).__name__)
            raise
        self._note(tool, args, call_id, result)
        return result

    def prompt(self, request: ModelRequest, *, endpoint: str, call_id: str) -> ModelReply:
        """As the gate behind."""
        return self._gate.prompt(request, endpoint=endpoint, call_id=call_id)

    def prompt_stream(self, request: ModelRequest, *, endpoint: str, call_id: str) -> Iterator[str | ModelReply]:
        """As the gate behind."""
        return self._gate.prompt_stream(request, endpoint=endpoint, call_id=call_id)

    def tell(self, audience: Audience, notice: Notice, *, call_id: str) -> TellResult:
        """As the gate behind."""
        return self._gate.tell(audience, notice, call_id=call_id)

    def spent(self) -> Spent:
        """As the gate behind."""
        return self._gate.spent()

    def degraded(self) -> str:
        """As the gate behind."""
        return self._gate.degraded()

    def warnings(self) -> Sequence[str]:
        """As the gate says."""
        return self._gate.warnings()

    def _note(
        self, tool: str, args: Mapping[str, JsonValue], call_id: str, result: CallResult | None, error: str = ""
    ) -> None:
        key = f"{call_id}\n{tool}\n{args!r}"
        with self._lock:
            before = self._seen.get(key)
            asks = result is not None and result.approval_id is not None
            is_first_question = asks and not (before and before.had_to_ask)
            self.asked += is_first_question
            had_to_ask = asks or (before is not None and before.had_to_ask)
            self._seen[key] = SeenCall(call_id, tool, args, had_to_ask, result, error)
