"""`opswarden finops`: its commands, none of them imported before it is run."""

from __future__ import annotations

import click

from .lazy_group import Entry, LazyGroup

ENTRIES = {
    "pull": Entry("finops_pull", "Read usage from systems and files into a fleet folder; only days that are missing."),
    "usage": Entry("finops_usage", "What usage data are worth, and how one workload was used."),
    "analyze": Entry("finops_analyze", "Look at a fleet, say what can be saved, and write the week down."),
    "report": Entry("finops_report", "The week's report as a page, text, JSON or CSV; the book is left as it is."),
    "recommendations": Entry("finops_recommendations", "List, show, claim, snooze or dismiss; say what was applied."),
    "backtest": Entry("finops_backtest", "Replay sizing rules over a fleet's past, side by side."),
    "patches": Entry("finops_patches", "Changes as files, one folder per owner, or on a branch."),
    "issues": Entry("finops_issues", "Changes as issues in a tracker, one an owner."),
    "rollback": Entry("finops_rollback", "Propose the way back of a change that did harm."),
    "ask": Entry("finops_ask", "Ask why a bill moved."),
    "demo": Entry("finops_demo", "Invent a fleet, say what can be saved in it, show the page."),
    "cost": Entry("finops_cost", "What things cost, by whom, and whether it ties to the invoices."),
    "why": Entry("finops_why", "Why a bill moved between two months."),
}


@click.group(
    "finops", cls=LazyGroup, entries=ENTRIES, short_help="What the platform costs, why, and what could be saved."
)
def command() -> None:
    """What the platform costs, why it moved, and what could be saved."""
