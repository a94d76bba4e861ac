"""The page of a feature view: its features, how they are served, how fresh they are, and who reads them."""

from __future__ import annotations

from .document import Document
from .facts import Known
from .sources import cited, code, duration, number, rows


def feature_view_page(view: str, known: Known) -> Document:
    """Write the page of a view, as served features name it."""
    page = Document(f"Feature view: {view}", known.sources)
    windows = {name: known.given[name] for name in ("start", "end", "baseline_start", "baseline_end")}
    health = known.sources.ask("features.health", {**windows, "limit": 50})
    found = [row for row in rows(health, "shown") if row.get("view") == view]
    mark = cited(health)
    lines = ["| feature | served by | nulls | mean | age | state |", "|---|---|---|---|---|---|"]
    lines += [
        f"| {code(row['feature'])} | {code(row['entity'])} | {_said(row.get('null_rate_after'))} "
        f"| {_said(row.get('mean_after'))} | {_age(row.get('age_after_s'))} "
        f"| {row.get('trouble') or 'as usual'}{mark} |"
        for row in found
    ]
    page.say("features", "Features", lines if found else [f"None was found{mark}"])
    readers = sorted({str(name) for row in found for name in row.get("consumers") or ()})
    page.say("readers", "Who reads it", [f"- {code(name)}{mark}" for name in readers] or [f"Unknown{mark}"])
    page.say(
        "definition", "Definition, owner and time to live", ["Unknown: the registry of features is not read here."]
    )
    if not found:
        page.notes.append(f"the view: no served feature says that it is of it{mark}")
    return page


def _said(value: object) -> str:
    return "unknown" if value is None else number(value)


def _age(seconds: float | None) -> str:
    return "unknown" if seconds is None else duration(seconds)
