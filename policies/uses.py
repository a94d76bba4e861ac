"""Amounts of everything that budgets limit."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Literal

from ..core.database import Row

Measure = Literal["calls", "prompts", "tokens", "microusd", "rows", "bytes"]
"""What a budget of a day limits."""


@dataclass(frozen=True)
class Use:
    """An amount of everything that is limited."""

    calls: int = 0
    prompts: int = 0
    tells: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    microusd: int = 0
    rows: int = 0
    bytes: int = 0

    def __add__(self, other: Use) -> Use:
        return Use(*(mine + theirs for mine, theirs in zip(self.amounts, other.amounts, strict=True)))

    def __sub__(self, other: Use) -> Use:
        return Use(*(mine - theirs for mine, theirs in zip(self.amounts, other.amounts, strict=True)))

    @property
    def amounts(self) -> tuple[int, ...]:
        """The figures in the order of `COLUMNS`."""
        return tuple(getattr(self, column) for column in COLUMNS)

    @property
    def tokens(self) -> int:
        """In and out together."""
        return self.tokens_in + self.tokens_out

    def of(self, measure: Measure) -> int:
        """The figure that a limit of this name binds."""
        return int(getattr(self, measure))


COLUMNS: tuple[str, ...] = tuple(item.name for item in fields(Use))
SUMS = ", ".join(f"COALESCE(SUM({column}), 0) AS {column}" for column in COLUMNS)


def use_of(row: Row) -> Use:
    """The figures of a row that has them."""
    return Use(*(int(row[column]) for column in COLUMNS))
