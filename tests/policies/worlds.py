"""A small installation in a folder: real policies, ledger, redaction, stores, and tools that leave traces in a file.

Also imported by `crash_worker.py`, which runs in a process of its own.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

import pyarrow as pa
from opentelemetry.trace import Tracer
from pydantic import AwareDatetime, Field, SecretStr

from opswarden.core.clock import Clock, Deadline, FixedClock
from opswarden.core.database import Database
from opswarden.core.errors import BackendError, ModelError, ToolFailed, ToolRetry
from opswarden.core.ids import IdSource, TimeOrderedIds
from opswarden.core.keys import FileKeys
from opswarden.core.sqlite import SqliteDatabase
from opswarden.policies.artifacts import ArtifactStore
from opswarden.policies.budgets import Limits
from opswarden.policies.day_budgets import DayBudgets
from opswarden.policies.embedding import Embedding
from opswarden.policies.emergencies import Emergencies, EmergencySettings
from opswarden.policies.engine import CedarEngine
from opswarden.policies.environments import Environments
from opswarden.policies.freezes import Freezes
from opswarden.policies.gate import LocalGateFactory, RunGate
from opswarden.policies.ledger.fallback import FallbackJournal
from opswarden.policies.ledger.postgres import open_ledger
from opswarden.policies.ledger.types import Ledger, StoredEntry
from opswarden.policies.loading import PolicyFile
from opswarden.policies.run_data import Residency
from opswarden.policies.services import GateRules
from opswarden.policies.stage_records import RecordedStages, StageBook
from opswarden.policies.stages import Stages
from opswarden.policies.stop_file import StopFile
from opswarden.policies.surroundings import Surroundings
from opswarden.policies.types import (
    Audience,
    Endpoint,
    ModelReply,
    ModelRequest,
    ModelTransport,
    Notice,
    Principal,
    Run,
    Sender,
    ToolRequest,
)
from opswarden.redaction.engine import Redaction
from opswarden.redaction.join_tokens import JoinTokens
from opswarden.redaction.memory_vault import MemoryVault
from opswarden.tools.spec import (
    AnyTool,
    Args,
    DerivedText,
    Output,
    OutsideText,
    Restores,
    Result,
    Scope,
    Tool,
    ToolContext,
)

START = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
MAIL = "zoe.quist@example.org"
TOKEN = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"[:36]
CARD = "4111 1111 1111 1111"
CANARIES = (MAIL, TOKEN, CARD, CARD.replace(" ", ""))
# Arrow looks for pandas at its first table, and the import would count against the deadline of a tool.
pa.table({"text": [""]})


class SearchArgs(Args):
    query: str = Field(max_length=20_000)
    limit: int = Field(default=10, ge=1)
    since: AwareDatetime | None = Field(default=None, strict=False)


class Line(Result):
    text: OutsideText
    count: int


class Found(Result):
    lines: list[Line]
    service: DerivedText = ""


class RankArgs(Args):
    artifact_id: str


class Ranked(Result):
    best: DerivedText
    rows: int


class RollbackArgs(Args):
    service: str
    revision: int = Field(default=1, ge=0)
    mode: Literal["fast", "slow"] = "fast"
    contact: Annotated[str | None, Restores("EMAIL_ADDRESS")] = None


class Done(Result):
    note: DerivedText


class SayArgs(Args):
    to: Annotated[str, Restores("EMAIL_ADDRESS")]
    body: str


@dataclass
class Effects:
    """What the tools did, in a file so that another process can read it."""

    path: Path
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, *what: object) -> None:
        with self.lock, self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(what) + "\n")

    def all(self) -> list[list[Any]]:
        if not self.path.exists():
            return []
        return [json.loads(line) for line in self.path.read_text(encoding="utf-8").splitlines()]

    def of(self, name: str) -> list[list[Any]]:
        return [effect for effect in self.all() if effect[0] == name]


SCOPE = Scope(environment="prod")


class Shop:
    """The tools of the world; `before` is called with the tool's name before each effect, `after` after it."""

    def __init__(self, effects: Effects) -> None:
        self.effects = effects
        self.lines: list[Line] = [Line(text="checkout is slow", count=3)]
        self.before: Callable[[str], None] = lambda name: None
        self.after: Callable[[str], None] = lambda name: None
        self.keys: list[str] = []

    def search(self, args: SearchArgs, context: ToolContext) -> Output[Found]:
        self.before("logs.search")
        self.effects.add("logs.search", args.query)
        table = pa.table({"text": [line.text for line in self.lines]})
        self.after("logs.search")
        return Output("ok", SCOPE, Found(lines=self.lines), artifact=table)

    def rank(self, args: RankArgs, context: ToolContext) -> Output[Ranked]:
        table = context.artifacts.read(args.artifact_id)
        self.effects.add("attribution.rank", args.artifact_id)
        return Output("ok", SCOPE, Ranked(best="checkout", rows=table.num_rows))

    def rollback(self, args: RollbackArgs, context: ToolContext) -> Output[Done]:
        self.before("rollouts.rollback")
        self.effects.add("rollouts.rollback", args.service, args.revision, args.contact)
        self.keys.append(context.idempotency_key)
        self.after("rollouts.rollback")
        return Output("ok", SCOPE, Done(note="rolled back"))

    def forward(self, args: RollbackArgs, done: Done) -> tuple[str, dict[str, Any]] | None:
        """Back to the revision before; there is none before the first."""
        if args.revision == 0:
            return None
        return "rollouts.rollback", {"service": args.service, "revision": args.revision - 1, "contact": args.contact}

    def freeze(self, args: RollbackArgs, context: ToolContext) -> Output[Done]:
        self.effects.add("rollouts.freeze", args.service)
        return Output("ok", SCOPE, Done(note="frozen"))

    def was_rolled_back(self, args: RollbackArgs, context: ToolContext) -> Output[Done] | None:
        if any(effect[1] == args.service for effect in self.effects.of("models.revert")):
            return Output("ok", SCOPE, Done(note="it was reverted"))
        return None

    def revert(self, args: RollbackArgs, context: ToolContext) -> Output[Done]:
        self.before("models.revert")
        self.effects.add("models.revert", args.service, args.revision, args.contact)
        self.after("models.revert")
        return Output("ok", SCOPE, Done(note="reverted"))

    def say(self, args: SayArgs, context: ToolContext) -> Output[Done]:
        self.effects.add("tickets.comment", args.to, args.body)
        return Output("ok", SCOPE, Done(note="said"))

    def tools(self) -> list[AnyTool]:
        def tool(name: str, effect: Any, args: Any, result: Any, run: Any, **more: Any) -> AnyTool:
            return Tool(name, effect, f"{name} for tests", args, result, run, environment="prod", **more)

        def name_of(args: RollbackArgs) -> str:
            return args.service

        return [
            tool("logs.search", "read", SearchArgs, Found, self.search, timeout_s=5),
            tool("attribution.rank", "read", RankArgs, Ranked, self.rank),
            tool("rollouts.rollback", "write", RollbackArgs, Done, self.rollback, resource=name_of, undo=self.forward),
            tool("rollouts.freeze", "write", RollbackArgs, Done, self.freeze, two_person=True),
            tool("models.revert", "write", RollbackArgs, Done, self.revert, reconcile=self.was_rolled_back),
            tool("tickets.comment", "send", SayArgs, Done, self.say),
        ]


