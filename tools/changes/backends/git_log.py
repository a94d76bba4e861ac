"""Changes out of the history of a git repository on this machine: what was merged, when, and whose it is."""

from __future__ import annotations

import fnmatch
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa

from ....core.clock import Deadline
from ....core.errors import BackendError, ConfigError
from .settings import GitSettings
from .types import CHANGE_LIMIT, RECORDED_COLUMNS, FoundChanges

_OFF = (
    *("-c", "core.hooksPath=/dev/null"),
    *("-c", "core.fsmonitor=false"),
    *("-c", "log.showSignature=false"),
    *("-c", "diff.external="),
    "--no-optional-locks",
)
"""What the repository's own configuration may not bring in: a program of its own, a network, a lock."""
_KEPT = ("PATH", "HOME", "TMPDIR")
_FIELDS = 4
_HASH = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_OUTPUT_LIMIT_BYTES = 32_000_000
_SUMMARY_LIMIT, _NAME_LIMIT = 500, 200
_FILES_SHOWN = 100
_WITH_DIFF = 60
_DIFF_CHARS = 8_000


@dataclass(frozen=True)
class _Commit:
    """A commit of the branch, against its first parent."""

    id: str
    at: datetime
    author: str
    summary: str


class GitChanges:
    """Implements `ChangesBackend`: one row per commit and entity that it touches.

    Raises:
        ConfigError: git is not installed, or the path is no repository.
    """

    def __init__(self, settings: GitSettings) -> None:
        git = shutil.which("git")
        if git is None:
            raise ConfigError("git is not installed", remedy="install it, or take the system out of the configuration")
        self._git = git
        self._settings = settings
        if not settings.path.is_dir():
            raise ConfigError(f"{settings.path} is no folder", remedy="`path` names a clone on this machine")

    @property
    def environment(self) -> str:
        """Where what is merged goes."""
        return self._settings.environment

    def between(
        self,
        start: datetime,
        end: datetime,
        deadline: Deadline,
        *,
        entities: Sequence[str] = (),
        kinds: Sequence[str] = (),
    ) -> FoundChanges:
        """Commits that went live in `[start, end)`, the newest first."""
        if kinds and "commit" not in {kind.lower() for kind in kinds}:
            return FoundChanges(0, RECORDED_COLUMNS.empty_table())
        lag = timedelta(seconds=self._settings.lag_s)
        commits = [
            commit for commit in self._log(start - lag, end - lag, deadline) if start - lag <= commit.at < end - lag
        ]
        touched = self._touched([commit.id for commit in commits], deadline)
        rows = []
        for commit in commits:
            for entity, files in sorted(self._by_entity(touched.get(commit.id, ())).items()):
                if not entities or entity in entities:
                    rows.append(self._row(commit, entity, files, lag))
        rows.sort(key=lambda row: (-row["ts"].timestamp(), row["entity"], row["id"]))
        for row in rows[:_WITH_DIFF]:
            row["attributes"].append(("diff", self._diff(row["id"], touched[row["id"]], row["entity"], deadline)))
        return FoundChanges(len(rows), pa.Table.from_pylist(rows[:CHANGE_LIMIT], schema=RECORDED_COLUMNS))

    def _row(self, commit: _Commit, entity: str, files: Sequence[str], lag: timedelta) -> dict[str, Any]:
        return {
            "ts": commit.at + lag,
            "entity": entity,
            "kind": "commit",
            "id": commit.id,
            "summary": commit.summary[:_SUMMARY_LIMIT],
            "author": commit.author[:_NAME_LIMIT],
            "attributes": [("files", "\n".join(files[:_FILES_SHOWN]))],
        }

    def _log(self, start: datetime, end: datetime, deadline: Deadline) -> Iterator[_Commit]:
        # No field of a commit can hold a NUL, so nothing that is written in one shifts the others.
        found = self._run(
            deadline,
            "log",
            "-z",
            "--first-parent",
            "--no-patch",
            "--encoding=UTF-8",
            "--format=tformat:%H%x00%ct%x00%an%x00%s",
            f"--since=@{int(start.timestamp())}",
            f"--until=@{int(end.timestamp()) + 1}",
            f"--max-count={CHANGE_LIMIT}",
            "--end-of-options",
            self._settings.ref,
            "--",
        )
        fields = found.decode("utf-8", "replace").split("\x00")[:-1]
        for place in range(0, len(fields) - _FIELDS + 1, _FIELDS):
            commit_id, at, author, summary = fields[place : place + _FIELDS]
            yield _Commit(commit_id, datetime.fromtimestamp(int(at), UTC), author, summary)

    def _touched(self, ids: Sequence[str], deadline: Deadline) -> dict[str, tuple[str, ...]]:
        """The paths that each commit changed against its first parent."""
        if not ids:
            return {}
        asked = "\n".join([*ids, ""]).encode("ascii")
        options = ("--stdin", "-r", "-z", "--root", "--name-only", "--no-renames", "--diff-merges=first-parent")
        found: dict[str, list[str]] = {commit_id: [] for commit_id in ids}
        current: list[str] = []
        # A path is relative and never empty; one that looks like a hash would have to lie in the repository's root.
        for field in self._run(deadline, "diff-tree", *options, given=asked).decode("utf-8", "replace").split("\x00"):
            name = field.strip("\n")
            if _HASH.fullmatch(name) and name in found:
                current = found[name]
            elif name:
                current.append(name)
        return {commit_id: tuple(paths) for commit_id, paths in found.items()}

    def _by_entity(self, paths: Sequence[str]) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for path in paths:
            found.setdefault(self._entity(path), []).append(path)
        return found or {"": []}

    def _entity(self, path: str) -> str:
        for pattern, entity in self._settings.entities.items():
            if fnmatch.fnmatchcase(path, pattern):
                return entity.replace("*", _first_star(pattern, path)) if "*" in entity else entity
        return ""

    def _diff(self, commit_id: str, paths: Sequence[str], entity: str, deadline: Deadline) -> str:
        wanted = [f":(literal){path}" for path in paths if self._entity(path) == entity][:_FILES_SHOWN]
        if not wanted:
            return ""
        options = ("--no-commit-id", "-p", "--root", "--no-renames", "--no-ext-diff", "--no-textconv", "--unified=1")
        merged = "--diff-merges=first-parent"
        found = self._run(deadline, "diff-tree", *options, merged, "--end-of-options", commit_id, "--", *wanted)
        return found.decode("utf-8", "replace")[:_DIFF_CHARS]

    def _run(self, deadline: Deadline, *args: str, given: bytes = b"") -> bytes:
        if deadline.passed:
            raise BackendError("no time was left to ask git", remedy="ask for a shorter window")
        environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
        environment |= {
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_TERMINAL_PROMPT": "0",
            # For an object that is missing, git would ask the remote that the repository names, by its program.
            "GIT_ALLOW_PROTOCOL": "none",
            "GIT_NO_LAZY_FETCH": "1",
            # git would look for a repository in every folder above.
            "GIT_CEILING_DIRECTORIES": str(self._settings.path.resolve().parent),
            "LC_ALL": "C",
        }
        try:
            done = subprocess.run(  # noqa: S603 - no shell; every word is ours, a checked name, or behind `--`
                (self._git, *_OFF, *args),
                input=given,
                env=environment,
                cwd=self._settings.path,
                capture_output=True,
                timeout=deadline.left_s,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise BackendError("git did not answer in time", remedy="ask for a shorter window") from error
        except OSError as error:
            raise BackendError(f"git cannot be run: {error.strerror}", remedy="check its installation") from error
        if done.returncode != 0:
            raise BackendError(
                f"git {args[0]} failed in {self._settings.path.name!r}",
                remedy="check that `path` is a repository of yours, and that `ref` is in it",
            )
        if len(done.stdout) > _OUTPUT_LIMIT_BYTES:
            raise BackendError(f"git {args[0]} answered too much", remedy="ask for a shorter window")
        return done.stdout


def _first_star(pattern: str, path: str) -> str:
    """What the first `*` of a pattern matched, up to the next `/`."""
    before = pattern.partition("*")[0]
    return path[len(before) :].partition("/")[0]
