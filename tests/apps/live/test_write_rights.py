"""Doctor warns of a credential that may write where reading is enough, and says so where nobody knows."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from opswarden.apps.live.systems import SystemSettings
from opswarden.apps.live.write_rights import rights_of
from opswarden.core.clock import Deadline, SystemClock
from opswarden.core.errors import BackendError
from opswarden.core.systems.client import SystemClient
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

    def answer_post(self, path: str, body: bytes) -> Answered:
        if path in self.pages:
            wanted = json.loads(body)["index"][0]
            assert set(wanted) == {"names", "privileges"}
            return 200, self.pages[path][0], {}
        return 400, {"error": "no handler found for uri"}, {}


def argocd(**may: str) -> dict[str, tuple[Any, Mapping[str, str]]]:
    return {f"{CAN_I}/{action}/*/*": ({"value": may.get(action, "no")}, {}) for action in ("sync", "update", "delete")}


def scoped(scopes: str) -> dict[str, tuple[Any, Mapping[str, str]]]:
    return {"/rate_limit": ({}, {"X-OAuth-Scopes": scopes})}


def elastic(**may: bool) -> dict[str, tuple[Any, Mapping[str, str]]]:
    document = {"username": "us", "cluster": {"manage": may.get("manage", False)}, "index": {"logs-*": may}}
    return {PRIVILEGES: (document, {})}


def security(is_on: bool) -> Any:
    return {"features": {"security": {"available": True, "enabled": is_on}}}


UNKNOWN = ["ok not checkable"]
PRIVILEGES = "/_security/user/_has_privileges"
ACCOUNT = "/_plugins/_security/api/account"
SELF = "/api/v4/personal_access_tokens/self"
MINE = "/api/access-control/user/permissions"
TABLE: list[tuple[str, str, Mapping[str, tuple[Any, Mapping[str, str]]], list[str]]] = [
    ("a classic token that may write", "github", scoped("repo, read:org"), ["warning repo"]),
    ("a classic token that may read", "github", scoped("read:org"), ["ok"]),
    ("a token without any scope", "github", scoped(""), ["ok"]),
    ("a fine-grained token", "github", {"/rate_limit": ({}, {})}, UNKNOWN),
    ("a token with the whole API", "gitlab", {SELF: ({"scopes": ["api", "read_user"]}, {})}, ["warning api"]),
    ("a token that may read", "gitlab", {SELF: ({"scopes": ["read_api"]}, {})}, ["ok"]),
    ("a token of a job", "gitlab", {}, UNKNOWN),
    ("something else", "gitlab", {SELF: (["api"], {})}, UNKNOWN),
    ("an editor", "grafana", {MINE: ({"alert.rules:read": [], "alert.silences:create": []}, {})}, ["warning alert"]),
    ("a viewer", "grafana", {MINE: ({"alert.rules:read": ["folders:*"]}, {})}, ["ok"]),
    ("an old Grafana", "grafana", {}, UNKNOWN),
    ("who may roll out", "argocd", argocd(sync="yes", delete="yes"), ["warning delete of applications, sync"]),
    ("who may look", "argocd", argocd(), ["ok"]),
    ("an old Argo CD", "argocd", {}, UNKNOWN),
    ("a kind that tells nothing", "tempo", {}, UNKNOWN),
    ("a log system without rights", "loki", {}, ["ok not checkable whether its credential may do more"]),
    ("a page", "openmetrics", {}, UNKNOWN),
    ("who may write lines", "elasticsearch", elastic(write=True, read=True), ["warning write in logs-*"]),
    ("who may manage all", "elasticsearch", elastic(manage=True), ["warning manage of the cluster"]),
    ("who may read lines", "elasticsearch", elastic(), ["ok"]),
    ("no security", "elasticsearch", {"/_xpack": (security(False), {})}, ["warning security is off"]),
    ("security behind something", "elasticsearch", {"/_xpack": (security(True), {})}, UNKNOWN),
    ("an answer of another shape", "elasticsearch", {"/_xpack": (["features"], {})}, UNKNOWN),
    ("everybody's role", "opensearch", {ACCOUNT: ({"roles": ["own_index", "all_access"]}, {})}, ["warning all_access"]),
    ("a role of one's own", "opensearch", {ACCOUNT: ({"roles": ["lines"]}, {})}, UNKNOWN),
    ("an OpenSearch without security", "opensearch", {}, UNKNOWN),
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
        found = list(rights_of(*settings_of(kind, server.url, tmp_path, monkeypatch), Deadline(SystemClock(), 20)))
        posted = server.posted
    assert set(posted) <= {PRIVILEGES}, "nothing is tried to find out"
    assert len(found) == len(told)
    for check, expected in zip(found, told, strict=True):
        state, _, what = expected.partition(" ")
        assert (check.aspect, check.state) == ("rights", state)
        assert what in check.text


def test_a_system_that_fails_is_not_taken_for_one_without_rights(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for kind in ("gitlab", "grafana", "argocd", "elasticsearch", "opensearch"):
        with closing(Telling({}, status=500)) as server:
            asked = settings_of(kind, server.url, tmp_path, monkeypatch)
            with pytest.raises(BackendError, match="failed"):
                list(rights_of(*asked, Deadline(SystemClock(), 20)))


_SYSTEM: TypeAdapter[Any] = TypeAdapter(SystemSettings)
MORE: Mapping[str, Mapping[str, Any]] = {
    "github": {"repositories": {"bakery/oven": "oven"}},
    "gitlab": {"projects": {"bakery/oven": "oven"}},
    "openmetrics": {"entity": "oven"},
    "opensearch": {"kind": "elasticsearch", "flavour": "opensearch"},
}


def settings_of(kind: str, url: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Any, SystemClient]:
    monkeypatch.setenv("READING", TOKEN)
    given = {"kind": kind, "url": url, "environment": "test", "token_env": "READING", **MORE.get(kind, {})}
    settings = _SYSTEM.validate_python(given)
    return settings, SystemClient("the test's", settings, folder, sleep=lambda _: None)
