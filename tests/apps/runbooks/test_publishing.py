"""A reviewed draft becomes a page through the gate: shown, checked, asked for, recorded, once."""

from __future__ import annotations

import errno
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from opswarden.core.clock import Deadline, SystemClock
from opswarden.core.errors import ToolRetry
from opswarden.tests.apps.conftest import Cli
from opswarden.tests.doubles.forge_servers import TOKEN, GithubForge
from opswarden.tools.runbooks.backends.places import FolderPlace
from opswarden.tools.runbooks.publish_tool import differences

Write = Callable[[str], Path]
PEOPLE = '[people.ana]\nroles = ["oncall"]\n[gate.stages."*"."*"]\n"runbooks.publish" = "act"\n'
DRAFT = """---
runbook: 1
title: "Queue deep"
alerts: [QueueDeep]
owner: "ml-platform"
risk: low
draft: true
---
# Queue deep

1. Is it deep still?

   ```opswarden
   query: queue_depth{entity="scorer"}
   expect: {text: below a hundred}
   ```
"""


def git(clone: Path, *argv: str) -> str:
    done = subprocess.run(["git", "-C", str(clone), *argv], check=True, capture_output=True, text=True)
    return done.stdout


@pytest.fixture
def draft(home: Path) -> Path:
    (home / "books").mkdir()
    file = home / "books" / "queue.draft.md"
    file.write_text(DRAFT)
    return file


def test_a_reviewed_page_is_published_once_after_a_person_agreed(
    cli: Cli, home: Path, draft: Path, write_settings: Write
) -> None:
    write_settings(f'version = 1\nrunbooks = "books"\n{PEOPLE}')
    page = home / "books" / "queue.md"
    page.write_text("# Queue deep\n\nIn force.\n")
    refused = cli("runbook", "publish", draft)
    assert (refused.code, "publish.draft" in refused.err) == (1, True), refused.err
    asked = ("runbook", "publish", draft, "--reviewed")
    shown = cli(*asked, "--show")
    assert (shown.code, "-In force." in shown.out) == (0, True)
    waiting = cli(*asked)
    assert waiting.code == 5, waiting.err
    assert page.read_text().endswith("In force.\n"), "nothing is written before somebody agrees"
    approval = waiting.err.split("approvals show ")[1].split()[0]
    told = cli("approvals", "show", approval).out
    assert "replace the page in force" in told
    assert "In force." in told
    assert cli("approvals", "approve", approval).code == 0
    made = cli(*asked)
    assert made.code == 0, made.err
    text = page.read_text()
    assert "draft:" not in text
    assert "last_verified: 20" in text
    assert "says the same" in cli(*asked).out
    said = cli("audit", "tail", "-n", "50", "--tool", "runbooks.publish").out
    assert [word for word in ("approval.consumed", "writes.approved", "call.outcome") if word not in said] == []


def test_a_page_changed_meanwhile_voids_the_leave(cli: Cli, home: Path, draft: Path, write_settings: Write) -> None:
    write_settings(f'version = 1\nrunbooks = "books"\n{PEOPLE}')
    page = home / "books" / "queue.md"
    page.write_text("# Queue deep\n\nIn force.\n")
    asked = ("runbook", "publish", draft, "--reviewed")
    approval = cli(*asked).err.split("approvals show ")[1].split()[0]
    assert cli("approvals", "approve", approval).code == 0
    page.write_text("# Queue deep\n\nSomebody was here.\n")
    assert cli(*asked).code != 0
    assert page.read_text().endswith("Somebody was here.\n")


def test_what_was_put_in_its_stead_since_is_replaced_again_and_asked_for_again(
    cli: Cli, home: Path, draft: Path, write_settings: Write
) -> None:
    write_settings(f'version = 1\nrunbooks = "books"\n{PEOPLE}')
    asked, page = ("runbook", "publish", draft, "--reviewed"), home / "books" / "queue.md"
    published = []
    for _ in range(2):
        waiting = cli(*asked)
        assert waiting.code == 5, waiting.err
        approval = waiting.err.split("approvals show ")[1].split()[0]
        assert cli("approvals", "approve", approval).code == 0
        assert cli(*asked).code == 0
        published.append(page.read_text())
        page.write_text("# Queue deep\n\nSomebody went back to this.\n")
    assert published[0] == published[1]


