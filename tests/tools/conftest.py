"""Small snapshots about a system nobody has, and a caller that treats every tool as the gate does."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from opswarden.core.clock import Deadline, FixedClock
from opswarden.core.errors import ToolRetry
from opswarden.core.tokens import estimate_tokens
from opswarden.tools.shown import as_shown
from opswarden.tools.snapshots.manifest import AlertRef, Manifest, Window
from opswarden.tools.snapshots.store import SnapshotStore
from opswarden.tools.snapshots.writer import SnapshotWriter
from opswarden.tools.spec import AnyTool, Output, ToolContext

START = datetime(2031, 5, 6, 12, 0, tzinfo=UTC)
WINDOW = Window(start=START, end=START + timedelta(minutes=30))
BASELINE = Window(start=START - timedelta(hours=2), end=START)


class NoArtifacts:
    """An artifact store that holds nothing."""

    def read(self, artifact_id: str) -> pa.Table:
        raise ToolRetry("no such artifact in this run")


@pytest.fixture
def start() -> datetime:
    """Where the window of every snapshot begins; the baseline is the two hours before, the window half an hour."""
    return START


@pytest.fixture
def windows() -> dict[str, datetime]:
    """Window and baseline as arguments."""
    return {
        "start": WINDOW.start,
        "end": WINDOW.end,
        "baseline_start": BASELINE.start,
        "baseline_end": BASELINE.end,
    }


@pytest.fixture
def deadline() -> Deadline:
    """A minute that never runs out."""
    return Deadline(FixedClock(START), 60)


@pytest.fixture
def passed() -> Deadline:
    """No time left."""
    clock = FixedClock(START)
    late = Deadline(clock, 1)
    clock.advance(2)
    return late


@pytest.fixture
def make_folder(tmp_path: Path) -> Callable[..., Path]:
    """Writes a snapshot out of rows per table."""
    made: list[Path] = []

    def make(
        *, runbooks: dict[str, str] | None = None, alert: AlertRef | None = None, **tables: Sequence[dict[str, Any]]
    ) -> Path:
        folder = tmp_path / f"snapshot-{len(made)}"
        made.append(folder)
        manifest = Manifest(
            title="a bakery",
            environment="bakery",
            window=WINDOW,
            baseline=BASELINE,
            alert=alert,
            source="made up",
            licence="none",
        )
        with SnapshotWriter(folder, manifest) as writer:
            for name, rows in tables.items():
                names = list(dict.fromkeys(column for row in rows for column in row))
                writer.write(name, {column: [row.get(column) for row in rows] for column in names})  # type: ignore[arg-type]
            for name, text in (runbooks or {}).items():
                writer.write_runbook(name, text)
        return folder

    return make


@pytest.fixture
def make_store(make_folder: Callable[..., Path]) -> Iterator[Callable[..., SnapshotStore]]:
    """Opens a snapshot out of rows per table."""
    opened: list[SnapshotStore] = []

    def make(**parts: Any) -> SnapshotStore:
        # A snapshot needs one of the three large tables.
        if not any(name in parts for name in ("metrics", "logs", "spans")):
            parts["logs"] = []
        store = SnapshotStore(make_folder(**parts))
        opened.append(store)
        return store

    yield make
    for store in opened:
        store.close()


@pytest.fixture
def call(deadline: Deadline) -> Callable[..., Output[Any]]:
    """Runs a tool with arguments out of JSON, as a model gives them, and checks what holds for every result."""

    def run(tools: tuple[AnyTool, ...], name: str, /, **arguments: Any) -> Output[Any]:
        tool = {tool.name: tool for tool in tools}[name]
        text = json.dumps(
            {key: value.isoformat() if isinstance(value, datetime) else value for key, value in arguments.items()}
        )
        args = tool.args.model_validate(json.loads(text))
        assert tool.args.model_validate_json(text) == args
        clock = FixedClock(START)
        output = tool.run(args, ToolContext("run", "team", clock, deadline, NoArtifacts()))
        assert output.scope.environment == tool.environment
        assert tool.effect == "read"
        if output.status != "ok":
            assert output.note
        if output.summary is None:
            assert output.status == "no_data"
        else:
            assert isinstance(output.summary, tool.result)
            shown = as_shown(output.summary.model_dump(mode="json"), tool.result)
            output = replace(output, summary=tool.result.model_validate_json(json.dumps(shown)))
            assert estimate_tokens(output.summary.model_dump_json()) <= tool.summary_tokens * 5 // 4
        return output

    return run
