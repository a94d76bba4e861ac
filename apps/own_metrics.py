"""Figures about ourselves in Prometheus' text format, read out of the records and never out of a process.

So they survive restarts, agree between processes, and count what a process did that died. The ledger is read once,
entry by entry, and from then on only what was added.

Source: Prometheus, "Exposition formats", text format 0.0.4, and "Metric and label naming".
"""

from __future__ import annotations

import json
import threading
import time
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from ..core.clock import from_iso
from ..core.database import Database
from ..policies.budgets import MIGRATIONS as BUDGETS
from ..policies.ledger.types import StoredEntry
from ..policies.store import select
from ..policies.uses import SUMS, use_of
from ..redaction.placeholders import places
from .installation import Installation

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
BOUNDS_S = (0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0, 30.0, 60.0, 300.0, 900.0, 3600.0, 14_400.0)
_READ_S = 2.0
_MOST_OPEN = 20_000
_MOST_VALUES = 50
_OTHER = "other"

Kind = Literal["counter", "gauge", "histogram"]

FAMILIES: Mapping[str, tuple[Kind, str]] = {
    "opswarden_runs_started_total": ("counter", "Runs that began, by agent role."),
    "opswarden_runs_ended_total": ("counter", "Runs that ended, by outcome."),
    "opswarden_reports_total": ("counter", "Triage reports that were told, by verdict."),
    "opswarden_decisions_total": ("counter", "Decisions of the gate, by verb and decision."),
    "opswarden_outcomes_total": ("counter", "What calls, requests to models and messages came to, by verb and status."),
    "opswarden_approvals_answered_total": ("counter", "Answers of people, by answer."),
    "opswarden_redactions_total": ("counter", "Placeholders in recorded outcomes, by type of what they stand for."),
    "opswarden_texts_withheld_total": ("counter", "Texts that could not be cleaned and so were withheld, by reason."),
    "opswarden_stage_duration_seconds": ("histogram", "How long a stage took: call, prompt, tell, approval or run."),
    "opswarden_model_tokens_total": ("counter", "Tokens to (in) and from (out) models, by team."),
    "opswarden_cost_usd_total": ("counter", "What models and tools cost, in USD, by team."),
    "opswarden_approvals_pending": ("gauge", "Questions that wait for a person."),
    "opswarden_approvals_oldest_pending_seconds": ("gauge", "How long the oldest of them has waited."),
    "opswarden_queue_waiting": ("gauge", "What came in from outside and is not worked off, where a service runs."),
    "opswarden_queue_oldest_seconds": ("gauge", "How long the oldest of that has waited."),
    "opswarden_incidents_queued": ("gauge", "Incidents whose triage runs or waits for its place in the queue."),
    "opswarden_incidents_oldest_queued_seconds": ("gauge", "How long the oldest of them has been due."),
    "opswarden_schedule_success_timestamp_seconds": (
        "gauge",
        "When each schedule last went well, in seconds since 1970.",
    ),
    "opswarden_writes_stopped": ("gauge", "1 while the kill switch is on."),
    "opswarden_ledger_entries": ("gauge", "Entries in the ledger."),
    "opswarden_ledger_unread_entries": ("gauge", "Entries that the figures above do not know yet."),
}
"""Name: type and help."""

Labels = tuple[tuple[str, str], ...]


@dataclass
class _Spread:
    """A histogram: how many observations fell under each bound, their number and their sum."""

    buckets: list[int] = field(default_factory=lambda: [0] * len(BOUNDS_S))
    count: int = 0
    total: float = 0.0

    def add(self, value: float) -> None:
        place = bisect_left(BOUNDS_S, value)
        if place < len(BOUNDS_S):
            self.buckets[place] += 1
        self.count += 1
        self.total += value


