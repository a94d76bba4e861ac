"""LangGraph's SQLite saver in the memory of a process, each step of which is kept elsewhere as well."""

from __future__ import annotations

import base64
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from langgraph.checkpoint.sqlite import SqliteSaver

if TYPE_CHECKING:
    from langchain_core.runnables import RunnableConfig
    from langgraph.checkpoint.base import ChannelVersions, Checkpoint, CheckpointMetadata


class MirroredSaver(SqliteSaver):
    """A saver that has told whoever keeps positions before it says that something is saved.

    Args:
        run_id: whose position.
        keep: takes `position.put` or `position.write` and what belongs to it; of an agent process, the runner.
        latest: where the run stands, as it was kept; `None` if it begins.
    """

    def __init__(
        self, run_id: str, keep: Callable[[str, Mapping[str, Any]], object], latest: Mapping[str, Any] | None
    ) -> None:
        super().__init__(sqlite3.connect(":memory:", check_same_thread=False))
        # Only plain values are ever stored; nothing else may come back out of a checkpoint.
        self.serde = JsonPlusSerializer(allowed_msgpack_modules=None)
        self._keep = keep
        self.setup()
        if latest is not None:
            self._restore(run_id, latest)

    def put(
        self,
        config: RunnableConfig,
        checkpoint: Checkpoint,
        metadata: CheckpointMetadata,
        new_versions: ChannelVersions,
    ) -> RunnableConfig:
        """Save a checkpoint, here and there."""
        after = super().put(config, checkpoint, metadata, new_versions)
        ns = after.get("configurable", {}).get("checkpoint_ns", "")
        with self.cursor(transaction=False) as cursor:
            id_, parent, kind, content, told = cursor.execute(
                "SELECT checkpoint_id, parent_checkpoint_id, type, checkpoint, metadata"
                " FROM checkpoints WHERE checkpoint_ns = ? AND checkpoint_id = ?",
                (ns, checkpoint["id"]),
            ).fetchone()
        body = {"ns": ns, "id": id_, "parent": parent, "kind": kind, "content": _coded(content)}
        self._keep("position.put", {**body, "metadata": bytes(told).decode()})
        return after

    def put_writes(
        self, config: RunnableConfig, writes: Sequence[tuple[str, Any]], task_id: str, task_path: str = ""
    ) -> None:
        """Save what a task wrote, here and there."""
        super().put_writes(config, writes, task_id, task_path)
        at = config.get("configurable", {})
        place = (at.get("checkpoint_ns", ""), at.get("checkpoint_id", ""), task_id)
        with self.cursor(transaction=False) as cursor:
            rows = cursor.execute(
                "SELECT idx, task_path, channel, type, value FROM writes"
                " WHERE checkpoint_ns = ? AND checkpoint_id = ? AND task_id = ?",
                place,
            ).fetchall()
        told = [
            {"idx": idx, "path": path, "channel": channel, "kind": kind, "content": _coded(value)}
            for idx, path, channel, kind, value in rows
        ]
        self._keep("position.write", {"ns": place[0], "id": place[1], "task": task_id, "rows": told})

    def _restore(self, run_id: str, latest: Mapping[str, Any]) -> None:
        ns, id_, parent, kind, content, metadata = latest["checkpoint"]
        with self.cursor() as cursor:
            cursor.execute(
                "INSERT INTO checkpoints VALUES (?, ?, ?, ?, ?, ?, ?)",
                (run_id, ns, id_, parent, kind, base64.b64decode(content), metadata.encode()),
            )
            cursor.executemany(
                "INSERT INTO writes (thread_id, checkpoint_ns, checkpoint_id, task_id, task_path, idx, channel, type,"
                " value) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    (run_id, ns, id_, task, path, idx, channel, how, base64.b64decode(value))
                    for task, path, idx, channel, how, value in latest["writes"]
                ],
            )


def _coded(content: bytes | None) -> str:
    return base64.b64encode(content or b"").decode("ascii")
