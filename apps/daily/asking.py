"""A question about the platform, from the person's words to the answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Literal

from pydantic import ValidationError

from ...agents.platform.asking import answer, chosen, kinds_in, names_one
from ...agents.platform.types import PlatformAnswer
from ...agents.triage.prompt_files import prompt_book
from ...core.errors import BackendError, OpswardenError
from ...policies.cautions import visible
from ...policies.types import Audience, Notice, Sender
from ..installation import Installation
from ..models import open_transports
from ..wiring import fence_of
from .driving import end_all, open_parts
from .places import watched
from .settings import PlatformSettings


def ask_platform(
    installation: Installation,
    words: str,
    sender: Sender,
    audience: Audience,
    *,
    by: str,
    models: Sequence[str] = (),
    trigger: str = "cli",
    run_id: str = "",
) -> PlatformAnswer:
    """Answer a question out of the checks that it is about.

    Args:
        installation: whose `platform` is asked about.
        words: of the person.
        sender: renders the answer for the audience.
        audience: who is told.
        by: who asks, `person:<name>`.
        models: names of model endpoints in order; without any, what the checks say is the answer.
        trigger: where it is asked.
        run_id: makes it the same run if it is answered again; a new one if empty.

    Raises:
        ConfigError: nothing is watched.
        BackendError: the answer could not be delivered.
        CallDenied: it may not be told.
    """
    at = installation.clock.now()
    found = watched(installation, at)
    with open_transports(installation.settings, models, installation.clock) as transports:
        parts, gates = open_parts(
            installation,
            found,
            sender,
            audience,
            by=by,
            trigger=trigger,
            at=at,
            run_id=run_id or installation.ids.new("run"),
            request=words,
            transports=transports,
        )
        chat: Any = None
        if transports:
            from ...agents.model.chat import GatedChatModel  # noqa: PLC0415 - a second of imports, only with a model

            chat = GatedChatModel(gate=parts.gate, endpoint_names=tuple(item.endpoint.name for item in transports))
        asked = parts.gate.run.request
        parts = replace(
            parts,
            checks=chosen(parts.checks, words),
            is_told=lambda _report: False,
            nonce=fence_of(installation, parts.gate.run.id),
            chat=chat,
            prompts=prompt_book(installation.settings.models.prompts),
        )
        try:
            result = answer(parts, asked)
        except OpswardenError:
            end_all(gates, "failed")
            raise
        end_all(gates, "answered")
    return result


def concerns_platform(settings: PlatformSettings, words: str) -> bool:
    """Whether somebody's words name something that is watched, or speak of a kind of what is."""
    groups = (settings.features, settings.champions, settings.pipelines)
    names = {
        *settings.tables,
        *settings.scored,
        *settings.payments,
        *settings.slos,
        *(name for one in groups for name in one),
    }
    names |= {each for group in groups for several in group.values() for each in several}
    return bool(names) and (names_one(names, words) or bool(kinds_in(words)))


class AnswerSender:
    """Renders an answer for the terminal or as JSON; implements `Sender`."""

    def __init__(self, style: Literal["terminal", "json"], write: Callable[[str], None]) -> None:
        self._style = style
        self._write = write
        self.repeats_safely: Literal[True] = True

    def send(self, audience: Audience, notice: Notice, key: str) -> str:
        """Deliver.

        Raises:
            BackendError: the answer is of another form.
        """
        try:
            found = PlatformAnswer.model_validate(notice.body)
        except ValidationError as error:
            raise BackendError("an answer lost its form on its way through redaction") from error
        text = found.model_dump_json(indent=2) if self._style == "json" else "\n".join(answer_lines(found))
        self._write(f"{text}\n")
        return "shown"


def answer_lines(found: PlatformAnswer) -> list[str]:
    """Lines for a terminal, in which nothing that others wrote is obeyed."""
    lines = []
    for claim in found.claims:
        mark = f" (unsupported: {claim.problem})" if claim.status == "unsupported" else ""
        lines.append(f"{claim.text} [{', '.join(claim.evidence)}]{mark}")
    lines += [f"not known: {each}" for each in found.unknown]
    if found.model.note and found.model.used is False:
        lines.append(f"model: {found.model.note}")
    if found.not_covered:
        lines.append(f"nobody watches: {', '.join(found.not_covered)}")
    return [visible(line) for line in lines]
