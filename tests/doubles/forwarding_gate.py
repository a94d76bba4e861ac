"""A declared double of the gate for tests of what stands before it: it forwards prompts to transports and notes them.

It redacts, decides and records nothing; `denied` names endpoints that it refuses.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from opswarden.core.canonical import JsonValue
from opswarden.core.clock import Deadline, SystemClock
from opswarden.core.errors import CallDenied
from opswarden.policies.types import (
    Audience,
    CallResult,
    Endpoint,
    ModelReply,
    ModelRequest,
    ModelTransport,
    Notice,
    Principal,
    Run,
    Spent,
    TellResult,
)
from opswarden.tools.spec import ToolCard


class ForwardingGate:
    """A `Gate` whose `prompt` goes straight to a transport.

    Args:
        transports: the endpoints, in order.
        denied: endpoint names that are refused, with the code of the refusal.
    """

    def __init__(
        self, *transports: ModelTransport, denied: Mapping[str, str] | None = None, timeout_s: float = 20.0
    ) -> None:
        self.transports = {one.endpoint.name: one for one in transports}
        self.denied = dict(denied or {})
        self.prompts: list[tuple[str, str, ModelRequest]] = []
        self._timeout_s = timeout_s

    @property
    def run(self) -> Run:
        """A run of nobody in particular."""
        return Run("run_test", Principal("triage", "person:tester", "team"), "test")

    def cards(self) -> Sequence[ToolCard]:
        """None."""
        return ()

    def endpoints(self) -> Sequence[Endpoint]:
        """Those of the transports."""
        return [one.endpoint for one in self.transports.values()]

    def prompt(self, request: ModelRequest, *, endpoint: str, call_id: str) -> ModelReply:
        """Note the request, and forward it."""
        transport = self._admit(request, endpoint, call_id)
        return transport.complete(request, Deadline(SystemClock(), self._timeout_s))

    def prompt_stream(self, request: ModelRequest, *, endpoint: str, call_id: str) -> Iterator[str | ModelReply]:
        """Note the request, and forward it."""
        transport = self._admit(request, endpoint, call_id)
        yield from transport.stream(request, Deadline(SystemClock(), self._timeout_s))

    def call(self, tool: str, args: Mapping[str, JsonValue], *, call_id: str) -> CallResult:
        """Not here."""
        raise NotImplementedError

    def tell(self, audience: Audience, notice: Notice, *, call_id: str) -> TellResult:
        """Not here."""
        raise NotImplementedError

    def spent(self) -> Spent:
        """Nothing is counted."""
        return Spent()

    def warnings(self) -> Sequence[str]:
        """There is no emergency access to open."""
        return ()

    def degraded(self) -> str:
        """There is no ledger to be down."""
        return ""

    def _admit(self, request: ModelRequest, endpoint: str, call_id: str) -> ModelTransport:
        self.prompts.append((endpoint, call_id, request))
        if endpoint in self.denied:
            raise CallDenied(f"endpoint {endpoint!r} is not allowed here", code=self.denied[endpoint])
        return self.transports[endpoint]
