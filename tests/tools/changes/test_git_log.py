"""A real repository is read as what was merged, and nothing written in it runs or shifts a field."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from opswarden.core.clock import Deadline
from opswarden.core.errors import BackendError, ConfigError
from opswarden.tests.promised_objects import take_away
from opswarden.tools.changes.backends.git_log import GitChanges
from opswarden.tools.changes.backends.settings import GitSettings
from opswarden.tools.changes.backends.types import RECORDED_COLUMNS

AT = datetime(2031, 5, 6, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


class Repository:
    def __init__(self, path: Path) -> None:
        self.path = path
        path.mkdir()
        self.git("init", "-q", "-b", "main")

    def git(self, *args: str, at: datetime = AT) -> str:
        stamp = f"@{int(at.timestamp())} +0000"
        who = {
            f"GIT_{side}_{field}": value
            for side in ("AUTHOR", "COMMITTER")
            for field, value in {"NAME": "ana", "EMAIL": "ana@example.com", "DATE": stamp}.items()
        }
        kept = {"PATH": os.environ["PATH"], "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
        done = subprocess.run(("git", *args), cwd=self.path, env=kept | who, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    def commit(self, at: datetime, message: str, files: dict[str, str]) -> str:
        for name, content in files.items():
            file = self.path / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(content)
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", message, at=at)
        return self.git("rev-parse", "HEAD")


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "shop")


def over(repository: Repository, **settings: Any) -> GitChanges:
    entities = {"services/*/*": "*", "features/*": "feature-store"}
    return GitChanges(GitSettings(path=repository.path, environment="test", **{"entities": entities, **settings}))


def rows(
    backend: GitChanges, start: datetime, end: datetime, deadline: Deadline, **narrow: Any
) -> Sequence[dict[str, Any]]:
    found = backend.between(start, end, deadline, **narrow)
    assert found.rows.schema == RECORDED_COLUMNS
    assert found.matched == found.rows.num_rows
    return found.rows.to_pylist()


def test_a_commit_is_a_change_of_every_entity_it_touches(repository: Repository, deadline: Deadline) -> None:
    repository.commit(AT - HOUR, "before", {"services/oven/app.py": "a = 1\n"})
    changed = repository.commit(
        AT, "Bake hotter", {"services/oven/app.py": "a = 2\n", "features/heat.py": "x\n", "README.md": "y\n"}
    )
    repository.commit(AT + HOUR, "after", {"services/oven/app.py": "a = 3\n"})
    found = rows(over(repository), AT, AT + HOUR, deadline)
    assert [(row["entity"], row["kind"], row["id"], row["summary"], row["author"]) for row in found] == [
        (entity, "commit", changed, "Bake hotter", "ana") for entity in ("", "feature-store", "oven")
    ]
    oven = dict(found[2]["attributes"])
    assert oven["files"] == "services/oven/app.py"
    assert "-a = 1\n+a = 2" in oven["diff"]
    assert "README" not in oven["diff"]
    assert [row["entity"] for row in rows(over(repository), AT, AT + HOUR, deadline, entities=("oven",))] == ["oven"]
    assert rows(over(repository), AT, AT + HOUR, deadline, kinds=("deploy",)) == []
    assert rows(over(repository), AT + 5 * HOUR, AT + 6 * HOUR, deadline) == []


def test_a_merge_counts_when_it_is_merged(repository: Repository, deadline: Deadline) -> None:
    repository.commit(AT - 3 * HOUR, "start", {"services/oven/a": "1\n"})
    repository.git("checkout", "-q", "-b", "side")
    repository.commit(AT - 2 * HOUR, "work", {"services/oven/b": "1\n"})
    repository.git("checkout", "-q", "main")
    repository.commit(AT - HOUR, "other work", {"services/till/c": "1\n"})
    repository.git("merge", "-q", "--no-ff", "-m", "Merge side", "side", at=AT)
    found = rows(over(repository), AT - 2 * HOUR, AT + HOUR, deadline)
    assert [(row["entity"], row["summary"]) for row in found] == [("oven", "Merge side"), ("till", "other work")]
    assert "services/oven/b" in dict(found[0]["attributes"])["diff"]


def test_a_change_is_live_after_its_lag(repository: Repository, deadline: Deadline) -> None:
    repository.commit(AT, "change", {"services/oven/a": "1\n"})
    backend = over(repository, lag_s=600.0)
    assert rows(backend, AT, AT + timedelta(minutes=10), deadline) == []
    assert [row["ts"] for row in rows(backend, AT, AT + HOUR, deadline)] == [AT + timedelta(minutes=10)]


def test_hostile_names_and_messages_stay_what_they_are(repository: Repository, deadline: Deadline) -> None:
    names = {"services/--output=x/a": "1\n", "services/ключ/b\nc": "2\n", ":(glob)**": "3\n", "f" * 40: "4\n"}
    message = "subject\x1fwith\x1emarks $(touch owned) `x`\n\nand a body"
    repository.commit(AT, message, names)
    found = {row["entity"]: row for row in rows(over(repository), AT, AT + HOUR, deadline)}
    assert set(found) == {"--output=x", "ключ", ""}
    assert found["ключ"]["summary"].startswith("subject\x1fwith\x1emarks $(touch owned)")
    assert "+2" in dict(found["ключ"]["attributes"])["diff"]
    assert not list(repository.path.glob("**/owned"))
    assert not list(repository.path.glob("x"))


def test_nothing_of_the_repository_is_run(repository: Repository, deadline: Deadline, tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\ntouch {ran}\n")
    program.chmod(0o755)
    for name in ("diff.external", "core.fsmonitor", "core.pager", "diff.mine.textconv", "diff.mine.command"):
        repository.git("config", name, str(program))
    repository.commit(AT, "change", {"services/oven/a": "1\n", ".gitattributes": "* diff=mine\n"})
    ran.unlink(missing_ok=True)
    assert len(rows(over(repository), AT, AT + HOUR, deadline)) == 2
    assert not ran.exists()


def test_what_is_missing_is_not_fetched_by_a_program_of_the_repository(
    repository: Repository, deadline: Deadline, tmp_path: Path
) -> None:
    repository.commit(AT, "change", {"services/oven/a": "1\n"})
    repository.commit(AT, "change again", {"services/oven/a": "2\n"})
    ran = tmp_path / "ran"
    take_away(repository.path, "HEAD~1:services/oven/a", ran)
    with pytest.raises(BackendError, match="failed in"):
        over(repository).between(AT, AT + HOUR, deadline)
    assert not ran.exists()


def test_what_cannot_be_read_is_an_error(
    repository: Repository, deadline: Deadline, passed: Deadline, tmp_path: Path
) -> None:
    with pytest.raises(ConfigError):
        GitChanges(GitSettings(path=tmp_path / "nowhere", environment="test"))
    (tmp_path / "empty").mkdir()
    for backend in (
        GitChanges(GitSettings(path=tmp_path / "empty", environment="test")),
        over(repository, ref="nosuchbranch"),
    ):
        with pytest.raises(BackendError, match="failed in"):
            backend.between(AT, AT + HOUR, deadline)
    with pytest.raises(BackendError, match="no time"):
        over(repository).between(AT, AT + HOUR, passed)


@pytest.mark.parametrize("ref", ["--output=x", "a..b", "", "a b", "-n1"])
def test_a_ref_is_a_name(ref: str, repository: Repository) -> None:
    with pytest.raises(ValueError, match="by its name"):
        over(repository, ref=ref)
