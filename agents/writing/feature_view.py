"""The page of a feature view: its features, how they are served, how fresh they are, and who reads them."""

from __future__ import annotations

from collections.abc import Mapping

from .document import Document
from .facts import Known, windows
from .owners import owner_lines
from .sources import Source, absent, cited, code, duration, number, rows, share, unread

_NO_STORE = "Unknown: no feature store is read here. Whoever knows writes it here, in place of this sentence."
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
    fresh = known.sources.ask("features.freshness", {"view": view}) if "features.freshness" in known.tools else None
    page.say("definition", "As the feature store has it", _stored(fresh), _NO_STORE)
    page.say("personal-data", "Personal data in it, and for how long they are kept", [])
    page.is_known = bool(found) or (fresh is not None and fresh.is_read)
    if not found:
        what = "no served feature says that it is of it"
        what += "" if health.is_whole else ", and not all of them could be seen"
        page.notes.append(f"the view: {absent(health, what)}")
    return page


def _stored(fresh: Source | None) -> list[str]:
    """What a feature store says of a view, by a sample of its keys; nothing where there is no store."""
    if fresh is None:
        return []
    if fresh.status == "error" and not fresh.is_down:  # it asks for another name
        return [f"The feature store has no view of this name{cited(fresh)}"]
    if not isinstance(fresh.content, Mapping):
        return [unread(fresh) or f"The feature store has no row of it{cited(fresh)}"]
    said, mark = fresh.content, cited(fresh)
    facts = (
        ("time to live", "ttl_s", "none is declared"),
        ("usually materialized every", "usual_s", "unknown"),
        ("last materialized before", "behind_s", "unknown"),
        ("median age of a row", "age_median_s", "unknown"),
        ("age below which 99 % of rows are", "age_p99_s", "unknown"),
    )
    lines = [f"- {name}: {none if said.get(key) is None else duration(said[key])}{mark}" for name, key, none in facts]
    lines.append(f"- rows older than that time to live: {share(said.get('expired_share'))}{mark}")
    lines += [
        f"- {code(row['feature'])}: median age {duration(row['age_s'])}, without a value {share(row['nulls'])}{mark}"
        for row in rows(fresh, "features")
    ]
    return lines + [f"- {code(row['cause'])}{mark}" for row in rows(fresh, "troubles") if row.get("matters")]


def _said(value: object) -> str:
    return "unknown" if value is None else number(value)


def _age(seconds: float | None) -> str:
    return "unknown" if seconds is None else duration(seconds)
