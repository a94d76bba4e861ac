"""A local clone: a commit on a branch of ours, made without touching what is checked out.

Only plumbing of git is used: objects are written, then one reference is moved if it is still where it was. No hook, no
filter and no configuration of the clone runs, because no file of a working tree is read or written. Nothing is pushed
from here; see `pull_requests`.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from pydantic import SecretStr

from ....core.clock import Deadline
from ....core.errors import BackendError, ConfigError, ToolRetry
from ..types import Proposed, ProposedFile

PREFIX = "opswarden/"
_KEY = "Opswarden-Key: "
_MOST_OUTPUT = 2_000_000
_NOBODY = "0" * 40
_BASES = "refs/opswarden/base/"
"""Where the owners' branch is kept as their remote has it; their own references are not moved."""
_CONFIG = "[core]\n\tbare = true\n"
_CONFIG_SHA1 = "\trepositoryformatversion = 0\n"
_CONFIG_SHA256 = "\trepositoryformatversion = 1\n[extensions]\n\tobjectFormat = sha256\n"


class GitProposals:
    """A clone in a folder.

    Args:
        folder: of the clone; bare or not.
        environment: what it belongs to.
        base: the branch of the owners that ours begins at.
        below: the folder in the repository that files go to.
        author: name and address of the commits.

    Raises:
        ConfigError: there is no git, no clone, or no such branch.
    """

    def __init__(
        self,
        folder: Path,
        environment: str,
        *,
        base: str = "main",
        below: str = "opswarden",
        author: tuple[str, str] = ("opswarden", "opswarden@localhost"),
    ) -> None:
        self._folder = folder
        self._environment = environment
        self._branch = base
        self._base = f"refs/heads/{base}"
        self._below = below.strip("/")
        self._author = author
        try:
            self._git(None, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{self._base}^{{commit}}")
        except BackendError as error:
            raise ConfigError(
                f"{folder.name!r} is no clone with a branch {base!r}", remedy="name a clone and its branch"
            ) from error

    @property
    def environment(self) -> str:
        """As given."""
        return self._environment

    @property
    def is_remote(self) -> bool:
        """Never: it is a folder."""
        return False

    @property
    def base(self) -> str:
        """The branch of the owners."""
        return self._branch

    @property
    def place(self) -> str:
        """The name of the clone's folder."""
        return f"{self._folder.name} (git)"

    def before(self, path: str, deadline: Deadline) -> str | None:
        """The file at the tip of the base branch."""
        return self._file(self._base, path, deadline)

    def known(self, path: str, deadline: Deadline) -> str | None:
        """The same: all of it is on this machine."""
        return self.before(path, deadline)

    def last_fetched(self, path: str, deadline: Deadline) -> str | None:
        """As `before`, at the owners' branch as `fetch` last saw it, by whichever process."""
        fetched = f"{_BASES}{self._branch}"
        return self._file(fetched if self._tip(fetched, deadline) else self._base, path, deadline)

    def _file(self, base: str, path: str, deadline: Deadline) -> str | None:
        try:
            return self._git(deadline, "cat-file", "blob", f"{base}:{self._inside(path)}")
        except BackendError:
            return None

    def propose(
        self, branch: str, title: str, body: str, files: tuple[ProposedFile, ...], key: str, deadline: Deadline
    ) -> Proposed:
        """One commit with these files on our branch, which begins at the base where it is new."""
        return self.commit(branch, title, body, files, key, deadline)

    def commit(
        self,
        branch: str,
        title: str,
        body: str,
        files: tuple[ProposedFile, ...],
        key: str,
        deadline: Deadline,
        *,
        anew: bool = False,
    ) -> Proposed:
        """As `propose`; with `anew` our branch begins at the base again, whatever it was before."""
        if (done := self.made(branch, key, deadline)) is not None:
            return done
        reference = f"refs/heads/{PREFIX}{branch}"
        old = self._tip(reference, deadline)
        parent = old if old and not anew else self._git(deadline, "rev-parse", "--verify", self._base).strip()
        tree_before = self._git(deadline, "rev-parse", f"{parent}^{{tree}}").strip()
        tree, changed = self._tree(parent, files, deadline)
        if tree == tree_before:
            raise ToolRetry("these files are there as they are", remedy="there is nothing to propose")
        message = f"{_line(title)}\n\n{body.strip()}\n\n{_KEY}{key}\n"
        commit = self._git(deadline, "commit-tree", tree, "-p", parent, stdin=message).strip()
        # The reference moves only from where it was, so that two proposals at once do not lose one.
        self._git(deadline, "update-ref", "--no-deref", reference, commit, old or _NOBODY)
        return Proposed(branch=f"{PREFIX}{branch}", commit=commit, files=len(files), changed=changed)

    def made(self, branch: str, key: str, deadline: Deadline) -> Proposed | None:
        """The commit of our branch that carries the key."""
        reference = f"refs/heads/{PREFIX}{branch}"
        if not key or self._tip(reference, deadline) is None:
            return None
        found = self._git(
            deadline, "log", "-n", "200", "--fixed-strings", f"--grep={_KEY}{key}", "--format=%H", reference,
            f"^{self._base}", "--",
        ).split()  # fmt: skip
        if not found:
            return None
        listed = self._git(deadline, "diff-tree", "--no-commit-id", "--name-only", "-r", found[0]).splitlines()
        return Proposed(branch=f"{PREFIX}{branch}", commit=found[0], files=len(listed), changed=len(listed))

    def fetch(self, remote: Remote, branch: str, deadline: Deadline) -> str:
        """Bring the owners' branch and ours as they are there; the owners' own references stay as they are.

        Returns:
            The tip of our branch there; empty where there is none.

        Raises:
            BackendError: the remote cannot be read, or has no such base.
        """
        base, ours = f"refs/heads/{self._branch}", f"refs/heads/{PREFIX}{branch}"
        fetched = f"{_BASES}{self._branch}"
        with self._beside(remote, (base, fetched, ours), deadline) as beside:
            told = self._git(deadline, "ls-remote", "--", remote.address, base, ours, beside=beside)
            tips = {name: tip for line in told.splitlines() for tip, name in [line.split("\t", 1)]}
            if base not in tips:
                raise BackendError(
                    f"the remote has no branch {self._branch!r}", remedy="correct `base` or the repository"
                )
            wanted = {base: fetched, **({ours: ours} if ours in tips else {})}
            self._git(
                deadline, "fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules", "--",
                remote.address, *(f"+{theirs}:{here}" for theirs, here in wanted.items()), beside=beside,
            )  # fmt: skip
            found = {here: self._git(deadline, "rev-parse", here, beside=beside).strip() for here in wanted.values()}
        for here, tip in found.items():
            self._git(deadline, "update-ref", "--no-deref", here, tip)
        self._base = fetched
        return tips.get(ours, "")

    def push(self, remote: Remote, branch: str, tip: str, deadline: Deadline) -> None:
        """Push our branch if it is there still where `fetch` saw it.

        Raises:
            BackendError: it was moved meanwhile, or the remote refuses.
        """
        ours = f"refs/heads/{PREFIX}{branch}"
        with self._beside(remote, (ours, f"{_BASES}{self._branch}"), deadline) as beside:
            self._git(
                deadline, "push", "--quiet", "--no-verify", "--no-signed", "--no-follow-tags",
                "--recurse-submodules=no", f"--force-with-lease={ours}:{tip}", "--", remote.address, f"{ours}:{ours}",
                beside=beside,
            )  # fmt: skip

    @contextmanager
    def _beside(self, remote: Remote, references: Sequence[str], deadline: Deadline) -> Iterator[_Beside]:
        """A repository of our own over the objects of the clone: on the way to a remote nothing else of it counts."""
        objects = self._path("objects", deadline)
        known = {name: tip for name in references if (tip := self._tip(name, deadline))}
        with tempfile.TemporaryDirectory(prefix="opswarden-remote-") as folder:
            root = Path(folder)
            for name in ("objects", "refs"):
                (root / name).mkdir()
            kind = "sha256" if any(len(tip) == 64 for tip in known.values()) else ""
            (root / "HEAD").write_text("ref: refs/heads/none\n")
            (root / "config").write_text(_CONFIG + (_CONFIG_SHA256 if kind else _CONFIG_SHA1))
            packed = "".join(f"{tip} {name}\n" for name, tip in sorted(known.items()))
            (root / "packed-refs").write_text(f"# pack-refs with: sorted\n{packed}")
            yield _Beside(root, objects, self._path("shallow", deadline), remote)

    def _path(self, name: str, deadline: Deadline) -> Path:
        """Where the clone keeps something, whatever kind of clone it is."""
        found = self._git(deadline, "rev-parse", "--path-format=absolute", "--git-path", name)
        return Path(found.removesuffix("\n"))

    def _tip(self, reference: str, deadline: Deadline) -> str | None:
        try:
            return self._git(deadline, "rev-parse", "--verify", "--quiet", reference).strip() or None
        except BackendError:
            return None

    def _tree(self, parent: str, files: tuple[ProposedFile, ...], deadline: Deadline) -> tuple[str, int]:
        """The tree of the parent with these files in it, and how many differ; in an index of our own."""
        with _OwnIndex() as index:
            self._git(deadline, "read-tree", parent, index=index)
            changed, lines = 0, []
            for file in files:
                blob = self._git(deadline, "hash-object", "-w", "--no-filters", "--stdin", stdin=file.text).strip()
                path = self._inside(file.path)
                changed += self._blob_at(parent, path, deadline) != blob
                lines.append(f"100644 {blob}\t{path}\n")
            self._git(deadline, "update-index", "--index-info", stdin="".join(lines), index=index)
            return self._git(deadline, "write-tree", index=index).strip(), changed

    def _blob_at(self, commit: str, path: str, deadline: Deadline) -> str:
        found = self._git(deadline, "ls-tree", commit, "--", path).split()
        return found[2] if len(found) > 2 else ""

    def _inside(self, path: str) -> str:
        return f"{self._below}/{path}" if self._below else path

    def _git(
        self,
        deadline: Deadline | None,
        *args: str,
        stdin: str | None = None,
        index: Path | None = None,
        beside: _Beside | None = None,
    ) -> str:
        name, address = self._author
        environment = {
            "PATH": os.environ.get("PATH", ""),
            "LC_ALL": "C",
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_OPTIONAL_LOCKS": "0",
            # Missing objects are not fetched and nobody is asked for a password: the clone names programs for both.
            "GIT_NO_LAZY_FETCH": "1",
            "GIT_ASKPASS": "",
            # Git would look for a repository in every folder above.
            "GIT_CEILING_DIRECTORIES": str(self._folder.resolve().parent),
            **{f"GIT_{who}_NAME": name for who in ("AUTHOR", "COMMITTER")},
            **{f"GIT_{who}_EMAIL": address for who in ("AUTHOR", "COMMITTER")},
            **({"GIT_INDEX_FILE": str(index)} if index is not None else {}),
            **(beside.environment() if beside is not None else {"GIT_ALLOW_PROTOCOL": "none"}),
        }
        timeout_s = max(min(deadline.left_s, 60.0), 0.1) if deadline is not None else 10.0
        # Hooks of the clone are somebody's code: none may run.
        command = ["git", "-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false", "-c", "commit.gpgSign=false"]
        try:
            done = subprocess.run(  # noqa: S603 - git with arguments of ours; values are never options
                [*command, *args],
                cwd=beside.folder if beside is not None else self._folder,
                env=environment,
                input=(stdin or "").encode(),
                capture_output=True,
                timeout=timeout_s,
                check=False,
            )
        except FileNotFoundError as error:
            raise BackendError("git or the clone is not there", remedy="install git, or correct the folder") from error
        except (OSError, subprocess.TimeoutExpired) as error:
            raise BackendError(f"git {args[0]} did not end well in the clone", remedy="look at the clone") from error
        if done.returncode != 0 or len(done.stdout) > _MOST_OUTPUT:
            raise BackendError(f"git {args[0]} was refused in the clone", remedy="look whether the clone is whole")
        return done.stdout.decode("utf-8", "replace")


@dataclass(frozen=True)
class Remote:
    """A repository that git reads and pushes to.

    Args:
        address: `https://…`, or a folder of this machine.
        authorization: gives the value of the header that proves who asks; asked for every time.
        ca_file: PEM file of the only authorities to trust.
    """

    address: str
    authorization: Callable[[], SecretStr | None]
    ca_file: Path | None = None

    def environment(self) -> dict[str, str]:
        """Of a git that may reach it, and nothing else. The proof is no argument: others could read those."""
        proof = self.authorization()
        settings = {
            "credential.helper": "",
            "http.followRedirects": "false",
            f"http.{self.address}.sslVerify": "true",  # by the whole address, which counts before shorter ones
            "gc.auto": "0",
            **({"http.sslCAInfo": str(self.ca_file)} if self.ca_file else {}),
            **({f"http.{self.address}.extraHeader": f"Authorization: {proof.get_secret_value()}"} if proof else {}),
        }
        numbered = list(enumerate(settings.items()))
        return {
            "GIT_ALLOW_PROTOCOL": "https" if self.address.startswith("https:") else "file",
            "GIT_CONFIG_COUNT": str(len(numbered)),
            **{f"GIT_CONFIG_KEY_{place}": name for place, (name, _) in numbered},
            **{f"GIT_CONFIG_VALUE_{place}": value for place, (_, value) in numbered},
        }


@dataclass(frozen=True)
class _Beside:
    """A repository of ours, without anything that the clone's settings say of addresses, proxies and certificates.

    Args:
        folder: of the repository; gone afterwards.
        objects: those of the clone; what is fetched goes there.
        shallow: the clone's list of commits without parents, if it has one.
        remote: the only one that it may reach.
    """

    folder: Path
    objects: Path
    shallow: Path
    remote: Remote

    def environment(self) -> dict[str, str]:
        """Of a git that works in it."""
        return {
            **self.remote.environment(),
            "GIT_DIR": str(self.folder),
            "GIT_OBJECT_DIRECTORY": str(self.objects),
            **({"GIT_SHALLOW_FILE": str(self.shallow)} if self.shallow.exists() else {}),
        }


class _OwnIndex:
    """A path for an index that is gone afterwards."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="opswarden-index-")

    def __enter__(self) -> Path:
        return Path(self._folder.name) / "index"

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._folder.cleanup()


def _line(text: str) -> str:
    return " ".join(text.split())
