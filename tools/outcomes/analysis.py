"""Everything about the payments of two windows: segments that changed, bursts, and what it costs."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import pyarrow as pa

from ..summary import first_that_fit, one_line
from ..windows import ComparedWindows, to_us
from .backends.types import WINDOW_BUCKETS, Outcomes, bucket_us
from .bursts import FoundBurst, bursts
from .codes import Codes, code_moves, money_lost, read_codes
from .mix import mix_of
from .scan import Found, Scan, scan
from .slices import Condition, Slices, slices_of
from .tally import Floats, Tally, tally
from .types import Burst, CodeShift, Dimension, Measure, Money, Segment, SegmentsResult

SEGMENT_COLUMNS = pa.schema(
    [
        ("segment", pa.string()),
        ("conditions", pa.map_(pa.string(), pa.string())),
        ("entity", pa.string()),
        ("measure", pa.string()),
        ("reported", pa.bool_()),
        ("direction", pa.string()),
        ("attempts", pa.int64()),
        ("rate_before", pa.float64()),
        ("rate_after", pa.float64()),
        ("score", pa.float64()),
        ("payments_lost", pa.float64()),
        ("code_group", pa.string()),
        ("codes", pa.string()),
        ("onset_us", pa.int64()),
    ]
)
"""Columns of the artifact: the segments of the explanation first (`reported`), then every slice that changed.

