"""The runbook of an incident, asked for in its thread: drafted from its triage, as a file, with what differs."""

from __future__ import annotations

import re

from ..documents.of_run import DraftOfRun, draft_of_run
from .alert_texts import plain_words
from .texts import File, Line, Message, Words, header, message, paragraph, preformatted
from .words import Language, say

__all__ = ["DRAFT", "draft_message", "draft_of_run", "wants_runbook"]

DRAFT = "runbook.draft"
"""Kind of the notice."""
_RUNBOOK = re.compile(r"\brun ?-?books?\b|\bplaybooks?\b", re.IGNORECASE)
_WRITE = re.compile(
    r"\b(?:write|draft|make|create|document|escrib\w*|redact\w*|haz|crea\w*|documenta\w*|escrev\w*|redija|faz|faça|crie)\b",
    re.IGNORECASE,
)
_ASKS = re.compile(
    r"^\s*(?:who|when|why|what|which|where|is|are|was|did|does|quién|cuándo|por qué|quem|quando)\b", re.I
)
_SHOWN_LINES = 40
_MOST_FINDINGS = 5


def wants_runbook(text: str) -> bool:
    """Whether somebody asks for a runbook to be written, in any of the three languages; a question is no such wish."""
    words = plain_words(text)
    return bool(_RUNBOOK.search(words) and _WRITE.search(words)) and not _ASKS.search(words)


def draft_message(made: DraftOfRun, language: Language) -> Message:
    """The answer: what the draft rests on, what differs from the page in force, and the page as a file."""
    drafted, title = made.drafted, f"{say(language, 'draft')}: {made.title}"
    size = say(language, "draft_size", lines=len(drafted.text.splitlines()), sources=len(drafted.sources))
    lines: list[Line] = [[Words(size)]]
    if made.page:
        counts = {"added": made.count("+"), "gone": made.count("-")}
        lines.append([Words(say(language, "draft_beside", page=made.page, **counts))])
    else:
        lines.append([Words(say(language, "draft_new"))])
    found: list[Line] = [[Words(each.text)] for each in drafted.findings[:_MOST_FINDINGS]]
    unknown: list[Line] = [[Words(each)] for each in drafted.notes[:_MOST_FINDINGS]]
    blocks = [header(title), paragraph(lines)]
    for name, several in (("draft_findings", found), ("unknown", unknown)):
        if several:
            blocks += [paragraph([[Words(say(language, name), "bold")]]), paragraph(several, bulleted=True)]
    if made.diff:
        blocks.append(preformatted("\n".join(made.diff[:_SHOWN_LINES])))
    command = f"opswarden runbook publish {made.file} --reviewed"
    blocks.append(paragraph([[Words(say(language, "draft_next", command="")), Words(command, "code")]]))
    return message(title, blocks, files=[File(made.file, title, drafted.text)])
