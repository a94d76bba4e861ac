"""A clone whose proposals are pushed, and asked to be merged by a pull request: one per branch, for all its commits."""

from __future__ import annotations

import difflib
import re

from ....core.clock import Deadline
from ..types import Proposed, ProposedFile
from .forges import Forge
from .git import PREFIX, GitProposals

_TILDES = re.compile(r"~{3,}")


class PullRequests:
    """Implements `Proposals`. The owners' branch counts as their remote has it, not as the clone was left.

    Args:
        clone: in which commits are made.
        forge: where they are pushed and asked to be merged.
    """

    def __init__(self, clone: GitProposals, forge: Forge) -> None:
        self._clone = clone
        self._forge = forge

    @property
    def environment(self) -> str:
        """Of the clone."""
        return self._clone.environment

    @property
    def is_remote(self) -> bool:
        """Always."""
        return True

    @property
    def place(self) -> str:
        """The repository by its name."""
        return self._forge.place

    def before(self, path: str, deadline: Deadline) -> str | None:
        """The file at the tip of the owners' branch there."""
        self._clone.fetch(self._forge.remote, "none", deadline)
        return self._clone.before(path, deadline)

    def known(self, path: str, deadline: Deadline) -> str | None:
        """The file as it was fetched last; before the first time, as the clone was left."""
        return self._clone.last_fetched(path, deadline)

    def propose(
        self, branch: str, title: str, body: str, files: tuple[ProposedFile, ...], key: str, deadline: Deadline
    ) -> Proposed:
        """Commit, push, and open a pull request, or comment on the open one; what was done before is not done again."""
        remote, ours, base = self._forge.remote, f"{PREFIX}{branch}", self._clone.base
        tip = self._clone.fetch(remote, branch, deadline)
        request = self._forge.find(ours, base, deadline)
        is_known = bool(tip) and self._clone.made(branch, key, deadline) is not None
        told = f"{body.strip()}\n\n{self._difference(files, deadline)}".strip()
        # A branch whose request was merged or closed is done with: the next one begins at the owners' branch.
        made = self._clone.commit(branch, title, body, files, key, deadline, anew=request is None)
        if not is_known:
            self._clone.push(remote, branch, tip, deadline)
        if request is None:
            request = self._forge.open(ours, base, title, told, deadline)
        elif not is_known:
            self._forge.comment(request, told, deadline)
        return made.model_copy(update={"pull_request": request.url})

    def made(self, branch: str, key: str, deadline: Deadline) -> Proposed | None:
        """The commit that carries the key, if it was pushed and a pull request is open."""
        if not self._clone.fetch(self._forge.remote, branch, deadline):
            return None
        made = self._clone.made(branch, key, deadline)
        request = self._forge.find(f"{PREFIX}{branch}", self._clone.base, deadline) if made else None
        return made.model_copy(update={"pull_request": request.url}) if made and request else None

    def _difference(self, files: tuple[ProposedFile, ...], deadline: Deadline) -> str:
        """What differs from the owners' branch, in a fence that nothing in it closes: names in it call nobody."""
        lines: list[str] = []
        for file in files:
            old = (self._clone.before(file.path, deadline) or "").splitlines()
            lines += difflib.unified_diff(old, file.text.splitlines(), f"a/{file.path}", f"b/{file.path}", lineterm="")
        fence = "~" * max([3, *(len(found) + 1 for found in _TILDES.findall("\n".join(lines)))])
        return "\n".join([f"{fence}diff", *lines, fence])
