"""Evidence within a fixed room: whole rows are taken by what they are worth per token, and what is left out is said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from ...core.tokens import most_tokens
from .fences import fenced
from .tables import Table, tables_of
from .types import Evidence

_WORTH = {
    "attribution.rank": 6.0,
    "metrics.shifts": 3.0,
    "logs.patterns": 2.5,
    "traces.latency": 2.5,
    "changes.recent": 2.5,
    "alerts.active": 2.5,
    "topology.neighbours": 1.5,
    "metrics.query": 1.0,
    "topology.graph": 0.7,
    "runbooks.search": 0.5,
}
_USUAL_WORTH = 2.0
"""Of tools that are not listed: evidence of a domain, which is there because it speaks of this platform."""
_EMPTY_WORTH = 0.6
"""Of an answer without data: that it was asked for is told in a word, whatever the tool."""
_NAMED = 3.0
"""How much more a row is worth that speaks of a suspect, the alert's entity, or what a person asks about."""
_FADES = 4.0
"""Rows stand in order of weight; the fifth is worth half of the first, for a suspect the fifth of its own."""
_OPEN_SHARE = 0.6
"""Of the room, for heads and facts; the rest is for rows."""
_LEFT_OUT_TOKENS = 40
_MOST_IDS = 20


@dataclass(frozen=True)
class Block:
    """One piece of evidence on its way into a message.

    Args:
        id: of the evidence.
        head: one line of ours.
        facts: one line that may hold outside text.
        worth: of its first row.
    """

    id: str
    tool: str
    head: str
    facts: str
    tables: tuple[Table, ...]
    worth: float
    taken: frozenset[tuple[int, int]] = frozenset()

    @property
    def rows(self) -> int:
        """How many there are."""
        return sum(len(table.rows) for table in self.tables)

    def text(self, nonce: str) -> str:
        """Head, facts and the taken rows, everything from outside in a fence; the last line says what is left out."""
        inside = [self.facts] if self.facts else []
        for number, table in enumerate(self.tables):
            places = sorted(place for of, place in self.taken if of == number)
            inside += [table.head, *map(table.line, places)] if places else []
        lines = [self.head, fenced("\n".join(inside), nonce)] if inside else [self.head]
        if missing := self.rows - len(self.taken):
            lines.append(f"{missing} of {self.rows} rows left out; {self.tool.replace('.', '__')} gives them")
        return "\n".join(lines)


def block_of(item: Evidence, day: str = "") -> Block:
    """One piece of evidence as a block without rows."""
    about, tables = tables_of(item.summary, day)
    scope, _ = tables_of({key: value for key, value in item.scope.items() if key != "environment"}, day)
    parts = [f"scope: {scope}" if scope else "", about, f"note: {item.message}" if item.message else ""]
    return Block(
        item.id,
        item.tool,
        f"{item.id} {item.tool} status={item.status}",
        "\n".join(part for part in parts if part),
        tables,
        _EMPTY_WORTH if item.status == "no_data" else _WORTH.get(item.tool, _USUAL_WORTH),
    )


def evidence_text(item: Evidence, nonce: str, token_limit: int = 900, day: str = "") -> str:
    """One piece of evidence alone, as it answers a tool call."""
    return compact([block_of(item, day)], nonce, token_limit, ())


def compact(blocks: Sequence[Block], nonce: str, token_limit: int, named: Collection[str]) -> str:
    """The evidence within so many tokens, counted by `most_tokens`; no row is ever cut.

    Args:
        blocks: in the order in which they shall stand.
        nonce: of the fences.
        token_limit: of the whole text.
        named: entities whose rows are worth more.
    """
    room = token_limit
    while True:
        text = _fill(blocks, nonce, room, frozenset(named))
        over = most_tokens(text) - token_limit
        if over <= 0 or room < _LEFT_OUT_TOKENS:
            return text if over <= 0 else ""
        # The parts are counted one by one; what their joints add is taken off the room.
        room -= over + 8


def _fill(blocks: Sequence[Block], nonce: str, room: int, named: frozenset[str]) -> str:
    opened: dict[int, Block] = {}
    spent, most = 0, room if len(blocks) == 1 else int(room * _OPEN_SHARE)
    for place in sorted(range(len(blocks)), key=lambda place: -blocks[place].worth):
        heads = sum(most_tokens(table.head) + 1 for table in blocks[place].tables)
        cost = most_tokens(blocks[place].text(nonce)) + heads + _LEFT_OUT_TOKENS
        if spent + cost <= most - _LEFT_OUT_TOKENS:
            opened[place], spent = blocks[place], spent + cost
    for value in sorted(_values(opened, named), key=lambda value: (-value.density, value.block, value.table)):
        if spent + value.cost <= room - _LEFT_OUT_TOKENS:
            spent += value.cost
            before = opened[value.block]
            opened[value.block] = replace(before, taken=before.taken | {(value.table, value.row)})
    texts = [opened[place].text(nonce) for place in sorted(opened)]
    closed = [f"{block.id} {block.tool}" for place, block in enumerate(blocks) if place not in opened]
    if closed:
        more = f" and {len(closed) - _MOST_IDS} more" if len(closed) > _MOST_IDS else ""
        texts.append(f"left out whole: {', '.join(closed[:_MOST_IDS])}{more}; the tools of these names give them")
    return "\n".join(texts)


@dataclass(frozen=True)
class _Value:
    block: int
    table: int
    row: int
    cost: int
    density: float


def _values(blocks: dict[int, Block], named: frozenset[str]) -> Iterator[_Value]:
    for place, block in blocks.items():
        for number, table in enumerate(block.tables):
            seen: Counter[str] = Counter()
            for row, cells in enumerate(table.rows):
                cost = most_tokens(table.line(row)) + 1
                whose = named.intersection(cells)
                before = min((seen[name] for name in whose), default=row)
                seen.update(whose)
                worth = block.worth / (1 + before / _FADES) * (_NAMED if whose else 1.0)
                yield _Value(place, number, row, cost, worth / cost)
