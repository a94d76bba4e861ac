"""`opswarden platform`: features, drift, models and rollouts."""

from __future__ import annotations

import click

from .lazy_group import Entry, LazyGroup

ENTRIES = {
    "drift": Entry("platform_drift", "What drift did to a model, feature by feature, and what to expect of it."),
}


@click.group(
    "platform", cls=LazyGroup, entries=ENTRIES, short_help="Features, drift, models and rollouts of the ML platform."
)
def command() -> None:
    """Look after the ML platform: each check ends with 1 where it says no."""
