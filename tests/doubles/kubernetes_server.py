"""A double of the API server of a Kubernetes cluster: lists over a real socket, with the real pages and refusals.

After the API reference of Kubernetes 1.33 and "API concepts": chunked lists with `limit` and `continue` (410 when a
token has expired), label and field selectors (equality and sets; a few fields), `PartialObjectMetadataList` by content
negotiation, `Status` objects for 401, 403, 404 and 410, the list of API groups. Only GET is known, and the question
about one's own rights: whatever else is asked is refused. The official client reads its answers in
`test_kubernetes_server.py`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, urlsplit

from .served import Served

TOKEN = "the-token-of-a-service-account"

GROUP_VERSIONS = {
    "": ("v1", ("Pod", "Node", "Service", "ConfigMap", "Secret", "Event", "Namespace")),
    "apps": ("v1", ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ControllerRevision")),
    "batch": ("v1", ("Job", "CronJob")),
    "autoscaling": ("v2", ("HorizontalPodAutoscaler",)),
    "argoproj.io": ("v1alpha1", ("Rollout", "Application")),
}
_FIELDS = {
    "metadata.name", "metadata.namespace", "spec.nodeName", "status.phase", "type", "reason",
    "involvedObject.kind", "involvedObject.name", "involvedObject.namespace",
}  # fmt: skip
_OF_CLUSTER = ("Node", "Namespace")
_PATH = re.compile(
    r"/(?:api/(?P<core>v1)|apis/(?P<group>[^/]+)/(?P<version>[^/]+))(?:/namespaces/(?P<ns>[^/]+))?/(?P<plural>[a-z]+)"
)


def plural_of(kind: str) -> str:
    return f"{kind.lower()}s"


_BY_PLURAL = {
    (group, plural_of(kind)): (version, kind) for group, (version, kinds) in GROUP_VERSIONS.items() for kind in kinds
}


class Refused(Exception):
    def __init__(self, code: int, reason: str, message: str) -> None:
        super().__init__(message)
        self.status = {
            "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
            "message": message, "reason": reason, "code": code,
        }  # fmt: skip


class KubernetesServer(Served):
    """Serves these objects.

    Args:
        objects: by kind, as manifests.
        groups: API groups that the cluster has.
        forbidden: kinds that the credential may not list.
        expire_after: pages after which one `continue` token has expired, once.
        rules: the rights of the credential, as a review of them tells.
    """

    def __init__(
        self,
        objects: Mapping[str, Sequence[Mapping[str, Any]]],
        *,
        groups: Iterable[str] = GROUP_VERSIONS,
        forbidden: Iterable[str] = (),
        expire_after: int = 0,
        rules: Sequence[Mapping[str, Any]] = (),
    ) -> None:
        self.objects = {kind: [dict(one) for one in held] for kind, held in objects.items()}
        self.groups = set(groups)
        self.forbidden = set(forbidden)
        self.expire_after = expire_after
        self.rules = list(rules)
        self.requests: list[str] = []
        self.granted: set[tuple[str, str, str]] = set()
        """Verb, group and resource of everything that was asked for."""
        self.sent: list[tuple[str, bytes]] = []
        self._pages = 0
        double = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                double._answer(self)

            def do_POST(self) -> None:
                asked = json.loads(self.rfile.read(int(self.headers.get("Content-Length", "0"))))
                double._answer(self, asked)

            def log_message(self, *_: Any) -> None:
                pass

        self._serve(Handler)

    def _answer(self, asked: BaseHTTPRequestHandler, given: Any = None) -> None:
        self.requests.append(asked.path)
        try:
            code, document = (200, self._document(asked)) if given is None else (201, self._review(asked, given))
        except Refused as refused:
            code, document = int(refused.status["code"]), refused.status
        content = json.dumps(document).encode()
        self.sent.append((asked.path, content))
        asked.send_response(code)
        asked.send_header("Content-Type", "application/json")
        asked.send_header("Content-Length", str(len(content)))
        asked.end_headers()
        asked.wfile.write(content)

    def _review(self, asked: BaseHTTPRequestHandler, given: Any) -> Mapping[str, Any]:
        path = "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews"
        if asked.path != path or given.get("kind") != "SelfSubjectRulesReview" or "namespace" not in given["spec"]:
            raise Refused(405, "MethodNotAllowed", "the server does not allow this method on the requested resource")
        basic = {
            "verbs": ["create"],
            "apiGroups": ["authorization.k8s.io"],
            "resources": ["selfsubjectaccessreviews", "selfsubjectrulesreviews"],
        }
        status = {"resourceRules": [basic, *self.rules], "nonResourceRules": [], "incomplete": False}
        return {**given, "metadata": {}, "status": status}

    def _document(self, asked: BaseHTTPRequestHandler) -> Mapping[str, Any]:
        if asked.headers.get("Authorization") != f"Bearer {TOKEN}":
            raise Refused(401, "Unauthorized", "Unauthorized")
        address = urlsplit(asked.path)
        if address.path == "/version":
            return {"major": "1", "minor": "33", "gitVersion": "v1.33.1"}
        if address.path == "/apis":
            return {
                "kind": "APIGroupList",
                "apiVersion": "v1",
                "groups": [_group(name) for name in sorted(self.groups) if name],
            }
        found = _PATH.fullmatch(address.path)
        group = (found["group"] or "") if found else ""
        known = _BY_PLURAL.get((group, found["plural"])) if found else None
        if (
            found is None
            or known is None
            or group not in self.groups
            or known[0] != (found["core"] or found["version"])
        ):
            raise Refused(404, "NotFound", "the server could not find the requested resource")
        self.granted.add(("list", group, found["plural"]))
        if known[1] in self.forbidden:
            where = f'in the namespace "{found["ns"]}"' if found["ns"] else "at the cluster scope"
            message = (
                f'{found["plural"]}{"." + group if group else ""} is forbidden: User "system:serviceaccount:ops:a" '
                f'cannot list resource "{found["plural"]}" in API group "{group}" {where}'
            )
            raise Refused(403, "Forbidden", message)
        query = {name: values[0] for name, values in parse_qs(address.query).items()}
        return self._list(known[1], group, known[0], found["ns"], query, asked.headers.get("Accept", ""))

    def _list(
        self, kind: str, group: str, version: str, namespace: str | None, query: Mapping[str, str], accept: str
    ) -> Mapping[str, Any]:
        unknown = set(query) - {"limit", "continue", "labelSelector", "fieldSelector", "resourceVersion"}
        if unknown:
            raise Refused(400, "BadRequest", f"unknown parameters {sorted(unknown)}")
        items = [
            one
            for one in self.objects.get(kind, ())
            if (namespace is None or kind in _OF_CLUSTER or one["metadata"].get("namespace") == namespace)
            and _chosen(one, query)
        ]
        start = self._started_at(query)
        limit = int(query.get("limit", "0")) or len(items) or 1
        page, rest = items[start : start + limit], len(items) - start - limit
        api_version = f"{group}/{version}" if group else version
        metadata: dict[str, Any] = {"resourceVersion": "4711"}
        if rest > 0:
            metadata |= {"continue": f"from-{start + limit}", "remainingItemCount": rest}
        if "as=PartialObjectMetadataList" in accept:
            parts = [
                {"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": one["metadata"]}
                for one in page
            ]
            shown = {"kind": "PartialObjectMetadataList", "apiVersion": "meta.k8s.io/v1"}
            return {**shown, "metadata": metadata, "items": parts}
        return {"kind": f"{kind}List", "apiVersion": api_version, "metadata": metadata, "items": page}

    def _started_at(self, query: Mapping[str, str]) -> int:
        token = query.get("continue", "")
        if not token:
            return 0
        self._pages += 1
        if self.expire_after and self._pages >= self.expire_after:
            self.expire_after = 0
            message = "The provided continue parameter is too old to display a consistent list result."
            raise Refused(410, "Expired", message)
        return int(token.removeprefix("from-"))


def _group(name: str) -> Mapping[str, Any]:
    version = {"groupVersion": f"{name}/{GROUP_VERSIONS[name][0]}", "version": GROUP_VERSIONS[name][0]}
    return {"name": name, "versions": [version], "preferredVersion": version}


def _chosen(one: Mapping[str, Any], query: Mapping[str, str]) -> bool:
    labels = one["metadata"].get("labels") or {}
    for term in filter(None, re.split(r",(?![^(]*\))", query.get("labelSelector", ""))):
        among = re.fullmatch(r"(\S+) in \((.*)\)", term)
        name, operator, value = re.fullmatch(r"([^=!]+)(!=|==?)?(.*)", term).groups()  # type: ignore[union-attr]
        if among and labels.get(among[1]) not in [each.strip() for each in among[2].split(",")]:
            return False
        if not among and (
            (operator is None and name not in labels) or (operator == "!=" and labels.get(name) == value)
        ):
            return False
        if not among and operator in ("=", "==") and labels.get(name) != value:
            return False
    for term in filter(None, query.get("fieldSelector", "").split(",")):
        name, operator, value = re.fullmatch(r"([^=!]+)(!=|==?)(.*)", term).groups()  # type: ignore[union-attr]
        if name not in _FIELDS:
            raise Refused(400, "BadRequest", f"field label not supported: {name}")
        held: Any = one
        for key in name.split("."):
            held = held.get(key, "") if isinstance(held, Mapping) else ""
        if (held == value) == (operator == "!="):
            return False
    return True
