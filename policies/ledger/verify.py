"""Is the ledger still what was written? Every entry, every head, and what the outside world remembers of it.

Entries and heads that agree among themselves prove nothing against whoever holds the key or cuts the tail off at a
signed head. Only a head kept elsewhere does, so the answer always says what no such head covers.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from ...core.clock import from_iso, to_iso
from ...core.database import STATEMENT_ERRORS, Connection, Database
from ...core.errors import InputError, LedgerError
from ...core.ledger_keys import PublicKeys
from .checkpoint import DEFAULT_ORIGIN, Checkpoint, open_checkpoint
from .postgres import found_by
from .tree import CompactRange, leaf_hash
from .verify_payloads import PayloadCheck, PayloadError


@dataclass(frozen=True)
class MissingOutcome:
    """An intent that nothing closed: still running, or its outcome is unknown."""

    seq: int
    ts: datetime
    run_id: str
    call_id: str
    tool: str


@dataclass(frozen=True)
class Verification:
    """What was found.

    Args:
        ok: nothing contradicts anything. Not yet a proof: see `is_anchored`.
        entries: how many entries were read.
        first_bad: the first entry that can no longer be shown to be genuine; absent if none, or if only the books
            beside the entries (a head, the frontier, an index) are damaged.
        problem: one line of what is wrong; empty if nothing.
        anchored_size: how many entries the largest trusted head covers.
        unanchored_since: when the first entry was recorded that no trusted head covers; absent if there is none.
        missing_outcomes: intents without an outcome, oldest first.
        policy_hashes: the policy sets that decided, in the order in which they appear.
        payloads: how many entries have parts that lie apart, each checked against its entry.
        erased: how many had, until a recorded erasure.
    """

    ok: bool
    entries: int
    first_bad: int | None = None
    problem: str = ""
    anchored_size: int = 0
    unanchored_since: datetime | None = None
    missing_outcomes: tuple[MissingOutcome, ...] = ()
    policy_hashes: tuple[str, ...] = ()
    payloads: int = 0
    erased: int = 0

    @property
    def is_anchored(self) -> bool:
        """Whether a head from outside vouches for every entry."""
        return self.ok and self.anchored_size == self.entries and self.entries > 0

    def describe(self, now: datetime) -> str:
        """The answer in one or two lines; a plain OK only where a trusted head covers everything."""
        if not self.ok:
            place = "" if self.first_bad is None else f"; first bad entry: {self.first_bad}"
            return f"BAD: {self.problem}{place}"
        if not self.entries:
            return "empty: no entry has been recorded, and no trusted head says that there ever was one"
        if self.is_anchored:
            return f"OK: {self.entries} entries, all covered by a trusted head"
        since = self.unanchored_since
        told = "" if since is None else f" since {to_iso(since)} ({_duration(now, since)})"
        loose = self.entries - self.anchored_size
        return (
            f"UNANCHORED: {self.entries} entries agree with their signed heads, but no trusted head covers the last"
            f" {loose}{told}.\nWhoever holds the key or the file could have cut or rewritten those unseen."
        )


def verify(
    database: Database,
    public_keys: PublicKeys,
    *,
    origin: str = DEFAULT_ORIGIN,
    trusted_heads: Sequence[Checkpoint] = (),
) -> Verification:
    """Read the whole ledger and check it.

    Args:
        database: where the ledger lies; read in one snapshot, writers may go on.
        public_keys: of the ledger; taken from somewhere the writer of the database cannot change.
        origin: the name of the ledger.
        trusted_heads: heads that were kept elsewhere, in any order.

    Raises:
        InputError: a trusted head belongs to another ledger.
    """
    for trusted in trusted_heads:
        if trusted.origin != origin:
            raise InputError(
                f"a trusted head belongs to {trusted.origin!r}, this ledger is {origin!r}",
                remedy="hand in heads of this ledger",
            )
    walk = _Walk(database, public_keys, origin, trusted_heads)
    try:
        with database.snapshot() as connection:
            walk.run(connection)
    except _Bad as bad:
        walk.bad = bad
    except PayloadError as error:
        walk.bad = _Bad(error.problem, error.seq)
    except LedgerError as error:
        walk.bad = _Bad(error.message, None)
    except (*STATEMENT_ERRORS, UnicodeError, OverflowError) as error:
        # A damaged file: SQLite says where it stopped, and what came before it has been checked.
        walk.bad = _Bad(f"the database is damaged: {error}", walk.tree.size)
    return walk.answer()


class _Bad(Exception):
    """Ends the walk with a finding; no error of the program."""

    def __init__(self, problem: str, seq: int | None) -> None:
        super().__init__(problem)
        self.problem = problem
        self.seq = seq


@dataclass
class _Walk:
    """One pass over entries and heads in step."""

    database: Database
    public_keys: PublicKeys
    origin: str
    trusted_heads: Sequence[Checkpoint]
    tree: CompactRange = field(default_factory=CompactRange)
    bad: _Bad | None = None
    proven: int = 0  # entries that a good head covers, ours or a trusted one
    signed: int = 0  # entries that the newest good head of ours covers
    anchored: int = 0  # entries that a trusted head covers
    unanchored_since: datetime | None = None
    damaged_head: str = ""
    lost: str = ""  # the first entry that PostgreSQL's readers would not find
    finds: tuple[str, str | None] = ("", None)  # what the newest entry should be found by
    intents: dict[tuple[str, str], MissingOutcome] = field(default_factory=dict)
    early_outcomes: set[tuple[str, str]] = field(default_factory=set)
    policy_hashes: dict[str, None] = field(default_factory=dict)
    payloads: PayloadCheck | None = None

    def run(self, connection: Connection) -> None:
        trusted: dict[int, list[Checkpoint]] = {}
        for one in self.trusted_heads:
            trusted.setdefault(one.size, []).append(one)
        heads = connection.execute("SELECT size, CAST(note AS BLOB) AS note FROM checkpoint ORDER BY size")
        head = heads.fetchone()
        self._meet_trusted(trusted.pop(0, []))
        # SQLite computes what entries are found by; PostgreSQL keeps it beside them.
        is_kept = self.database.dialect == "postgresql"
        kept = ", run_id, tool" if is_kept else ""
        payloads = self.payloads = PayloadCheck(connection)
        for row in connection.execute(f"SELECT seq, leaf, CAST(body AS BLOB) AS body{kept} FROM entry ORDER BY seq"):  # noqa: S608 - the two names above
            entry = self._entry(row["seq"], row["leaf"], row["body"])
            payloads.meet(row["seq"], entry)
            if is_kept and not self.lost and (row["run_id"], row["tool"]) != self.finds:
                self.lost = f"entry {row['seq']} is not found by its run or tool; the entries themselves are proven"
            while head is not None and head["size"] <= self.tree.size:
                self._meet_head(head["size"], head["note"])
                head = heads.fetchone()
            if trusted and self.tree.size in trusted:
                self._meet_trusted(trusted.pop(self.tree.size))
        payloads.end(self.tree.size)
        self._end(max([0, *trusted]), head is not None, connection)

    def _entry(self, seq: int, leaf: object, body: object) -> Mapping[str, object]:
        place = self.tree.size
        if seq != place:
            raise _Bad(f"entry {place} is missing, entry {seq} follows", place)
        if not isinstance(body, bytes):
            raise _Bad(f"entry {place} has no body", place)
        found = leaf_hash(body)
        if found != leaf:
            raise _Bad(f"entry {place} does not match its hash", place)
        try:
            entry: Mapping[str, object] = json.loads(body)
            self._note(place, entry)
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise _Bad(f"entry {place} is no entry of a ledger", place) from error
        self.tree.append(found)
        return entry

    def _note(self, place: int, entry: Mapping[str, object]) -> None:
        """Keep what the answer tells about: intents, outcomes, policies, and the age of the loose end."""
        if entry["seq"] != place:
            raise _Bad(f"entry {place} holds the body of another place", place)
        body, kind, run_id = entry["body"], entry["kind"], entry["run_id"]
        if not (isinstance(body, Mapping) and isinstance(kind, str) and isinstance(run_id, str)):
            raise TypeError("not an entry")
        if self.database.dialect == "postgresql":
            self.finds = found_by(run_id, body)
        ts = None
        if self.unanchored_since is None:
            ts = self.unanchored_since = from_iso(str(entry["ts"]))
        policy = body.get("policy_hash")
        if isinstance(policy, str):
            self.policy_hashes.setdefault(policy)
        call_id = body.get("call_id")
        if not isinstance(call_id, str):
            return
        verb, _, step = kind.partition(".")
        key = (run_id, f"{verb} {call_id}")
        if step == "outcome":
            if self.intents.pop(key, None) is None:
                self.early_outcomes.add(key)
        elif "journal_ts" in entry and key in self.early_outcomes:
            self.early_outcomes.discard(key)  # the intent waited in the fallback journal, its outcome did not
        elif step == "decided" and body.get("decision") == "allow" and body.get("will_run", True) is True:
            tool = body.get("tool")
            self.intents[key] = MissingOutcome(
                place, ts or from_iso(str(entry["ts"])), run_id, call_id, tool if isinstance(tool, str) else ""
            )

    def _meet_head(self, size: int, note: object) -> None:
        if size < self.tree.size:
            self.damaged_head = self.damaged_head or f"a head of size {size} lies among others"
            return
        try:
            if not isinstance(note, bytes):
                raise LedgerError("this is no signed note")
            head = open_checkpoint(note.decode(), self.origin, self.public_keys)
        except (LedgerError, UnicodeDecodeError) as error:
            told = error.message if isinstance(error, LedgerError) else "this is no text"
            self.damaged_head = self.damaged_head or f"the head of size {size} is not ours or damaged: {told}"
            return
        if head.size != size:
            self.damaged_head = self.damaged_head or f"a head of size {head.size} is stored as the one of size {size}"
            return
        if head.root != self.tree.root():
            raise _Bad(
                f"entries {self.proven} to {size - 1} are not the ones that the head of size {size} signed", self.proven
            )
        self.proven = self.signed = size

    def _meet_trusted(self, heads: Sequence[Checkpoint]) -> None:
        for head in heads:
            if head.root != self.tree.root():
                raise _Bad(
                    f"entries {self.anchored} to {head.size - 1} are not the ones that a trusted head of size"
                    f" {head.size} vouches for: rewritten with the ledger's own key",
                    self.anchored,
                )
            self.anchored = head.size
            self.proven = max(self.proven, head.size)
            self.unanchored_since = None

    def _end(self, trusted_size: int, has_more_heads: bool, connection: Connection) -> None:
        size = self.tree.size
        if has_more_heads:
            raise _Bad(
                f"the ledger ends after {size} entries, a signed head covers more: the end was cut off", self.proven
            )
        if trusted_size > size:
            raise _Bad(
                f"the ledger ends after {size} entries, a trusted head covers {trusted_size}: the end was cut off",
                self.proven,
            )
        if self.proven != size:
            told = self.damaged_head or "no signed head covers them"
            raise _Bad(f"entries {self.proven} to {size - 1} are not signed: {told}", self.proven)
        if self.damaged_head or self.signed != size:
            told = self.damaged_head or f"no signed head covers the entries after {self.signed}"
            raise _Bad(f"{told}; a later or a trusted head proves the entries themselves", None)
        self._check_books(connection)

    def _check_books(self, connection: Connection) -> None:
        """The frontier that the next writer starts from, and the indexes that readers go by."""
        row = connection.execute("SELECT size, hashes FROM frontier").fetchone()
        found = (row["size"], row["hashes"]) if row else (0, b"")
        if found != (self.tree.size, self.tree.to_bytes()):
            raise _Bad("the frontier does not fit the entries; the entries themselves are proven", None)
        if self.lost:
            raise _Bad(self.lost, None)
        apart = ("payload",) if self.payloads is not None and self.payloads.has_table else ()
        for table in ("entry", "checkpoint", *apart):
            finding = self.database.damage(connection, table)
            if finding:
                raise _Bad(
                    f"SQLite's books of {table!r} are damaged ({finding}); the entries themselves are proven", None
                )

    def answer(self) -> Verification:
        bad = self.bad
        return Verification(
            ok=bad is None,
            entries=self.tree.size,
            first_bad=None if bad is None else bad.seq,
            problem="" if bad is None else bad.problem,
            anchored_size=self.anchored,
            unanchored_since=self.unanchored_since,
            missing_outcomes=tuple(self.intents.values()),
            policy_hashes=tuple(self.policy_hashes),
            payloads=0 if self.payloads is None else self.payloads.kept,
            erased=0 if self.payloads is None else self.payloads.erased,
        )


def _duration(now: datetime, since: datetime) -> str:
    seconds = max(0, int((now - since).total_seconds()))
    for name, length in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= length:
            return f"{seconds // length} {name}"
    return f"{seconds} s"
