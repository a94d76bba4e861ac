"""Where patches are proposed, as the settings say."""

from __future__ import annotations

from ...tools.documents.backends.git import GitProposals
from ..installation import Installation


def proposals_of(installation: Installation) -> GitProposals | None:
    """The clone of the settings; `None` where none is named.

    Raises:
        ConfigError: it is no clone, or has no such branch.
    """
    settings = installation.settings.finops.proposals
    if settings.clone is None:
        return None
    return GitProposals(settings.clone, settings.environment, base=settings.base, below=settings.below)
