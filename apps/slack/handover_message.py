"""What the next shift has to know, as a message."""

from __future__ import annotations

from ...core.clock import to_iso
from ..service.handover import HandedIncident, Handover
from .phrases import in_language
from .texts import Line, Message, Words, header, message, paragraph
from .words import Language, say


def handover_message(made: Handover, language: Language) -> Message:
    """The hand-over in the language of a channel."""
    title = say(language, "handover", at=f"{made.until:%Y-%m-%d %H:%M}")
    asked: list[Line] = [
        [
            Words(each.what, "code"),
            Words(say(language, "in_for", place=each.environment, roles=" / ".join(each.roles))),
            Words(each.id, "code"),
        ]
        for each in made.questions
    ]
    ended: list[Line] = [
        [
            Words(each.title, "bold"),
            Words(say(language, "of_entity", entity=each.entity)),
            Words(f": {in_language(each.how, language)}"),
        ]
        for each in made.ended
    ]
    wrong: list[Line] = [[Words(line)] for line in (*made.stops, *made.schedules)]
    opened = [_open(each, language) for each in made.open]
    blocks = [header(title)]
    sections = (("handed_open", opened), ("handed_asked", asked), ("handed_over", ended), ("handed_wrong", wrong))
    for name, lines in sections:
        if lines or name == "handed_open":
            blocks.append(paragraph([[Words(f"{say(language, name)} ({len(lines)})", "bold")]]))
        if lines:
            blocks.append(paragraph(lines, bulleted=True))
    return message(f"{title}: {say(language, 'handed_open')} {len(opened)}", blocks, [])


def _open(each: HandedIncident, language: Language) -> Line:
    line = say(
        language,
        "handed_line",
        entity=each.entity,
        severity=each.severity or say(language, "no_severity"),
        whose=each.assignee or say(language, "nobodys"),
        began=to_iso(each.began)[:16],
        firing=each.firing,
        alerts=each.alerts,
    )
    if each.suspect:
        found = say(language, "handed_suspect", suspect=each.suspect)
    else:
        found = say(language, "handed_triage", state=each.triage)
    return [Words(each.title, "bold"), Words(line), Words(found)]
