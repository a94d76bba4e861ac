"""What an Argo CD brought out: the histories of its applications, and synchronisations that failed.

API: Argo CD, `/swagger.json` of 2.14 (`/api/v1/applications`). An application keeps its last ten deployments unless its
`revisionHistoryLimit` says otherwise.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import pyarrow as pa

from ....core.clock import Deadline
from ....core.errors import BackendError
from ....core.systems.client import SystemClient, json_of
from ...json_parts import listed, moment, part, text
from .delivery_settings import ArgocdSettings
from .types import CHANGE_LIMIT, RECORDED_COLUMNS, FoundChanges

_FIELDS = ",".join(
    f"items.{name}"
    for name in (
        "metadata.name",
        "spec.source",
        "spec.sources",
        "status.history",
        "status.operationState",
        "status.resources",
    )
)
_WORKLOADS = frozenset(("Deployment", "StatefulSet", "DaemonSet", "Rollout", "CronJob"))
_MOST_ENTITIES = 20
_SUMMARY_LIMIT = 1_024


class ArgocdChanges:
    """Implements `ChangesBackend`: one row per deployment and entity of its application.

    Args:
        client: asks the system.
        settings: of the system.
    """

    def __init__(self, client: SystemClient, settings: ArgocdSettings) -> None:
        self._client = client
        self._settings = settings

    @property
    def environment(self) -> str:
        """Where its applications run."""
        return self._settings.environment

    def between(
        self,
        start: datetime,
        end: datetime,
        deadline: Deadline,
        *,
        entities: Sequence[str] = (),
        kinds: Sequence[str] = (),
    ) -> FoundChanges:
        """Deployments in `[start, end)`, the newest first."""
        params = [("fields", _FIELDS), *(("projects", name) for name in self._settings.projects)]
        document = json_of(self._client, self._client.get("/api/v1/applications", params, deadline))
        # An instance without applications writes null.
        if not isinstance(document, dict) or not isinstance(document.get("items", []), (list, type(None))):
            raise BackendError(f"{self._client.name} is no Argo CD API", remedy="check its `url`")
        wanted = {kind.lower() for kind in kinds}
        rows = [
            {**row, "entity": entity}
            for application in listed(document, "items")
            for row in _rows(application)
            if start <= row["ts"] < end and (not wanted or row["kind"] in wanted)
            for entity in self._entities(application)
            if not entities or entity in entities
        ]
        rows.sort(key=lambda row: (-row["ts"].timestamp(), row["entity"], row["id"]))
        return FoundChanges(len(rows), pa.Table.from_pylist(rows[:CHANGE_LIMIT], schema=RECORDED_COLUMNS))

    def _entities(self, application: Mapping[str, Any]) -> tuple[str, ...]:
        name = text(application, "metadata", "name")
        for pattern, entity in self._settings.entities.items():
            if fnmatch.fnmatchcase(name, pattern):
                return (entity.replace("*", name),)
        resources = listed(application, "status", "resources")
        workloads = {text(each, "name") for each in resources if text(each, "kind") in _WORKLOADS} - {""}
        return tuple(sorted(workloads))[:_MOST_ENTITIES] or (name,)


def _rows(application: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    name = text(application, "metadata", "name")
    seen: list[str] = []
    history = [(at, each) for each in listed(application, "status", "history") if (at := moment(each, "deployedAt"))]
    for at, each in sorted(history, key=lambda pair: pair[0]):
        revision = _revision(each)
        is_back = revision in seen[:-1]
        before = f"{seen[-1][:12]} to " if seen else ""
        yield _row(
            at,
            "rollback" if is_back else "deploy",
            revision,
            f"Application {name}: {'back from ' if is_back else ''}{before}{revision[:12]} of {_source(each)}",
            text(each, "initiatedBy", "username") or ("automated" if part(each, "initiatedBy", "automated") else ""),
        )
        seen.append(revision)
    operation = part(application, "status", "operationState")
    at, phase = moment(operation, "finishedAt"), text(operation, "phase")
    if at is not None and phase in ("Failed", "Error"):
        revision = text(operation, "syncResult", "revision") or text(operation, "operation", "sync", "revision")
        author = text(operation, "operation", "initiatedBy", "username")
        told = f"Application {name}: synchronisation failed: {text(operation, 'message')}"
        yield _row(at, "deploy", revision, told, author)


def _row(at: datetime, kind: str, revision: str, summary: str, author: str) -> dict[str, Any]:
    return {
        "ts": at,
        "kind": kind,
        "id": revision[:64],
        "summary": summary[:_SUMMARY_LIMIT],
        "author": author[:128],
        "attributes": [("revision", revision)] if revision else [],
    }


def _revision(each: Mapping[str, Any]) -> str:
    """The revision of one source, or those of several."""
    several = part(each, "revisions")
    texts = [one for one in several if isinstance(one, str)] if isinstance(several, list) else []
    return text(each, "revision") or ",".join(one[:40] for one in texts[:8])


def _source(each: Mapping[str, Any]) -> str:
    sources = [part(each, "source"), *listed(each, "sources")]
    told = [f"{text(one, 'repoURL')} {text(one, 'path') or text(one, 'chart')}".strip() for one in sources]
    return ", ".join(filter(None, told)) or "an unnamed source"
