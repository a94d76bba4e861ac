"""What a cluster says about itself and about our rights, and whether it pages and leaves out as its API says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ....core.clock import Clock, Deadline
from ....core.errors import BackendError
from ....core.systems.checks import (
    Checked,
    clock_of,
    conforms,
    deviates,
    looked_at,
    plain_version,
    version_found,
)
from ....core.systems.client import SystemClient, json_of
from ...json_parts import listed, part, text
from .api import METADATA, RESOURCES, Resource
from .settings import KubernetesSettings

_LEAST = "1.23"
"""The first one with `autoscaling/v2`."""
_READING = frozenset(("get", "list", "watch"))
_REVIEWS = frozenset(("authorization.k8s.io", "authentication.k8s.io"))
"""What everybody may ask about themselves."""
_SHOWN = 6

Rule = tuple[frozenset[str], frozenset[str], frozenset[str]]
"""Verbs, groups, resources."""


class KubernetesCheck:
    """Implements `SystemCheck`.

    Args:
        client: asks the cluster.
        settings: of the cluster.
        clock: ours.
    """

    def __init__(self, client: SystemClient, settings: KubernetesSettings, clock: Clock) -> None:
        self._client = client
        self._settings = settings
        self._clock = clock
        self._version = ""

    @property
    def version(self) -> str:
        """As `/version` tells it."""
        return self._version

    def look(self, deadline: Deadline) -> Sequence[Checked]:
        """Reach, clock and version, then rights."""
        return looked_at((("reach", lambda: self._reach(deadline)), ("rights", lambda: self._rights(deadline))))

    def conformance(self, deadline: Deadline) -> Sequence[Checked]:
        """Lists come in pages that go on, and metadata come without what they are of."""
        return looked_at(
            (("conformance", lambda: self._pages(deadline)), ("conformance", lambda: self._leaves_out(deadline)))
        )

    def _reach(self, deadline: Deadline) -> Iterable[Checked]:
        answer = self._client.get("/version", (), deadline)
        told = json_of(self._client, answer)
        if not text(told, "gitVersion"):
            raise BackendError(f"{self._client.name} is no Kubernetes API", remedy="check its `url`")
        self._version = plain_version(text(told, "gitVersion"))
        yield Checked("reach", "ok", "it answers, and takes the credential")
        yield clock_of(answer, self._clock)
        yield version_found(self._version, _LEAST)

    def _rights(self, deadline: Deadline) -> Iterable[Checked]:
        rules, is_whole = self._rules(deadline)
        lacking = [each.plural for each in RESOURCES.values() if not each.is_optional and not _may(rules, "list", each)]
        remedy = "grant what docs/examples/kubernetes-rbac.yaml does, and nothing else"
        if lacking and is_whole:
            told = f"the credential may not list {', '.join(lacking[:_SHOWN])}"
            yield Checked("rights", "failed" if len(lacking) > 2 else "warning", told, remedy)
        secrets = Resource("", "v1", "secrets")
        if any(_may(rules, verb, secrets) for verb in _READING):
            yield Checked("rights", "warning", "the credential can read Secrets, which are never asked for", remedy)
        if any(verbs - _READING and not groups <= _REVIEWS for verbs, groups, _ in rules):
            yield Checked("rights", "warning", "the credential can change things; listing is enough for us", remedy)
        if not is_whole:
            yield Checked("rights", "ok", "the cluster does not tell all rights of the credential")
        elif not lacking:
            yield Checked("rights", "ok", "the credential may list what is read")

    def _rules(self, deadline: Deadline) -> tuple[list[Rule], bool]:
        """Our rights in the namespace that is read first; what everybody may ask, and nothing is made by it."""
        namespace = (*self._settings.namespaces, "default")[0]
        review = {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectRulesReview",
            "spec": {"namespace": namespace},
        }
        path = "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews"
        status = part(json_of(self._client, self._client.post_json(path, review, deadline)), "status")
        if not isinstance(status, Mapping):
            raise BackendError(f"{self._client.name} does not tell our rights", remedy="check its `url`")
        rules = [
            (_texts(rule, "verbs"), _texts(rule, "apiGroups"), _texts(rule, "resources"))
            for rule in listed(status, "resourceRules")
        ]
        return rules, status.get("incomplete") is not True

    def _pages(self, deadline: Deadline) -> Iterable[Checked]:
        first = self._list("Pod", [("limit", "1")], deadline)
        token, rest = text(first, "metadata", "continue"), part(first, "items")
        if not isinstance(rest, list) or len(rest) > 1:
            yield deviates("a page holds more than was asked for")
        elif not token:
            yield conforms("there is no second page by which paging could be tried")
        else:
            second = self._list("Pod", [("limit", "1"), ("continue", token)], deadline)
            names = [text(each, "metadata", "uid") for page in (first, second) for each in listed(page, "items")]
            yield (
                conforms("a list goes on where its page ended")
                if len(set(names)) == 2
                else deviates("a list does not go on where its page ended")
            )

    def _leaves_out(self, deadline: Deadline) -> Iterable[Checked]:
        found = self._list("ConfigMap", [("limit", "1")], deadline, accept=METADATA)
        if text(found, "kind") != "PartialObjectMetadataList" or any("data" in each for each in listed(found, "items")):
            yield deviates("ConfigMaps are sent whole where their metadata are asked for")
        else:
            yield conforms("of ConfigMaps nothing but the metadata are sent")

    def _list(
        self, kind: str, params: Sequence[tuple[str, str]], deadline: Deadline, accept: str = "application/json"
    ) -> Any:
        resource = RESOURCES[kind]
        within = f"/namespaces/{self._settings.namespaces[0]}" if self._settings.namespaces else ""
        path = f"{resource.base}{within}/{resource.plural}"
        return json_of(self._client, self._client.get(path, params, deadline, accept=accept))


def _may(rules: Iterable[Rule], verb: str, resource: Resource) -> bool:
    return any(
        {verb, "*"} & verbs and {resource.group, "*"} & groups and {resource.plural, "*"} & resources
        for verbs, groups, resources in rules
    )


def _texts(rule: Mapping[str, Any], name: str) -> frozenset[str]:
    found = rule.get(name)
    return frozenset(each for each in found if isinstance(each, str)) if isinstance(found, list) else frozenset()
