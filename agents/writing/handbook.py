"""The on-call handbook: whose what is, how to reach them, what was promised, which page is for what, who is next."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from .document import Document
from .facts import Known
from .sources import Source, cited, code, duration, number, rows

_MOST_ASKED = 20
"""Entities that one question about owners may name."""


def handbook(
    known: Known,
    entities: Sequence[str],
    pages: Sequence[Mapping[str, Any]],
    rota: Sequence[Mapping[str, Any]],
    escalation: Sequence[Mapping[str, Any]],
) -> Document:
    """Write the handbook.

    Args:
        known: what is known of the platform.
        entities: of the platform, by name.
        pages: runbooks: `name`, `title`, `alerts`, `services`, `owner`, `verified` each.
        rota: on-call schedules that give roles: `system`, `schedule`, `role` each.
        escalation: steps after which further people are told: `after_minutes`, `audiences`, `roles` each.
    """
    book = Document("On-call handbook", known.sources)
    _owners(book, known, entities)
    _promises(book, known)
    _pages(book, known, pages)
    _escalation(book, known, rota, escalation)
    return book


def _owners(book: Document, known: Known, entities: Sequence[str]) -> None:
    teams: dict[str, list[tuple[Mapping[str, Any], Source]]] = defaultdict(list)
    named: set[str] = set()
    asked: list[Source] = []
    for place in range(0, len(entities), _MOST_ASKED):
        source = known.sources.ask("owners.find", {"entities": [*entities[place : place + _MOST_ASKED]]})
        asked.append(source)
        for row in rows(source, "owners"):
            if row.get("owner") and row["entity"] not in named:
                named.add(str(row["entity"]))
                teams[str(row["owner"])].append((row, source))
    lines: list[str] = []
    for team in sorted(teams):
        first, source = teams[team][0]
        reach = [("on call", "on_call"), ("channel", "channel"), ("page them by", "page")]
        said = [f"{what} {code(first[key])}" for what, key in reach if first.get(key)]
        lines += [
            f"### {team}",
            "",
            f"- {code(team)}: {', '.join(said) or 'how to reach them is unknown'}{cited(source)}",
        ]
        for row, of in sorted(teams[team], key=lambda each: str(each[0]["entity"])):
            tier = f", tier {row['tier']}" if row.get("tier") is not None else ""
            what = f": {code(row['description'])}" if row.get("description") else ""
            lines.append(f"  - {code(row['entity'])}{tier}{what}{cited(of)}")
        lines.append("")
    book.say("owners", "Whose what is", lines)
    lost = [name for name in entities if name not in named]
    if lost:
        book.notes.append(f"whose these are: {', '.join(code(name) for name in lost)}{cited(*asked)}")


def _promises(book: Document, known: Known) -> None:
    source = known.sources.ask("slo.burn", {**known.quiet, "entities": []})
    lines = [
        f"- {code(row['entity'])}, {code(row['name'])}: a share of {number(row['objective'])}"
        + (f" over {duration(row['window_s'])}" if row.get("window_s") else "")
        + cited(source)
        for row in rows(source, "objectives")
        if row.get("objective") is not None
    ]
    book.say("promises", "What is promised", lines)
    if not lines:
        book.notes.append(f"what is promised: no objective is declared{cited(source)}")


def _pages(book: Document, known: Known, pages: Sequence[Mapping[str, Any]]) -> None:
    source = known.sources.add("the runbooks", {"pages": [dict(each) for each in pages]})
    mark = cited(source)
    lines = ["| alert | page | owner | verified |", "|---|---|---|---|"]
    for page in sorted(pages, key=lambda each: str(each["name"])):
        for alert in page["alerts"] or ["–"]:
            alert_cell = code(alert) if alert != "–" else "–"
            owner = code(page["owner"]) if page["owner"] else "nobody"
            lines.append(f"| {alert_cell} | {code(page['name'])} | {owner} | {page['verified'] or 'never'}{mark} |")
    book.say("runbooks", "Which page is for what", lines if pages else [])
    if not pages:
        book.notes.append(f"which page is for what: there are no runbooks{mark}")


def _escalation(
    book: Document, known: Known, rota: Sequence[Mapping[str, Any]], escalation: Sequence[Mapping[str, Any]]
) -> None:
    people = known.sources.add("settings identity.schedules", {"schedules": [dict(each) for each in rota]})
    steps = known.sources.add("settings gate.escalation", {"steps": [dict(each) for each in escalation]})
    lines = [
        f"- the schedule {code(each['schedule'])} of {code(each['system'])} gives the role {code(each['role'])}"
        + cited(people)
        for each in rota
    ]
    book.say("rota", "Who is on call", lines)
    if not rota:
        book.notes.append(f"who is on call now: no on-call schedule is configured{cited(people)}")
    told = [
        f"- a question nobody answers for {each['after_minutes']} minutes is told to "
        f"{', '.join(code(name) for name in each['audiences'])}"
        + (f", for {', '.join(code(role) for role in each['roles'])}" if each["roles"] else "")
        + cited(steps)
        for each in escalation
    ]
    book.say("escalation", "Who is told next", told)
    if not escalation:
        book.notes.append(f"who is told next: no escalation is configured{cited(steps)}")
