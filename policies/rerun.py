"""A run repeated from its records: every step in its order, every decision made again, and what the records lack.

Nothing is run and no state but the records is read, so what comes out can be no better than they are; what they do not
hold is named and never filled in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal, TypeAlias

from ..core.canonical import JsonValue
from ..core.errors import InputError
from .artifacts import Kept
from .engine import CedarEngine
from .ledger.types import LedgerEntry, StoredEntry
from .re_decide import UNDECIDABLE, ReDecided, re_decide

Standing: TypeAlias = Literal["same", "differs", "by-gate", "undecidable", "other-policies", "not-asked"]
"""What re-deciding a recorded decision gives.

`same`: the policies at hand decide as recorded. `differs`: they are the recorded set and decide otherwise, which must
not be. `by-gate`: the gate itself refused after the policies had been asked, for instance because a person had said no.
`other-policies`: other policies are at hand than decided, and they would decide otherwise. `not-asked`: refused before
any policy was asked.
"""

_PEOPLE = ("by", "approver")
_ENGINE_CODES = frozenset({"default-deny", "engine-error"})


@dataclass(frozen=True)
class RerunStep:
    """One record of the run.

    Args:
        seq: its place in the ledger; absent while it waits in the fallback journal.
        at: when it was taken down first.
        after_s: seconds since the first record of the run.
        kind: an `EntryKind`, or one of a newer version.
        about: the tool, endpoint, audience or trigger.
        evidence: the number under which the report cites this outcome; empty if it does not, or no record says so.
        standing: for decisions: what re-deciding gives; absent for other records.
        now: for decisions: what the policies at hand say.
        why: for `undecidable` ones: the reason.
        decided_seq: for outcomes: the place of the decision that they close.
        artifact: whether the full rows behind an outcome can still be read; absent if there were none.
        body: the facts of the record, redacted as it was taken down.
    """

    seq: int | None
    at: datetime
    after_s: float
    kind: str
    call_id: str
    about: str
    body: Mapping[str, JsonValue]
    evidence: str = ""
    standing: Standing | None = None
    now: str = ""
    why: str = ""
    decided_seq: int | None = None
    artifact: Kept | None = None
    was_journaled: bool = False
    erased_by: int | None = None

    def text(self, name: str) -> str:
        """A text of the body; empty where there is none."""
        value = self.body.get(name)
        return value if isinstance(value, str) else ""

    def number(self, name: str) -> int:
        """A whole number of the body; 0 where there is none."""
        value = self.body.get(name)
        return value if isinstance(value, int) and not isinstance(value, bool) else 0

    @property
    def person(self) -> str:
        """Who acted, where it was a person; empty otherwise."""
        return next((who for who in map(self.text, _PEOPLE) if who), "")


@dataclass(frozen=True)
class Totals:
    """What the records of a run add up to.

    Args:
        decisions: how many calls, requests and messages were decided which way: `call allow` → 12.
        cost_microusd: of all outcomes.
        wall_s: from the first record to the last.
    """

    decisions: Mapping[str, int]
    tokens_in: int
    tokens_out: int
    cost_microusd: int
    wall_s: float


@dataclass(frozen=True)
class Rerun:
    """A run as its records tell it.

    Args:
        start: the facts of its first start: role, on whose behalf, team, trigger, limits.
        outcome: the word with which it ended; empty if no record says so.
        policy_hashes: the policy sets that decided in it, in order.
        policy_hash: of the policies at hand.
        still_open: intents that no outcome closes: still running, or nobody knows.
        missing: what the records do not hold, a sentence each.
    """

    run_id: str
    start: Mapping[str, JsonValue]
    outcome: str
    steps: tuple[RerunStep, ...]
    totals: Totals
    policy_hashes: tuple[str, ...]
    policy_hash: str
    still_open: tuple[RerunStep, ...]
    missing: tuple[str, ...]

    @property
    def contradictions(self) -> tuple[RerunStep, ...]:
        """Decisions that the very policies which made them do not make again."""
        return tuple(step for step in self.steps if step.standing == "differs")


def rerun(
    run_id: str,
    entries: Iterable[StoredEntry],
    engine: CedarEngine,
    *,
    waiting: Sequence[LedgerEntry] = (),
    kept: Callable[[str, str], Kept] = lambda _id, _sha256: "gone",
) -> Rerun:
    """Rebuild a run.

    Args:
        run_id: which.
        entries: its records, in the order of the ledger.
        engine: the policies at hand.
        waiting: what the fallback journal still holds of any run.
        kept: says of an artifact's id and hash whether it can still be read.

    Raises:
        InputError: there is no record of such a run.
    """
    stored = list(entries)
    local = [entry for entry in waiting if entry.run_id == run_id]
    if not stored and not local:
        raise InputError("there is no record of this run", remedy="`opswarden audit tail` shows the newest runs")
    again = {found.seq: found for found in re_decide(engine, stored)}
    steps = _in_time([_stored_step(entry, again.get(entry.seq), engine) for entry in stored] + _local_steps(local))
    steps, still_open = _closed(steps)
    cites = _cites(steps)
    steps = [_with_context(step, steps[0].at, cites, kept) for step in steps]
    # Merged records come late in the ledger; what was open then may have been closed before.
    starts = [step for step in steps if step.kind == "run.started"]
    ends = [step for step in steps if step.kind == "run.ended"]
    totals = _totals(steps)
    return Rerun(
        run_id=run_id,
        start=starts[0].body if starts else {},
        outcome=ends[-1].text("outcome") if ends else "",
        steps=tuple(steps),
        totals=totals,
        policy_hashes=tuple(dict.fromkeys(filter(None, (step.text("policy_hash") for step in steps)))),
        policy_hash=engine.policy_hash,
        still_open=tuple(still_open),
        missing=tuple(_missing(steps, starts, ends, totals, has_cites=bool(cites))),
    )


def _stored_step(entry: StoredEntry, found: ReDecided | None, engine: CedarEngine) -> RerunStep:
    step = _step(entry.seq, entry.journal_ts or entry.ts, entry.kind, entry.body)
    step = replace(step, was_journaled=entry.journal_ts is not None, erased_by=entry.erased_by)
    if not entry.kind.endswith(".decided"):
        return step
    if found is None:
        return replace(step, standing="not-asked")
    return replace(step, standing=_standing(step, found, engine), now=found.now, why=found.why)


def _local_steps(entries: Sequence[LedgerEntry]) -> list[RerunStep]:
    return [
        replace(_step(None, entry.journal_ts, entry.kind, entry.body), was_journaled=True)
        for entry in entries
        if entry.journal_ts is not None
    ]


def _step(seq: int | None, at: datetime, kind: str, body: Mapping[str, JsonValue]) -> RerunStep:
    step = RerunStep(seq, at, 0.0, kind, "", "", body)
    audience, resource = body.get("audience"), step.text("resource")
    about = step.text("tool") or step.text("trigger") or step.text("approval_id")
    if kind.startswith("prompt."):
        about = f"model {step.text('environment') or step.text('endpoint') or step.text('tool')}"
    elif isinstance(audience, Mapping):
        about = f"{audience.get('kind', '?')} {audience.get('name', '?')}"
    elif resource and kind == "call.decided":
        about = f"{about} on {resource}"
    return replace(step, call_id=step.text("call_id"), about=about)


def _standing(step: RerunStep, found: ReDecided, engine: CedarEngine) -> Standing:
    if found.now == UNDECIDABLE:
        return "undecidable"
    code = step.text("code")
    # People are not asked about model requests: there an `ask` of the policies is a refusal.
    is_ask_denied = step.kind == "prompt.decided" and found.before == f"deny {code}" and found.now == f"ask {code}"
    if not found.is_changed or is_ask_denied:
        return "same"
    if code not in _ENGINE_CODES and all(note.id != code for note in engine.notes):
        known = step.body.get("policy_ids")
        if not (isinstance(known, Sequence) and known):
            return "by-gate"  # a code of the gate; no policy stands behind it
    return "differs" if step.text("policy_hash") == engine.policy_hash else "other-policies"


def _in_time(steps: list[RerunStep]) -> list[RerunStep]:
    """In the order of the ledger, but journaled records where they happened, of which the clock alone tells."""
    straight = [step for step in steps if not step.was_journaled]
    late = sorted((step for step in steps if step.was_journaled), key=lambda step: step.at)
    merged: list[RerunStep] = []
    for step in straight:
        while late and late[0].at < step.at:
            merged.append(late.pop(0))
        merged.append(step)
    return merged + late


@dataclass
class _Intents:
    """Decisions that may run, until an outcome closes them."""

    waiting: dict[tuple[str, str], RerunStep] = field(default_factory=dict)
    closed: dict[tuple[str, str], int | None] = field(default_factory=dict)


def _closed(steps: Sequence[RerunStep]) -> tuple[list[RerunStep], list[RerunStep]]:
    """The steps with each outcome tied to its decision, and the decisions that none closes."""
    intents = _Intents()
    found: list[RerunStep] = []
    for step in steps:
        verb, _, moment = step.kind.partition(".")
        key = (verb, step.call_id)
        if moment == "decided" and step.text("decision") == "allow" and step.body.get("will_run", True) is True:
            intents.waiting[key] = step
        elif moment == "outcome":
            intent = intents.waiting.pop(key, None)
            if intent is not None:
                intents.closed[key] = intent.seq
            # A second outcome of one intent is one that came late, or was found out after a crash.
            step = replace(step, decided_seq=intents.closed.get(key))
        found.append(step)
    return found, list(intents.waiting.values())


def _cites(steps: Iterable[RerunStep]) -> dict[int, str]:
    """Ledger place → evidence number, as the last notice that says so has it."""
    cites: dict[int, str] = {}
    for step in steps:
        named = step.body.get("cites") if step.kind == "tell.decided" else None
        if isinstance(named, Mapping):
            cites = {seq: name for name, seq in named.items() if isinstance(seq, int)}
    return cites


def _with_context(
    step: RerunStep, start: datetime, cites: Mapping[int, str], kept: Callable[[str, str], Kept]
) -> RerunStep:
    artifact_id, sha256 = step.text("artifact_id"), step.text("artifact_sha256")
    return replace(
        step,
        after_s=round((step.at - start).total_seconds(), 3),
        evidence=cites.get(step.seq, "") if step.seq is not None else "",
        artifact=kept(artifact_id, sha256) if artifact_id and step.kind == "call.outcome" else None,
    )


def _totals(steps: Sequence[RerunStep]) -> Totals:
    decisions: dict[str, int] = {}
    estimates: dict[str, int] = {}
    tokens_in = tokens_out = cost = 0
    for step in steps:
        verb, _, moment = step.kind.partition(".")
        if moment == "decided":
            word = f"{verb} {step.text('decision') or '?'}"
            decisions[word] = decisions.get(word, 0) + 1
            estimates[step.call_id] = step.number("tokens_in_estimate")
        elif moment == "outcome":
            # What a failed request took is not told by the far side; the budget counts its estimate.
            is_told = "tokens_in" in step.body
            tokens_in += step.number("tokens_in") if is_told or verb != "prompt" else estimates.get(step.call_id, 0)
            tokens_out += step.number("tokens_out")
            cost += step.number("cost_microusd")
    return Totals(decisions, tokens_in, tokens_out, cost, round((steps[-1].at - steps[0].at).total_seconds(), 3))


def _missing(
    steps: Sequence[RerunStep],
    starts: Sequence[RerunStep],
    ends: Sequence[RerunStep],
    totals: Totals,
    *,
    has_cites: bool,
) -> Iterable[str]:
    """What is not there to be told, a sentence each."""
    if not starts or starts[0] is not steps[0]:
        yield "the records do not begin with the start of the run"
    if not ends:
        yield "no record says that the run ended: it goes on, waits for a person, or was stopped"
    local = sum(step.seq is None for step in steps)
    if local:
        yield f"{local} records wait in the fallback journal; they are in no signed head yet"
    merged = sum(step.was_journaled and step.seq is not None for step in steps)
    if merged:
        yield (
            f"{merged} records were merged from the fallback journal; their times are that journal's,"
            " and lines cut off at its end would not show"
        )
    if any(step.body.get("degraded") is True for step in ends) and not local and not merged:
        yield "the run says that it wrote to the fallback journal, and no such record has reached the ledger"
    for word, why in (("expired", "has expired"), ("gone", "is gone"), ("changed", "was changed since")):
        behind = [step for step in steps if step.artifact == word]
        if behind:
            yield f"the full result behind {_places(behind)} {why}; the summary in the record is what is left"
    erased = [step for step in steps if step.erased_by is not None]
    if erased:
        yield f"the payload of {_places(erased)} was erased; what stands in the records themselves is what is left"
    if not has_cites and any(step.kind == "tell.decided" for step in steps):
        yield "no record says which evidence number stands for which result"
    spent = ends[-1].body.get("spent") if ends else None
    if isinstance(spent, Mapping) and not local:
        told = {"tokens_in": totals.tokens_in, "tokens_out": totals.tokens_out, "microusd": totals.cost_microusd}
        apart = [name for name, value in told.items() if spent.get(name, value) != value]
        if apart:
            yield f"the records do not add up to what the run says it spent: {', '.join(apart)}"


def _places(steps: Sequence[RerunStep]) -> str:
    places = [str(step.seq) for step in steps[:10] if step.seq is not None]
    more = f" and {len(steps) - 10} more" if len(steps) > 10 else ""
    return f"{'entry' if len(places) == 1 else 'entries'} {', '.join(places)}{more}"
