"""What stands in the blanks of a log line, a column at a time."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from .columns import hex_column, number_column, picked_column, random_numbers
from .model import World
from .planted import people_of, secrets_of
from .signals import SCORE_SPREAD
from .streams import Array, Counts

PERSON_SLOTS = ("name", "email", "phone", "card", "iban", "cpf", "ip", "bearer")
SECRET_SLOTS = ("cloud_key", "api_key", "jwt")
_SLOT = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class LogSource:
    """Lines of one wording from one entity, `rate` per second (shape (T,), before scaling to the lines asked for).

    `fixed` fills a blank with the same text in every line, `curves` with the curve's value at the time of the line.
    """

    entity: str
    level: str
    text: str
    rate: Array
    fixed: Mapping[str, str] = field(default_factory=dict)
    curves: Mapping[str, Array] = field(default_factory=dict)
    attributes: Mapping[str, str] = field(default_factory=dict)

    @property
    def blanks(self) -> tuple[str, ...]:
        """Names of the blanks in the text."""
        return tuple(_SLOT.findall(self.text))

    @property
    def is_personal(self) -> bool:
        """Whether a line names a person."""
        return any(blank in PERSON_SLOTS for blank in self.blanks)


@dataclass(frozen=True)
class Lines:
    """`n` lines of one source: the sample each belongs to and which person or key it shows; shape (n,) each."""

    world: World
    source: LogSource
    rng: np.random.Generator
    steps: Counts
    persons: Counts

    @property
    def n(self) -> int:
        """How many lines."""
        return len(self.steps)


def parts_of(text: str) -> list[tuple[bool, str]]:
    """The text cut at its blanks: (is a blank, text or name)."""
    cut = _SLOT.split(text)
    return [(place % 2 == 1, piece) for place, piece in enumerate(cut) if piece]


def fill(lines: Lines, blank: str) -> pa.Array | str:
    """A column for a blank, or one text for all lines."""
    if blank in lines.source.fixed:
        return lines.source.fixed[blank]
    if blank in lines.source.curves:
        return number_column(np.round(lines.source.curves[blank][lines.steps]).astype(np.int64))
    if blank in PERSON_SLOTS:
        return picked_column([getattr(one, blank) for one in people_of(lines.world.spec, "logs")], lines.persons)
    if blank in SECRET_SLOTS:
        keys = [getattr(one, blank) for one in secrets_of(lines.world.spec, "logs")]
        return picked_column(keys, lines.persons % len(keys))
    return _MAKERS[blank](lines)


def _between(low: int, high: int) -> Callable[[Lines], pa.Array]:
    return lambda lines: number_column(lines.rng.integers(low, high, size=lines.n))


def _hex(digits: int) -> Callable[[Lines], pa.Array]:
    return lambda lines: hex_column(random_numbers(lines.rng, (lines.n,)), digits=digits)


def _milliseconds(lines: Lines) -> pa.Array:
    at = lines.world.platform.index[lines.source.entity]
    median = lines.world.state.p50_ms[at][lines.steps]
    spread = lines.world.platform.by_name[lines.source.entity].spread
    return number_column(np.ceil(median * np.exp(lines.rng.standard_normal(lines.n) * spread)).astype(np.int64))


def _score(lines: Lines) -> pa.Array:
    centre = lines.world.signals.centre[lines.source.entity][lines.steps]
    log_odds = centre + SCORE_SPREAD * lines.rng.standard_normal(lines.n)
    return number_column((1_000 + 999 / (1.0 + np.exp(-log_odds))).astype(np.int64))


def _amount(lines: Lines) -> pa.Array:
    return number_column(np.exp(lines.rng.normal(8.2, 1.1, size=lines.n)).astype(np.int64) + 100)


def _country(lines: Lines) -> pa.Array:
    codes = [country.code for country in lines.world.platform.countries]
    weights = np.array([country.requests_per_s for country in lines.world.platform.countries])
    return picked_column(codes, _weighted(lines.rng, weights, lines.n))


def _decline_code(lines: Lines) -> pa.Array:
    return picked_column(DECLINE_CODES, _weighted(lines.rng, np.array(DECLINE_WEIGHTS), lines.n))


def _weighted(rng: np.random.Generator, weights: Array, size: int) -> Counts:
    return np.searchsorted(np.cumsum(weights / weights.sum()), rng.random(size), side="right").clip(
        max=len(weights) - 1
    )


# ISO 8583 response codes: insufficient funds, do not honour, expired card, wrong number, over the limit.
DECLINE_CODES = ("51", "05", "54", "14", "61")
DECLINE_WEIGHTS = (0.46, 0.24, 0.12, 0.10, 0.08)

_MAKERS: dict[str, Callable[[Lines], pa.Array]] = {
    "hex8": _hex(8),
    "hex10": _hex(10),
    "hex16": _hex(16),
    "ms": _milliseconds,
    "score": _score,
    "amount": _amount,
    "tiny": _between(50, 199),
    "few": _between(1, 10),
    "percent": _between(5, 96),
    "many": _between(100, 5_000),
    "offset": _between(10_000_000, 99_999_999),
    "mib": _between(22_900, 24_500),
    "octet": _between(2, 250),
    "country": _country,
    "code": _decline_code,
}
BLANKS: frozenset[str] = frozenset((*_MAKERS, *PERSON_SLOTS, *SECRET_SLOTS))
"""Blanks that can be filled in any line."""
