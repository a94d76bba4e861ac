"""Where published pages go: the folder of the runbooks itself, or a branch of a clone of their repository."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Protocol

from ....core.clock import Deadline
from ....core.errors import BackendError, ConfigError, ToolFailed, ToolRetry
from ....core.whole_files import put_whole
from ...documents.backends.types import Proposals
from ...documents.types import Proposed, ProposedFile
from ...plain_files import read_plain_text
from ..publish_types import Published

_LIMIT_BYTES = 2_000_000
_SIDES = re.compile(r"[^a-z0-9]+")


class PagePlace(Protocol):
    """A place in which runbooks are kept."""

    @property
    def environment(self) -> str:
        """Where it belongs."""
        ...

    @property
    def is_remote(self) -> bool:
        """Whether what is published leaves this machine."""
        ...

    @property
    def place(self) -> str:
        """What people call it."""
        ...

    def before(self, name: str, deadline: Deadline) -> str | None:
        """The page in force; `None` if there is none. May ask a system: only the gate's tools do so."""
        ...

    def known(self, name: str, deadline: Deadline) -> str | None:
        """As `before`, but as this machine last saw it: nobody is asked."""
        ...

    def publish(self, name: str, text: str, title: str, key: str, deadline: Deadline) -> Published:
        """Put a page there; once for a key.

        Raises:
            BackendError: the place cannot be used.
            ToolRetry: nothing would change.
        """
        ...

    def published(self, name: str, text: str, key: str, deadline: Deadline) -> Published | None:
        """What was published under a key before; `None` if nothing was."""
        ...


class FolderPlace:
    """The folder that runbooks are read from: what is published is in force at once.

    Args:
        folder: of the runbooks.
        environment: what they belong to.

    Raises:
        ConfigError: there is no such folder.
    """

    def __init__(self, folder: Path, environment: str) -> None:
        if not folder.is_dir():
            raise ConfigError("the folder of the runbooks is not there", remedy="correct `runbooks`, or make it")
        self._folder = folder
        self._environment = environment

    @property
    def environment(self) -> str:
        """As given."""
        return self._environment

    @property
    def is_remote(self) -> bool:
        """Never."""
        return False

    @property
    def place(self) -> str:
        """The name of the folder."""
        return f"{self._folder.name} (folder)"

    def before(self, name: str, deadline: Deadline) -> str | None:
        """The file, if it is a plain one."""
        path = self._path(name)
        text = read_plain_text(str(path), _LIMIT_BYTES)
        if text is None and (path.exists() or path.is_symlink()):
            raise BackendError("what is there is no plain file", remedy="name another page")
        return text

    def known(self, name: str, deadline: Deadline) -> str | None:
        """The same: all of it is on this machine."""
        return self.before(name, deadline)

    def publish(self, name: str, text: str, title: str, key: str, deadline: Deadline) -> Published:
        """Write the file whole or not at all."""
        before = self.before(name, deadline)
        if before == text:
            raise ToolRetry("the page in force says the same", remedy="there is nothing to publish")
        path = self._path(name)
        try:
            is_put = put_whole(path, text, is_new=before is None, may=lambda: self.before(name, deadline) == before)
        except FileExistsError:
            is_put = False
        except OSError as error:
            why = error.strerror or "the file system refuses"
            raise ToolFailed(f"the page was not written: {why}") from error
        if not is_put:
            raise ToolFailed("the page was not written: somebody else wrote to it meanwhile")
        return Published(name=name, is_new=before is None)

    def published(self, name: str, text: str, key: str, deadline: Deadline) -> Published | None:
        """The page, if it is there with just this text: nobody can tell any more whether it was new."""
        return Published(name=name, is_new=False) if self.before(name, deadline) == text else None

    def _path(self, name: str) -> Path:
        path = self._folder / name
        if not path.parent.resolve().is_relative_to(self._folder.resolve()):
            raise BackendError("the page would lie outside of the runbooks", remedy="name one without links on its way")
        return path


class BranchPlace:
    """A clone of the runbooks' repository: what is published waits for the owners on a branch, pushed or not.

    Args:
        proposals: the clone.
    """

    def __init__(self, proposals: Proposals) -> None:
        self._proposals = proposals

    @property
    def environment(self) -> str:
        """Of the clone."""
        return self._proposals.environment

    @property
    def is_remote(self) -> bool:
        """Whether its branches are pushed."""
        return self._proposals.is_remote

    @property
    def place(self) -> str:
        """Of the clone."""
        return self._proposals.place

    def before(self, name: str, deadline: Deadline) -> str | None:
        """The page at the tip of the owners' branch."""
        return self._proposals.before(name, deadline)

    def known(self, name: str, deadline: Deadline) -> str | None:
        """The same, as the clone last saw it."""
        return self._proposals.known(name, deadline)

    def publish(self, name: str, text: str, title: str, key: str, deadline: Deadline) -> Published:
        """One commit on the page's branch."""
        is_new = self.before(name, deadline) is None
        files = (ProposedFile(path=name, text=text),)
        made = self._proposals.propose(branch_of(name), f"Runbook: {title}"[:120], "", files, key, deadline)
        return _published(name, made, is_new)

    def published(self, name: str, text: str, key: str, deadline: Deadline) -> Published | None:
        """The commit that carries the key."""
        made = self._proposals.made(branch_of(name), key, deadline)
        if made is None:
            return None
        return _published(name, made, self.before(name, deadline) is None)


def _published(name: str, made: Proposed, is_new: bool) -> Published:
    return Published(name=name, branch=made.branch, commit=made.commit, pull_request=made.pull_request, is_new=is_new)


def branch_of(name: str) -> str:
    """The branch of a page, below `opswarden/`."""
    return f"runbook-{_SIDES.sub('-', name.removesuffix('.md').lower()).strip('-')}"[:100].strip("-")
