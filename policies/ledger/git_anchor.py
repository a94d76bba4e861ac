"""Heads in a git repository, one commit each, so that a copy that somebody else has fetched can never be taken back.

Commits are made from git's own building blocks (`hash-object`, `commit-tree`, `update-ref`): no working tree, no index,
no filter and no hook takes part, and of two that anchor at once one is told so by git.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ...core.clock import Clock
from ...core.database import Database
from ...core.errors import BackendError, ConfigError, InputError
from ...core.ledger_keys import PublicKeys
from .anchor import MAX_ANCHOR_BYTES, AnchorFile, Anchoring, compare, parse_anchor
from .sqlite import SqliteLedger

DEFAULT_FILE = "heads.txt"

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,99}")
_OBJECT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_BRANCH = re.compile(r"refs/heads/[A-Za-z0-9._/-]{1,200}")
_TIMEOUT_S = 60.0
# What the repository's own configuration may not bring in.
_OFF = (
    "-c",
    "core.hooksPath=/dev/null",
    "-c",
    "core.fsmonitor=false",
    "-c",
    "core.fsync=all",
    "-c",
    "gc.auto=0",
    "-c",
    "maintenance.auto=false",
    "-c",
    "commit.gpgSign=false",
    "-c",
    "protocol.ext.allow=never",
)
_KEPT = ("PATH", "HOME", "SSH_AUTH_SOCK", "TMPDIR")


@dataclass(frozen=True)
class _Tip:
    """Where the branch stands; no commit yet where `commit` is empty."""

    branch: str
    commit: str


class GitRepository:
    """A bare repository on this machine.

    Args:
        path: its folder.

    Raises:
        ConfigError: git is not installed.
        InputError: there is no bare repository.
    """

    def __init__(self, path: Path) -> None:
        git = shutil.which("git")
        if git is None:
            raise ConfigError("git is not installed", remedy="install it, or anchor in a file")
        self._git = git
        self._path = path.resolve()
        # Asked of this very folder: git would look for a repository in every folder above.
        found = self._run("rev-parse", "--is-bare-repository") if path.is_dir() else None
        if found is None or found.returncode != 0:
            raise InputError(f"{path} is no git repository of yours", remedy=_BARE)
        if found.stdout.strip() != b"true":
            raise InputError(f"{path} has a working tree, which would not follow the commits", remedy=_BARE)

    def tip(self) -> _Tip:
        """The branch that HEAD names, and its newest commit."""
        branch = self._say("symbolic-ref", "HEAD")
        if not _BRANCH.fullmatch(branch):
            raise InputError("HEAD of the repository names no branch", remedy=_BARE)
        found = self._run("rev-parse", "--verify", "--quiet", f"{branch}^{{commit}}")
        return _Tip(branch, found.stdout.decode().strip() if found.returncode == 0 else "")

    def content(self, tip: _Tip, name: str) -> bytes:
        """A file in the newest commit; empty if there is none.

        Raises:
            InputError: it is too large.
            BackendError: git failed.
        """
        if not tip.commit:
            return b""
        found = self._run("rev-parse", "--verify", "--quiet", f"{tip.commit}:{name}")
        if found.returncode != 0:
            return b""
        blob = found.stdout.decode().strip()
        if int(self._say("cat-file", "-s", blob)) > MAX_ANCHOR_BYTES:
            raise InputError(f"a file of heads has at most {MAX_ANCHOR_BYTES} bytes", remedy="begin another one")
        return self._need("cat-file", "blob", blob)

    def commit(self, tip: _Tip, name: str, content: bytes, message: str, at: int) -> None:
        """Put a new content of one file on top of the branch, if it stands where it stood.

        Raises:
            BackendError: git failed, or somebody else was faster.
        """
        blob = self._object("hash-object", "-w", "--no-filters", "--stdin", content=content)
        others = b"" if not tip.commit else self._need("ls-tree", "-z", tip.commit)
        rows = [row for row in others.split(b"\0") if row and row.partition(b"\t")[2] != name.encode()]
        listing = b"\0".join([*rows, f"100644 blob {blob}\t{name}".encode()]) + b"\0"
        tree = self._object("mktree", "-z", content=listing)
        parent = ("-p", tip.commit) if tip.commit else ()
        made = self._object("commit-tree", tree, *parent, "-F", "-", content=message.encode(), at=at)
        self._need("update-ref", tip.branch, made, tip.commit or "0" * len(made))

    def push(self, tip: _Tip) -> None:
        """Send the branch to `origin`; never forced.

        Raises:
            BackendError: it could not be sent; the commit stays here.
        """
        found = self._run("push", "--quiet", "--no-verify", "origin", f"{tip.branch}:{tip.branch}")
        if found.returncode != 0:
            raise BackendError(
                "the head is committed here, and git could not push it",
                remedy="check the remote `origin`, its rights and who else writes the branch; then anchor again",
            )

    def _object(self, *args: str, content: bytes, at: int = 0) -> str:
        name = self._need(*args, content=content, at=at).decode().strip()
        if not _OBJECT.fullmatch(name):
            raise BackendError("git answered no object name", remedy="check which git this is")
        return name

    def _say(self, *args: str) -> str:
        return self._need(*args).decode(errors="replace").strip()

    def _need(self, *args: str, content: bytes = b"", at: int = 0) -> bytes:
        found = self._run(*args, content=content, at=at)
        if found.returncode != 0:
            raise BackendError(
                f"git {args[0]} failed", remedy="somebody else may have been faster: try again; then check the disk"
            )
        return found.stdout

    def _run(self, *args: str, content: bytes = b"", at: int = 0) -> subprocess.CompletedProcess[bytes]:
        environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
        who = {"NAME": "opswarden", "EMAIL": "opswarden@localhost", "DATE": f"@{at} +0000"}
        environment.update(
            {f"GIT_{side}_{name}": value for side in ("AUTHOR", "COMMITTER") for name, value in who.items()}
        )
        environment.update(
            GIT_CONFIG_NOSYSTEM="1",
            GIT_CONFIG_GLOBAL=os.devnull,
            GIT_TERMINAL_PROMPT="0",
            GIT_NO_LAZY_FETCH="1",  # missing objects would be asked for by a program that the repository names
            GIT_DIR=str(self._path),
            LC_ALL="C",
        )
        if args[0] != "push":
            environment["GIT_ALLOW_PROTOCOL"] = "none"
        line: Sequence[str] = (self._git, *_OFF, *args)
        try:
            return subprocess.run(  # noqa: S603 - no shell; the words are ours, and names match their patterns
                line,
                input=content,
                env=environment,
                cwd=self._path,
                capture_output=True,
                timeout=_TIMEOUT_S,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise BackendError(
                f"git {args[0]} took longer than {_TIMEOUT_S:g} s", remedy="check its disk or remote"
            ) from error
        except OSError as error:
            raise BackendError(f"git cannot be run: {error.strerror}", remedy="check its installation") from error


def anchor_in_git(
    path: Path,
    name: str,
    ledger: SqliteLedger,
    database: Database,
    public_keys: PublicKeys,
    clock: Clock,
    *,
    is_pushed: bool = False,
) -> Anchoring:
    """Commit the newest signed head, once, if it continues the last head in the repository.

    Args:
        path: a bare repository.
        name: of the file in it, beside whatever else there is.
        ledger: of which the newest head is taken.
        database: where it lies.
        public_keys: of the ledger.
        clock: dates the commit.
        is_pushed: whether the branch is sent to `origin` afterwards, also where nothing was new.

    Raises:
        InputError: the repository or the file in it cannot be used.
        BackendError: git failed, or the branch could not be pushed.
        LedgerError: the ledger cannot be read.
    """
    if not _NAME.fullmatch(name):
        raise InputError("the name of the file in the repository is no plain one", remedy="for example `heads.txt`")
    repository = GitRepository(path)
    tip = repository.tip()
    known = _whole(parse_anchor(repository.content(tip, name), ledger.origin))
    found = compare(known, ledger, database, public_keys)
    if isinstance(found, Anchoring):
        return found
    head, is_known = found
    if not is_known:
        content = "".join(f"{note}\n" for note in known.notes) + head.note
        message = f"{ledger.origin}: head over {head.size} entries\n"
        repository.commit(tip, name, content.encode(), message, int(clock.now().timestamp()))
    if is_pushed:
        repository.push(tip)
    done = Anchoring("appended", head.size, is_new=not known.notes)
    return replace(done, status="unchanged") if is_known else done


def _whole(known: AnchorFile) -> AnchorFile:
    if known.torn_bytes:
        raise InputError("the file in the repository ends with half a head", remedy="name the file of this ledger")
    return known


_BARE = "make one with `git init --bare FOLDER` or `git clone --bare URL FOLDER`"
