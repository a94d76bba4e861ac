"""An entry with what other entries of its run say about it: who acted for whom, and what the tool does to the world.

An outcome names neither; they stand in the decision and in the start of the run.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias, TypeVar

from .types import StoredEntry

K = TypeVar("K")
V = TypeVar("V")
Standing: TypeAlias = Literal["success", "failure", "other", "unknown"]

_MEMORY = 2_000  # runs and calls that are remembered at a time, so that an export of any length stays small
_GOOD = frozenset({"allow", "ok", "sent", "approve", "approved", "shown", "reported", "erased"})
_BAD = frozenset({"deny", "denied", "error", "failed", "foreign", "expired", "not-restorable"})
_OPEN = frozenset({"ask", "waiting", "cancelled"})
_FINDINGS = ("decision", "status", "answer", "outcome")


@dataclass(frozen=True)
class Agent:
    """Who acted; empty texts where the ledger does not say.

    Args:
        role: of the agent.
        on_behalf_of: `person:<name>` or what else the run was started for.
        team: whose run it is.
    """

    role: str = ""
    on_behalf_of: str = ""
    team: str = ""


@dataclass(frozen=True)
class Exported:
    """An entry and its context.

    Args:
        effect: `read`, `write` or `send`; empty where it is no call of a tool, or its decision was not exported.
    """

    entry: StoredEntry
    agent: Agent
    effect: str

    @property
    def happened_at(self) -> datetime:
        """When it was taken down first, in the fallback journal or in the ledger."""
        return self.entry.journal_ts or self.entry.ts

    @property
    def finding(self) -> str:
        """What was decided or came out, in the word of the entry; empty if it holds none."""
        return next((word for word in map(self.text, _FINDINGS) if word), "")

    @property
    def standing(self) -> Standing:
        """What the finding means to somebody who does not know our words."""
        word = self.finding
        if word in _GOOD:
            return "success"
        if word in _BAD:
            return "failure"
        return "other" if word in _OPEN else "unknown"

    @property
    def person(self) -> str:
        """Who did it, where that was a person and no agent: `person:<name>`; otherwise for whom the agent acted."""
        return self.text("by") or self.text("approver") or self.agent.on_behalf_of

    def text(self, name: str) -> str:
        """A text of the body; empty where there is none."""
        value = self.entry.body.get(name)
        return value if isinstance(value, str) else ""


class Context:
    """Adds the context to entries as they pass.

    Args:
        start_of: the first entry of a run, for runs that began before the first entry that passes.
    """

    def __init__(self, start_of: Callable[[str], StoredEntry | None]) -> None:
        self._start_of = start_of
        self._agents: OrderedDict[str, Agent] = OrderedDict()
        self._effects: OrderedDict[tuple[str, str], str] = OrderedDict()

    def of(self, entry: StoredEntry) -> Exported:
        """The entry with its context."""
        found = Exported(entry, self._agent(entry), "")
        if not entry.kind.startswith("call."):
            return found
        key = (entry.run_id, found.text("call_id"))
        effect = found.text("effect")
        if effect:
            _remember(self._effects, key, effect)
        return Exported(entry, found.agent, effect or self._effects.get(key, ""))

    def _agent(self, entry: StoredEntry) -> Agent:
        agent = _agent_in(entry)
        if not agent.role:
            known = self._agents.get(entry.run_id)
            if known is None:
                start = self._start_of(entry.run_id)
                known = Agent() if start is None else _agent_in(start)
            agent = known
        _remember(self._agents, entry.run_id, agent)
        return agent


def _agent_in(entry: StoredEntry) -> Agent:
    values = [entry.body.get(name) for name in ("role", "on_behalf_of", "team")]
    return Agent(*(value if isinstance(value, str) else "" for value in values))


def _remember(memory: OrderedDict[K, V], key: K, value: V) -> None:
    memory[key] = value
    memory.move_to_end(key)
    if len(memory) > _MEMORY:
        memory.popitem(last=False)
