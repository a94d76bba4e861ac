"""The page of a service: whose it is, what it uses, whom it serves, what was promised, how it behaves."""

from __future__ import annotations

from .document import Document
from .facts import Known, in_words, left_out, measured, neighbours, promise, range_lines, ranges, unread_metrics
from .owners import owner_of
from .sources import absent, cited, code, moment, number, rows

_MOST_METRICS = 10


def service_page(entity: str, known: Known) -> Document:
    """Write the page of an entity."""
    page = Document(entity, known.sources)
    entry, source = owner_of(known, entity)
    facts = [
        ("owner", "owner"),
        ("on call", "on_call"),
        ("channel", "channel"),
        ("tier", "tier"),
        ("lifecycle", "lifecycle"),
        ("system", "system"),
        ("what it is", "description"),
    ]
    lines = [f"- {name}: {_said(entry.get(key))}{cited(source)}" for name, key in facts]
    page.say("owner", "Whose it is", lines)
    below, down = neighbours(known, entity, "callees")
    above, up = neighbours(known, entity, "callers")
    uses = [f"- uses {code(name)}{cited(down)}" for name in below] or [
        f"- {absent(down, 'it is not known to use anything')}"
    ]
    uses += [f"- is used by {code(name)}{cited(up)}" for name in above] or [
        f"- {absent(up, 'nobody is known to use it')}"
    ]
    page.say("dependencies", "What it uses, and who uses it", uses)
    burn = known.sources.ask("slo.burn", {**known.quiet, "entities": [entity]})
    promised = [
        f"- {promise(row)}{cited(burn)}" for row in rows(burn, "objectives") if row.get("objective") is not None
    ]
    page.say("objectives", "What is promised", promised or [absent(burn, "Nothing is declared")])
    found = [
        each for metric in known.metrics_of(entity)[:_MOST_METRICS] for each in ranges(known, entity, metric, most=4)
    ]
    lines = [measured(known, found[0].source), "", *range_lines(found)] if found else []
    failed = unread_metrics(known, entity, known.metrics_of(entity)[:_MOST_METRICS])
    lines += ["", *failed] if lines and failed else failed
    page.say("behaviour", "How it behaves while nothing is wrong", lines, "Nothing was measured of it.")
    changes = known.sources.ask(
        "changes.recent", {"start": known.given["start"], "end": known.given["end"], "entities": [entity]}
    )
    newest = [
        f"- {moment(row['ts'])}: {in_words(row['kind'])}, {code(row['summary'])}{cited(changes)}"
        for row in rows(changes, "newest")
    ]
    newest += [f"- {line}" for line in left_out(changes, "changes", len(newest))]
    page.say("changes", "Recent changes", newest or [absent(changes, "None is recorded")])
    listed = [f"- {code(each)}{cited(source)}" for each in entry.get("runbooks") or ()]
    page.say("runbooks", "Runbooks", listed or [absent(source, "None is named")])
    page.is_known = bool(entry or below or above or promised or known.metrics_of(entity))
    if not entry:
        page.notes.append(f"whose it is: {absent(source, 'the service catalogue has no entry')}")
    return page


def _said(value: object) -> str:
    if value in (None, ""):
        return "unknown"
    return number(value) if isinstance(value, int) else code(value)
