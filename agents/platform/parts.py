"""What the graph of the daily check is built from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...policies.types import Audience, Gate
from ..triage.prompt_files import PromptBook
from .types import DailyReport, PlatformCheck

if TYPE_CHECKING:
    from langchain_core.language_models.chat_models import BaseChatModel


@dataclass(frozen=True)
class PlatformParts:
    """Everything that a graph holds.

    Args:
        gate: opened for this run; it tells.
        gates: by place; each knows the tools of one system, since two systems have tools of one name.
        checks: what is looked at.
        not_covered: what nobody watches.
        at: the moment the check is for, RFC 3339.
        audience: who is told.
        is_told: whether a report is told at all; silence is an answer too.
        nonce: fences outside text in prompts.
        chat: `None` means that no model takes part.
        prompts: the words that a model is given.
        known_names: what exists, for the verifier of its sentences.
    """

    gate: Gate
    gates: Mapping[str, Gate]
    checks: tuple[PlatformCheck, ...]
    not_covered: tuple[str, ...]
    at: str
    audience: Audience
    is_told: Callable[[DailyReport], bool] = lambda _report: True
    nonce: str = ""
    chat: BaseChatModel | None = None
    prompts: PromptBook | None = None
    known_names: tuple[str, ...] = ()
