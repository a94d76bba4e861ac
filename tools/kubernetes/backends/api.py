"""Listing the objects of a cluster through its API: page by page, bounded, and nothing but `list`.

API: Kubernetes documentation, "API concepts": chunked lists (`limit`, `continue`; a list that took too long to page
answers 410 and is begun anew), `PartialObjectMetadataList` for what is read by its metadata alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ....core.clock import Deadline
from ....core.errors import BackendError
from ....core.systems.client import SystemClient, json_of
from ...json_parts import listed, text

METADATA = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
_BEGINNINGS = 3
_MOST_PAGES = 2_000


@dataclass(frozen=True)
class Resource:
    """A kind of object in the API.

    Args:
        group: empty for the core group.
        is_of_cluster: belongs to no namespace.
        is_metadata: only its metadata is asked for.
        is_optional: the group may be missing.
    """

    group: str
    version: str
    plural: str
    is_of_cluster: bool = False
    is_metadata: bool = False
    is_optional: bool = False

    @property
    def base(self) -> str:
        """Where its group begins."""
        return f"/apis/{self.group}/{self.version}" if self.group else f"/api/{self.version}"


RESOURCES: Mapping[str, Resource] = {
    "Pod": Resource("", "v1", "pods"),
    "Node": Resource("", "v1", "nodes", is_of_cluster=True),
    "Service": Resource("", "v1", "services"),
    "ConfigMap": Resource("", "v1", "configmaps", is_metadata=True),
    "Event": Resource("", "v1", "events"),
    "Deployment": Resource("apps", "v1", "deployments"),
    "StatefulSet": Resource("apps", "v1", "statefulsets"),
    "DaemonSet": Resource("apps", "v1", "daemonsets"),
    "ReplicaSet": Resource("apps", "v1", "replicasets"),
    "ControllerRevision": Resource("apps", "v1", "controllerrevisions"),
    "Job": Resource("batch", "v1", "jobs"),
    "CronJob": Resource("batch", "v1", "cronjobs"),
    "HorizontalPodAutoscaler": Resource("autoscaling", "v2", "horizontalpodautoscalers", is_optional=True),
    "Rollout": Resource("argoproj.io", "v1alpha1", "rollouts", is_optional=True),
}
"""Everything that is ever listed; the rights in `docs/examples/kubernetes-rbac.yaml` are these."""


@dataclass(frozen=True)
class Items:
    """What was listed; `is_whole` unless there is more than may be read."""

    items: tuple[Mapping[str, Any], ...]
    is_whole: bool


class Api:
    """The API of one cluster.

    Args:
        client: asks it.
        namespaces: the only ones to read; all without any.
        page: objects of one answer.
        most: objects of one kind.
    """

    def __init__(self, client: SystemClient, namespaces: Sequence[str], page: int, most: int) -> None:
        self._client = client
        self._namespaces = tuple(namespaces)
        self._page = page
        self._most = most

    def items(self, kind: str, deadline: Deadline, selector: str = "") -> Items:
        """The objects of a kind; none of one that the cluster does not have.

        Args:
            kind: of `RESOURCES`.
            deadline: for all pages.
            selector: a field selector of ours.

        Raises:
            BackendError: it did not answer, or forbids us to list them.
        """
        resource = RESOURCES[kind]
        if resource.is_optional and resource.group not in self._groups(deadline):
            return Items((), True)
        if self._namespaces and not resource.is_of_cluster:
            paths = [f"{resource.base}/namespaces/{name}/{resource.plural}" for name in self._namespaces]
        else:
            paths = [f"{resource.base}/{resource.plural}"]
        found: list[Mapping[str, Any]] = []
        for path in paths:
            part = self._pages(path, resource, selector, self._most - len(found), deadline)
            found += part.items
            if not part.is_whole:
                return Items(tuple(found), False)
        return Items(tuple(found), True)

    def _groups(self, deadline: Deadline) -> frozenset[str]:
        document = json_of(self._client, self._client.get("/apis", (), deadline))
        if text(document, "kind") != "APIGroupList":
            raise BackendError(f"{self._client.name} is no Kubernetes API", remedy="check its `url`")
        return frozenset(text(group, "name") for group in listed(document, "groups"))

    def _pages(self, path: str, resource: Resource, selector: str, most: int, deadline: Deadline) -> Items:
        for beginning in range(_BEGINNINGS):
            found: list[Mapping[str, Any]] = []
            # Another size makes it another question: the same one may be answered by what was kept of the first.
            for page in self._from_the_start(path, resource, selector, self._page + beginning, deadline):
                if page is None:
                    break  # the list has changed too much meanwhile to go on with it
                found += page
                if len(found) > most:
                    return Items(tuple(found[:most]), False)
            else:
                return Items(tuple(found), True)
        raise BackendError(
            f"{self._client.name} changes faster than its {resource.plural} can be listed",
            remedy="raise `page`, or name `namespaces`",
        )

    def _from_the_start(
        self, path: str, resource: Resource, selector: str, size: int, deadline: Deadline
    ) -> Iterator[tuple[Mapping[str, Any], ...] | None]:
        """Page after page; `None` where going on is not possible any more."""
        token = ""
        for _ in range(_MOST_PAGES):
            params = [("limit", str(size))]
            params += [("fieldSelector", selector)] if selector else []
            params += [("continue", token)] if token else []
            accept = METADATA if resource.is_metadata else "application/json"
            answer = self._client.get(path, params, deadline, accept=accept)
            if answer.status == 410:
                yield None
                return
            if answer.status == 403:
                raise self._forbidden(resource)
            document = json_of(self._client, answer)
            wanted = "PartialObjectMetadataList" if resource.is_metadata else "List"
            if not text(document, "kind").endswith(wanted) or not isinstance(document.get("items"), list):
                raise BackendError(f"{self._client.name} is no Kubernetes API", remedy="check its `url`")
            yield tuple(listed(document, "items"))
            token = text(document, "metadata", "continue")
            if not token:
                return
        raise BackendError(f"{self._client.name} has a list without an end", remedy="look into the cluster")

    def _forbidden(self, resource: Resource) -> BackendError:
        where = ", ".join(self._namespaces[:5]) if self._namespaces and not resource.is_of_cluster else "the cluster"
        group = f" of {resource.group}" if resource.group else ""
        return BackendError(
            f"{self._client.name} forbids us to list {resource.plural}{group} (403)",
            remedy=f"let it `list` {resource.plural}{group} in {where}, as docs/examples/kubernetes-rbac.yaml does",
        )
