"""Whether a credential may change what it only has to read, as the system itself tells of it; nothing is tried.

Sources: Elasticsearch documentation, "Has privileges" and "Info API" (`_xpack`); OpenSearch documentation, "Account"
and "Predefined roles"; GitHub REST documentation, "Scopes for OAuth apps" (`X-OAuth-Scopes`); GitLab REST
documentation, "Personal access tokens" (`/personal_access_tokens/self`); Grafana documentation, "RBAC HTTP API"
(permissions of oneself); Argo CD API, `account/can-i`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ...core.clock import Deadline
from ...core.systems.checks import Checked
from ...core.systems.client import SystemClient, json_of
from ...tools.logs.backends.settings import ElasticsearchSettings
from .systems import SystemSettings

_READS_OF_GITHUB = ("read:", "user:email", "gist")
_GITLAB_READS = ("read_", "openid", "profile", "email")
_GRAFANA_READS = (":read", ":list", "settings:read", "plugins.app:access")
_ARGOCD_WRITES = ("sync", "update", "delete")
_ELASTIC_CLUSTER = ("all", "manage", "manage_security", "manage_index_templates", "manage_ingest_pipelines")
_ELASTIC_INDEX = ("all", "create_doc", "create_index", "delete", "delete_index", "index", "manage", "write")
_OPENSEARCH_WRITERS = frozenset(("all_access", "logstash", "manage_snapshots", "security_manager"))
_WITHOUT_RIGHTS = {
    "loki": "a Loki knows no rights, and what stands before it is not asked",
    "tempo": "a Tempo tells of no rights",
    "jaeger": "a Jaeger tells of no rights",
    "openmetrics": "a page of metrics has none",
    "cloudwatch-logs": "IAM knows, and is not asked",
    "github": "a fine-grained token does not tell what it may do",
    "gitlab": "a token of a job or a project does not tell what it may do here",
}
"""By kind: why a system does not say what a credential may do."""
_MOST = 5


def rights_of(settings: SystemSettings, client: SystemClient, deadline: Deadline) -> Iterator[Checked]:
    """What the credential may do beyond reading, or that this cannot be told.

    Args:
        settings: of the system.
        client: asks it.
        deadline: by when.

    Raises:
        BackendError: the system failed.
    """
    kind = settings.kind
    writes = _TOLD[kind](client, deadline, settings) if kind in _TOLD else None
    if writes is None:
        why = _WITHOUT_RIGHTS.get(kind, "the system does not say what it may do")
        text = f"not checkable whether its credential may do more than read: {why}"
        yield Checked("rights", "ok", text)
        return
    if not writes:
        yield Checked("rights", "ok", "its credential may read and nothing more")
        return
    shown = ", ".join(sorted(writes)[:_MOST])
    yield Checked(
        "rights", "warning", f"its credential may do more than read: {shown}", "give it a credential that may only read"
    )


def _elasticsearch(client: SystemClient, deadline: Deadline, settings: SystemSettings) -> set[str] | None:
    """Privileges over the indices that are read and over the cluster; of OpenSearch only roles that it came with."""
    if not isinstance(settings, ElasticsearchSettings):
        return None
    if settings.flavour == "opensearch":
        told = _told(client, "/_plugins/_security/api/account", deadline)
        roles = told.get("roles") if told is not None else None
        known = _OPENSEARCH_WRITERS & {str(role) for role in roles} if isinstance(roles, list) else None
        return {f"the role {role}" for role in known} if known else None  # any other role may write or not
    names = settings.index.split(",")
    asked = {"cluster": _ELASTIC_CLUSTER, "index": [{"names": names, "privileges": _ELASTIC_INDEX}]}
    answer = client.post_json("/_security/user/_has_privileges", asked, deadline)
    if answer.status < 300:
        document = json_of(client, answer)
        granted = document if isinstance(document, dict) else {}
        places = {"of the cluster": granted.get("cluster")}
        indices = granted.get("index")
        places |= {f"in {name}": indices.get(name) for name in names} if isinstance(indices, dict) else {}
        return {
            f"{right} {place}"
            for place, rights in places.items()
            for right in _granted(rights, _ELASTIC_CLUSTER + _ELASTIC_INDEX)
        }
    features = (_told(client, "/_xpack", deadline, categories="features") or {}).get("features")
    security = features.get("security") if isinstance(features, dict) else None
    is_off = isinstance(security, dict) and security.get("enabled") is False
    return {"everything, for its security is off"} if is_off else None


def _granted(rights: object, known: tuple[str, ...]) -> set[str]:
    return {name for name in known if isinstance(rights, dict) and rights.get(name) is True}


def _github(client: SystemClient, deadline: Deadline, _settings: SystemSettings) -> set[str] | None:
    """The scopes of a classic token; a fine-grained one does not tell what it may do."""
    scopes = client.get("/rate_limit", (), deadline).headers.get("x-oauth-scopes")
    if scopes is None:
        return None
    named = {scope.strip() for scope in scopes.split(",")} - {""}
    return {scope for scope in named if not scope.startswith(_READS_OF_GITHUB)}


def _gitlab(client: SystemClient, deadline: Deadline, _settings: SystemSettings) -> set[str] | None:
    told = _told(client, "/api/v4/personal_access_tokens/self", deadline)
    scopes = told.get("scopes") if told is not None else None
    if not isinstance(scopes, list):
        return None
    return {str(scope) for scope in scopes if not str(scope).startswith(_GITLAB_READS)}


def _grafana(client: SystemClient, deadline: Deadline, _settings: SystemSettings) -> set[str] | None:
    told = _told(client, "/api/access-control/user/permissions", deadline)
    return None if told is None else {action for action in told if not action.endswith(_GRAFANA_READS)}


def _argocd(client: SystemClient, deadline: Deadline, _settings: SystemSettings) -> set[str] | None:
    found = set()
    for action in _ARGOCD_WRITES:
        told = _told(client, f"/api/v1/account/can-i/applications/{action}/*/*", deadline)
        if told is None:
            return None
        if told.get("value") == "yes":
            found.add(f"{action} of applications")
    return found


def _told(client: SystemClient, path: str, deadline: Deadline, **params: str) -> Mapping[str, Any] | None:
    """A document; `None` where the system has no such page for this credential."""
    answer = client.get(path, tuple(params.items()), deadline)
    if 300 <= answer.status < 500:
        return None
    document = json_of(client, answer)
    return document if isinstance(document, dict) else None


_TOLD: Mapping[str, Callable[[SystemClient, Deadline, SystemSettings], set[str] | None]] = {
    "elasticsearch": _elasticsearch,
    "github": _github,
    "gitlab": _gitlab,
    "grafana": _grafana,
    "argocd": _argocd,
}
