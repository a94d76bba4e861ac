"""Where patches are proposed and issues are opened, as the settings say."""

from __future__ import annotations

from ...core.systems.client import SystemClient
from ...tools.documents.backends.forges import forge_of
from ...tools.documents.backends.git import GitProposals
from ...tools.documents.backends.pull_requests import PullRequests
from ...tools.documents.backends.types import Proposals
from ...tools.issues.backends.trackers import issues_in, tracker_name
from ...tools.issues.backends.types import Issues
from ..installation import Installation
from .settings import ProposalSettings


def proposals_of(installation: Installation) -> Proposals | None:
    """The clone of the settings for patches; `None` where none is named.

    Raises:
        ConfigError: it is no clone, or has no such branch.
    """
    return proposals_in(installation, installation.settings.finops.proposals)


def proposals_in(installation: Installation, settings: ProposalSettings) -> Proposals | None:
    """The clone of some settings, pushed where they say so; raises as `proposals_of`."""
    if settings.clone is None:
        return None
    clone = GitProposals(settings.clone, settings.environment, base=settings.base, below=settings.below)
    if (forge := settings.pull_request) is None:
        return clone
    name = {"github": "GitHub", "gitlab": "GitLab"}[forge.kind]
    client = SystemClient(name, forge, installation.state.locks, clock=installation.clock)
    return PullRequests(clone, forge_of(client, forge))


def issues_of(installation: Installation) -> Issues | None:
    """The tracker of the settings; `None` where none is named."""
    settings = installation.settings.finops.issues
    if settings is None:
        return None
    client = SystemClient(tracker_name(settings), settings, installation.state.locks, clock=installation.clock)
    return issues_in(client, settings)
