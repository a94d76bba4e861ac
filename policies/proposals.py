"""What a tool proposed while its stage held it back, and how that compares with what people did.

A proposal is a decided call that `stages.observe` or `stages.recommend` refused. What people did instead is judged by
a person and recorded as `proposal.judged`; of several judgements of one proposal the last counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from ..core.canonical import JsonValue
from ..core.errors import InputError
from ..core.intervals import wilson
from .ledger.types import Ledger, LedgerEntry, StoredEntry
from .stage_records import Place

Did = Literal["same", "other", "nothing"]
"""What people did where a tool proposed something: exactly that, something else, or nothing."""

HELD_BACK = frozenset({"stages.observe", "stages.recommend"})
_MOST_ENTRIES = 50_000
_NOTE_LIMIT = 500


@dataclass(frozen=True)
class Proposal:
    """A call that was recorded and not run.

    Args:
        seq: its ledger entry; the first, where the run proposed it more than once.
        resource: what it would have acted on.
        args: as the ledger keeps them, redacted.
        did: what people did; `None` while nobody has said.
        judge: `person:<name>` who said so.
    """

    seq: int
    run_id: str
    proposed_at: datetime
    resource: str
    args: JsonValue
    did: Did | None = None
    judge: str = ""


@dataclass(frozen=True)
class Report:
    """How the proposals of a place compare with what people did.

    Args:
        proposals: oldest first.
        is_cut: whether older ones than these may exist.
    """

    place: Place
    proposals: tuple[Proposal, ...]
    is_cut: bool = False

    @property
    def judged(self) -> tuple[Proposal, ...]:
        """The proposals of which a person has said what people did."""
        return tuple(one for one in self.proposals if one.did is not None)

    def count(self, did: Did) -> int:
        """How many were judged so."""
        return sum(one.did == did for one in self.proposals)

    @property
    def agreement(self) -> tuple[float, float, float]:
        """Share of judged proposals that people did just so, with Wilson's 95 % interval; (0, 0, 1) without any."""
        n = len(self.judged)
        if n == 0:
            return 0.0, 0.0, 1.0
        low, high = wilson(self.count("same"), n)
        return self.count("same") / n, low, high

    def figures(self, proposer: str = "") -> dict[str, JsonValue]:
        """The figures and the ledger entries behind them, as JSON.

        Args:
            proposer: of whom it is told how many of the judgements are theirs.
        """
        share, low, high = self.agreement
        found: dict[str, JsonValue] = {
            "proposals": len(self.proposals),
            "judged": len(self.judged),
            "same": self.count("same"),
            "other": self.count("other"),
            "nothing": self.count("nothing"),
            "agreement": round(share, 4),
            "low": round(low, 4),
            "high": round(high, 4),
            "runs": len({one.run_id for one in self.judged}),
            "judges": sorted({one.judge for one in self.judged}),
            "seqs": [one.seq for one in self.judged],
        }
        if proposer:
            found["judged_by_proposer"] = sum(one.judge == proposer for one in self.judged)
        return found


class Judgements:
    """People saying what they did where a tool proposed something.

    Args:
        scrub: cleans the note that a person typed.
    """

    def __init__(self, ledger: Ledger, scrub: Callable[[str], str]) -> None:
        self._ledger = ledger
        self._scrub = scrub

    def judge(self, seq: int, did: Did, *, by: str, note: str = "") -> int:
        """Record what people did.

        Args:
            seq: the ledger entry of the proposal.
            did: what they did.
            by: `person:<name>`, as the surface has established it.
            note: where to look it up: a change, a ticket; cleaned before it is stored.

        Returns:
            The ledger entry of the judgement.

        Raises:
            InputError: there is no proposal at this place, or the note is too long.
            LedgerError: it could not be recorded.
        """
        if len(note) > _NOTE_LIMIT:
            raise InputError("the note is too long", remedy=f"say it in {_NOTE_LIMIT} characters")
        entry = self._ledger.read(seq)
        if not is_proposal(entry):
            raise InputError(
                f"ledger entry {seq} is no proposal that a stage held back",
                remedy="`opswarden stages report TOOL` lists them",
            )
        body: dict[str, JsonValue] = {
            "proposal": seq,
            "did": did,
            "by": by,
            "note": self._scrub(note) if note else "",
            **{name: entry.body.get(name) for name in ("tool", "team", "environment", "call_id")},
        }
        return self._ledger.append([LedgerEntry("proposal.judged", entry.run_id, body)])[0]


def report(ledger: Ledger, place: Place) -> Report:
    """How the recorded proposals of a place compare with what people did.

    Raises:
        LedgerError: the ledger cannot be read.
    """
    entries = ledger.tail(_MOST_ENTRIES, tool=place.tool)
    found = _proposals(entry for entry in entries if _is_of(entry, place))
    return Report(place, found, is_cut=len(entries) == _MOST_ENTRIES)


def is_proposal(entry: StoredEntry) -> bool:
    """Whether an entry is a call that its stage held back."""
    ids = entry.body.get("policy_ids")
    held = isinstance(ids, list) and any(isinstance(one, str) and one in HELD_BACK for one in ids)
    return entry.kind == "call.decided" and entry.body.get("decision") == "deny" and held


def _is_of(entry: StoredEntry, place: Place) -> bool:
    return entry.body.get("team") == place.team and entry.body.get("environment") == place.environment


def _proposals(entries: Iterable[StoredEntry]) -> tuple[Proposal, ...]:
    """One proposal per exact call of a run, however often the run asked for it."""
    found: dict[tuple[str, str], Proposal] = {}
    keys: dict[int, tuple[str, str]] = {}
    for entry in entries:
        if is_proposal(entry):
            key = (entry.run_id, str(entry.body.get("call_hmac")))
            keys[entry.seq] = key
            found.setdefault(
                key,
                Proposal(entry.seq, entry.run_id, entry.ts, str(entry.body.get("resource")), entry.body.get("args")),
            )
        elif entry.kind == "proposal.judged":
            about, did = entry.body.get("proposal"), entry.body.get("did")
            known = keys.get(about) if isinstance(about, int) else None
            if known is not None and did in ("same", "other", "nothing"):
                old = found[known]
                found[known] = Proposal(
                    old.seq, old.run_id, old.proposed_at, old.resource, old.args, did, str(entry.body.get("by"))
                )
    return tuple(found.values())
