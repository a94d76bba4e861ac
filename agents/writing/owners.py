"""Whose an entity is, and how to reach them, as the service catalogue says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .facts import Known, neighbours
from .page import Draft, bullets
from .sources import Source, absent, cited, code, rows, unread


def owner_of(known: Known, entity: str) -> tuple[Mapping[str, Any], Source]:
    """The service catalogue's entry of an entity; empty if there is none."""
    source = known.sources.ask("owners.find", {"entities": [entity]})
    return next(iter(rows(source, "owners")), {}), source


def most_owned_by(draft: Draft, known: Known, entities: Sequence[str]) -> str:
    """Say whose several entities are; returns the team that most belong to, or nothing."""
    asked = known.sources.ask_of_each("owners.find", {}, entities)
    owned = [(row, source) for source in asked for row in rows(source, "owners") if row.get("owner")]
    teams = [str(row["owner"]) for row, _ in owned]
    if not teams:
        draft.notes.append(f"whose page this is: the service catalogue does not say{cited(*asked)}")
        return ""
    of = [f"{code(row['entity'])}: {code(row['owner'])}{cited(source)}" for row, source in owned]
    draft.say("Whom to ask", *bullets(of))
    return max(sorted(set(teams)), key=teams.count)


def say_owner(draft: Draft, known: Known, entity: str) -> str:
    """Say whose an entity is; returns the team, or nothing."""
    entry, source = owner_of(known, entity)
    if not entry.get("owner"):
        draft.notes.append(f"whose {code(entity)} is: {absent(source, 'the service catalogue does not say')}")
        # Somebody else's system: whoever uses it is called, and keeps the page.
        callers, _ = neighbours(known, entity, "callers")
        return most_owned_by(draft, known, callers) if callers else ""
    mark = cited(source)
    lines = [f"{code(entity)} belongs to {code(entry['owner'])}{mark}"]
    lines += [f"reach them on {code(entry['channel'])}{mark}"] if entry.get("channel") else []
    lines += [f"on call: {code(entry['on_call'])}{mark}"] if entry.get("on_call") else []
    lines += [f"tier {entry['tier']}{mark}"] if entry.get("tier") is not None else []
    draft.say("Whom to ask", *bullets(lines))
    return str(entry["owner"])


def owner_lines(known: Known, entities: Sequence[str]) -> list[str]:
    """Whose entities are and how to reach them, a line each; what the catalogue does not have is unknown."""
    lines = []
    for source in known.sources.ask_of_each("owners.find", {}, entities) if entities else ():
        for row in rows(source, "owners"):
            reach = [
                f"{what} {code(row[key])}"
                for what, key in (("on call", "on_call"), ("channel", "channel"), ("page them by", "page"))
                if row.get(key)
            ]
            owner = code(row["owner"]) if row.get("owner") else "nobody in the service catalogue"
            lines.append(f"- {code(row['entity'])}: {', '.join([owner, *reach])}{cited(source)}")
        lines += [f"- {code(name)}: unknown to the service catalogue{cited(source)}" for name in unknown_to(source)]
        lines += [f"- {said}" for said in [unread(source)] if said]
    return lines


def unknown_to(source: Source) -> Sequence[object]:
    """The entities that the catalogue was asked for and does not have."""
    content = source.content if source.is_read else None
    return content.get("unknown") or () if isinstance(content, Mapping) else ()
