"""Numbers with as many digits as they mean: what an agent and a report get to see. Artifacts and the book keep all.

A long run of digits says nothing to people, and looks like an account or a national id to whoever takes those out.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

from pydantic import BaseModel

from .types import Basis, Held, Recommendation

M = TypeVar("M", bound=BaseModel)

_DIGITS = 6
_GIB, _MIB = 2.0**30, 2.0**20
_MILLION = 1e6


def few_digits(model: M) -> M:
    """The same with every fraction rounded to six significant digits."""
    found: M = type(model).model_validate(_rounded(model.model_dump()))
    return found


def readable(recommendation: Recommendation) -> Recommendation:
    """A recommendation whose memory is a text in MiB, and whose evidence is in GiB and millions where it is large."""
    sizes = {
        when: {name: _size(name, value) for name, value in values.items()}
        for when, values in (("current", recommendation.current), ("proposed", recommendation.proposed))
    }
    return few_digits(recommendation.model_copy(update={**sizes, "basis": _readable(recommendation.basis)}))


def readable_held(held: Held) -> Held:
    """What is held, with its evidence as `readable` has it."""
    return few_digits(held.model_copy(update={"basis": _readable(held.basis)}))


def _readable(basis: Iterable[Basis]) -> tuple[Basis, ...]:
    found: list[Basis] = []
    for each in basis:
        if each.unit in ("bytes", "B", "byte"):
            found.append(each.model_copy(update={"value": each.value / _GIB, "unit": "GiB"}))
        elif abs(each.value) >= _MILLION:
            unit = f"million {each.unit}".strip()
            found.append(each.model_copy(update={"value": each.value / _MILLION, "unit": unit}))
        else:
            found.append(each)
    return tuple(found)


def mebibytes_of(text: str) -> float | None:
    """The bytes that a text of ours in MiB stands for; `None` for any other."""
    number, _, unit = text.partition(" ")
    try:
        return float(number) * _MIB if unit == "MiB" else None
    except ValueError:
        return None


def _size(name: str, value: float | str) -> float | str:
    if isinstance(value, str) or name not in ("memory", "memory_limit"):
        return value
    return f"{value / _MIB:.2f} MiB"


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return float(f"{value:.{_DIGITS}g}")
    if isinstance(value, dict):
        return {name: _rounded(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return tuple(_rounded(item) for item in value)
    return value
