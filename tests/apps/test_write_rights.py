"""Doctor warns of a credential that may write where reading is enough, and says nothing where nobody knows."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from opswarden.apps.write_rights import rights_of
from opswarden.core.clock import Deadline, SystemClock
from opswarden.core.errors import BackendError
from opswarden.core.systems.client import SystemClient
from opswarden.core.systems.settings import HttpSettings
from opswarden.tests.doubles.delivery_servers import TOKEN, Answered, DeliveryServer

CAN_I = "/api/v1/account/can-i/applications"


class Telling(DeliveryServer):
    """Answers some paths, and knows no others."""

    def __init__(self, pages: Mapping[str, tuple[Any, Mapping[str, str]]], status: int = 404) -> None:
        self.pages, self.status = pages, status
        super().__init__()

    def found(self, path: str, query: Mapping[str, str]) -> Answered:
        if path in self.pages:
            document, headers = self.pages[path]
            return 200, document, dict(headers)
        return self.status, {"message": "Not Found"}, {}


def argocd(**may: str) -> dict[str, tuple[Any, Mapping[str, str]]]:
    return {f"{CAN_I}/{action}/*/*": ({"value": may.get(action, "no")}, {}) for action in ("sync", "update", "delete")}


def scoped(scopes: str) -> dict[str, tuple[Any, Mapping[str, str]]]:
    return {"/rate_limit": ({}, {"X-OAuth-Scopes": scopes})}


SELF = "/api/v4/personal_access_tokens/self"
MINE = "/api/access-control/user/permissions"
TABLE: list[tuple[str, str, Mapping[str, tuple[Any, Mapping[str, str]]], list[str]]] = [
    ("a classic token that may write", "github", scoped("repo, read:org"), ["warning repo"]),
    ("a classic token that may read", "github", scoped("read:org"), ["ok"]),
    ("a token without any scope", "github", scoped(""), ["ok"]),
    ("a fine-grained token", "github", {"/rate_limit": ({}, {})}, []),
    ("a token with the whole API", "gitlab", {SELF: ({"scopes": ["api", "read_user"]}, {})}, ["warning api"]),
    ("a token that may read", "gitlab", {SELF: ({"scopes": ["read_api"]}, {})}, ["ok"]),
    ("a token of a job", "gitlab", {}, []),
    ("something else", "gitlab", {SELF: (["api"], {})}, []),
    ("an editor", "grafana", {MINE: ({"alert.rules:read": [], "alert.silences:create": []}, {})}, ["warning alert"]),
    ("a viewer", "grafana", {MINE: ({"alert.rules:read": ["folders:*"]}, {})}, ["ok"]),
    ("an old Grafana", "grafana", {}, []),
    ("who may roll out", "argocd", argocd(sync="yes", delete="yes"), ["warning delete of applications, sync"]),
    ("who may look", "argocd", argocd(), ["ok"]),
    ("an old Argo CD", "argocd", {}, []),
    ("a kind that tells nothing", "tempo", {}, []),
]


@pytest.mark.parametrize(("kind", "pages", "told"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_rights(
    kind: str,
    pages: Mapping[str, tuple[Any, Mapping[str, str]]],
    told: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with closing(Telling(pages)) as server:
        found = list(rights_of(kind, client_of(server.url, tmp_path, monkeypatch), Deadline(SystemClock(), 20)))
    assert len(found) == len(told)
    for check, expected in zip(found, told, strict=True):
        state, _, what = expected.partition(" ")
        assert (check.aspect, check.state) == ("rights", state)
        assert what in check.text


def test_a_system_that_fails_is_not_taken_for_one_without_rights(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for kind in ("gitlab", "grafana", "argocd"):
        with closing(Telling({}, status=500)) as server:
            client = client_of(server.url, tmp_path, monkeypatch)
            with pytest.raises(BackendError, match="failed"):
                list(rights_of(kind, client, Deadline(SystemClock(), 20)))


def client_of(url: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> SystemClient:
    monkeypatch.setenv("READING", TOKEN)
    settings = HttpSettings(url=url, token_env="READING")
    return SystemClient("the test's", settings, folder, sleep=lambda _: None)
