"""Read imported cases back, the way an agent and an attacker of the labels would."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest


@dataclass(frozen=True)
class ImportedCase:
    """One case folder."""

    folder: Path

    @property
    def manifest(self) -> dict[str, Any]:
        return dict(json.loads((self.folder / "snapshot" / "snapshot.json").read_text(encoding="utf-8")))

    @property
    def truth(self) -> dict[str, Any]:
        return dict(json.loads((self.folder / "truth.json").read_text(encoding="utf-8")))

    def rows(self, table: str, **where: Any) -> list[dict[str, Any]]:
        """The rows of a table, maps as dicts, that have the given values."""
        path = self.folder / "snapshot" / f"{table}.parquet"
        rows = pq.read_table(path).to_pylist(maps_as_pydicts="strict") if path.is_file() else []
        return [row for row in rows if all(row[name] == value for name, value in where.items())]

    def text(self) -> str:
        """Everything an agent can read, paths included, decoded."""
        parts = [str(path.relative_to(self.folder)) for path in sorted(self.folder.rglob("*"))]
        parts += [json.dumps(self.manifest, ensure_ascii=False)]
        for path in sorted((self.folder / "snapshot").glob("*.parquet")):
            table = pq.read_table(path)
            parts += [repr(table.schema.metadata), repr(table.to_pylist())]
        return "\n".join(parts)


@pytest.fixture
def read_cases() -> Callable[[Path], list[ImportedCase]]:
    """All cases below a destination; nothing else may lie there."""

    def read(dest: Path) -> list[ImportedCase]:
        names = sorted(path.name for path in dest.iterdir())
        assert names == [f"case-{number:04d}" for number in range(1, len(names) + 1)]
        for name in names:
            assert sorted(path.name for path in (dest / name).iterdir()) == ["snapshot", "truth.json"]
        return [ImportedCase(dest / name) for name in names]

    return read


@pytest.fixture
def write_csv() -> Callable[[Path, list[list[Any]]], None]:
    def write(path: Path, rows: list[list[Any]]) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(rows)

    return write


@pytest.fixture
def write_json() -> Callable[[Path, Any], None]:
    def write(path: Path, content: Any) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content), encoding="utf-8")

    return write


@pytest.fixture
def at() -> Callable[[float], datetime]:
    """The UTC time of epoch seconds."""
    return lambda seconds: datetime.fromtimestamp(seconds, UTC)
