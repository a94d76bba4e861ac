"""Pull requests on doubles of GitHub and GitLab, pushed to a bare repository: one a branch, and what differs in it."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from opswarden.core.clock import Deadline, SystemClock
from opswarden.core.errors import BackendError
from opswarden.core.systems.client import SystemClient
from opswarden.tests.doubles.ailing_server import AilingServer, answer
from opswarden.tests.doubles.certificates import self_signed
from opswarden.tests.doubles.forge_servers import TOKEN, ForgeServer, GithubForge, GitlabForge
from opswarden.tools.documents.backends.forge_settings import ForgeSettings
from opswarden.tools.documents.backends.forges import cut, forge_of
from opswarden.tools.documents.backends.git import GitProposals, Remote
from opswarden.tools.documents.backends.pull_requests import PullRequests
from opswarden.tools.documents.types import Proposed, ProposedFile

NAMES = {"github": "acme/platform", "gitlab": "acme/ml/platform"}


def git(folder: Path, *argv: str) -> str:
    who = ("-c", "user.name=ann", "-c", "user.email=ann@example.org")
    return subprocess.run(
        ["git", "-C", str(folder), *who, *argv], check=True, capture_output=True, text=True
    ).stdout.strip()  # fmt: skip


def owners_write(clone: Path, text: str) -> None:
    """Somebody changes the page on the owners' branch, and the clone of opswarden does not know."""
    work = clone.parent / "work"
    if not work.exists():
        git(clone.parent, "clone", "--quiet", str(clone.parent / "bare"), str(work))
    page = work / "opswarden" / "queue.md"
    page.parent.mkdir(exist_ok=True)
    page.write_text(text)
    git(work, "add", ".")
    git(work, "commit", "--quiet", "-m", "by hand")
    git(work, "push", "--quiet", "origin", "main")


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    bare, clone = tmp_path / "bare", tmp_path / "clone"
    git(tmp_path, "init", "--quiet", "--bare", "--initial-branch=main", str(bare))
    git(tmp_path, "clone", "--quiet", str(bare), str(clone))
    git(clone, "commit", "--quiet", "--allow-empty", "-m", "first")
    git(clone, "push", "--quiet", "origin", "HEAD:main")
    git(clone, "branch", "--quiet", "-M", "main")
    return clone


@pytest.fixture(params=["github", "gitlab"])
def server(request: pytest.FixtureRequest, clone: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ForgeServer]:
    monkeypatch.setenv("FORGE_TOKEN", TOKEN)
    made = {"github": GithubForge, "gitlab": GitlabForge}[request.param](clone.parent / "bare", NAMES[request.param])
    yield made
    made.close()


@pytest.fixture
def place(server: ForgeServer, clone: Path, tmp_path: Path) -> Callable[..., PullRequests]:
    def make(**more: Any) -> PullRequests:
        kind = "github" if isinstance(server, GithubForge) else "gitlab"
        given = {"kind": kind, "url": server.url, "repository": server.name, "git": str(server.bare), **more}
        settings = ForgeSettings.model_validate({"token_env": "FORGE_TOKEN", **given})
        client = SystemClient("the forge", settings, tmp_path / "locks", sleep=lambda _seconds: None)
        return PullRequests(GitProposals(clone, "production"), forge_of(client, settings))

    return make


def propose(place: PullRequests, text: str, key: str = "k1") -> Proposed:
    files = (ProposedFile(path="queue.md", text=text),)
    return place.propose("runbook-queue", "Runbook: Queue", "why", files, key, Deadline(SystemClock(), 30))


def test_a_branch_is_pushed_and_asked_to_be_merged_once(
    place: Callable[..., PullRequests], server: ForgeServer, clone: Path
) -> None:
    owners_write(clone, "In force.\n~~~\nfenced\n")
    made = propose(place(), "Better. @everybody\n")
    assert made.pull_request.startswith("https://forge.example/")
    assert git(server.bare, "show", "opswarden/runbook-queue:opswarden/queue.md") == "Better. @everybody"
    assert git(server.bare, "rev-parse", "opswarden/runbook-queue^") == git(server.bare, "rev-parse", "main")
    (request,) = server.opened
    assert (request["base"], request["title"]) == ("main", "Runbook: Queue")
    assert request["body"].startswith("why\n\n~~~~diff\n"), "nothing in it closes the fence"
    assert "-In force.\n" in request["body"], "held against the owners' branch as it is there, not as the clone was"
    assert "+Better. @everybody" in request["body"]
    assert propose(place(), "Better. @everybody\n") == made
    assert place().made("runbook-queue", "k1", Deadline(SystemClock(), 30)) == made
    assert (len(server.opened), server.comments) == (1, [])
    assert git(clone, "status", "--porcelain") == ""
    assert git(clone, "log", "--format=%s", "main") == "first", "the clone's own branches stay"


