"""`opswarden finops`: its commands, none of them imported before it is run."""

from __future__ import annotations

import click

from .lazy_group import Entry, LazyGroup

ENTRIES = {
    "cost": Entry("finops_cost", "What things cost, by whom, and whether it ties to the invoices."),
    "why": Entry("finops_why", "Why a bill moved between two months."),
}


@click.group(
    "finops", cls=LazyGroup, entries=ENTRIES, short_help="What the platform costs, why, and what could be saved."
)
def command() -> None:
    """What the platform costs, why it moved, and what could be saved."""
