"""What the graph of the cost agent is built from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from ...core.clock import Clock
from ...policies.types import Audience, Gate
from ..triage.prompt_files import PromptBook, built_in
from .types import FleetFacts

if TYPE_CHECKING:
    from langchain_core.language_models.chat_models import BaseChatModel


@dataclass(frozen=True)
class Spans:
    """The days that are compared: `[before, start)` and `[start, end)`."""

    before: date
    start: date
    end: date

    @classmethod
    def ending(cls, end: date, days: int = 28) -> Spans:
        """So many days before a day, and as many before those. Four weeks have every weekday as often."""
        return cls(end - timedelta(days=2 * days), end - timedelta(days=days), end)


@dataclass(frozen=True)
class Question:
    """What a person asks about the bill.

    Args:
        words: theirs, redacted.
        args: of `costs.decompose`, as far as the words or the surface say: team, model, country, containing.
        stated: the change that they speak of, as a share; `None` if they name none.
    """

    words: str
    args: Mapping[str, Any] = field(default_factory=dict[str, Any])
    stated: float | None = None


@dataclass(frozen=True)
class FinopsParts:
    """Everything that a graph holds.

    Args:
        gate: opened for this run.
        clock: for the wall time of the report.
        audience: who is told.
        fleet: what is looked at.
        spans: the days that costs are compared over; `None` where there is no bill.
        analyses: names of the tools that recommend, in the order of the report.
        has_backtest: whether kinds can be replayed.
        records: whether the book is written; a look changes nothing.
        question: what a person asks, where the run answers a question.
        nonce: fences outside text in prompts.
        chat: `None` means that no model takes part.
        known_names: workloads, teams, models and countries that exist, for the verifier.
        prompts: the words that a model is given.
        most_tokens: of the first request to a model.
    """

    gate: Gate
    clock: Clock
    audience: Audience
    fleet: FleetFacts
    spans: Spans | None
    analyses: tuple[str, ...]
    nonce: str
    has_backtest: bool = False
    records: bool = True
    question: Question | None = None
    chat: BaseChatModel | None = None
    known_names: tuple[str, ...] = ()
    prompts: PromptBook = field(default_factory=built_in)
    most_tokens: int = 9_000
