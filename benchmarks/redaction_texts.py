"""The text that redaction is timed on: logs of a sandbox incident, or of a folder that `OPSWARDEN_BENCH_LOGS` names."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq

from opswarden.evals.redaction_data.diagnosis import clean_lines
from opswarden.evals.redaction_data.draw import Draw
from opswarden.evals.worlds.spec import WorldSpec
from opswarden.evals.worlds.world import write_case

_BLOCK = 64 * 1024
_MOST = 8_000_000


def log_lines() -> tuple[str, tuple[str, ...]]:
    """Where the lines are from, and the lines."""
    folder = os.environ.get("OPSWARDEN_BENCH_LOGS")
    if folder:
        files = sorted(Path(folder).rglob("*.log"))
        lines = [line for file in files for line in file.read_text(encoding="utf-8", errors="replace").splitlines()]
        return f"{len(files)} logs of OPSWARDEN_BENCH_LOGS", _up_to(lines)
    with tempfile.TemporaryDirectory(prefix="opswarden-bench-") as temporary:
        case = Path(temporary) / "case"
        write_case(WorldSpec(seed=5, fault="slow_dependency", log_lines=12_000, series=50, spans=100), case)
        lines = pq.read_table(case / "snapshot" / "logs.parquet", columns=["body"])["body"].to_pylist()
    lines += [line.placed.text for line in clean_lines(per_kind=60, seed=5)]
    mixed = sorted(range(len(lines)), key=lambda place: Draw(5, str(place)).share())
    return "a sandbox incident's logs and invented lines", _up_to([lines[place] for place in mixed])


def blocks_of(lines: tuple[str, ...]) -> tuple[str, ...]:
    """The lines as texts of about 64 kB, as tools hand them to the gate."""
    found: list[str] = []
    held: list[str] = []
    size = 0
    for line in lines:
        held.append(line)
        size += len(line) + 1
        if size >= _BLOCK:
            found.append("\n".join(held))
            held, size = [], 0
    return (*found, "\n".join(held)) if held else tuple(found)


def _up_to(lines: list[str]) -> tuple[str, ...]:
    taken: list[str] = []
    size = 0
    for line in lines:
        size += len(line)
        if size > _MOST:
            break
        taken.append(line)
    return tuple(taken)


def _repeated(part: str) -> Callable[[int], str]:
    return lambda size: (part * (size // len(part) + 1))[:size]


HOSTILE: tuple[tuple[str, Callable[[int], str]], ...] = (
    ("digits", _repeated("4111111111111112")),
    ("digits and separators", _repeated("1-2 3.4/")),
    ("digits broken by lines", _repeated("4111\n")),
    ("at signs", _repeated("a@")),
    ("dots and letters", _repeated("a.")),
    ("colons", _repeated("a:b::")),
    ("keys without values", _repeated("password=")),
    ("keys in keys", _repeated('{"name":')),
    ("open quotes", _repeated('key="')),
    ("backslashes", _repeated('\\\\"')),
    ("percent escapes", _repeated("%34%31")),
    ("unicode escapes", _repeated("\\u0034\\u0031")),
    ("base64", _repeated("YWJjZGVmZ2hpamts")),
    ("slashes", _repeated("://")),
    ("tags", _repeated("<a>")),
    ("zero-width", _repeated("4\u200b1\u200b")),
    ("spaces", _repeated(" ")),
    ("capital letters", _repeated("Ana Souza ")),
    ("track data", _repeated("%B4111111111111111^")),
)
"""Texts that make a careless expression slow, of any size."""
