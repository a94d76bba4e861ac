"""`opswarden docs`: documents out of what systems say; what people wrote in them is kept."""

from __future__ import annotations

import click

from .lazy_group import Entry, LazyGroup

ENTRIES = {
    "service": Entry("docs_pages", "The page of a service: owner, dependencies, objectives, behaviour.", "service"),
    "model-card": Entry("docs_pages", "The card of a model; what nobody says is unknown.", "card"),
    "feature-view": Entry("docs_pages", "The page of a feature view.", "feature_view"),
    "postmortem": Entry("docs_pages", "The postmortem of a triage that has ended.", "after"),
    "handbook": Entry("docs_pages", "The on-call handbook: teams, objectives, runbooks, escalation.", "handbook"),
    "changelog": Entry("docs_pages", "What became of models: moves, checks, who agreed.", "changelog"),
    "site": Entry("docs_pages", "Runbooks and documents as a site for MkDocs or TechDocs.", "site"),
    "architecture": Entry("docs_pages", "Who calls whom, as SVG.", "architecture"),
    "dashboard": Entry("docs_pages", "A Grafana dashboard of a service.", "board"),
}


@click.group(
    "docs",
    cls=LazyGroup,
    entries=ENTRIES,
    short_help="Write documents out of what systems say; what people wrote is kept.",
)
def command() -> None:
    """Write documents out of what systems say; every statement names its source.

    Writing one again changes only what changed: parts of ours stand between marks, everything else is kept.
    """