class OwnMetrics:
    """The figures of one installation; safe to use from several threads.

    Args:
        installation: whose.
        read_s: how long one answer may spend on entries that are new.
    """

    def __init__(self, installation: Installation, read_s: float = _READ_S) -> None:
        self._installation = installation
        self._read_s = read_s
        self._lock = threading.Lock()
        self._next = 0
        self._counts: Counter[tuple[str, Labels]] = Counter()
        self._spreads: dict[str, _Spread] = {}
        self._open: dict[tuple[str, str, str], datetime] = {}

    def text(self) -> str:
        """All figures, in the text format.

        Raises:
            LedgerError: the records cannot be read.
        """
        with self._lock:
            self._learn()
            found: dict[str, list[tuple[Labels, float]]] = {}
            for (name, labels), count in self._counts.items():
                found.setdefault(name, []).append((labels, count))
            for name, labels, value in self._now():
                found.setdefault(name, []).append((labels, value))
            return "".join(self._family(name, found.get(name, ())) for name in FAMILIES)

    def _learn(self) -> None:
        end = time.monotonic() + self._read_s
        for entry in self._installation.ledger.entries(self._next):
            self._count(entry)
            self._next = entry.seq + 1
            if time.monotonic() >= end:
                return

    def _count(self, entry: StoredEntry) -> None:
        body, kind = entry.body, entry.kind
        verb, _, what = kind.partition(".")
        if kind == "run.started" and not body.get("is_resumed"):
            self._add("opswarden_runs_started_total", role=_word(body.get("role")))
            self._begin(("run", entry.run_id, ""), entry.ts)
        elif kind == "run.ended":
            self._add("opswarden_runs_ended_total", outcome=_word(body.get("outcome")))
            self._end(("run", entry.run_id, ""), entry.ts)
        elif verb in ("call", "prompt", "tell"):
            key = (verb, entry.run_id, _word(body.get("call_id")))
            if what == "decided":
                self._add("opswarden_decisions_total", verb=verb, decision=_word(body.get("decision")))
                if body.get("decision") == "allow":
                    self._begin(key, entry.ts)
            else:
                self._add("opswarden_outcomes_total", verb=verb, status=_word(body.get("status")))
                self._end(key, entry.ts)
                self._redactions(entry)
        elif kind == "approval.requested":
            self._begin(("approval", entry.run_id, _word(body.get("approval_id"))), entry.ts)
        elif kind == "approval.answered":
            self._add("opswarden_approvals_answered_total", answer=_word(body.get("answer")))
            if body.get("is_complete", True):
                self._end(("approval", entry.run_id, _word(body.get("approval_id"))), entry.ts)

    def _redactions(self, entry: StoredEntry) -> None:
        withheld = entry.body.get("withheld")
        for reason, count in withheld.items() if isinstance(withheld, Mapping) else ():
            if isinstance(count, int):
                self._add("opswarden_texts_withheld_total", count, reason=_word(reason))
        for place in places(json.dumps(entry.body, ensure_ascii=False)):
            self._add("opswarden_redactions_total", type=place.placeholder.entity_type)

    def _add(self, name: str, count: int = 1, /, **labels: str) -> None:
        key = (name, tuple(sorted(labels.items())))
        if key not in self._counts and sum(known == name for known, _ in self._counts) >= _MOST_VALUES:
            key = (name, tuple((label, _OTHER) for label in sorted(labels)))
        self._counts[key] += count

    def _begin(self, key: tuple[str, str, str], at: datetime) -> None:
        while len(self._open) >= _MOST_OPEN:
            del self._open[next(iter(self._open))]
        self._open[key] = at

    def _end(self, key: tuple[str, str, str], at: datetime) -> None:
        began = self._open.pop(key, None)
        if began is not None:
            self._spreads.setdefault(key[0], _Spread()).add(max(0.0, (at - began).total_seconds()))

    def _now(self) -> Iterator[tuple[str, Labels, float]]:
        """What the tables say at this moment."""
        database, now = self._installation.database, self._installation.clock.now()
        for row in select(database, "SELECT verdict, count(*) AS n FROM kept_report GROUP BY verdict"):
            yield "opswarden_reports_total", (("verdict", row["verdict"]),), int(row["n"])
        yield from _used(database)
        waiting = [item for item in self._installation.approvals.records(state="pending") if not item.has_expired(now)]
        yield "opswarden_approvals_pending", (), len(waiting)
        oldest = min((item.requested_at for item in waiting), default=now)
        yield "opswarden_approvals_oldest_pending_seconds", (), max(0.0, (now - oldest).total_seconds())
        yield from _queue(database, now)
        yield "opswarden_writes_stopped", (), int(self._installation.switch.stops_writes())
        head = self._installation.ledger.head()
        size = head.size if head is not None else 0
        yield "opswarden_ledger_entries", (), size
        yield "opswarden_ledger_unread_entries", (), max(0, size - self._next)

    def _family(self, name: str, samples: Sequence[tuple[Labels, float]]) -> str:
        kind, help_text = FAMILIES[name]
        lines = [f"# HELP {name} {help_text}", f"# TYPE {name} {kind}"]
        if kind == "histogram":
            lines += [
                line for stage, spread in sorted(self._spreads.items()) for line in _spread_lines(name, stage, spread)
            ]
        else:
            lines += [f"{name}{_labels(labels)} {_number(value)}" for labels, value in sorted(samples)]
        return "\n".join(lines) + "\n"


