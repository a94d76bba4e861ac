"""Deployments out of GitHub, GitLab and Argo CD, by doubles of their APIs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from opswarden.core.clock import Deadline, FixedClock
from opswarden.core.errors import BackendError
from opswarden.core.systems.client import SystemClient
from opswarden.core.systems.kept_answers import AnswerFolder
from opswarden.tests.doubles import ailing_server as ailing
from opswarden.tests.doubles.ailing_server import AilingServer
from opswarden.tests.doubles.delivery_servers import TOKEN, ArgocdServer, DeliveryServer, GithubServer, GitlabServer
from opswarden.tools.changes.backends.argocd import ArgocdChanges
from opswarden.tools.changes.backends.delivery_settings import ArgocdSettings, GithubSettings, GitlabSettings
from opswarden.tools.changes.backends.github import GithubChanges
from opswarden.tools.changes.backends.gitlab import GitlabChanges
from opswarden.tools.changes.backends.types import RECORDED_COLUMNS, ChangesBackend

NOW = datetime(2031, 5, 6, 12, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)
Over = Callable[..., ChangesBackend]


def at(minutes_ago: float) -> str:
    return (NOW - timedelta(minutes=minutes_ago)).strftime("%Y-%m-%dT%H:%M:%SZ")


@pytest.fixture
def over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Over:
    monkeypatch.setenv("DELIVERY_TOKEN", TOKEN)

    def make(kind: str, server: DeliveryServer | AilingServer, **more: Any) -> ChangesBackend:
        common = {"url": server.url, "environment": "bakery", "token_env": "DELIVERY_TOKEN", "shared_s": 0, **more}
        if kind == "github":
            github = GithubSettings.model_validate({"repositories": {"bakery/till": "till"}, **common})
            return GithubChanges(SystemClient("the test's", github, tmp_path), github)
        if kind == "gitlab":
            gitlab = GitlabSettings.model_validate({"projects": {"bakery/shop/till": "till"}, **common})
            return GitlabChanges(SystemClient("the test's", gitlab, tmp_path), gitlab)
        argocd = ArgocdSettings.model_validate(common)
        return ArgocdChanges(SystemClient("the test's", argocd, tmp_path), argocd)

    return make


def github_deployment(number: int, minutes_ago: float, *states: tuple[str, float], to: str = "production") -> Any:
    statuses = [{"id": place, "state": state, "created_at": at(ago)} for place, (state, ago) in enumerate(states)]
    return {
        "id": number, "sha": f"{number:040x}", "ref": "main", "task": "deploy", "environment": to,
        "description": f"release {number}", "creator": {"login": "mia"}, "created_at": at(minutes_ago),
        "statuses": statuses,
    }  # fmt: skip


def gitlab_deployment(number: int, minutes_ago: float, status: str = "success", to: str = "production") -> Any:
    return {
        "id": number, "iid": number, "sha": f"{number:040x}", "ref": "main", "status": status,
        "created_at": at(minutes_ago + 9), "updated_at": at(minutes_ago), "environment": {"name": to},
        "user": {"username": "mia"},
        "deployable": {"finished_at": at(minutes_ago), "name": "deploy", "commit": {"title": f"release {number}"}},
    }  # fmt: skip


def test_what_github_deployed_counts_when_it_went_live(over: Over, deadline: Deadline) -> None:
    many = [github_deployment(number, number * 10, ("success", number * 10 - 2)) for number in range(1, 6)]
    late = github_deployment(50, 75, ("inactive", 1), ("success", 55), ("in_progress", 74))
    failed = github_deployment(60, 80, ("failure", 40))
    elsewhere = github_deployment(70, 5, ("success", 4), to="staging")
    old = [github_deployment(100 + number, 2_000 + number, ("success", 1_999)) for number in range(9)]
    server = GithubServer({"bakery/till": [elsewhere, *many, late, failed, *old]}, most=3)
    found = over("github", server).between(NOW - HOUR, NOW, deadline)
    server.close()
    assert found.rows.schema == RECORDED_COLUMNS
    rows = found.rows.to_pylist()
    assert [int(row["id"], 16) for row in rows] == [1, 2, 3, 4, 60, 5, 50]
    assert rows[-1]["ts"] == NOW - timedelta(minutes=55)
    assert (rows[4]["summary"], rows[4]["author"]) == ("bakery/till main failed: release 60", "mia")
    assert {row["entity"] for row in rows} == {"till"}
    # Two full pages and the first of the past are enough to know that the rest is older.
    assert sum("/deployments?" in path for path in server.requests) == 3


def test_what_gitlab_deployed(over: Over, deadline: Deadline) -> None:
    held = [gitlab_deployment(number, number * 10) for number in range(1, 9)]
    more = [gitlab_deployment(20, 5, "failed"), gitlab_deployment(21, 5, to="staging")]
    server = GitlabServer({"bakery/shop/till": [*held, *more]}, most=2)
    backend = over("gitlab", server)
    found = backend.between(NOW - HOUR, NOW, deadline)
    assert [int(row["id"], 16) for row in found.rows.to_pylist()] == [1, 2, 3, 4, 5, 6]
    assert found.rows["summary"][0].as_py() == "bakery/shop/till main live: release 1"
    assert backend.between(NOW - HOUR, NOW, deadline, entities=("oven",)).matched == 0
    assert backend.between(NOW - HOUR, NOW, deadline, kinds=("config",)).matched == 0
    assert over("gitlab", server, deployed_to="staging").between(NOW - HOUR, NOW, deadline).matched == 1
    with pytest.raises(BackendError, match="does not know this address"):
        over("gitlab", server, projects={"bakery/none": "x"}).between(NOW - HOUR, NOW, deadline)
    server.close()


def test_what_an_argo_cd_brought_out(over: Over, deadline: Deadline) -> None:
    source = {"repoURL": "https://git.example/shop.git", "path": "till"}

    def deployed(minutes_ago: float, revision: str, **by: Any) -> dict[str, Any]:
        return {"revision": revision * 40, "deployedAt": at(minutes_ago), "source": source, "initiatedBy": by}

    till = {
        "metadata": {"name": "till-production"},
        "spec": {"project": "shop", "source": source},
        "status": {
            "history": [deployed(500, "a"), deployed(50, "b", automated=True), deployed(10, "a", username="mia")],
            "resources": [
                {"kind": "Deployment", "name": "till"},
                {"kind": "Rollout", "name": "oven"},
                {"kind": "Service", "name": "s"},
            ],
        },
    }
    broken = {
        "metadata": {"name": "mill"},
        "spec": {"project": "mill", "sources": [source]},
        "status": {
            "operationState": {
                "phase": "Failed", "finishedAt": at(5), "message": "one or more objects failed to apply",
                "syncResult": {"revision": "c" * 40},
            }
        },
    }  # fmt: skip
    server = ArgocdServer([till, broken])
    backend = over("argocd", server)
    rows = backend.between(NOW - HOUR, NOW, deadline).rows.to_pylist()
    assert [(row["kind"], row["entity"], row["author"]) for row in rows] == [
        ("deploy", "mill", ""),
        ("rollback", "oven", "mia"),
        ("rollback", "till", "mia"),
        ("deploy", "oven", "automated"),
        ("deploy", "till", "automated"),
    ]
    told = {row["summary"] for row in rows}
    where = "of https://git.example/shop.git till"
    assert f"Application till-production: aaaaaaaaaaaa to bbbbbbbbbbbb {where}" in told
    assert f"Application till-production: back from bbbbbbbbbbbb to aaaaaaaaaaaa {where}" in told
    assert "Application mill: synchronisation failed: one or more objects failed to apply" in told
    assert len(backend.between(NOW - HOUR, NOW, deadline, entities=("till",), kinds=("rollback",)).rows) == 1
    named = over("argocd", server, entities={"*-production": "shopfront"}, projects=["shop"])
    assert set(named.between(NOW - HOUR, NOW, deadline).rows["entity"].to_pylist()) == {"shopfront"}
    assert over("argocd", ArgocdServer([])).between(NOW - HOUR, NOW, deadline).matched == 0
    server.close()


@pytest.mark.parametrize("kind", ["github", "gitlab", "argocd"])
def test_what_goes_wrong_is_an_error(kind: str, over: Over, deadline: Deadline) -> None:
    servers = {
        "github": GithubServer({"bakery/till": []}, left=0),
        "gitlab": GitlabServer({"bakery/shop/till": []}, left=0),
        "argocd": ArgocdServer([], left=0),
    }
    server = servers[kind]
    told = "too many questions" if kind != "argocd" else "forbids"
    with pytest.raises(BackendError, match=told):
        over(kind, server).between(NOW - HOUR, NOW, deadline)
    server.left = 9
    with pytest.raises(BackendError, match="does not accept the credential"):
        over(kind, server, token_env=None).between(NOW - HOUR, NOW, deadline)
    server.close()
    for content in (b'{"a": 1, "items": 3}', b"7", b"<html>"):
        sick = AilingServer(ailing.answer(content))
        with pytest.raises(BackendError):
            over(kind, sick).between(NOW - HOUR, NOW, deadline)
        sick.close()
    if kind != "argocd":
        endless = AilingServer(ailing.answer(b"[]", link='<http://evil.example/?page=2>; rel="next"'))
        with pytest.raises(BackendError, match="more than 50 pages"):
            over(kind, endless).between(NOW - HOUR, NOW, deadline)
        assert not [request for request in endless.requests if b"evil" in request]
        endless.close()


def test_pages_that_another_process_asked_for_are_as_many(
    tmp_path: Path, deadline: Deadline, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DELIVERY_TOKEN", TOKEN)
    server = GitlabServer({"bakery/shop/till": [gitlab_deployment(number, number) for number in range(1, 6)]}, most=2)
    settings = GitlabSettings(
        url=server.url, environment="bakery", token_env="DELIVERY_TOKEN", projects={"bakery/shop/till": "till"}
    )
    folder = AnswerFolder(tmp_path / "answers", b"k" * 32, FixedClock(NOW))
    for _ in range(2):
        client = SystemClient("the test's", settings, tmp_path, clock=FixedClock(NOW), answers=folder)
        assert GitlabChanges(client, settings).between(NOW - HOUR, NOW, deadline).matched == 5
    assert len(server.requests) == 3
    server.close()


NAMES = st.lists(st.sampled_from([*"aB0-_.", "..", "/", "?", "#", "%2f", " ", "\n"]), max_size=8).map("".join)


@given(NAMES)
def test_a_project_is_a_place_and_nothing_else(name: str) -> None:
    """Whatever is taken for a name leaves the address as it is meant."""
    for model, key in ((GithubSettings, "repositories"), (GitlabSettings, "projects")):
        try:
            model.model_validate({"environment": "x", key: {name: "x"}})
        except ValidationError:
            continue
        assert not set("?#% \n") & set(name)
        assert not {"", ".", ".."} & set(name.split("/"))
        assert key == "projects" or name.count("/") == 1
