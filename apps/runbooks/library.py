"""The runbooks of an installation: its folder, its rule files, and their index in the state directory."""

from __future__ import annotations

from pathlib import Path

from ...tools.owners.catalogue import Catalogue
from ...tools.runbooks.backends.folder import FolderRunbooks
from ...tools.runbooks.backends.git_history import GitHistory
from ...tools.runbooks.library import RunbookLibrary
from ...tools.runbooks.rules import Rules, read_rules
from ..installation import Installation


def library_of(installation: Installation, environment: str) -> RunbookLibrary | None:
    """The runbooks that the settings name; `None` without a folder.

    Raises:
        ConfigError: the rule files are not there, or the service catalogue is wrong.
    """
    folder = installation.settings.runbooks
    if folder is None:
        return None
    catalogue = installation.catalogue
    if installation.embedding is not None:
        # Loading takes seconds; begun now, it is over when the first page is looked for.
        installation.embedding.begin_to_load()
    return RunbookLibrary(
        FolderRunbooks(folder, environment, GitHistory(folder, _Teams(catalogue))),
        installation.state.runbooks,
        rules_of(installation.settings.runbook_rules),
        catalogue,
    )


def rules_of(place: Path | None) -> Rules:
    """The alerting rules in force; none unless the settings name some."""
    return read_rules(place) if place is not None else Rules()


class _Teams:
    """The team of a person, by any name that the catalogue has of them."""

    def __init__(self, catalogue: Catalogue | None) -> None:
        teams = catalogue.teams if catalogue is not None else ()
        self._teams = {person.casefold(): team.name for team in teams for person in team.people}

    def __call__(self, person: str) -> str:
        return self._teams.get(person.casefold(), "")
