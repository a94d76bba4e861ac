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
_RUNBOOK = re.compile(r"\brun ?-?books?\b|\bplay ?-?books?\b|\bprocedimi?entos?\b", re.IGNORECASE)
_WRITE = re.compile(
    r"\b(?:write|draft|make|create|document|generate|prepare|escr[ií]b\w*|redact\w*|red[áa]ct\w*|haz|hac(?:er|ed)|crea\w*"
    r"|documenta\w*|gener[ae]\w*|prepar\w*|elabor\w*|escrev\w*|redij\w*|redig\w*|faz|fazer|faça|cri[ae]r?|ger[ae]r?)\b",
    re.IGNORECASE,
)
_MARK = re.compile(r" ?\[S\d{1,4}(?:, S\d{1,4})*\]")
_CODE = re.compile(r"`([^`\n]+)`")
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
    unknown: list[Line] = [_styled(each) for each in drafted.notes[:_MOST_FINDINGS]]
    blocks = [header(title), paragraph(lines)]
    for name, several in (("draft_findings", found), ("unknown", unknown)):
        if several:
            blocks += [paragraph([[Words(say(language, name), "bold")]]), paragraph(several, bulleted=True)]
    if made.diff:
        blocks.append(preformatted("\n".join(made.diff[:_SHOWN_LINES])))
    file = made.file.rpartition("/")[2]
    other = f" --as {made.file}" if file != made.file else ""
    command = f"opswarden runbook publish {file} --reviewed{other} --triage {made.run_id}"
    blocks.append(paragraph([[Words(say(language, "draft_next", command="")), Words(command, "code")]]))
    return message(title, blocks, files=[File(file, title, drafted.text)])


def _styled(note: str) -> Line:
    """A sentence of a draft without its marks, which mean something beside its sources alone, and its code as code."""
    parts = _CODE.split(_MARK.sub("", note))
    return [Words(part, "code" if place % 2 else "plain") for place, part in enumerate(parts) if part]
