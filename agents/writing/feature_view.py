"""The page of a feature view: its features, how they are served, how fresh they are, and who reads them."""

from __future__ import annotations

from .document import Document
from .facts import Known, windows
from .owners import owner_lines
from .sources import absent, cited, code, duration, number, rows, share, unread

_NOBODY = "Unknown: nobody is known to serve it."


def feature_view_page(view: str, known: Known) -> Document:
    """Write the page of a view, as served features name it."""
    page = Document(f"Feature view: {view}", known.sources)
    health = known.sources.ask("features.health", {**known.windows, "limit": 50})
    found = [row for row in rows(health, "shown") if row.get("view") == view]
    mark = cited(health)
    lines = [
        windows(known, health),
        "",
        "| feature | served by | nulls | mean | age | state |",
        "|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {code(row['feature'])} | {code(row['entity'])} | {share(row.get('null_rate_after'))} "
        f"| {_said(row.get('mean_after'))} | {_age(row.get('age_after_s'))} "
        f"| {row.get('trouble') or 'as usual'}{mark} |"
        for row in found
    ]
    page.say("features", "Features", lines if found else [absent(health, "None was found")])
    servers = sorted({str(row["entity"]) for row in found})
    page.say("owner", "Whose it is", owner_lines(known, servers), unread(health) or _NOBODY)
    readers = sorted({str(name) for row in found for name in row.get("consumers") or ()})
    page.say("readers", "Who reads it", [f"- {code(name)}{mark}" for name in readers] or [f"Unknown{mark}"])
    unknown = (
        "Unknown: the registry of features is not read here. Whoever knows writes it here, in place of this sentence."
    )
    page.say("definition", "Definition, source and time to live", [], unknown)
    page.say("personal-data", "Personal data in it, and for how long they are kept", [])
    if not found:
        what = "no served feature says that it is of it"
        what += "" if health.is_whole else ", and not all of them could be seen"
        page.notes.append(f"the view: {absent(health, what)}")
        page.is_known = False
    return page


def _said(value: object) -> str:
    return "unknown" if value is None else number(value)


def _age(seconds: float | None) -> str:
    return "unknown" if seconds is None else duration(seconds)
