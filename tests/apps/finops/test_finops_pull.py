"""`opswarden finops pull` makes a fleet out of a file and out of a system, and says what is wrong with its sources."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from opswarden.apps.installation import open_installation
from opswarden.tools.fleets.store import FleetStore

from ..conftest import Cli

SOURCES = """
version: 1
title: A bakery
environment: bakery
currency: EUR
sources:
  - kind: files
    files: ["usage.csv"]
    time: when
    workload: [name]
    usage:
      - {resource: cpu, unit: percent, column: cpu_pct, of: cores, of_unit: cores}
      - {resource: memory, unit: mib, column: mem}
    sizes:
      - {resource: cpu, unit: cores, column: cores}
"""


def test_files_become_a_fleet(cli: Cli, home: Path) -> None:
    lines = ["when,name,cpu_pct,cores,mem"]
    for day in (1, 2):
        lines += [f"2031-05-0{day} {hour:02}:00:00,oven,50,{day * 2},512" for hour in range(24)]
    (home / "usage.csv").write_text("\n".join(lines))
    (home / "sources.yaml").write_text(SOURCES)
    asked = ("finops", "pull", "sources.yaml", "--from", "2031-05-01", "--to", "2031-05-03", "--out", "fleet")
    found = json.loads(cli(*asked, "--format", "json").out)
    assert found == {
        "folder": "fleet",
        "read": {"2031-05-01": 48, "2031-05-02": 48},
        "kept": [],
        "notes": [],
    }
    store = FleetStore(home / "fleet")
    sums = store.query("SELECT resource, sum(value) AS total FROM usage GROUP BY ALL ORDER BY 1").to_pylist()
    assert sums == [{"resource": "cpu", "total": 72.0}, {"resource": "memory", "total": 48 * 512 * 2.0**20}]
    assert store.rows("sizes")["value"].to_pylist() == [2.0, 4.0]
    store.close()
    coverage = json.loads(cli("finops", "usage", "fleet", "--format", "json").out)
    assert (coverage["series"], coverage["coverage"], coverage["worst"][0]["workload"]) == (2, 1.0, "oven")
    shown = cli("finops", "usage", "fleet", "--workload", "oven", "--days", "1").out
    assert "oven, cpu, 2031-05-02 to 2031-05-02, 100.0% of the time watched; reserved: 4, 1 resizes" in shown
    nobody = cli("finops", "usage", "fleet", "--workload", "nobody")
    assert nobody.code == 3
    assert "no workload of this name" in nobody.err
    again = cli(*asked)
    assert again.code == 0
    assert "0 days read (0 samples), 2 were there: fleet" in again.out
    with open_installation() as installation:
        entries = [each for each in installation.ledger.tail(200) if each.body.get("tool") == "usage.pull"]
    assert [each.kind for each in entries] == ["call.decided", "call.outcome"] * 2


def test_what_is_stopped_pulls_nothing(cli: Cli, home: Path) -> None:
    (home / "usage.csv").write_text("when,name,cpu_pct,cores,mem\n2031-05-01 00:00:00,oven,50,2,512\n")
    (home / "sources.yaml").write_text(SOURCES)
    assert cli("stop", "--tool", "usage.*").code == 0
    answer = cli("finops", "pull", "sources.yaml", "--from", "2031-05-01", "--to", "2031-05-03", "--out", "fleet")
    assert answer.code == 4
    assert not (home / "fleet").exists()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("version: 1\n", "line 1: title"),
        (SOURCES.replace("unit: mib", "unit: cores"), "memory is not measured in cores"),
        (SOURCES + "  - {kind: prometheus, system: nobody}\n", "there is no Prometheus system 'nobody'"),
        (SOURCES.replace("usage.csv", "../../etc/passwd"), "leads out of the folder"),
        ("\x00", "sources.yaml"),
        ("[" * 1_000, "sources.yaml"),
    ],
)
def test_sources_that_cannot_be_used_are_named(cli: Cli, home: Path, text: str, message: str) -> None:
    (home / "usage.csv").write_text("when,name,cpu_pct,cores,mem\n")
    (home / "sources.yaml").write_text(text)
    answer = cli("finops", "pull", "sources.yaml", "--from", "2031-05-01", "--to", "2031-05-03", "--out", "fleet")
    assert answer.code == 2
    assert message in answer.err
    assert len(answer.err.strip().splitlines()) == 2
