"""The suite `logs` on small labelled files."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from opswarden.core.errors import InputError
from opswarden.evals.suite import NothingScored
from opswarden.evals.suites import log_sets, logs
from opswarden.evals.suites.log_sets import find_logs
from opswarden.evals.suites.logs import run_logs

ROWS = [(f"sold {n} loaves", "sold <*> loaves") for n in range(8)] + [("till opened", "till opened")] * 2


def write(path: Path, rows: list[tuple[str, str]], columns: tuple[str, ...] = ("Content", "EventTemplate")) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("LineId", *columns))
        writer.writerows((place, *row) for place, row in enumerate(rows))


def test_every_log_is_a_case_with_drain3_beside(tmp_path: Path) -> None:
    write(tmp_path / "Oven" / "Oven_2k.log_structured.csv", ROWS)
    write(tmp_path / "Till" / "Till_full.log_structured.csv", [*ROWS, ('a, "b"\nc', 'a, "b"\nc')])
    result = run_logs(tmp_path)
    assert [case.id for case in result.cases] == ["Oven", "Till"]
    assert (result.n, result.errors) == (2, 0)
    assert result.metrics["ga"].value == result.metrics["fga"].value == 1.0
    assert set(result.baseline) == {"drain3", "drain3_masks", "drain3_our_masks"}
    assert result.baseline["drain3_masks"]["ga"].value == 1.0


def test_corrected_labels_go_first(tmp_path: Path) -> None:
    write(tmp_path / "Oven_2k.log_structured.csv", [(line, "wrong") for line, _ in ROWS])
    write(tmp_path / "Oven_2k.log_structured_corrected.csv", ROWS)
    found, notes = find_logs(tmp_path)
    assert [(log.system, log.is_corrected) for log in found] == [("Oven", True)]
    assert "1 of 1" in notes[0]
    assert run_logs(tmp_path).metrics["ga"].value == 1.0
    assert run_logs(tmp_path / "Oven_2k.log_structured.csv").metrics["ga"].value == 0.0


def test_a_broken_file_is_an_error_and_no_score(tmp_path: Path) -> None:
    write(tmp_path / "a" / "Oven_2k.log_structured.csv", ROWS)
    write(tmp_path / "b" / "Till_2k.log_structured.csv", ROWS, ("Text", "Label"))
    write(tmp_path / "c" / "Mill_2k.log_structured.csv", [])
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "Rack_2k.log_structured.csv").write_bytes(b"Content,EventTemplate\n\xff\xfe,a\n")
    result = run_logs(tmp_path)
    assert (result.n, result.errors) == (1, 3)
    assert result.metrics["ga"].value == 1.0
    with pytest.raises(NothingScored):
        run_logs(tmp_path / "b")


def test_nothing_to_measure_on_is_said(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no labelled log"):
        run_logs(tmp_path)


def test_the_first_lines_of_a_large_file_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_sets, "MAX_LINES", 5)
    write(tmp_path / "Oven_2k.log_structured.csv", ROWS)
    result = run_logs(tmp_path)
    assert result.cases[0].details["lines"] == 5
    assert "Oven: the first 5 lines" in result.notes


def test_without_drain3_nothing_stands_beside_and_it_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "is_there", lambda: False)
    write(tmp_path / "Oven_2k.log_structured.csv", ROWS)
    result = run_logs(tmp_path)
    assert not result.baseline
    assert any("drain3 is not installed" in note for note in result.notes)
