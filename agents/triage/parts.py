"""What a triage graph is built from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from ...core.clock import Clock
from ...policies.types import Audience, Gate
from .prompt_files import PromptBook, built_in

if TYPE_CHECKING:
    from langchain_core.language_models.chat_models import BaseChatModel


@dataclass(frozen=True)
class TriageLimits:
    """Bounds of one triage; the gate's budgets hold besides.

    Args:
        turns: answers a model may give, the last one without tools.
        second_turns: the same for the second look.
        answer_turns: the same for a person's question.
        calls_per_turn: tool calls taken from one answer.
        opening_tokens: size of the first request without its tools, however large the incident is.
        answer_tokens: size of what one tool call brings into the conversation.
    """

    turns: int = 6
    second_turns: int = 4
    answer_turns: int = 4
    calls_per_turn: int = 6
    opening_tokens: int = 8_000
    answer_tokens: int = 900


class Reliability(Protocol):
    """What the installation's labelled incidents say of a score."""

    def such_scores(self, score: float) -> tuple[int, int, float, float] | None:
        """How many of how many leading suspects with such a score were right, and the 95 % interval of that share.

        `None` where nothing can be said.
        """
        ...


@dataclass(frozen=True)
class TriageParts:
    """Everything a graph holds: a gate, a clock, an audience, perhaps a chat model behind the gate.

    Args:
        gate: opened for this run.
        clock: for the wall time of the report.
        audience: who is told the report.
        chat: `None` means that no model takes part.
        nonce: fences outside text in prompts; the run's own, and the same again when the run is resumed.
        known_names: entities that exist, for the verifier.
        prompts: the words that a model is given.
        reliability: `None` until enough incidents of the installation are labelled; a score is then a rank.
    """

    gate: Gate
    clock: Clock
    audience: Audience
    nonce: str
    chat: BaseChatModel | None = None
    known_names: tuple[str, ...] = ()
    limits: TriageLimits = field(default_factory=TriageLimits)
    prompts: PromptBook = field(default_factory=built_in)
    reliability: Reliability | None = None