def _used(database: Database) -> Iterator[tuple[str, Labels, float]]:
    """Tokens and cost out of the counters of months, of which there are few."""
    database.migrate("budgets", BUDGETS)
    sql = f"SELECT name, {SUMS} FROM budget_day WHERE scope = 'team' AND length(day) = 7 GROUP BY name"  # noqa: S608 - constants
    for row in select(database, sql):
        used, team = use_of(row), ("team", row["name"])
        yield "opswarden_model_tokens_total", (("direction", "in"), team), used.tokens_in
        yield "opswarden_model_tokens_total", (("direction", "out"), team), used.tokens_out
        yield "opswarden_cost_usd_total", (team,), used.microusd / 1e6


def _queue(database: Database, now: datetime) -> Iterator[tuple[str, Labels, float]]:
    if not _has(database, "arrivals", 1):
        return  # nothing was ever received here
    (row,) = select(database, "SELECT count(*) AS n, min(received_at) AS first FROM arrival WHERE state = 'waiting'")
    yield "opswarden_queue_waiting", (), int(row["n"])
    age = (now - from_iso(row["first"])).total_seconds() if row["first"] else 0.0
    yield "opswarden_queue_oldest_seconds", (), max(0.0, age)
    if _has(database, "incidents", 1):
        sql = "SELECT count(*) AS n, min(due_at) AS first FROM incident WHERE run_state = 'queued'"
        (row,) = select(database, sql)
        yield "opswarden_incidents_queued", (), int(row["n"])
        age = (now - from_iso(row["first"])).total_seconds() if row["first"] else 0.0
        yield "opswarden_incidents_oldest_queued_seconds", (), max(0.0, age)
    if _has(database, "schedules", 2):
        sql = "SELECT name, succeeded_at FROM schedule WHERE succeeded_at IS NOT NULL ORDER BY name LIMIT 50"
        for row in select(database, sql):
            moment = from_iso(row["succeeded_at"]).timestamp()
            yield "opswarden_schedule_success_timestamp_seconds", (("schedule", row["name"]),), moment


def _has(database: Database, component: str, number: int) -> bool:
    found = select(database, "SELECT number FROM schema_version WHERE component = ?", (component,))
    return bool(found) and int(found[0]["number"]) >= number


def _spread_lines(name: str, stage: str, spread: _Spread) -> Iterator[str]:
    below = 0
    for bound, count in zip(BOUNDS_S, spread.buckets, strict=True):
        below += count
        yield f"{name}_bucket{_labels((('stage', stage), ('le', _number(bound))))} {below}"
    yield f"{name}_bucket{_labels((('stage', stage), ('le', '+Inf')))} {spread.count}"
    yield f"{name}_sum{_labels((('stage', stage),))} {_number(spread.total)}"
    yield f"{name}_count{_labels((('stage', stage),))} {spread.count}"


def _labels(labels: Labels) -> str:
    if not labels:
        return ""
    return "{" + ",".join(f'{name}="{_escaped(value)}"' for name, value in labels) + "}"


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _number(value: float) -> str:
    return str(int(value)) if float(value).is_integer() else repr(round(float(value), 9))


def _word(value: object) -> str:
    return value if isinstance(value, str) else ""
