"""Templates of masked texts, and of lines that stand in memory or stream by.

Memory is bounded: of each batch only the texts that differ are kept, and at most `MAX_TEXTS` of them get a template of
their own, the frequent before the rare.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from types import TracebackType

import pyarrow as pa

from ..arrow import compute as pc
from ..in_memory import in_memory
from .masks import first_pass, first_pass_of_plain, second_pass
from .merging import merged
from .variables import finish, without_status

MAX_TEXTS = 10_000
_MAX_WAITING_BYTES = 4 * 2**20
_MAX_KEPT = 10 * MAX_TEXTS
"""Texts that a miner remembers; beyond, those that came once are forgotten."""


def templates_of(
    masked: Sequence[str], weights: Sequence[int], *, by_status: bool = True
) -> tuple[list[int], list[str]]:
    """The number of the template of every text, and the templates by number.

    Args:
        masked: different texts as `masks.py` leaves them.
        weights: how many lines have each.
        by_status: whether the class of an HTTP status makes a template of its own.
    """
    finished = [finish(text) for text in masked]
    if not by_status:
        finished = [without_status(text) for text in finished]
    lines: Counter[str] = Counter()
    for text, weight in zip(finished, weights, strict=True):
        lines[text] += weight
    ranked = sorted(lines, key=lambda text: (-lines[text], text))
    numbers, templates = merged(ranked)
    number_of = dict(zip(ranked, numbers, strict=True))
    return [number_of[text] for text in finished], templates


class Miner:
    """Counts the kinds of lines of a stream.

    Most lines pass through one pattern only; what needs more waits until there is enough of it to be worth a query.

    Args:
        threads: cores that the masks may use.
    """

    def __init__(self, *, threads: int = 1) -> None:
        self._duckdb = in_memory(threads)
        self._waiting: list[pa.Array] = []
        self._waiting_bytes = 0
        self._texts: Counter[str] = Counter()
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
        bodies = pc.fill_null(bodies, "")
        texts, not_plain = first_pass_of_plain(bodies)
        if pc.any(not_plain).as_py():
            rest = bodies.filter(not_plain)
            self._waiting.append(rest)
            self._waiting_bytes += rest.nbytes
            texts = texts.filter(pc.invert(not_plain))
        _count(self._texts, texts)
        if self._waiting_bytes > _MAX_WAITING_BYTES or len(self._texts) > _MAX_KEPT:
            self._fold()

    def templates(self) -> list[tuple[str, int]]:
        """Every template with its lines, the frequent first."""
        self._fold()
        ranked = self._lines.most_common(MAX_TEXTS)
        numbers, texts = templates_of([text for text, _ in ranked], [lines for _, lines in ranked])
        lines: Counter[int] = Counter()
        for number, (_, count) in zip(numbers, ranked, strict=True):
            lines[number] += count
        return [(texts[number], count) for number, count in lines.most_common()]

    def masked(self, bodies: pa.Array) -> list[str]:
        """The masked text of every line, in order."""
        bodies = pc.fill_null(bodies, "")
        texts, not_plain = first_pass_of_plain(bodies)
        if pc.any(not_plain).as_py():
            rest = self._first(bodies.filter(not_plain))
            texts = pc.replace_with_mask(texts, not_plain, rest.cast(texts.type))
        return [str(text) for text in self._second(texts).to_pylist()]

    def _fold(self) -> None:
        if self._waiting:
            _count(self._texts, self._first(pa.concat_arrays(self._waiting)))
            self._waiting, self._waiting_bytes = [], 0
        if self._texts:
            masked = self._second(pa.array(self._texts, pa.string()))
            for text, lines in zip(masked.to_pylist(), self._texts.values(), strict=True):
                self._lines[text] += lines
            self._texts = Counter()
        if len(self._lines) > _MAX_KEPT:
            kept = Counter(dict(self._lines.most_common(_MAX_KEPT // 2)))
            self.forgotten += self._lines.total() - kept.total()
            self._lines = kept

    def _first(self, bodies: pa.Array) -> pa.Array:
        return self._query(f"SELECT text FROM {first_pass('batch', 'body', 'text')}", "body", bodies)  # noqa: S608 - all parts are ours

    def _second(self, texts: pa.Array) -> pa.Array:
        return self._query(f"SELECT {second_pass('text')} FROM batch", "text", texts)  # noqa: S608 - all parts are ours

    def _query(self, sql: str, column: str, rows: pa.Array) -> pa.Array:
        """DuckDB keeps the order of rows as long as nothing groups them."""
        self._duckdb.register("batch", pa.table({column: rows}))
        return self._duckdb.sql(sql).to_arrow_table().column(0).combine_chunks()


def _count(counts: Counter[str], texts: pa.Array) -> None:
    found = texts.value_counts()
    for text, lines in zip(found.field("values").to_pylist(), found.field("counts").to_pylist(), strict=True):
        counts[text] += lines


def mine(lines: Sequence[str]) -> tuple[list[int], list[str]]:
    """The number of the template of every line, and the templates by number.

    The class of an HTTP status is a value here, as in labelled logs; in `patterns.py` it tells two patterns apart.
    """
    with Miner() as miner:
        masked = miner.masked(pa.array(lines, pa.string()))
    counts = Counter(masked)
    numbers, templates = templates_of(list(counts), list(counts.values()), by_status=False)
    number_of = dict(zip(counts, numbers, strict=True))
    return [number_of[text] for text in masked], templates


def masked_lines(lines: Sequence[str]) -> list[str]:
    """Every line with its values blotted out, without a comparison of lines."""
    with Miner() as miner:
        masked = miner.masked(pa.array(lines, pa.string()))
    finished = {text: finish(text) for text in set(masked)}
    return [finished[text] for text in masked]