def test_another_text_goes_on_top_and_is_told_below(
    place: Callable[..., PullRequests], server: ForgeServer, clone: Path
) -> None:
    first = propose(place(), "One.\n")
    work = clone.parent / "reviewer"
    git(clone.parent, "clone", "--quiet", "--branch=opswarden/runbook-queue", str(server.bare), str(work))
    git(work, "commit", "--quiet", "--allow-empty", "-m", "a reviewer's")
    git(work, "push", "--quiet")
    second = propose(place(), "Two.\n", "k2")
    assert second.pull_request == first.pull_request
    assert git(server.bare, "log", "--format=%s", "-n", "2", "opswarden/runbook-queue").splitlines() == [
        "Runbook: Queue",
        "a reviewer's",
    ]
    assert [number for number, _ in server.comments] == [1]
    assert "+Two." in server.comments[0][1]


def test_after_a_closed_request_the_next_one_begins_anew(
    place: Callable[..., PullRequests], server: ForgeServer, clone: Path
) -> None:
    propose(place(), "One.\n")
    server.close_all()
    assert place().made("runbook-queue", "k1", Deadline(SystemClock(), 30)) is None
    owners_write(clone, "Mine.\n")
    propose(place(), "Two.\n", "k2")
    assert len(server.opened) == 2
    assert git(server.bare, "rev-parse", "opswarden/runbook-queue^") == git(server.bare, "rev-parse", "main")


def test_what_broke_off_is_finished(
    place: Callable[..., PullRequests], server: ForgeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORGE_TOKEN", "another")
    with pytest.raises(BackendError, match="does not know the token"):
        propose(place(), "One.\n")
    monkeypatch.setenv("FORGE_TOKEN", TOKEN)
    hook = server.bare / "hooks" / "pre-receive"
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)
    with pytest.raises(BackendError, match="git push was refused"):
        propose(place(), "One.\n")
    assert server.opened == []
    hook.unlink()
    assert propose(place(), "One.\n").pull_request
    assert len(server.opened) == 1


def test_a_remote_without_the_base_is_said(place: Callable[..., PullRequests], server: ForgeServer) -> None:
    git(server.bare, "branch", "-M", "trunk")
    with pytest.raises(BackendError, match="no branch 'main'"):
        propose(place(), "One.\n")


def test_the_token_goes_to_the_repository_s_own_address_and_is_no_argument() -> None:
    settings = ForgeSettings.model_validate({"kind": "github", "repository": "acme/a", "token_env": "T"})
    assert (settings.url, settings.git) == ("https://api.github.com", "https://github.com/acme/a.git")
    own = {"kind": "gitlab", "url": "https://git.acme.example", "repository": "acme/x/a", "token_env": "T"}
    assert ForgeSettings.model_validate(own).git == "https://git.acme.example/acme/x/a.git"
    remote = Remote(settings.git, lambda: None).environment()
    assert remote["GIT_ALLOW_PROTOCOL"] == "https"
    proven = Remote(settings.git, lambda: SecretStr("Basic abc"))
    assert "abc" not in repr(proven)
    assert "http.https://github.com/acme/a.git.extraHeader" in proven.environment().values()


def test_git_shows_the_token_over_tls(clone: Path, tmp_path: Path) -> None:
    ca, context = self_signed(tmp_path)
    server = AilingServer(answer(b"", "403 No"), tls=context)
    remote = Remote(f"{server.url}/acme/a.git", lambda: SecretStr("Basic YTpi"), ca)
    with pytest.raises(BackendError, match="git ls-remote was refused"):
        GitProposals(clone, "production").fetch(remote, "x", Deadline(SystemClock(), 10))
    server.close()
    assert b"\r\nAuthorization: Basic YTpi\r\n" in server.requests[0]


@pytest.mark.parametrize(
    "wrong",
    [
        {"repository": "acme"},
        {"repository": "../a"},
        {"token_env": None},
        {"git": "ssh://git@github.com/acme/a"},
        {"git": "https://me:pw@github.com/acme/a"},
        {"git": "ext::sh -c touch% x"},
        {"kind": "gitlab", "repository": "12"},
        {"url": "http://github.example"},
    ],
)
def test_settings_that_cannot_be_meant(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        ForgeSettings.model_validate({"kind": "github", "repository": "acme/a", "token_env": "T", **wrong})


def test_a_long_body_is_cut_and_its_fence_closed() -> None:
    body = "why\n\n~~~~diff\n" + "+line\n" * 20_000 + "~~~~"
    found = cut(body)
    assert len(found) < 65_536
    assert found.count("~~~~") == 2
    assert cut("short") == "short"
