"""`python -m opswarden.benchmarks.drafted_runbooks [SEED]`: whether a drafted runbook leads to the cause.

One sandbox incident per fault. A page is drafted from a rule for its alert, without any model; the triage of the same
incident then follows it. It leads to the cause if the entity at fault stands in what the steps of the page gave, or if
a step that asks for a metric of that entity did not give what the page expects. Beside it: whether the triage alone
ranks that entity first.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

from ..agents.triage.following import outcome
from ..evals.cases import Case
from ..evals.worlds.spec import WorldSpec
from ..evals.worlds.world import write_case
from .own_runbooks import RIGHT, interval, said_as_json


def main(argv: list[str]) -> int:
    """Measure, and print a line per fault and the shares."""
    seed = int(argv[0]) if argv else 61
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        os.environ["OPSWARDEN_STATE_DIR"] = str(Path(folder) / "state")
        os.chdir(folder)
        Path("books").mkdir()
        Path("opswarden.toml").write_text('version = 1\nrunbooks = "books"\n', encoding="utf-8")
        for place, fault in enumerate(RIGHT):
            spec = WorldSpec(seed=seed + place, fault=fault, duration_s=5_400, log_lines=1_500, spans=400, series=100)
            rows.append((fault, *_measured(write_case(spec, Path(folder) / fault))))
            print(f"{fault}: clean {rows[-1][1]}, leads there {rows[-1][2]}, ranked first {rows[-1][3]}", flush=True)
    for what, at in (
        ("drafts without a finding", 1),
        ("following leads to the cause", 2),
        ("the triage ranks it first", 3),
    ):
        right = sum(bool(row[at]) for row in rows)
        print(f"{what}: {right} of {len(rows)} ({interval(right, len(rows))})")
    return 0


def _measured(case: Case) -> tuple[bool, bool, bool]:
    alert = json.loads((case.snapshot / "snapshot.json").read_text(encoding="utf-8"))["alert"]
    expr = f'{alert["metric"]}{{entity="{alert["entity"]}"}} > 0'
    rule = {"alert": alert["name"], "expr": expr, "annotations": {"summary": "It left its usual range"}}
    Path("rules.yml").write_text(json.dumps({"groups": [{"name": "a", "rules": [rule]}]}), encoding="utf-8")
    asked = ("--alert", "rules.yml", "--name", alert["name"], "--folder", "books", "--snapshot", str(case.snapshot))
    made: Any = said_as_json("runbook", "draft", *asked, "--format", "json")
    Path("books/page.md").write_text(made["text"], encoding="utf-8")
    report = said_as_json("triage", str(case.snapshot), "--no-model", "--format", "json")
    given = json.dumps([item["summary"] for item in report["evidence"] if item["step"]])
    truth = case.truth()
    causes = {cause.entity for cause in truth.causes} if truth else set()
    leads = any(json.dumps(entity) in given for entity in causes) or bool(causes & _out_of_range(report))
    first = bool(report["ranking"]) and report["ranking"][0]["entity"] in causes
    return not made["findings"], leads, first


def _out_of_range(report: Any) -> set[str]:
    """Entities of which a step asked for a metric, and got something else than the page expects."""
    given = {item["step"]: item for item in report["evidence"] if item["step"]}
    plans = [item["summary"] for item in report["evidence"] if item["tool"] == "runbooks.follow" and item["summary"]]
    return {
        str(json.loads(block["arguments"]).get("entity"))
        for plan in plans
        for step in plan["steps"]
        for place, block in enumerate(step["blocks"], start=1)
        if block["kind"] == "query"
        and (result := given.get(f"{step['number']}.{place}")) is not None
        and outcome(block, result) == "not held"
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