@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "No space left on device"), RuntimeError("died")])
def test_what_failed_halfway_says_so_and_is_asked_for_anew(
    cli: Cli, home: Path, draft: Path, write_settings: Write, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    write_settings(f'version = 1\nrunbooks = "books"\n{PEOPLE}')
    asked, page = ("runbook", "publish", draft, "--reviewed"), home / "books" / "queue.md"
    approval = cli(*asked).err.split("approvals show ")[1].split()[0]
    assert cli("approvals", "approve", approval).code == 0

    def fail(*_args: object, **_more: object) -> bool:
        raise error

    with monkeypatch.context() as patch:
        patch.setattr("opswarden.tools.runbooks.backends.places.put_whole", fail)
        failed = cli(*asked)
    assert (failed.code, "ask anew with --again" in failed.err) == (3, True), failed.err
    assert ("No space left on device" in failed.err) == isinstance(error, OSError)
    assert not page.exists()
    waiting = cli(*asked, "--again")
    assert waiting.code == 5, waiting.err
    approval = waiting.err.split("approvals show ")[1].split()[0]
    assert cli("approvals", "approve", approval).code == 0
    assert cli(*asked, "--again").code == 0
    assert page.exists()


def test_a_clone_gets_a_branch(cli: Cli, home: Path, draft: Path, write_settings: Write) -> None:
    clone = home / "platform"
    subprocess.run(["git", "init", "-q", "-b", "main", str(clone)], check=True)
    git(clone, "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "--allow-empty", "-m", "x")
    write_settings(f'version = 1\nrunbooks = "books"\n[runbook_proposals]\nclone = "{clone}"\n{PEOPLE}')
    asked = ("runbook", "publish", draft, "--reviewed", "--as", "serving/queue.md")
    approval = cli(*asked).err.split("approvals show ")[1].split()[0]
    assert cli("approvals", "approve", approval).code == 0
    made = cli(*asked)
    assert made.code == 0, made.err
    assert "last_verified" in git(clone, "show", "opswarden/runbook-serving-queue:runbooks/serving/queue.md")
    assert cli(*asked).out == made.out, "once"


def test_a_pull_request_is_opened_after_a_person_agreed_and_once(
    cli: Cli, home: Path, draft: Path, write_settings: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    clone, bare = home / "platform", home / "bare"
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", str(bare)], check=True)
    subprocess.run(["git", "clone", "-q", str(bare), str(clone)], check=True)
    git(clone, "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "--allow-empty", "-m", "x")
    git(clone, "push", "-q", "origin", "HEAD:main")
    git(clone, "branch", "-M", "main")
    monkeypatch.setenv("FORGE_TOKEN", TOKEN)
    server = GithubForge(bare, "acme/platform")
    write_settings(
        f'version = 1\nrunbooks = "books"\n[runbook_proposals]\nclone = "{clone}"\n'
        f'[runbook_proposals.pull_request]\nkind = "github"\nurl = "{server.url}"\nrepository = "acme/platform"\n'
        f'git = "{bare}"\ntoken_env = "FORGE_TOKEN"\n{PEOPLE}'
    )
    asked = ("runbook", "publish", draft, "--reviewed")
    bare.rename(home / "away")
    shown = cli(*asked, "--show")
    assert (shown.code, "+# Queue deep" in shown.out) == (0, True), "only the gate asks the remote"
    (home / "away").rename(bare)
    waiting = cli(*asked)
    assert (waiting.code, server.opened) == (5, []), "nothing leaves before somebody agrees"
    approval = waiting.err.split("approvals show ")[1].split()[0]
    told = cli("approvals", "show", approval).out
    assert "push a branch and open a pull request to write a new page" in " ".join(told.split())
    assert cli("approvals", "approve", approval).code == 0
    made = cli(*asked)
    assert made.code == 0, made.err
    assert "pull request: https://forge.example/acme/platform/pull/1" in made.out
    assert "last_verified" in git(bare, "show", "opswarden/runbook-queue:runbooks/queue.md")
    assert "+# Queue deep" in server.opened[0]["body"]
    assert cli(*asked).out == made.out
    assert len(server.opened) == 1
    said = cli("audit", "tail", "-n", "50", "--tool", "runbooks.publish", "--format", "json").out
    assert "pull/1" in said
    assert TOKEN not in said + made.out + made.err + told
    server.close()


@pytest.mark.parametrize("name", ["../queue.md", ".hidden.md", "queue.txt", "a/../../b.md", "x" * 300 + ".md"])
def test_a_page_stays_among_the_runbooks(cli: Cli, draft: Path, write_settings: Write, name: str) -> None:
    write_settings(f'version = 1\nrunbooks = "books"\n{PEOPLE}')
    assert cli("runbook", "publish", draft, "--reviewed", "--as", name).code == 2


def test_a_link_leads_nowhere_else(cli: Cli, home: Path, draft: Path, write_settings: Write) -> None:
    write_settings(f'version = 1\nrunbooks = "books"\n{PEOPLE}')
    (home / "elsewhere").mkdir()
    (home / "books" / "out").symlink_to(home / "elsewhere")
    assert cli("runbook", "publish", draft, "--reviewed", "--as", "out/queue.md").code == 3
    assert not list((home / "elsewhere").iterdir())


def test_what_differs_is_shown_by_passages(tmp_path: Path) -> None:
    found = list(differences("a\nb\nc\n", "a\nx\nc\nd\n"))
    assert [(each.field, each.before, each.after) for each in found] == [("line 2", "b", "x"), ("line 4", None, "d")]
    place, deadline = FolderPlace(tmp_path, "default"), Deadline(SystemClock(), 5.0)
    assert place.publish("a.md", "A\n", "A", "k", deadline).is_new
    assert place.published("a.md", "A\n", "k", deadline) is not None
    assert place.published("a.md", "B\n", "k", deadline) is None
    with pytest.raises(ToolRetry):
        place.publish("a.md", "A\n", "A", "k", deadline)
