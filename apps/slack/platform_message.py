"""A question about the platform, asked in a channel: answered in the thread of whoever asked, once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pydantic import ValidationError

from ...agents.platform.types import PlatformAnswer
from ...core.errors import BackendError
from ...policies.types import Audience, Notice
from ..daily.asking import ask_platform
from ..installation import Installation
from ..models import chosen_models
from .access import checked_channel
from .phrases import in_language
from .receiving import SOURCE
from .settings import ChannelSettings
from .telling import SlackParts
from .texts import Block, Line, Message, Words, message, paragraph
from .thread_messages import claim_line
from .words import Language, say

_MOST_CLAIMS = 12


def answer_platform(
    installation: Installation,
    parts: SlackParts,
    arrival_id: str,
    channel: ChannelSettings,
    words: str,
    by: str,
    thread_ts: str,
) -> None:
    """Answer in the thread; what was answered already is not asked again.

    Raises:
        ConfigError: nothing is watched, or a place is configured wrongly.
        BackendError: Slack does not take it; calling again is safe.
        CallDenied: it may not be told there.
    """
    slot = f"platform/answer/{arrival_id}"
    post = parts.posts.find(slot)
    if post is not None and post.ts:
        return
    ask_platform(
        installation,
        words,
        _ToThread(parts, slot, channel.id, thread_ts, channel.language),
        parts.audience(channel.id),
        by=by,
        models=chosen_models(installation.settings, None, none_wanted=False),
        trigger=SOURCE,
        run_id=f"asked.{arrival_id}",
    )


@dataclass
class _ToThread:
    """Renders an answer for a channel; implements `Sender`."""

    parts: SlackParts
    slot: str
    channel: str
    thread_ts: str
    language: Language
    repeats_safely: Literal[True] = True

    def send(self, audience: Audience, notice: Notice, key: str) -> str:
        try:
            found = PlatformAnswer.model_validate(notice.body)
        except ValidationError as error:
            raise BackendError("an answer lost its form on its way through redaction") from error
        checked_channel(self.parts.access, self.channel)
        shown = platform_message(found, self.language)
        return self.parts.posts.ensure(self.slot, self.channel, shown, self.thread_ts).ts


def platform_message(found: PlatformAnswer, language: Language) -> Message:
    """A model's sentences and what the checks say, each with its evidence; then what nobody knows or watches."""
    claims = [claim_line(one, language) for one in found.claims[:_MOST_CLAIMS]]
    rest = len(found.claims) - len(claims)
    blocks: list[Block] = []
    if claims:
        blocks += [paragraph([[Words(say(language, "answer"), "bold")]]), paragraph(claims, bulleted=True)]
    unknown: list[Line] = [[Words(in_language(text, language))] for text in found.unknown]
    unknown += [[Words(say(language, "more", count=rest))]] if rest else []
    if unknown or not claims:
        lines = unknown or [[Words(say(language, "unknown"))]]
        blocks += [paragraph([[Words(say(language, "unknown"), "bold")]]), paragraph(lines, bulleted=True)]
    if found.not_covered:
        line = [Words(f"{say(language, 'gaps')}: ", "bold"), Words(", ".join(found.not_covered))]
        blocks.append(paragraph([line]))
    first = found.claims[0].text if found.claims else say(language, "unknown")
    return message(first, blocks)
