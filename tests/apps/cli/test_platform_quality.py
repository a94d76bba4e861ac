"""`opswarden platform quality`: rules out of past days, and a day judged through the gate."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as csv
import pyarrow.parquet as pq

from opswarden.apps.installation import open_installation
from opswarden.apps.platform.quality import check_table
from opswarden.evals.suites.quality_days import QualityTable
from opswarden.tests.apps.conftest import Cli


def test_from_the_command_line_rules_are_learned_changed_and_broken(cli: Cli, home: Path) -> None:
    source = QualityTable(5)
    days = home / "days"
    days.mkdir()
    for number in range(8):
        pq.write_table(source.day(), days / f"2031-03-{number + 3:02d}.parquet")
    csv.write_csv(pa.table({"id": source.merchants}), home / "merchants.csv")
    learn = ["--key", "payment", "--event", "event_time", "--arrival", "written_at", "--label", "fraud"]
    answer = cli(
        "platform", "quality", "learn", *sorted(days.iterdir()), "--out", home / "card.yaml", *learn,
        "--reference", "merchant=merchants.csv",
    )  # fmt: skip
    assert answer.code == 0, answer.err
    good, bad = source.day(), source.day()
    pq.write_table(good, home / "good.parquet")
    lost = np.where(np.arange(bad.num_rows) % 12 == 0, 0.0, bad["velocity_1h"].to_numpy())
    bad = bad.set_column(bad.column_names.index("velocity_1h"), "velocity_1h", pa.array(lost))
    pq.write_table(bad, home / "bad.parquet")
    answer = cli("platform", "quality", "check", home / "card.yaml", home / "good.parquet")
    assert (answer.code, "nothing is wrong" in answer.out) == (0, True), answer.out
    assert check_table(home / "card.yaml", home / "good.parquet")
    assert not check_table(home / "card.yaml", home / "bad.parquet")
    answer = cli("platform", "quality", "check", home / "card.yaml", home / "bad.parquet")
    assert (answer.code, "zeros_for_nulls" in answer.out, "velocity_1h" in answer.out) == (1, True, True)
    with open_installation() as installation:
        decided = [each.body["tool"] for each in installation.ledger.tail(20) if each.kind == "call.decided"]
    assert decided == ["quality.check"] * 4
    # A rule is code: whoever allows it changes the file.
    text = (home / "card.yaml").read_text()
    (home / "card.yaml").write_text(text.replace("zeros:\n        most: 0.01", "zeros:\n        most: 0.2"))
    assert cli("platform", "quality", "check", home / "card.yaml", home / "bad.parquet").code == 0
    (home / "outside.yaml").write_text(text.replace("merchants.csv", "../../etc/passwd"))
    (home / "outside.past.json").write_text((home / "card.past.json").read_text())
    answer = cli("platform", "quality", "check", home / "outside.yaml", home / "good.parquet")
    assert answer.code in (2, 3)
    assert "outside of the folder" in answer.err


def test_no_value_of_a_personal_column_is_written_down(cli: Cli, home: Path) -> None:
    people = [f"zoe.quist{number}@example.org" for number in range(5)]
    draw = np.random.default_rng(0)
    for number in range(8):
        rows = 300
        table = pa.table(
            {
                "who": draw.choice(people, rows),
                "city": draw.choice(["Quito", "Lagos"], rows),
                "note": [f"{number} {row} paid by a person" for row in range(rows)],
            }
        )
        pq.write_table(table, home / f"d{number}.parquet")
    days = sorted(home.glob("d*.parquet"))
    assert cli("platform", "quality", "learn", *days, "--out", home / "q.yaml").code == 0
    kept = (home / "q.yaml").read_text() + (home / "q.past.json").read_text()
    assert "Lagos" in kept
    assert "zoe.quist" not in kept
    assert "paid by" not in kept
    assert cli("platform", "quality", "check", home / "q.yaml", days[-1]).code in (0, 1)
