"""Deployments that GitHub knows of.

API: GitHub REST API, version 2022-11-28: "List deployments", "List deployment statuses", "Rate limits". A deployment is
live when its status says so; the list itself does not tell.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa

from ....core.clock import Deadline
from ....core.systems.client import SystemClient
from ...json_parts import moment, text
from .delivery_settings import GithubSettings
from .paged import pages
from .types import CHANGE_LIMIT, RECORDED_COLUMNS, FoundChanges

_LONGEST = timedelta(hours=6)
"""How long a deployment may take, so that one begun before the time is not overlooked."""
_WITH_STATUS = 100
_WORDS = {"success": "live", "failure": "failed", "error": "failed", "in_progress": "under way", "inactive": "replaced"}
_SUMMARY_LIMIT = 500


class GithubChanges:
    """Implements `ChangesBackend`: one row per deployment.

    Args:
        client: asks the system.
        settings: of the system.
    """

    def __init__(self, client: SystemClient, settings: GithubSettings) -> None:
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
        """Deployments in `[start, end)`, the newest first; of more than a hundred, the older by when they began."""
        if kinds and "deploy" not in {kind.lower() for kind in kinds}:
            return FoundChanges(0, RECORDED_COLUMNS.empty_table())
        begun = [
            (at, repository, entity, each)
            for repository, entity in self._settings.repositories.items()
            if not entities or entity in entities
            for at, each in self._begun(repository, start - _LONGEST, end, deadline)
        ]
        begun.sort(key=lambda found: found[0], reverse=True)
        rows = []
        for place, (at, repository, entity, each) in enumerate(begun):
            status = self._status(repository, each, deadline) if place < _WITH_STATUS else {}
            live = moment(status, "created_at") or at
            if start <= live < end:
                rows.append(_row(live, entity, repository, each, text(status, "state")))
        rows.sort(key=lambda row: (-row["ts"].timestamp(), row["entity"], row["id"]))
        return FoundChanges(len(rows), pa.Table.from_pylist(rows[:CHANGE_LIMIT], schema=RECORDED_COLUMNS))

    def _begun(
        self, repository: str, start: datetime, end: datetime, deadline: Deadline
    ) -> list[tuple[datetime, Mapping[str, Any]]]:
        """Deployments that began in `[start, end)`; the API lists the newest first and takes no times."""
        found: list[tuple[datetime, Mapping[str, Any]]] = []
        wanted = [("environment", self._settings.deployed_to)]
        for page in pages(self._client, f"/repos/{repository}/deployments", wanted, deadline):
            timed = [(at, each) for each in page if (at := moment(each, "created_at"))]
            found += [pair for pair in timed if start <= pair[0] < end]
            if timed and min(at for at, _ in timed) < start:
                break
        return found

    def _status(self, repository: str, each: Mapping[str, Any], deadline: Deadline) -> Mapping[str, Any]:
        """When it went live, or what became of it instead."""
        number = each.get("id")
        if not isinstance(number, int):
            return {}
        path = f"/repos/{repository}/deployments/{number}/statuses"
        statuses = next(pages(self._client, path, (), deadline), [])
        live = [status for status in statuses if text(status, "state") == "success"]
        # The newest stands first; the first success is when it went live.
        return live[-1] if live else statuses[0] if statuses else {}


def _row(at: datetime, entity: str, repository: str, each: Mapping[str, Any], state: str) -> dict[str, Any]:
    sha, ref = text(each, "sha"), text(each, "ref")
    what = text(each, "description") or text(each, "task") or "deployment"
    told = f"{repository} {ref} {_WORDS.get(state, 'begun')}: {what}"
    return {
        "ts": at,
        "entity": entity,
        "kind": "deploy",
        "id": sha[:64] or str(each.get("id", ""))[:64],
        "summary": told[:_SUMMARY_LIMIT],
        "author": text(each, "creator", "login")[:128],
        "attributes": [(name, value) for name, value in (("ref", ref), ("state", state)) if value],
    }
