"""Where an agent process keeps the position of its graph: in the runner's file, as bytes that nobody here reads.

The tables are those of LangGraph's own SQLite saver, so a run that began in one mode goes on in the other. The agent
process says nothing of the run: rows are kept under the run of the connection.
"""

from __future__ import annotations

import base64
import binascii
import sqlite3
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from ...policies.apart.frames import BadFrame
from ...policies.apart.messages import Said
from ...policies.apart.serving import parsed

Kind = Literal["msgpack", "null", "bytes", "bytearray"]
"""How a value is written; never as anything that could make an object when it is read."""

_MOST_BYTES = 1_000_000_000
_NAME = 400


class Put(Said):
    """A checkpoint."""

    ns: str = Field(max_length=_NAME)
    id: str = Field(max_length=_NAME)
    parent: str | None = Field(max_length=_NAME)
    kind: Kind
    content: str
    metadata: str


class Written(Said):
    """One value that a task wrote."""

    idx: int
    path: str = Field(max_length=4_000)
    channel: str = Field(max_length=_NAME)
    kind: Kind
    content: str


class Writes(Said):
    """What a task wrote at a checkpoint."""

    ns: str = Field(max_length=_NAME)
    id: str = Field(max_length=_NAME)
    task: str = Field(max_length=_NAME)
    rows: list[Written] = Field(max_length=10_000)


class Positions:
    """The positions of one run.

    Args:
        path: LangGraph's checkpoints of this installation.
        run_id: the run of the connection.
    """

    def __init__(self, path: Path, run_id: str) -> None:
        from langgraph.checkpoint.sqlite import SqliteSaver  # noqa: PLC0415 - heavy, only a run needs it

        path.touch(mode=0o600)
        self._run_id = run_id
        self._lock = threading.Lock()
        self._left = _MOST_BYTES
        self._connection = sqlite3.connect(path, check_same_thread=False, timeout=30)
        SqliteSaver(self._connection).setup()

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def latest(self) -> dict[str, Any] | None:
        """The newest checkpoint and what was written at it; `None` before the first."""
        columns = "checkpoint_ns, checkpoint_id, parent_checkpoint_id, type, checkpoint, metadata"
        row = self._one(
            f"SELECT {columns} FROM checkpoints WHERE thread_id = ? AND checkpoint_ns = ''"  # noqa: S608 - a constant
            " ORDER BY checkpoint_id DESC LIMIT 1",
            (self._run_id,),
        )
        if row is None:
            return None
        ns, checkpoint_id, parent, kind, content, metadata = row
        rows = self._connection.execute(
            "SELECT task_id, task_path, idx, channel, type, value FROM writes"
            " WHERE thread_id = ? AND checkpoint_ns = ? AND checkpoint_id = ?",
            (self._run_id, ns, checkpoint_id),
        ).fetchall()
        return {
            "checkpoint": [ns, checkpoint_id, parent, kind, _coded(content), bytes(metadata or b"{}").decode()],
            "writes": [[task, path, idx, channel, how, _coded(value)] for task, path, idx, channel, how, value in rows],
        }

    def put(self, body: Mapping[str, Any]) -> None:
        """Keep a checkpoint.

        Raises:
            BadFrame: the body is none, or the run has kept too much.
        """
        said = parsed(Put, body, "position")
        content = self._decoded(said.content)
        values = (said.ns, said.id, said.parent, said.kind, content, said.metadata.encode())
        self._write("INSERT OR REPLACE INTO checkpoints VALUES (?, ?, ?, ?, ?, ?, ?)", [(self._run_id, *values)])

    def write(self, body: Mapping[str, Any]) -> None:
        """Keep what a task wrote.

        Raises:
            BadFrame: as for `put`.
        """
        said = parsed(Writes, body, "position")
        columns = "thread_id, checkpoint_ns, checkpoint_id, task_id, task_path, idx, channel, type, value"
        self._write(
            f"INSERT OR REPLACE INTO writes ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608 - a constant
            [
                (self._run_id, said.ns, said.id, said.task, row.path, row.idx, row.channel, row.kind, content)
                for row in said.rows
                for content in (self._decoded(row.content),)
            ],
        )

    def _decoded(self, text: str) -> bytes:
        content = content_of(text)
        with self._lock:
            self._left -= len(content)
            if self._left < 0:
                raise BadFrame("position-size")
        return content

    def _write(self, sql: str, rows: list[tuple[Any, ...]]) -> None:
        with self._lock, self._connection:
            self._connection.executemany(sql, rows)

    def _one(self, sql: str, values: tuple[Any, ...]) -> Any:
        return self._connection.execute(sql, values).fetchone()


def content_of(text: str) -> bytes:
    """What a value holds, as it was told.

    Raises:
        BadFrame: it is no such text.
    """
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadFrame("position") from error


def _coded(content: bytes | None) -> str:
    return base64.b64encode(content or b"").decode("ascii")
