"""Whether a credential may change what it only has to read, as the system itself tells of it.

Sources: GitHub REST documentation, "Scopes for OAuth apps" (`X-OAuth-Scopes`); GitLab REST documentation, "Personal
access tokens" (`/personal_access_tokens/self`); Grafana documentation, "RBAC HTTP API" (permissions of oneself); Argo
CD API, `account/can-i`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ..core.clock import Deadline
from ..core.systems.checks import Checked
from ..core.systems.client import SystemClient, json_of

_READS_OF_GITHUB = ("read:", "user:email", "gist")
_GITLAB_READS = ("read_", "openid", "profile", "email")
_GRAFANA_READS = (":read", ":list", "settings:read", "plugins.app:access")
_ARGOCD_WRITES = ("sync", "update", "delete")
_MOST = 5


def rights_of(kind: str, client: SystemClient, deadline: Deadline) -> Iterator[Checked]:
    """What the credential may do beyond reading; nothing where the system does not tell."""
    writes = _TOLD[kind](client, deadline) if kind in _TOLD else None
    if writes is None:
        return
    if not writes:
        yield Checked("rights", "ok", "its credential may read and nothing more")
        return
    shown = ", ".join(sorted(writes)[:_MOST])
    yield Checked(
        "rights", "warning", f"its credential may do more than read: {shown}", "give it a credential that may only read"
    )


def _github(client: SystemClient, deadline: Deadline) -> set[str] | None:
    """The scopes of a classic token; a fine-grained one does not tell what it may do."""
    scopes = client.get("/rate_limit", (), deadline).headers.get("x-oauth-scopes")
    if scopes is None:
        return None
    named = {scope.strip() for scope in scopes.split(",")} - {""}
    return {scope for scope in named if not scope.startswith(_READS_OF_GITHUB)}


def _gitlab(client: SystemClient, deadline: Deadline) -> set[str] | None:
    told = _told(client, "/api/v4/personal_access_tokens/self", deadline)
    scopes = told.get("scopes") if told is not None else None
    if not isinstance(scopes, list):
        return None
    return {str(scope) for scope in scopes if not str(scope).startswith(_GITLAB_READS)}


def _grafana(client: SystemClient, deadline: Deadline) -> set[str] | None:
    told = _told(client, "/api/access-control/user/permissions", deadline)
    return None if told is None else {action for action in told if not action.endswith(_GRAFANA_READS)}


def _argocd(client: SystemClient, deadline: Deadline) -> set[str] | None:
    found = set()
    for action in _ARGOCD_WRITES:
        told = _told(client, f"/api/v1/account/can-i/applications/{action}/*/*", deadline)
        if told is None:
            return None
        if told.get("value") == "yes":
            found.add(f"{action} of applications")
    return found


def _told(client: SystemClient, path: str, deadline: Deadline) -> Mapping[str, Any] | None:
    """A document; `None` where the system has no such page for this credential."""
    answer = client.get(path, (), deadline)
    if 300 <= answer.status < 500:
        return None
    document = json_of(client, answer)
    return document if isinstance(document, dict) else None


_TOLD: Mapping[str, Callable[[SystemClient, Deadline], set[str] | None]] = {
    "github": _github,
    "gitlab": _gitlab,
    "grafana": _grafana,
    "argocd": _argocd,
}
