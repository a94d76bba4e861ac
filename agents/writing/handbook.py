"""The on-call handbook: whose what is, how to reach them, what was promised, which page is for what, who is next."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from .document import Document
from .facts import Known, listed, promise
from .owners import unknown_to
from .sources import Source, absent, cited, code, rows


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
    _promises(book, known, entities)
    _pages(book, known, pages)
    _escalation(book, known, rota, escalation)
    return book


def _owners(book: Document, known: Known, entities: Sequence[str]) -> None:
    teams: dict[str, list[tuple[Mapping[str, Any], Source]]] = defaultdict(list)
    named: set[str] = set()
    asked = known.sources.ask_of_each("owners.find", {}, entities)
    for each in asked:
        for row in rows(each, "owners"):
            if row.get("owner") and row["entity"] not in named:
                named.add(str(row["entity"]))
                teams[str(row["owner"])].append((row, each))
    lines: list[str] = []
    for team in sorted(teams):
        first, source = teams[team][0]
        reach = [("on call", "on_call"), ("channel", "channel"), ("page them by", "page")]
        said = [f"{what} {code(first[key])}" for what, key in reach if first.get(key)]
        lines += [
            f"### {code(team)}",
            "",
            f"- reach them: {', '.join(said) or 'unknown'}{cited(source)}",
        ]
        for row, of in sorted(teams[team], key=lambda each: str(each[0]["entity"])):
            tier = f", tier {row['tier']}" if row.get("tier") is not None else ""
            what = f": {code(row['description'])}" if row.get("description") else ""
            lines.append(f"  - {code(row['entity'])}{tier}{what}{cited(of)}")
        lines.append("")
    book.say("owners", "Whose what is", lines)
    lost = [name for name in entities if name not in named]
    if lost:
        mark = cited(*(one for one in asked if {*lost} & {str(name) for name in unknown_to(one)})) or cited(*asked)
        book.notes.append(f"whose these are, as no service catalogue names them: {listed(lost)}{mark}")


def _promises(book: Document, known: Known, entities: Sequence[str]) -> None:
    source = known.sources.ask("slo.burn", {**known.quiet, "entities": []})
    # Of very many, one answer has those that burn fastest alone.
    asked = (source,) if source.is_whole else known.sources.ask_of_each("slo.burn", known.quiet, entities)
    lines = {
        (str(row["entity"]), str(row["name"])): f"- {code(row['entity'])}: {promise(row)}{cited(each)}"
        for each in asked
        for row in rows(each, "objectives")
        if row.get("objective") is not None
    }
    book.say(
        "promises",
        "What is promised",
        [lines[key] for key in sorted(lines)],
        absent(source, "No objective is declared"),
    )
    if not lines:
        book.notes.append(f"what is promised: {absent(source, 'no objective is declared')}")


def _pages(book: Document, known: Known, pages: Sequence[Mapping[str, Any]]) -> None:
    source = known.sources.add("the runbooks", {"pages": [dict(each) for each in pages]})
    mark = cited(source)
    lines = ["| alert | page | owner | verified |", "|---|---|---|---|"]
    for page in sorted(pages, key=lambda each: str(each["name"])):
        for alert in page["alerts"] or [""]:
            alert_cell = code(alert) if alert else "none named"
            owner = code(page["owner"]) if page["owner"] else "nobody"
            lines.append(f"| {alert_cell} | {code(page['name'])} | {owner} | {page['verified'] or 'never'}{mark} |")
    book.say("runbooks", "Which page is for what", lines if pages else [], "There are no runbooks.")
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
    book.say("rota", "Who is on call", lines, "No on-call schedule is configured. Whoever knows writes it here.")
    if not rota:
        book.notes.append(f"who is on call now: no on-call schedule is configured{cited(people)}")
    told = [
        f"- a question nobody answers for {each['after_minutes']} minutes is told to "
        f"{', '.join(code(name) for name in each['audiences'])}"
        + (f", for {', '.join(code(role) for role in each['roles'])}" if each["roles"] else "")
        + cited(steps)
        for each in escalation
    ]
    book.say("escalation", "Who is told next", told, "No escalation is configured. Whoever knows writes it here.")
    if not escalation:
        book.notes.append(f"who is told next: no escalation is configured{cited(steps)}")
