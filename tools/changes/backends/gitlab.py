"""Deployments that a GitLab knows of.

API: GitLab REST API v4: "Deployments API" (`finished_after` and `finished_before` go with `order_by=finished_at` and
`status=success`), "Pagination" (`Link`), "Rate limits". Deployments that failed are not listed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

import pyarrow as pa

from ....core.clock import Deadline, to_iso
from ....core.systems.client import SystemClient
from ...json_parts import moment, text
from .delivery_settings import GitlabSettings
from .paged import pages
from .types import CHANGE_LIMIT, RECORDED_COLUMNS, FoundChanges

_SUMMARY_LIMIT = 500


class GitlabChanges:
    """Implements `ChangesBackend`: one row per deployment that went live.

    Args:
        client: asks the system.
        settings: of the system.
    """

    def __init__(self, client: SystemClient, settings: GitlabSettings) -> None:
        self._client = client
        self._settings = settings

    @property
    def environment(self) -> str:
        """Where what is deployed runs."""
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
        """Deployments that went live in `[start, end)`, the newest first."""
        if kinds and "deploy" not in {kind.lower() for kind in kinds}:
            return FoundChanges(0, RECORDED_COLUMNS.empty_table())
        wanted = [
            ("environment", self._settings.deployed_to),
            ("status", "success"),
            ("order_by", "finished_at"),
            ("sort", "desc"),
            ("finished_after", to_iso(start)),
            ("finished_before", to_iso(end)),
        ]
        rows = []
        for project, entity in self._settings.projects.items():
            if entities and entity not in entities:
                continue
            path = f"/api/v4/projects/{quote(project, safe='')}/deployments"
            for page in pages(self._client, path, wanted, deadline):
                timed = [(_finished(each), each) for each in page]
                rows += [_row(at, entity, project, each) for at, each in timed if at is not None and start <= at < end]
        rows.sort(key=lambda row: (-row["ts"].timestamp(), row["entity"], row["id"]))
        return FoundChanges(len(rows), pa.Table.from_pylist(rows[:CHANGE_LIMIT], schema=RECORDED_COLUMNS))


def _finished(each: Mapping[str, Any]) -> datetime | None:
    return moment(each, "finished_at") or moment(each, "deployable", "finished_at") or moment(each, "updated_at")


def _row(at: datetime, entity: str, project: str, each: Mapping[str, Any]) -> dict[str, Any]:
    sha, ref = text(each, "sha"), text(each, "ref")
    title = text(each, "deployable", "commit", "title") or text(each, "deployable", "name") or "deployment"
    return {
        "ts": at,
        "entity": entity,
        "kind": "deploy",
        "id": sha[:64],
        "summary": f"{project} {ref} live: {title}"[:_SUMMARY_LIMIT],
        "author": text(each, "user", "username")[:128],
        "attributes": [("ref", ref)] if ref else [],
    }