`measure` is `approval`, `chargeback` or `burst`. `entity` is the recording entity if all its payments have one.
`code_group` is the kind of decline that grew most.
"""

_LEAST_TRIALS = 20.0
_MOST_ROWS = 2_000
_TOKENS = 900
_ALL = "all payments"


class Analysis:
    """Everything about the payments of two windows."""

    def __init__(self, found: Outcomes, args: ComparedWindows) -> None:
        step = bucket_us(args)
        quiet_buckets = max(int(args.baseline_s * 1e6) // step, 1)
        window_buckets = max(-(-int(args.length_s * 1e6) // step), 1)
        self._start, self._step_us = args.start, step
        self.currencies = [value or "" for value in found.cells["currency"].to_pylist()]
        self._entities = [value or "" for value in found.cells["entity"].to_pylist()]
        self.approvals = tally(found, "approval", quiet_buckets, min(window_buckets, WINDOW_BUCKETS + 1))
        backs = tally(found, "chargeback", quiet_buckets, min(window_buckets, WINDOW_BUCKETS + 1))
        trials = self.approvals.trials.sum(axis=1)
        self.slices: Slices = slices_of(found.cells, found.dimensions, trials, _LEAST_TRIALS)
        self.codes: Codes = read_codes(found)
        self.scans: dict[Measure, tuple[Tally, Scan]] = {
            "approval": (self.approvals, scan(self.approvals, self.slices))
        }
        if (backs.trials > backs.good).any():
            self.scans["chargeback"] = (backs, scan(backs, self.slices))
        self.bursts = bursts(self.approvals, self.codes, self.slices)

    def result(self, limit: int) -> SegmentsResult:
        """The small typed result."""
        counts, approvals = self.scans["approval"]
        mix = mix_of(counts, approvals.rates, self.slices)
        lost = self.lost("approval")
        honest = [one for one in approvals.found if not self.is_attack(one)]
        affected = np.unique(np.concatenate([one.cells for one in honest])) if honest else np.zeros(0, np.int64)
        shown = [self._segment(measure, one) for measure, (_, found) in self.scans.items() for one in found.found]
        return SegmentsResult(
            payments_before=round(float(counts.trials[:, 0].sum())),
            payments_after=round(float(counts.trials[:, 1].sum())),
            rate_before=round(mix.before, 4),
            rate_after=round(mix.after, 4),
            rate_at_old_rates=round(mix.at_old_rates, 4),
            why=mix.why,
            mix_dimension=mix.moved_by,
            payments_lost=round(float(lost[affected].sum())),
            money_lost=money_of(money_lost(self.codes, self.currencies, lost, affected)),
            slices_compared=len(self.slices),
            slices_changed=int(approvals.changed.sum()),
            segments=first_that_fit(shown[:limit], _TOKENS),
            bursts=tuple(self._burst(one) for one in self.bursts),
        )

    def table(self) -> pa.Table:
        """The artifact."""
        rows: list[dict[str, object]] = [
            {
                "segment": name_of(one.conditions),
                "conditions": list(one.conditions),
                "entity": self._entity_of(one.cells.tolist()),
                "measure": "burst",
                "reported": True,
                "direction": "rose",
                "attempts": round(float(self.approvals.trials[one.cells, 1].sum())),
                "score": one.score,
                "payments_lost": 0.0,
                "onset_us": self._moment_us(one.since),
            }
            for one in self.bursts
        ]
        for measure, (_, found) in self.scans.items():
            rows += [self._row(measure, one) for one in found.found]
        rows += self._changed_rows(_MOST_ROWS)
        return pa.Table.from_pylist(rows, schema=SEGMENT_COLUMNS)

    def _row(self, measure: Measure, one: Found) -> dict[str, object]:
        moves = code_moves(self.codes, one.cells) if measure == "approval" and one.fell else ()
        return {
            "segment": name_of(one.conditions),
            "conditions": list(one.conditions),
            "entity": self._entity_of(one.cells.tolist()),
            "measure": measure,
            "reported": not self.is_attack(one),
            "direction": "fell" if one.fell else "rose",
            "attempts": round(one.trials),
            "rate_before": one.expected / max(one.trials, 1.0),
            "rate_after": one.good / max(one.trials, 1.0),
            "score": one.score,
            "payments_lost": one.expected - one.good,
            "code_group": moves[0].group if moves else None,
            "codes": ", ".join(f"{move.outcome} {move.code}".strip() for move in moves) or None,
            "onset_us": self._moment_us(one.since),
        }

    def _changed_rows(self, most: int) -> list[dict[str, object]]:
        counts, found = self.scans["approval"]
        named = {one.place for one in found.found}
        changed = [place for place in np.flatnonzero(found.changed).tolist() if place not in named]
        trials, good = self.slices.sums(counts.trials[:, 1]), self.slices.sums(counts.good[:, 1])
        expected = self.slices.sums(counts.trials[:, 1] * found.rates)
        return [
            {
                "segment": name_of(self.slices.conditions[place]),
                "conditions": list(self.slices.conditions[place]),
                "measure": "approval",
                "reported": False,
                "direction": "fell" if found.scores[place] < 0 else "rose",
                "attempts": round(float(trials[place])),
                "rate_before": float(expected[place] / max(trials[place], 1.0)),
                "rate_after": float(good[place] / max(trials[place], 1.0)),
                "score": abs(float(found.scores[place])),
                "payments_lost": float(expected[place] - good[place]),
            }
            for place in sorted(changed, key=lambda place: -abs(float(expected[place] - good[place])))[:most]
        ]

    def _segment(self, measure: Measure, one: Found) -> Segment:
        lost = self.lost(measure)
        money = money_lost(self.codes, self.currencies, lost, one.cells) if measure == "approval" else {}
        moves = code_moves(self.codes, one.cells) if measure == "approval" and one.fell else ()
        missing = one.expected - one.good
        return Segment(
            conditions=dimensions_of(one.conditions),
            measure=measure,
            direction="fell" if one.fell else "rose",
            attempts=round(one.trials),
            rate_before=round(one.expected / max(one.trials, 1.0), 4),
            rate_after=round(one.good / max(one.trials, 1.0), 4),
            score=round(one.score, 1),
            payments_lost=round(missing),
            payments_lost_low=round(missing - 1.96 * one.error),
            payments_lost_high=round(missing + 1.96 * one.error),
            money_lost=money_of(money),
            codes=tuple(
                CodeShift(
                    outcome=one_line(move.outcome),
                    code=one_line(move.code),
                    group=move.group,
                    share_before=round(move.share_before, 4),
                    share_after=round(move.share_after, 4),
                    extra=round(move.extra),
                )
                for move in moves
            ),
            since=self.moment(one.since),
            is_attack=self.is_attack(one),
        )

    def _burst(self, one: FoundBurst) -> Burst:
        return Burst(
            conditions=dimensions_of(one.conditions),
            extra_attempts=round(one.extra),
            extra_declined_share=round(one.declined_share, 3),
            amount_ratio=round(one.amount_ratio, 3),
            score=round(one.score, 1),
            since=self.moment(one.since),
        )

    def is_attack(self, one: Found) -> bool:
        """Whether most of what a segment lost lies among the payments of a burst."""
        lost = np.abs(self.lost("approval"))
        total = float(lost[one.cells].sum())
        inside = [np.intersect1d(one.cells, burst.cells) for burst in self.bursts]
        return any(float(lost[cells].sum()) > 0.5 * total for cells in inside)

    def lost(self, measure: Measure) -> Floats:
        """(L,) good ones that are missing against the quiet rates; below zero where there were more."""
        counts, found = self.scans[measure]
        lost: Floats = counts.trials[:, 1] * found.rates - counts.good[:, 1]
        return lost

    def _entity_of(self, cells: list[int]) -> str | None:
        names = {self._entities[cell] for cell in cells}
        return names.pop() or None if len(names) == 1 else None

    def moment(self, bucket: int | None) -> datetime | None:
        """When a bucket of the window begins."""
        return None if bucket is None else self._start + timedelta(microseconds=bucket * self._step_us)

    def _moment_us(self, bucket: int | None) -> int | None:
        return None if bucket is None else to_us(self._start) + bucket * self._step_us


def name_of(conditions: tuple[Condition, ...]) -> str:
    """A segment in words."""
    return " ".join(f"{name}={value}" for name, value in conditions) or _ALL


def dimensions_of(conditions: tuple[Condition, ...]) -> tuple[Dimension, ...]:
    """The conditions of a segment as a result shows them."""
    return tuple(Dimension(name=one_line(name), value=one_line(value)) for name, value in conditions)


def money_of(amounts: dict[str, float]) -> tuple[Money, ...]:
    """Amounts per currency that are not nothing."""
    found = [Money(currency=currency, amount_minor=round(amount)) for currency, amount in sorted(amounts.items())]
    return tuple(money for money in found if money.amount_minor)
