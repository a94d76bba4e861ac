"""A gate of its own in a folder: the real policies, redaction, ledger and stores, around tools that are handed in."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ...core.clock import SystemClock
from ...core.ids import TimeOrderedIds
from ...core.keys import FileKeys
from ...core.sqlite import SqliteDatabase
from ...policies.artifacts import ArtifactStore
from ...policies.budgets import Limits
from ...policies.engine import CedarEngine
from ...policies.gate import LocalGateFactory
from ...policies.ledger.fallback import FallbackJournal
from ...policies.ledger.sqlite import SqliteLedger
from ...policies.services import GateRules
from ...policies.stages import Stages
from ...redaction.engine import Redaction
from ...redaction.join_tokens import JoinTokens
from ...redaction.memory_vault import MemoryVault
from ...tools.spec import AnyTool

_PLENTY = Limits(calls=10_000, prompts=10_000, tells=10_000, tokens=10**9, microusd=10**12, wall_s=10**6)


class Installation:
    """An installation in which every tool is at stage `act`, so that only policy and provenance hold it back."""

    def __init__(self, root: Path, tools: Sequence[AnyTool], redaction: Redaction) -> None:
        clock = SystemClock()
        keys = FileKeys(root / "keys.json")
        (root / "artifacts").mkdir(exist_ok=True)
        self.database = SqliteDatabase(root / "gate.sqlite")
        self.ledger = SqliteLedger(self.database, keys, clock)
        self.ids = TimeOrderedIds(clock)
        vault = MemoryVault(keys.secret("vault"))
        by_name = {tool.name: tool for tool in tools}
        self.factory = LocalGateFactory(
            tools,
            CedarEngine.load(tools),
            lambda run: redaction.for_run(
                run.id,
                vault=vault,
                known_names=run.known_names,
                joins=JoinTokens(redaction, keys, run.principal.team),
            ),
            redaction.scrub,
            self.ledger,
            self.database,
            keys,
            clock,
            self.ids,
            artifacts=ArtifactStore(root / "artifacts", keys, clock, self.ids),
            fallback=FallbackJournal(root / "fallback.jsonl", keys, clock),
            rules=GateRules(limits=_PLENTY, stages=Stages(by_name, {"*": {"*": dict.fromkeys(by_name, "act")}})),
        )

    def close(self) -> None:
        """Let go of the database."""
        self.database.close()