@dataclass
class Model:
    """A scripted endpoint; keeps what it was asked."""

    endpoint: Endpoint
    replies: list[ModelReply | Exception] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)
    seen: list[ModelRequest] = field(default_factory=list)

    def complete(self, request: ModelRequest, deadline: Deadline) -> ModelReply:
        self.seen.append(request)
        reply = self.replies.pop(0) if self.replies else ModelReply("fine", tokens_in=10, tokens_out=2)
        if isinstance(reply, Exception):
            raise reply
        return reply

    def stream(self, request: ModelRequest, deadline: Deadline) -> Iterator[str | ModelReply]:
        reply = self.complete(request, deadline)
        yield from self.pieces or [reply.text]
        yield reply


@dataclass
class Mouth:
    """A sender that keeps what it sent."""

    effects: Effects
    error: Exception | None = None
    sent: list[tuple[Audience, Notice, str]] = field(default_factory=list)

    def send(self, audience: Audience, notice: Notice, key: str) -> str:
        if self.error is not None:
            raise self.error
        self.sent.append((audience, notice, key))
        self.effects.add("send", key)
        return "receipt-1"


class World:
    """One installation; build it twice on one folder to resume what another one left."""

    def __init__(
        self,
        root: Path,
        *,
        clock: Clock | None = None,
        ids: IdSource | None = None,
        stages: Mapping[str, Any] | None = None,
        limits: Limits | None = None,
        days: DayBudgets | None = None,
        files: Sequence[PolicyFile] | None = None,
        ledger: Callable[[Ledger], Ledger] | None = None,
        tools: Sequence[AnyTool] | None = None,
        freezes: Freezes | None = None,
        owners: Mapping[str, str] | None = None,
        tracer: Tracer | None = None,
        vault: MemoryVault | None = None,
        redaction: Redaction | None = None,
        residency: Residency | None = None,
        environments: Environments | None = None,
        credentials: Mapping[str, SecretStr] | None = None,
        database: Database | None = None,
        stop: StopFile | None = None,
        embedding: Embedding | None = None,
    ) -> None:
        self.through: Callable[[RunGate], RunGate] = lambda gate: gate
        root.mkdir(exist_ok=True)
        (root / "artifacts").mkdir(exist_ok=True)
        self.root = root
        self.clock = clock or FixedClock(START)
        self.ids = ids or TimeOrderedIds(self.clock)
        self.keys = FileKeys(root / "keys.json")
        self.database = database or SqliteDatabase(root / "gate.sqlite", timeout_s=5)
        self.effects = Effects(root / "effects.jsonl")
        self.shop = Shop(self.effects)
        self.tools = list(tools if tools is not None else self.shop.tools())
        self.sqlite_ledger = open_ledger(self.database, self.keys, self.clock)
        self.ledger: Ledger = ledger(self.sqlite_ledger) if ledger else self.sqlite_ledger
        self.fallback = FallbackJournal(root / "fallback.jsonl", self.keys, self.clock)
        self.redaction = redaction or Redaction()
        self.vault = vault or MemoryVault(self.keys.secret("vault"))
        self.artifacts = ArtifactStore(root / "artifacts", self.keys, self.clock, self.ids)
        self.hosted = Model(Endpoint("hosted", "acme/large", region="eu", input_microusd_per_mtok=1_000_000))
        self.own = Model(Endpoint("own", "vllm/small", region="dc", is_self_hosted=True))
        transports: list[ModelTransport] = [self.hosted, self.own]
        self.mouth = Mouth(self.effects)
        self.chat = Mouth(self.effects)
        senders: dict[str, Sender] = {"terminal": self.mouth, "chat": self.chat}
        self.book = StageBook(self.database, self.keys)
        self.stages = RecordedStages(Stages({tool.name: tool for tool in self.tools}, stages), self.book)
        self.emergencies = Emergencies(
            self.database, self.ledger, self.keys, self.clock, self.ids, self.redaction.scrub, EmergencySettings()
        )
        engine = CedarEngine(self.tools, files) if files is not None else CedarEngine.load(self.tools)
        self.factory = LocalGateFactory(
            self.tools,
            engine,
            lambda run: self.redaction.for_run(
                run.id,
                vault=self.vault,
                known_names=run.known_names,
                joins=JoinTokens(self.redaction, self.keys, run.principal.team),
            ),
            self.redaction.scrub,
            self.ledger,
            self.database,
            self.keys,
            self.clock,
            self.ids,
            artifacts=self.artifacts,
            fallback=self.fallback,
            transports=transports,
            senders=senders,
            tracer=tracer,
            rules=GateRules(
                limits=limits or Limits(),
                days=days or DayBudgets(),
                stages=self.stages,
                surroundings=Surroundings(emergencies=self.emergencies, stop=stop),
                freezes=freezes or Freezes(),
                owners=owners or {},
                approval_ttl_s=600,
                tell_timeout_s=2,
                residency=residency,
                environments=environments or Environments(),
                credentials=credentials or {},
                embedding=embedding,
            ),
        )

    def open(self, run_id: str = "run_1", **changed: Any) -> RunGate:
        return self.through(self.factory.open_run(run(run_id, **changed)))

    def records(self, kind: str | None = None) -> list[StoredEntry]:
        return [entry for entry in self.sqlite_ledger.entries() if kind is None or entry.kind == kind]

    def record_text(self) -> str:
        return "\n".join(json.dumps(entry.body, ensure_ascii=False) for entry in self.records())

    def everything_stored(self) -> bytes:
        """The raw bytes of every file but the traces of the tools themselves."""
        self.database.close()
        paths = [path for path in self.root.rglob("*") if path.is_file() and path != self.effects.path]
        return b"\n".join(path.read_bytes() for path in paths)


def run(
    run_id: str = "run_1",
    *,
    role: str = "triage",
    who: str = "person:ann",
    team: str = "payments",
    known: tuple[str, ...] = ("checkout",),
    environment: str | None = None,
) -> Run:
    return Run(run_id, Principal(role, who, team), "cli", known, environment=environment)


ACT: Mapping[str, Any] = {
    "*": {
        "prod": {
            "rollouts.rollback": "act",
            "rollouts.freeze": "act",
            "models.revert": "act",
            "tickets.comment": "act",
        }
    }
}

__all__ = [
    "ACT",
    "CANARIES",
    "CARD",
    "MAIL",
    "SCOPE",
    "START",
    "TOKEN",
    "BackendError",
    "Done",
    "Effects",
    "Found",
    "Line",
    "Model",
    "ModelError",
    "Mouth",
    "RollbackArgs",
    "Shop",
    "ToolFailed",
    "ToolRequest",
    "ToolRetry",
    "World",
    "run",
    "time",
]
