"""Templates of masked texts, and of lines that stand in memory or stream by.

Memory is bounded: of each batch only the texts that differ are kept, and at most `MAX_TEXTS` of them get a template of
their own, the frequent before the rare.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from types import TracebackType

import pyarrow as pa

from .masks import first_pass, second_pass
from .merging import merged
from .variables import finish

MAX_TEXTS = 10_000
_MAX_KEPT = 20 * MAX_TEXTS
"""Texts that a miner remembers; beyond, those that came once are forgotten."""


def templates_of(masked: Sequence[str], weights: Sequence[int]) -> tuple[list[int], list[str]]:
    """The number of the template of every text, and the templates by number.

    Args:
        masked: different texts as `masks.py` leaves them.
        weights: how many lines have each.
    """
    finished = [finish(text) for text in masked]
    lines: Counter[str] = Counter()
    for text, weight in zip(finished, weights, strict=True):
        lines[text] += weight
    ranked = sorted(lines, key=lambda text: (-lines[text], text))
    numbers, templates = merged(ranked)
    number_of = dict(zip(ranked, numbers, strict=True))
    return [number_of[text] for text in finished], templates


class Miner:
    """Counts the kinds of lines of a stream.

    Args:
        threads: cores that the masks may use.
    """

    def __init__(self, *, threads: int = 1) -> None:
        import duckdb  # noqa: PLC0415 - as in the snapshot store

        self._duckdb = duckdb.connect(config={"threads": threads, "autoload_known_extensions": False})
        self._lines: Counter[str] = Counter()
        self.forgotten = 0
        """Lines of rare texts that no longer fit."""

    def __enter__(self) -> Miner:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._duckdb.close()

    def add(self, bodies: pa.Array) -> None:
        """Count a batch of lines."""
        counted = self._query(
            f"WITH first AS (SELECT text, count(*) AS lines FROM {first_pass('batch', 'body', 'text')} GROUP BY text)"  # noqa: S608 - all parts are ours
            f" SELECT {second_pass('text')} AS masked, sum(lines)::BIGINT AS lines FROM first GROUP BY masked",
            bodies,
        )
        for text, lines in zip(counted["masked"].to_pylist(), counted["lines"].to_pylist(), strict=True):
            self._lines[text] += lines
        if len(self._lines) > _MAX_KEPT:
            kept = Counter(dict(self._lines.most_common(_MAX_KEPT // 2)))
            self.forgotten += self._lines.total() - kept.total()
            self._lines = kept

    def templates(self) -> list[tuple[str, int]]:
        """Every template with its lines, the frequent first."""
        ranked = self._lines.most_common(MAX_TEXTS)
        numbers, texts = templates_of([text for text, _ in ranked], [lines for _, lines in ranked])
        lines: Counter[int] = Counter()
        for number, (_, count) in zip(numbers, ranked, strict=True):
            lines[number] += count
        return [(texts[number], count) for number, count in lines.most_common()]

    def masked(self, bodies: pa.Array) -> list[str]:
        """The masked text of every line, in order."""
        sql = f"SELECT {second_pass('text')} AS masked FROM {first_pass('batch', 'body', 'text')} ORDER BY place"  # noqa: S608 - all parts are ours
        return [str(text) for text in self._query(sql, bodies)["masked"].to_pylist()]

    def _query(self, sql: str, bodies: pa.Array) -> pa.Table:
        self._duckdb.register("batch", pa.table({"place": range(len(bodies)), "body": bodies}))
        return self._duckdb.sql(sql).to_arrow_table()


def mine(lines: Sequence[str]) -> tuple[list[int], list[str]]:
    """The number of the template of every line, and the templates by number."""
    with Miner() as miner:
        masked = miner.masked(pa.array(lines, pa.string()))
    counts = Counter(masked)
    numbers, templates = templates_of(list(counts), list(counts.values()))
    number_of = dict(zip(counts, numbers, strict=True))
    return [number_of[text] for text in masked], templates


def masked_lines(lines: Sequence[str]) -> list[str]:
    """Every line with its values blotted out, without a comparison of lines."""
    with Miner() as miner:
        masked = miner.masked(pa.array(lines, pa.string()))
    finished = {text: finish(text) for text in set(masked)}
    return [finished[text] for text in masked]
