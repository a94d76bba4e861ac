"""What a place for proposals can do."""

from __future__ import annotations

from typing import Protocol

from ....core.clock import Deadline
from ..types import Proposed, ProposedFile


class Proposals(Protocol):
    """A repository in which changes wait for their owners on branches of ours."""

    @property
    def environment(self) -> str:
        """Where it belongs: that of its credential, or of the clone."""
        ...

    @property
    def place(self) -> str:
        """What people call it."""
        ...

    @property
    def is_remote(self) -> bool:
        """Whether what is proposed leaves this machine."""
        ...

    def before(self, path: str, deadline: Deadline) -> str | None:
        """A file as the owners have it now; `None` if they have none. May ask a system: only the gate's tools do so."""
        ...

    def known(self, path: str, deadline: Deadline) -> str | None:
        """As `before`, but as this machine last saw it: nobody is asked."""
        ...

    def propose(
        self, branch: str, title: str, body: str, files: tuple[ProposedFile, ...], key: str, deadline: Deadline
    ) -> Proposed:
        """Commit files on a branch of ours; once for a key.

        Raises:
            BackendError: the repository cannot be used.
            ToolRetry: nothing would change.
        """
        ...

    def made(self, branch: str, key: str, deadline: Deadline) -> Proposed | None:
        """What was proposed under a key before; `None` if nothing was."""
        ...
