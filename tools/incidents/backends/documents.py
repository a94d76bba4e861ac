"""Past incidents out of postmortems: Markdown files in a folder, or in a snapshot."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ....core.clock import Deadline
from ...runbooks.backends.folder import FolderRunbooks
from ..past import PastIncident
from ..postmortems import read_postmortem
from .types import PastReader


class Postmortems:
    """Reads every `.md` file of a folder; implements `PastReader`.

    Args:
        folder: as of runbooks: no link is followed, and a file is at most 256,000 bytes.
        team: whose postmortems these are.
    """

    def __init__(self, folder: Path, team: str) -> None:
        self._folder = folder
        self._team = team

    def past(self, team: str, deadline: Deadline) -> Sequence[PastIncident]:
        """The postmortems, if they are this team's."""
        if team != self._team or not self._folder.is_dir():
            return ()
        pages = FolderRunbooks(self._folder, "").documents(deadline)
        return tuple(read_postmortem(page.name, page.text) for page in pages)


class SeveralPasts:
    """Several places as one; implements `PastReader`."""

    def __init__(self, readers: Sequence[PastReader]) -> None:
        self._readers = tuple(readers)

    def past(self, team: str, deadline: Deadline) -> Sequence[PastIncident]:
        """What they keep, one after the other."""
        return tuple(one for reader in self._readers for one in reader.past(team, deadline))
