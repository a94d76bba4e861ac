"""The ledger: entries page by page, one in full, and whether all of it still stands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import get_args

from ...core.errors import InputError, LedgerError
from ...policies.ledger.read import in_full
from ...policies.ledger.read import rows as ledger_rows
from ...policies.ledger.types import StoredEntry
from ...policies.switches import INSTALLATION
from ...policies.types import EntryKind
from ..reports.cleaning import shown
from ..reports.markup import Child, Markup, element
from .asked import Asked, Reply, Viewer
from .house import House
from .layout import choice, notice, page, since, table, text_field, told
from .run_rows import team_of

PAGE = 50
_CHUNK = 200
_MOST_LOOKED_AT = 4_000
_UNAIDED = 2_000
"""A ledger of up to so many entries is verified whenever its page is read and it has grown."""
KINDS: tuple[str, ...] = get_args(EntryKind)


def listed(asked: Asked) -> Reply:
    """A page of entries, newest first."""
    run_id, kind = asked.query.get("run", "")[:100], asked.query.get("kind", "")
    before = _number(asked.query.get("before", ""))
    if kind and kind not in KINDS:
        raise InputError("there is no kind of entry of this name", remedy="choose one of the list")
    entries, more, problem = list[StoredEntry](), None, ""
    try:
        entries, more = _page(asked, run_id, kind, before)
    except LedgerError as error:  # of an altered entry nothing is shown, but that it was altered is
        problem = f"These entries cannot be shown: {error.message}."
    rows = [
        (
            element("a", str(row.seq), href=asked.url("ledger", str(row.seq))),
            element("time", row.ts[:19].replace("T", " "), datetime=row.ts),
            row.kind,
            shown(row.subject) if row.subject else "",
            shown(row.finding) if row.finding else "",
            _run_link(asked, row.run_id),
        )
        for row in ledger_rows(entries)
    ]
    older = asked.url("ledger", run=run_id, kind=kind, before=more) if more is not None else ""
    return page(
        asked,
        "Ledger",
        _standing(asked),
        _filter(asked, run_id, kind),
        notice(problem, "bad") if problem else None,
        table("newest first, times in UTC", _HEADS, rows, "entries")
        if rows
        else element("p", "No entry that you may see is like that.", class_="empty")
        if not problem
        else None,
        element("p", element("a", "Older entries", href=older, rel="next"), class_="more") if older else None,
    )


_HEADS = ("#place", "time", "kind", "about", "outcome", "run")


def one(asked: Asked) -> Reply:
    """One entry in full."""
    seq = _number(asked.names["seq"])
    entry = asked.house.installation.ledger.read(seq) if seq is not None else None
    if entry is None or not _visible(asked, [entry]):
        return told(asked, 404, "No such entry", "There is no entry at this place, or it is another team's.")
    return page(
        asked,
        f"Entry {entry.seq}: {entry.kind}",
        element("p", "Recorded ", since(entry.ts, asked.now), "; run ", _run_link(asked, entry.run_id)),
        notice(f"Parts of it were erased, as entry {entry.erased_by} records.", "mind")
        if entry.erased_by is not None
        else None,
        element("pre", in_full(entry), tabindex="0", aria_label="The entry as JSON"),
    )


def verified(asked: Asked) -> Reply:
    """Verify the whole ledger now."""
    asked.house.verifier.check(asked.house.installation)
    return Reply(status=303, to=asked.url("ledger"))


def _page(asked: Asked, run_id: str, kind: str, before: int | None) -> tuple[list[StoredEntry], int | None]:
    """Entries, newest first, and the place before which the next page begins; none at the end."""
    found: list[StoredEntry] = []
    looked_at, seq = 0, 0
    for chunk in _backwards(asked.house, run_id, before):
        looked_at += len(chunk)
        seen = {entry.seq for entry in _visible(asked, chunk)}
        for entry in reversed(chunk):
            seq = entry.seq
            if entry.seq in seen and (not kind or entry.kind == kind):
                found.append(entry)
            if len(found) == PAGE:
                return found, seq or None
        if looked_at >= _MOST_LOOKED_AT:
            return found, seq or None
    return found, None


def _backwards(house: House, run_id: str, before: int | None) -> Iterator[Sequence[StoredEntry]]:
    """Chunks of entries, each oldest first, the newest chunk first."""
    ledger = house.installation.ledger
    if run_id:
        entries = [
            entry for entry in ledger.tail(_MOST_LOOKED_AT, run_id=run_id) if before is None or entry.seq < before
        ]
        yield entries
        return
    head = ledger.head()
    end = min(head.size if head is not None else 0, before if before is not None else 1 << 62)
    while end > 0:
        start = max(0, end - _CHUNK)
        yield list(islice(ledger.entries(start), end - start))
        end = start


def _visible(asked: Asked, entries: Sequence[StoredEntry]) -> list[StoredEntry]:
    """Those of the viewer's teams; what belongs to no run is about the installation, and shown to its people."""
    who: Viewer = asked.who
    if who.teams is None:
        return list(entries)
    teams = team_of(asked.house, (entry.run_id for entry in entries))
    home = asked.house.installation.settings.team
    return [
        entry
        for entry in entries
        if who.sees(_named_team(entry) or teams.get(entry.run_id, home if entry.run_id == INSTALLATION else ""))
    ]


def _named_team(entry: StoredEntry) -> str:
    team = entry.body.get("team") if entry.run_id == INSTALLATION else None
    return team if isinstance(team, str) else ""


def _run_link(asked: Asked, run_id: str) -> Child:
    if run_id == INSTALLATION or not run_id.startswith("run_"):
        return run_id
    return element("a", f"…{run_id[-8:]}", href=asked.url("runs", run_id), title=run_id)


def _filter(asked: Asked, run_id: str, kind: str) -> Markup:
    kinds = [("", "any"), *((each, each) for each in KINDS)]
    return element(
        "form",
        text_field("Run", "run", run_id, most=100),
        choice("Kind", "kind", kinds, kind),
        element("button", "Show", type="submit"),
        method="get",
        action=asked.url("ledger"),
        class_="filter",
        role="search",
    )


def _standing(asked: Asked) -> Markup:
    house = asked.house
    head = house.installation.ledger.head()
    size, last = (head.size if head is not None else 0), house.verifier.last
    if size <= _UNAIDED and (last is None or last.size != size):
        last = house.verifier.check(house.installation)
    if last is None:
        text, kind = f"{size:,} entries; nobody has verified them since this server started.", "mind"
    else:
        grown = f" {size - last.size:,} entries came since." if size > last.size else ""
        text = f"{last.found.describe(asked.now)}{grown}"
        kind = "bad" if not last.found.ok else "good" if last.found.is_anchored and not grown else "mind"
    when: Child = element("p", "Verified ", since(last.at, asked.now), ".", class_="lead") if last is not None else None
    button = element(
        "form",
        asked.key_field(),
        element("button", "Verify now", type="submit"),
        method="post",
        action=asked.url("ledger", "verify"),
    )
    return element("section", notice(shown(text), kind), when, button, class_="standing", aria_label="Verification")


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None
