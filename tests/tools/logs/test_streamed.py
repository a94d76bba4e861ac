"""Log files and a double of journalctl do what the conformance checks ask."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from opswarden.core.clock import Deadline
from opswarden.core.errors import BackendError, ConfigError
from opswarden.tests.doubles import journalctl_command
from opswarden.tools.logs.backends.files import FileLines
from opswarden.tools.logs.backends.journald import JournalLines
from opswarden.tools.logs.backends.settings import FilesSettings, JournaldSettings
from opswarden.tools.logs.backends.streamed import StreamedLogs
from opswarden.tools.windows import ComparedWindows

from .conformance import CHECKS, MINUTE, Make, bodies, check_a_line_is_found_again_by_its_id, line

SECOND = timedelta(seconds=1)
Check = Callable[[Make, datetime, Deadline], None]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "lines"
    made.mkdir()
    return made


def write(path: Path, lines: Sequence[str | bytes], at: datetime) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"".join((each.encode() if isinstance(each, str) else each) + b"\n" for each in lines))
    later = (at + timedelta(days=1)).timestamp()
    os.utime(path, (later, later))


def files_at(folder: Path, **more: Any) -> StreamedLogs:
    return StreamedLogs(FileLines("the test's", FilesSettings(environment="test", path=folder, **more)))


@pytest.mark.parametrize("check", CHECKS)
def test_files(check: Check, tmp_path: Path, start: datetime, deadline: Deadline) -> None:
    made: list[Path] = []

    def make(rows: Sequence[dict[str, Any]]) -> StreamedLogs:
        made.append(tmp_path / f"lines-{len(made)}")
        made[-1].mkdir()
        for entity in {row["entity"] for row in rows}:
            lines = []
            for row in sorted(rows, key=lambda row: row["ts"]):
                if row["entity"] == entity:
                    found = {"time": row["ts"].isoformat(), "level": row["level"], "message": row["body"]}
                    found |= {name: row[name] for name in ("trace_id", "span_id") if name in row}
                    lines.append(json.dumps({**found, **dict(row.get("attributes", ()))}))
            write(made[-1] / f"{entity}.log", lines, start)
        return files_at(made[-1])

    check(make, start, deadline)


@pytest.mark.parametrize("check", [each for each in CHECKS if each != check_a_line_is_found_again_by_its_id])
def test_a_double_of_journalctl(
    check: Check, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, start: datetime, deadline: Deadline
) -> None:
    def make(rows: Sequence[dict[str, Any]]) -> StreamedLogs:
        return journal(rows, tmp_path, monkeypatch)

    check(make, start, deadline)


def journal(rows: Sequence[dict[str, Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StreamedLogs:
    journalctl_command.install(tmp_path / "bin", rows)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    return StreamedLogs(JournalLines("the test's", JournaldSettings(environment="test")))


def test_a_line_of_a_journal_is_found_by_its_cursor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, start: datetime, deadline: Deadline
) -> None:
    backend = journal([line(start, "one"), line(start, "two", trace_id="t1", level="err")], tmp_path, monkeypatch)
    rows = backend.search(start, start + MINUTE, deadline, head=9, tail=9).rows.to_pylist()
    assert [row["id"] for row in rows] == [journalctl_command.cursor(0), journalctl_command.cursor(1)]
    (found,) = backend.read(
        [rows[1]["id"], "--help", "s=a1;i=9;b=b2", journalctl_command.cursor(9)], deadline
    ).to_pylist()
    assert (found["body"], found["level"], found["trace_id"], found["entity"]) == ("two", "err", "t1", "oven")
    assert found["attributes"] == [("_HOSTNAME", "bakery")]


def test_the_real_journalctl_takes_our_options(folder: Path, start: datetime, deadline: Deadline) -> None:
    if shutil.which("journalctl") is None:
        pytest.skip("journalctl is not installed")
    backend = StreamedLogs(JournalLines("the test's", JournaldSettings(environment="test", directory=folder)))
    assert backend.search(start, start + MINUTE, deadline, head=9, tail=9).matched == 0
    assert backend.read([journalctl_command.cursor(1)], deadline).num_rows == 0


def test_a_journal_that_cannot_be_read_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, start: datetime, deadline: Deadline
) -> None:
    backend = journal([line(start, "x" * 1_000) for _ in range(1_200)], tmp_path, monkeypatch)
    small = JournalLines("the test's", JournaldSettings(environment="test", most_mb=1))
    with pytest.raises(BackendError, match="more than 1 MB"):
        StreamedLogs(small).search(start, start + MINUTE, deadline, head=1, tail=1)
    (tmp_path / "bin" / "journalctl").write_text("#!/bin/sh\necho PLANTED\nexit 1\n")
    with pytest.raises(BackendError, match="could not be read"):
        backend.search(start, start + MINUTE, deadline, head=1, tail=1)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ConfigError, match="not installed"):
        JournalLines("the test's", JournaldSettings(environment="test"))


def test_plain_lines_begin_with_their_time_and_traces_belong_to_them(
    folder: Path, start: datetime, deadline: Deadline, windows: dict[str, datetime]
) -> None:
    lines: list[str | bytes] = [
        "a line before any time",
        "2031-05-06 12:00:00,123 ERROR [main] could not bake",
        "java.lang.IllegalStateException: cold",
        "\tat bakery.Oven.heat(Oven.java:42)",
        "[2031-05-06T14:00:01.5+02:00] INFO sold 3",
        b"2031-05-06T12:00:02Z WARN odd \xff byte",
        "2031-13-46T12:00:03Z ERROR no such day",
    ]
    write(folder / "oven.log", lines, start)
    backend = files_at(folder)
    found = backend.search(start, start + MINUTE, deadline, head=9, tail=9).rows.to_pylist()
    assert [(row["entity"], row["level"], row["body"].split("\n")[0][-10:]) for row in found] == [
        ("oven", "ERROR", "d not bake"),
        ("oven", "INFO", "INFO sold 3"[-10:]),
        ("oven", "WARN", "odd \ufffd byte"),
    ]
    assert found[0]["body"].endswith("at bakery.Oven.heat(Oven.java:42)")
    assert bodies(backend, start, deadline, levels=("error",)) == [found[0]["body"]]
    assert backend.read([found[0]["id"]], deadline)["body"].to_pylist() == [found[0]["body"]]
    levels = backend.grouped(ComparedWindows.model_validate(windows), deadline).rows["level"].to_pylist()
    assert sorted(levels) == ["error", "info", "warning"]


def test_a_large_file_is_read_from_where_the_time_begins(folder: Path, start: datetime, deadline: Deadline) -> None:
    first = start - timedelta(hours=10)
    times = [first + place * SECOND for place in range(36_100)]
    write(folder / "big.log", [f"{at.isoformat()} INFO {'x' * 300} {place}" for place, at in enumerate(times)], start)
    assert (folder / "big.log").stat().st_size > 10_000_000
    backend = files_at(folder, most_mb=3)
    found = backend.search(start + 10 * SECOND, start + 20 * SECOND, deadline, head=99, tail=99)
    assert [body.rpartition(" ")[2] for body in found.rows["body"].to_pylist()] == [
        str(36_000 + place) for place in range(10, 20)
    ]
    with pytest.raises(BackendError, match="more than 3 MB"):
        backend.search(first, start, deadline, head=1, tail=1)


def test_only_what_the_pattern_names_below_the_folder_is_read(
    tmp_path: Path, folder: Path, start: datetime, deadline: Deadline
) -> None:
    outside = tmp_path / "outside.log"
    write(outside, [f"{start.isoformat()} PLANTED"], start)
    (folder / "link.log").symlink_to(outside)
    (folder / "up").symlink_to(tmp_path)
    os.mkfifo(folder / "pipe.log")
    write(folder / "shop" / "till-1.log", [f"{start.isoformat()} sold"], start)
    write(folder / "old.txt", [f"{start.isoformat()} not asked for"], start)
    backend = files_at(folder, entities={"shop/*-?.log": "*"})
    (found,) = backend.search(start, start + MINUTE, deadline, head=9, tail=9).rows.to_pylist()
    assert (found["entity"], found["body"].endswith("sold")) == ("till", True)
    place = found["id"].partition(":")[2]
    assert backend.read([f"../outside.log:{place}", f"shop/till-1.log:{place[:-1]}0", "x"], deadline).num_rows == 0
    with pytest.raises(BackendError, match="more than 1 files"):
        write(folder / "a.log", [], start)
        files_at(folder, most_files=1).search(start, start + MINUTE, deadline, head=1, tail=1)
    for pattern in ("/etc/*", "../*"):
        with pytest.raises(ValueError, match="below"):
            FilesSettings(environment="test", path=folder, pattern=pattern)


def test_a_file_without_times_is_an_error_and_not_empty(folder: Path, start: datetime, deadline: Deadline) -> None:
    write(folder / "a.log", ["PLANTED once", "May  6 12:00:00 oven said"], start)
    with pytest.raises(BackendError, match="no line has a time") as caught:
        bodies(files_at(folder), start, deadline)
    assert "PLANTED" not in str(caught.value)
    write(folder / "a.log", ['{"time": 1935835200.5, "msg": "seconds"}', '{"ts": 1935835201000, "msg": "ms"}'], start)
    assert bodies(files_at(folder), start, deadline) == ["seconds", "ms"]
    with pytest.raises(ConfigError, match="no folder"):
        files_at(folder / "gone")
