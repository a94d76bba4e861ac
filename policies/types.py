"""The words of the gate: who asks, what is decided, and what comes back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Literal, Protocol, TypeAlias, runtime_checkable

from ..core.canonical import JsonValue
from ..core.clock import Deadline
from ..tools.spec import Status, ToolCard
from .data_facts import DataLabel

Stage = Literal["observe", "recommend", "act"]
"""How far a tool may go: recorded only, proposed to people, or run."""

Word = Literal["allow", "ask", "deny"]
"""What a decision is called in records, cases and on the command line."""

EntryKind = Literal[
    "run.started",
    "run.ended",
    "call.decided",
    "call.outcome",
    "prompt.decided",
    "prompt.outcome",
    "tell.decided",
    "tell.outcome",
    "approval.requested",
    "approval.answered",
    "approval.consumed",
    "approval.voided",
    "approval.escalated",
    "approval.expired",
    "value.endorsed",
    "switch.set",
    "stage.set",
    "proposal.judged",
    "incident.labelled",
    "model.signed_off",
    "emergency.opened",
    "emergency.closed",
    "emergency.reviewed",
    "ticket.given",
    "vault.revealed",
    "capture.written",
    "file.written",
    "system.conformed",
    "keys.changed",
    "server.accepted",
    "token.made",
    "person.signed_in",
    "runner.refused",
    "journal.merged",
    "payload.erased",
    "data.held",
    "data.erased",
    "ledger.restored",
]


GUARD_ROLE = "rollout-guard"
"""The role of the code that judges rollouts and gives traffic back by itself; no agent has it."""


@dataclass(frozen=True)
class Principal:
    """Who asks.

    Args:
        role: the agent's role: `triage`, `runbooks`, …
        on_behalf_of: `person:<name>` or `system:<trigger>`.
        team: the team the run belongs to.
    """

    role: str
    on_behalf_of: str
    team: str


@dataclass(frozen=True)
class Run:
    """One run of an agent; everything it makes belongs to its team.

    Args:
        known_names: names whose origin is the operator: the service catalogue, the topology.
        request: what the person asked for, in their own words, as the surface that knows the person got it; empty where
            nobody asked. It is leave for what it names (see `provenance`), so nothing else may ever be put here.
        requester_roles: roles of the person on whose behalf the run works.
        environment: the only one in which it may change or send something; `None` if it was opened for none.
        audience_team: whose eyes its answers meet; the run reads only what both teams may see.
        brings: labels of data that the run holds from its start, because whoever asks sends them.
    """

    id: str
    principal: Principal
    trigger: str
    known_names: tuple[str, ...] = ()
    request: str = ""
    requester_roles: frozenset[str] = frozenset()
    environment: str | None = None
    audience_team: str | None = None
    brings: frozenset[DataLabel] = frozenset()


@dataclass(frozen=True)
class Allow:
    """The call may run."""

    word: ClassVar[Word] = "allow"
    code: str
    policy_ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class Ask:
    """The call waits for a person who holds one of the roles, or all of them if it `needs_every_role`."""

    word: ClassVar[Word] = "ask"
    code: str
    roles: tuple[str, ...]
    reason: str
    policy_ids: tuple[str, ...] = ()
    two_person: bool = False
    needs_every_role: bool = False

    @property
    def who(self) -> str:
        """Whose approval it takes, in words."""
        return (" and " if self.needs_every_role else " or ").join(self.roles)


@dataclass(frozen=True)
class Deny:
    """The call does not run; `remedy` says what to do instead and repeats no argument."""

    word: ClassVar[Word] = "deny"
    code: str
    reason: str
    remedy: str = ""
    policy_ids: tuple[str, ...] = ()


Decision: TypeAlias = Allow | Ask | Deny


@dataclass(frozen=True)
class CallResult:
    """What an agent gets back from `Gate.call`; redacted and small.

    Args:
        status: `denied` also while a person is being asked; then `approval_id` is set.
        code: the code of the decision.
        scope: what the result covers; empty where nothing ran.
        summary: the redacted result, JSON of the tool's result model.
        artifact_id: where tools can read the full rows; absent if there are none.
        seq: the ledger entry of the outcome, or of the decision where nothing ran; -1 while the ledger is down.
        message: why it is not `ok`, and what to do.
    """

    call_id: str
    tool: str
    status: Status
    code: str
    scope: Mapping[str, JsonValue] = field(default_factory=dict)
    summary: JsonValue = None
    artifact_id: str | None = None
    seq: int = -1
    message: str = ""
    approval_id: str | None = None


Ability = Literal["tools", "json", "stream"]


@dataclass(frozen=True)
class Endpoint:
    """A language model somewhere, as the operator declared it.

    Args:
        name: short name, unique in the list.
        model: LiteLLM's `provider/name`.
        region: where it runs, for data rules; `unknown` if undeclared.
        context_tokens: what fits into one request and its answer.
        abilities: `tools`, `json` (structured output), `stream`.
        input_microusd_per_mtok: price of a million tokens in.
        output_microusd_per_mtok: price of a million tokens out.
        is_self_hosted: whether it runs inside our own trust zone.
        provider: whose it is, for data rules; `unknown` if undeclared.
        terms: what the provider has agreed to, for data rules: `dpa`, `no-training`, …
    """

    name: str
    model: str
    region: str = "unknown"
    context_tokens: int = 32_768
    abilities: frozenset[Ability] = frozenset({"tools", "json", "stream"})
    input_microusd_per_mtok: int = 0
    output_microusd_per_mtok: int = 0
    is_self_hosted: bool = False
    provider: str = "unknown"
    terms: frozenset[str] = frozenset()


Message: TypeAlias = Mapping[str, JsonValue]
"""One message in OpenAI's chat format."""


