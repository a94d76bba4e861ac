"""What passes the gate, and what came of it at the door."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..core.canonical import JsonValue
from ..redaction.types import TextWithheld
from .approvals import Approval
from .budgets import Use, Verb
from .data_facts import Flow
from .facts import Resource, Target
from .types import Decision, Stage

if TYPE_CHECKING:
    from .previews import Look


@dataclass(frozen=True)
class Subject:
    """One call, request or message on its way through the gate.

    Args:
        call_id: as it is stored.
        action: the tool's name, `model.prompt` or `people.tell`.
        call_hmac: keyed hash of the whole call, environment and run included.
        args: as Cedar takes them, raw; never recorded.
        shown_args: the same after redaction.
        shown_resource: the resource after redaction.
        facts: what the ledger keeps beside the decision; redacted.
        wanted: what is reserved for it.
        is_once: whether it has an effect that must not happen twice.
        may_degrade: whether it goes on without the ledger.
        untrusted: arguments in doubt, those left out that a person has endorsed.
        provenance: where the value of each argument comes from, by its path (`provenance.Origin`); redacted.
        is_asked: whether the person who started the run asked for just this.
        endorsed: arguments that would be in doubt, if a person had not endorsed their values.
        holds_secret: whether an argument holds what nobody may approve: a secret, a card number.
        undoes: the ledger entry of the effect that this call takes back.
        flow: what data it would bring into the run, and where what the run has read would go.
        look: asks the tool what the call would change; absent where it has no preview.
    """

    verb: Verb
    call_id: str
    action: str
    environment: str
    call_hmac: str
    resource: Resource
    shown_resource: Resource
    args: Mapping[str, JsonValue]
    shown_args: Mapping[str, JsonValue]
    facts: Mapping[str, JsonValue]
    wanted: Use
    is_once: bool
    may_degrade: bool
    stage: Stage = "act"
    tool_hash: str = ""
    two_person: bool = False
    untrusted: frozenset[str] = frozenset()
    provenance: Mapping[str, JsonValue] = field(default_factory=dict)
    is_asked: bool = False
    endorsed: frozenset[str] = frozenset()
    holds_secret: bool = False
    undoes: int | None = None
    flow: Flow = field(default_factory=Flow)
    look: Callable[[], Look] | None = None


@dataclass(frozen=True)
class Entered:
    """What came of a subject at the door.

    Args:
        seq: the ledger entry of the decision; -1 in the local journal.
        approval: what was asked or consumed.
    """

    decision: Decision
    seq: int
    approval: Approval | None = None


def withheld(reasons: Iterable[str]) -> dict[str, JsonValue]:
    """For the ledger: how many texts were withheld, by reason."""
    counts: dict[str, JsonValue] = dict(sorted(Counter(reasons).items()))
    return {"withheld": counts} if counts else {}


def told_of_withheld(reasons: Collection[str]) -> str:
    """The same in words, for whoever reads the result."""
    told = "1 text is withheld because it" if len(reasons) == 1 else f"{len(reasons)} texts are withheld because they"
    return f"{told} could not be cleaned: {', '.join(sorted(set(reasons)))}"


def why_withheld(error: Exception) -> dict[str, JsonValue]:
    """`withheld` of one text that could not be cleaned."""
    return withheld([error.reason] if isinstance(error, TextWithheld) else [])


def refused(verb: Verb, call_id: str, action: str, reason: str, more: Mapping[str, JsonValue] | None = None) -> Subject:
    """A subject that is turned away before any decision; what was asked for is not described further."""
    nothing = Target("", "")
    return Subject(
        verb=verb,
        call_id=call_id,
        action=action,
        environment="",
        call_hmac="",
        resource=nothing,
        shown_resource=nothing,
        args={},
        shown_args={},
        facts={"reason": reason, **(more or {})},
        wanted=Use(),
        is_once=False,
        may_degrade=True,
    )
