"""Runs: which there are, and one of them with its report or with what it is doing now."""

from __future__ import annotations

from collections.abc import Sequence

from ...policies.ledger.read import rows as ledger_rows
from ..cli.approval_page import ago
from ..reports.cleaning import EMPTY, middle, shown
from ..reports.html import report_body
from ..reports.markup import Child, Markup, element, fragment
from ..reports.outline import outline
from .asked import Asked, Reply
from .layout import choice, command, facts, notice, page, since, table, text_field, told, usd
from .run_rows import STATES, RunRow, Wanted, run_of, runs

VERDICTS = {"cause_found": "cause found", "inconclusive": "inconclusive", "healthy": "healthy"}
_AGAIN_S = 5
_STEPS = 15


def listed(asked: Asked) -> Reply:
    """The list, filtered."""
    query = asked.query
    wanted = Wanted(
        query.get("words", "")[:200], query.get("verdict", ""), query.get("state", ""), query.get("before", "")
    )
    found = runs(asked.house, asked.who.teams, wanted)
    many = asked.who.teams is None or len(asked.who.teams) > 1
    heads = ("incident", "state", "first suspect", *(("team",) if many else ()), "started", "#cost")
    more = asked.url(
        "runs", words=wanted.words, verdict=wanted.verdict, state=wanted.state, before=found.more
    )  # fmt: skip
    return page(
        asked,
        "Runs",
        _filter(asked, wanted),
        table("newest first", heads, [_cells(asked, run, many) for run in found.rows], "runs")
        if found.rows
        else element("p", "No run is like that." if any(vars(wanted).values()) else _NONE, class_="empty"),
        element("p", element("a", "Older runs", href=more, rel="next"), class_="more") if found.more else None,
    )


_NONE = "There is no run yet. `opswarden triage` starts one."


def _filter(asked: Asked, wanted: Wanted) -> Markup:
    verdicts = [("", "any"), *VERDICTS.items()]
    states: list[tuple[str, str]] = [("", "any"), *((state, state) for state in STATES)]
    return element(
        "form",
        text_field("Words", "words", wanted.words),
        choice("Verdict", "verdict", verdicts, wanted.verdict),
        choice("State", "state", states, wanted.state),
        element("button", "Show", type="submit"),
        method="get",
        action=asked.url("runs"),
        class_="filter",
        role="search",
    )


def _cells(asked: Asked, run: RunRow, many: bool) -> Sequence[Child]:
    title = shown(run.title, 120) if run.title else f"{run.role} run"
    return (
        element("a", title, href=asked.url("runs", run.run_id)),
        _state(run),
        element("span", middle(shown(run.suspect), 46), class_="name") if run.suspect else EMPTY,
        *((run.team,) if many else ()),
        since(run.started_at, asked.now),
        usd(run.used.microusd),
    )


def _state(run: RunRow) -> Markup:
    word = VERDICTS.get(run.verdict, "") if run.state == "ended" else ""
    return element("span", word or run.state, class_=f"state {run.verdict.replace('_', '-') if word else run.state}")


def one(asked: Asked) -> Reply:
    """One run."""
    run = run_of(asked.house, asked.who.teams, asked.names["run_id"])
    if run is None:
        return told(asked, 404, "No such run", "There is no run of this id, or it is another team's.")
    report = asked.house.reports.report_of(run.run_id)
    if report is not None:
        return page(
            asked,
            report.incident.title,
            element(
                "section",
                _questions(asked, run),
                element("details", element("summary", "About this run"), _facts(asked, run)),
                class_="strip",
                aria_label="This run",
            ),
            report_body(outline(report)),
            wide=True,
        )
    is_live = run.state in ("running", "waiting") and asked.query.get("live") != "no"
    return page(
        asked,
        shown(run.title, 120) if run.title else f"{run.role} run",
        _facts(asked, run),
        _questions(asked, run),
        _progress(asked, run, is_live=is_live),
        again_s=_AGAIN_S if is_live else 0,
    )


def _facts(asked: Asked, run: RunRow) -> Markup:
    used = run.used
    tokens = used.tokens_in + used.tokens_out
    models = f"{used.prompts} requests, {tokens:,} tokens" if used.prompts else "none was asked"
    return facts(
        (
            ("run", element("span", run.run_id, class_="name")),
            ("state", _state(run)),
            ("team", run.team),
            ("environment", run.environment),
            ("asked by", run.by),
            ("started", since(run.started_at, asked.now)),
            ("models", models),
            ("cost", usd(used.microusd)),
            ("records", element("a", "ledger entries of this run", href=asked.url("ledger", run=run.run_id))),
        )
    )


def _questions(asked: Asked, run: RunRow) -> Markup | None:
    """What waits for people."""
    pending = asked.house.installation.approvals.records(state="pending", run_id=run.run_id)
    links = [
        element("li", element("a", shown(f"{item.action} in {item.environment}"), href=asked.url("approvals", item.id)))
        for item in pending
        if not item.has_expired(asked.now)
    ]
    if not links:
        return None
    return fragment((notice("This run waits for a person:", "mind"), element("ul", *links, class_="plain")))


def _progress(asked: Asked, run: RunRow, *, is_live: bool) -> Markup:
    entries = asked.house.installation.ledger.tail(_STEPS, run_id=run.run_id)
    steps = [
        element(
            "li",
            element("span", f"{row.ts[11:19]} UTC", class_="time"),
            " ",
            element("a", row.kind, href=asked.url("ledger", str(row.seq))),
            " ",
            element("span", shown(" ".join(filter(None, (row.subject, row.finding)))), class_="about-step"),
        )
        for row in reversed(ledger_rows(entries))
    ]
    note: Child = None
    if is_live:
        stop = element("a", "stop that", href=asked.url("runs", run.run_id, live="no"))
        note = element("p", f"This page asks again every {_AGAIN_S} seconds; ", stop, ".", class_="lead")
    elif run.state in ("stopped", "failed"):
        quiet = f"Nothing was recorded for {ago(run.last_at, asked.now)}. " if run.state == "stopped" else "It failed. "
        note = element("p", quiet, "It goes on with ", command(f"opswarden resume {run.run_id}"))
    elif run.state == "ended":
        note = element(
            "p",
            "Its report is not kept in this database; this shows it again and keeps it: ",
            command(f"opswarden resume {run.run_id}"),
        )
    return element(
        "section", element("h2", "What it did last"), note, element("ol", *steps, class_="steps", reversed=True)
    )