@dataclass(frozen=True)
class ModelRequest:
    """One request to a model. The gate redacts `messages` before a transport sees it.

    `prompts` says which versioned texts of ours are in it, name → hash; it is recorded and sent nowhere.
    """

    messages: tuple[Message, ...]
    tools: tuple[Mapping[str, JsonValue], ...] = ()
    tool_choice: str | None = None
    response_format: Mapping[str, JsonValue] | None = None
    max_tokens: int = 2048
    temperature: float | None = None
    stop: tuple[str, ...] = ()
    prompts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ToolRequest:
    """A tool call that a model asks for; `arguments` is the JSON text as it came."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True)
class ModelReply:
    """One answer of a model, redacted."""

    text: str
    tool_requests: tuple[ToolRequest, ...] = ()
    finish_reason: str = "stop"
    model: str = ""
    endpoint: str = ""
    tokens_in: int = 0
    tokens_out: int = 0
    cost_microusd: int = 0
    seq: int = -1


class ModelTransport(Protocol):
    """Carries a request to one endpoint; holds the credential. Handed to the gate by wiring, to nobody else."""

    @property
    def endpoint(self) -> Endpoint:
        """Where requests go."""
        ...

    def complete(self, request: ModelRequest, deadline: Deadline) -> ModelReply:
        """Send and wait.

        Raises:
            ModelError: with `retryable` set for what may succeed later.
        """
        ...

    def stream(self, request: ModelRequest, deadline: Deadline) -> Iterator[str | ModelReply]:
        """Text as it arrives, then the whole reply as the last item."""
        ...


@dataclass(frozen=True)
class Audience:
    """Who is told: a terminal, a file, a channel. `team` is whose eyes these are."""

    kind: str
    name: str
    team: str


@dataclass(frozen=True)
class Notice:
    """Something to tell people: a kind, and a JSON body that a sender renders. The gate redacts the body.

    Args:
        cites: evidence number → ledger place of the result; recorded, so that a rerun can name the evidence.
    """

    kind: str
    body: Mapping[str, JsonValue]
    cites: Mapping[str, int] = field(default_factory=dict)


class Sender(Protocol):
    """Delivers a redacted notice once; the key lets the far side drop a repetition."""

    def send(self, audience: Audience, notice: Notice, key: str) -> str:
        """Deliver, and return a receipt (a message id, a path).

        Raises:
            BackendError: it could not be delivered.
        """
        ...


@runtime_checkable
class RepeatableSender(Protocol):
    """A sender whose far side has a notice once, however often it is sent under one key.

    Where a process died while it told something, the gate sends it again through such a sender. Through any other it
    does not, and says that nobody knows whether it arrived.
    """

    repeats_safely: Literal[True]


@dataclass(frozen=True)
class TellResult:
    """What became of a notice.

    Args:
        status: `failed` where telling it again is safe: it certainly did not arrive, or (`outcome-unknown`) nobody
            knows and the far side has it once however often it is sent. `unknown` where nobody knows and it is told no
            more.
    """

    status: Literal["sent", "denied", "waiting", "failed", "unknown"]
    code: str
    receipt: str = ""
    body: Mapping[str, JsonValue] = field(default_factory=dict)
    seq: int = -1
    message: str = ""
    approval_id: str | None = None


@dataclass(frozen=True)
class Spent:
    """What a run has used so far."""

    calls: int = 0
    prompts: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    microusd: int = 0
    rows: int = 0
    bytes: int = 0


class Gate(Protocol):
    """The one door, opened for one run. The three verbs are all an agent can do to the world."""

    @property
    def run(self) -> Run:
        """The run this gate was opened for."""
        ...

    def cards(self) -> Sequence[ToolCard]:
        """The tools that policy could allow this role, without their callables."""
        ...

    def endpoints(self) -> Sequence[Endpoint]:
        """The model endpoints in the operator's order."""
        ...

    def call(self, tool: str, args: Mapping[str, JsonValue], *, call_id: str) -> CallResult:
        """Run a tool, or learn why not. The same `call_id` in the same run never takes effect twice.

        A refusal, a failure and a pending approval are results, not exceptions.

        Raises:
            LedgerError: nothing could be recorded and the tool writes or sends.
            RedactionError: a result could not be cleaned; it is withheld.
        """
        ...

    def prompt(self, request: ModelRequest, *, endpoint: str, call_id: str) -> ModelReply:
        """Ask a model. Placeholders are never restored on this way.

        Raises:
            CallDenied: policy or budget says no for this endpoint.
            ModelError: the endpoint failed.
        """
        ...

    def prompt_stream(self, request: ModelRequest, *, endpoint: str, call_id: str) -> Iterator[str | ModelReply]:
        """Like `prompt`, with redacted text as it arrives and the whole reply last."""
        ...

    def tell(self, audience: Audience, notice: Notice, *, call_id: str) -> TellResult:
        """Tell people something, once."""
        ...

    def spent(self) -> Spent:
        """What the run has used."""
        ...

    def degraded(self) -> str:
        """Why records go to the fallback journal; empty while the ledger works."""
        ...

    def warnings(self) -> Sequence[str]:
        """What whoever reads a report of this run now has to know: emergency access that is open."""
        ...


class GateFactory(Protocol):
    """Opens gates; evaluations are handed one of these."""

    def open(self, run: Run) -> Gate:
        """A gate for a new or a resumed run."""
        ...
