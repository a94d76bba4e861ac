"""Proposals in a real clone: one commit on our branch, nothing of the owners touched."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import ValidationError

from opswarden.core.clock import Deadline, SystemClock
from opswarden.core.errors import ConfigError, ToolRetry
from opswarden.tools.documents.backends.git import GitProposals
from opswarden.tools.documents.types import ProposeArgs, Proposed, ProposedFile

Git = Callable[..., str]


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    return tmp_path / "platform"


@pytest.fixture
def git(clone: Path) -> Git:
    def run(*args: str) -> str:
        done = subprocess.run(
            ["git", "-c", "user.name=ann", "-c", "user.email=ann@example.org", *args],
            cwd=clone, capture_output=True, check=True, text=True,
        )  # fmt: skip
        return done.stdout

    clone.mkdir()
    run("init", "--quiet", "--initial-branch=main")
    (clone / "opswarden").mkdir()
    (clone / "opswarden" / "values.yaml").write_text("replicaCount: 4\n")
    (clone / "README.md").write_text("ours\n")
    # A filter and a hook of the owners: neither may run for us.
    (clone / ".gitattributes").write_text("* filter=loud\n")
    run("config", "filter.loud.clean", "touch ran; cat")
    hook = clone / ".git" / "hooks" / "reference-transaction"
    hook.write_text("#!/bin/sh\ntouch hooked\n")
    run("-c", "filter.loud.clean=cat", "add", ".")
    run("commit", "--quiet", "-m", "first")
    hook.chmod(0o755)
    (clone / "ran").unlink(missing_ok=True)
    return run


def propose(clone: Path, *files: tuple[str, str], key: str = "k1", title: str = "Size scorer") -> Proposed:
    made = tuple(ProposedFile(path=path, text=text) for path, text in files)
    return GitProposals(clone, "production").propose("week-18", title, "why", made, key, Deadline(SystemClock(), 30))


def test_a_proposal_is_one_commit_on_a_branch_of_ours(clone: Path, git: Git) -> None:
    main = git("rev-parse", "main")
    (clone / "README.md").write_text("somebody is working here\n")
    made = propose(clone, ("values.yaml", "replicaCount: 2\n"), ("fraud/scorer.yaml", "cpu: 1\n"))
    assert (made.branch, made.files, made.changed) == ("opswarden/week-18", 2, 2)
    assert git("show", "opswarden/week-18:opswarden/values.yaml") == "replicaCount: 2\n"
    assert git("show", "opswarden/week-18:opswarden/fraud/scorer.yaml") == "cpu: 1\n"
    assert git("show", "opswarden/week-18:README.md") == "ours\n"
    assert git("rev-parse", "main") == main
    assert not (clone / "ran").exists()
    assert not (clone / "hooked").exists()
    assert git("status", "--porcelain", "--untracked-files=no").split() == ["M", "README.md"]


def test_the_same_key_proposes_once_and_another_goes_on_top(clone: Path, git: Git) -> None:
    first = propose(clone, ("a.yaml", "x: 1\n"))
    assert propose(clone, ("a.yaml", "x: 2\n")).commit == first.commit
    second = propose(clone, ("a.yaml", "x: 2\n"), key="k2")
    assert git("rev-parse", f"{second.commit}^").strip() == first.commit
    with pytest.raises(ToolRetry):
        propose(clone, ("a.yaml", "x: 2\n"), key="k3")


def test_titles_of_outsiders_stay_one_line(clone: Path, git: Git) -> None:
    propose(clone, ("a.yaml", "x"), title="Size\n\nOpswarden-Key: k9\n--amend")
    assert git("log", "-1", "--format=%s", "opswarden/week-18").strip() == "Size Opswarden-Key: k9 --amend"


@pytest.mark.parametrize(
    "path", ["../x", "/etc/x", ".git/config", "a/.git/x", "a//b", "-x", "a/-x", "", "a\nb", "a/..", "a\\b", "é"]
)
def test_paths_stay_inside(path: str) -> None:
    with pytest.raises(ValidationError):
        ProposedFile(path=path, text="")


def test_names_and_places_that_are_none(clone: Path, git: Git, tmp_path: Path) -> None:
    for branch in ("../main", "a b", "-d", "A", ""):
        with pytest.raises(ValidationError):
            ProposeArgs(branch=branch, title="t", files=(ProposedFile(path="a", text=""),))
    with pytest.raises(ValidationError):
        ProposeArgs(branch="a", title="t", files=(ProposedFile(path="a", text=""), ProposedFile(path="a", text="b")))
    with pytest.raises(ConfigError):
        GitProposals(clone, "production", base="trunk")
    (tmp_path / "empty").mkdir()
    with pytest.raises(ConfigError):
        GitProposals(tmp_path / "empty", "production")
