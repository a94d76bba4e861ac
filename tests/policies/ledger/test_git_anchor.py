"""Heads in a git repository: one commit each, nothing of the repository's own runs, nothing is forced."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from opswarden.core.clock import FixedClock
from opswarden.core.database import Database
from opswarden.core.errors import BackendError, InputError
from opswarden.core.keys import FileKeys
from opswarden.policies.ledger.anchor import Anchoring, parse_anchor
from opswarden.policies.ledger.git_anchor import GitRepository, anchor_in_git
from opswarden.policies.ledger.sqlite import SqliteLedger
from opswarden.policies.ledger.types import LedgerEntry
from opswarden.tests.promised_objects import take_away

Anchor = Callable[..., Anchoring]


def git(folder: Path, *args: str) -> str:
    done = subprocess.run(["git", *args], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "heads.git"
    folder.mkdir()
    git(folder, "init", "-q", "--bare", "-b", "main")
    return folder


@pytest.fixture
def anchor_it(repository: Path, ledger: SqliteLedger, database: Database, keys: FileKeys, clock: FixedClock) -> Anchor:
    def run(folder: Path = repository, name: str = "heads.txt", *, push: bool = False) -> Anchoring:
        return anchor_in_git(folder, name, ledger, database, keys.public_key(), clock, is_pushed=push)

    return run


def grow(ledger: SqliteLedger, count: int = 1) -> None:
    ledger.append([LedgerEntry("call.decided", "run", {"n": number}) for number in range(count)])


def sizes(folder: Path, ledger: SqliteLedger, keys: FileKeys, name: str = "heads.txt") -> list[int]:
    content = git(folder, "show", f"main:{name}").encode()
    return [head.size for head in parse_anchor(content, ledger.origin).heads(ledger.origin, keys.public_key())]


def test_a_commit_per_head_and_none_without_news(
    repository: Path, anchor_it: Anchor, ledger: SqliteLedger, keys: FileKeys, clock: FixedClock
) -> None:
    assert anchor_it() == Anchoring("empty", 0)
    for count in (1, 2, 3):
        grow(ledger)
        assert anchor_it() == Anchoring("appended", count, is_new=count == 1)
        assert anchor_it().status == "unchanged"
    assert sizes(repository, ledger, keys) == [1, 2, 3]
    told = git(repository, "log", "--format=%an %at %s").splitlines()
    assert told[0] == f"opswarden {int(clock.now().timestamp())} opswarden/ledger: head over 3 entries"
    assert len(told) == 3
    git(repository, "fsck", "--strict")


def test_what_else_is_in_the_repository_stays(
    repository: Path, anchor_it: Anchor, ledger: SqliteLedger, tmp_path: Path
) -> None:
    work = tmp_path / "work"
    git(tmp_path, "clone", "-q", str(repository), str(work))
    (work / "sub").mkdir()
    (work / "sub" / "a b").write_text("x")
    (work / "README").write_text("y")
    git(work, "checkout", "-q", "-b", "main")
    git(work, "add", ".")
    git(work, "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "-m", "first")
    git(work, "push", "-q", "origin", "main")
    grow(ledger)
    assert anchor_it().status == "appended"
    assert git(repository, "ls-tree", "-r", "--name-only", "main").splitlines() == ["README", "heads.txt", "sub/a b"]


def test_hooks_filters_and_signing_of_the_repository_do_not_run(
    repository: Path, anchor_it: Anchor, ledger: SqliteLedger, keys: FileKeys, tmp_path: Path
) -> None:
    trace = tmp_path / "trace"
    for name in ("reference-transaction", "post-commit", "pre-commit", "update"):
        hook = repository / "hooks" / name
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(f"#!/bin/sh\necho {name} >> {trace}\nexit 1\n")
        hook.chmod(0o755)
    for name, value in (
        ("commit.gpgSign", "true"),
        ("gpg.program", f"touch {trace}"),
        ("filter.x.clean", f"touch {trace}"),
        ("core.fsmonitor", f"touch {trace}"),
    ):
        git(repository, "config", name, value)
    (repository / "info").mkdir(exist_ok=True)
    (repository / "info" / "attributes").write_text("* filter=x\n")
    grow(ledger)
    assert anchor_it().status == "appended"
    assert not trace.exists()
    assert sizes(repository, ledger, keys) == [1]
    take_away(repository, "HEAD:heads.txt", trace)
    with pytest.raises(BackendError, match="failed"):
        anchor_it()
    assert not trace.exists()


@pytest.mark.parametrize(
    ("statements", "told"),
    [
        (["DELETE FROM entry WHERE seq > 1", "DELETE FROM checkpoint WHERE size > 2"], "the end was cut off"),
        (["UPDATE entry SET leaf = zeroblob(32) WHERE seq = 4"], "it was rewritten"),
    ],
)
def test_a_ledger_that_does_not_continue_gets_no_commit(
    repository: Path, anchor_it: Anchor, ledger: SqliteLedger, database: Database, statements: list[str], told: str
) -> None:
    grow(ledger, 2)
    grow(ledger, 2)
    anchor_it()
    before = git(repository, "rev-parse", "main")
    if "leaf" in statements[0]:
        grow(ledger)
    for statement in statements:
        database.connection().execute(statement)
    found = anchor_it()
    assert found.status == "refused"
    assert told in found.problem
    assert git(repository, "rev-parse", "main") == before


def test_of_two_at_once_the_slower_changes_nothing(
    repository: Path, anchor_it: Anchor, ledger: SqliteLedger, keys: FileKeys
) -> None:
    grow(ledger)
    slow = GitRepository(repository)
    tip = slow.tip()
    assert anchor_it().status == "appended"
    with pytest.raises(BackendError, match="update-ref failed"):
        slow.commit(tip, "heads.txt", b"other\n", "late", 0)
    assert sizes(repository, ledger, keys) == [1]


def test_the_branch_is_pushed_only_when_asked_and_never_forced(
    repository: Path, anchor_it: Anchor, ledger: SqliteLedger, keys: FileKeys, tmp_path: Path
) -> None:
    mirror = tmp_path / "clone.git"
    git(tmp_path, "clone", "-q", "--bare", str(repository), str(mirror))
    git(mirror, "symbolic-ref", "HEAD", "refs/heads/main")
    grow(ledger)
    assert anchor_it(mirror).status == "appended"
    assert git(repository, "branch", "--list") == ""
    assert anchor_it(mirror, push=True).status == "unchanged"
    assert sizes(repository, ledger, keys) == [1]
    # Somebody else writes the same branch: git refuses, and nothing there is lost.
    grow(ledger)
    assert anchor_it(repository).status == "appended"
    grow(ledger)
    with pytest.raises(BackendError, match="committed here"):
        anchor_it(mirror, push=True)
    assert sizes(repository, ledger, keys) == [1, 2]


def test_what_is_no_bare_repository(anchor_it: Anchor, ledger: SqliteLedger, tmp_path: Path, repository: Path) -> None:
    grow(ledger)
    git(tmp_path, "init", "-q", "work")
    for folder in (tmp_path / "nowhere", tmp_path, tmp_path / "work", tmp_path / "work" / ".git"):
        with pytest.raises(InputError):
            anchor_it(folder)
    for name in ("a/b", "../x", "-x", ".git", ""):
        with pytest.raises(InputError):
            anchor_it(repository, name)


def test_a_file_that_holds_something_else_is_left_alone(
    repository: Path, anchor_it: Anchor, ledger: SqliteLedger
) -> None:
    grow(ledger)
    found = GitRepository(repository)
    found.commit(found.tip(), "heads.txt", b"hello\n", "by hand", 0)
    with pytest.raises(InputError):
        anchor_it()
    assert git(repository, "show", "main:heads.txt") == "hello\n"
