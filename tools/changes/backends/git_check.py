"""What a clone on this machine says about itself."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from datetime import timedelta

from ....core.clock import Clock, Deadline
from ....core.systems.checks import Checked, fresh, looked_at, share_without_entity
from .git_log import GitChanges
from .settings import GitSettings

_BACK = timedelta(days=30)
_STALE_S = 7 * 86_400.0


class GitCheck:
    """Implements `SystemCheck`; git's own answers need no conformance.

    Args:
        settings: of the clone.
        clock: ours.
    """

    def __init__(self, settings: GitSettings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock

    @property
    def version(self) -> str:
        """Git is on this machine; its version says nothing about the clone."""
        return ""

    def look(self, deadline: Deadline) -> Sequence[Checked]:
        """Whether the branch can be read, what is newest in it, whose it is, and whether we could write."""
        return looked_at((("reach", lambda: self._history(deadline)), ("rights", self._rights)))

    def conformance(self, deadline: Deadline) -> Sequence[Checked]:
        """Nothing to ask."""
        return ()

    def _history(self, deadline: Deadline) -> Iterable[Checked]:
        now = self._clock.now()
        found = GitChanges(self._settings).between(now - _BACK, now + timedelta(days=1), deadline).rows
        yield Checked("reach", "ok", f"{self._settings.ref} can be read")
        moments = found["ts"].to_pylist()
        if not moments:
            yield Checked("freshness", "warning", "no commit of the last 30 days", "check that the clone is fetched")
            return
        yield fresh(max(moments), self._clock, _STALE_S, "commit")
        without = sum(not entity for entity in found["entity"].to_pylist())
        yield share_without_entity(without, found.num_rows, "changes", "say under `entities` whose which paths are")

    def _rights(self) -> Iterable[Checked]:
        if os.access(self._settings.path, os.W_OK):
            yield Checked(
                "rights",
                "warning",
                "this user could write into the clone; reading is enough for us",
                "let another user fetch it, and give us reading rights",
            )
        else:
            yield Checked("rights", "ok", "this user cannot write into the clone")
