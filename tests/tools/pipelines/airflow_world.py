"""An Airflow of a test: one DAG whose newest run failed, and many that never ran."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from opswarden.tests.doubles.airflow_server import AirflowServer

NOW = datetime(2031, 3, 14, 6, 0, tzinfo=UTC)
GRAPH = {"extract": [], "features": ["extract"], "train": ["features"], "publish": ["train"], "report": ["extract"]}
GOOD = "2031-03-13T02:10:00Z INFO read 41022 rows\n2031-03-13T02:20:00Z INFO wrote 41022 rows"
BAD = (
    "2031-03-14T02:10:00Z INFO read 40987 rows\n2031-03-14T02:20:00Z WARNING slow disk\n"
    "2031-03-14T02:21:00Z ERROR KeyError: 'merchant_country'\n2031-03-14T02:21:01Z ERROR Marking task as FAILED"
)


def run(number: int, state: str, version: int) -> dict[str, Any]:
    due = NOW.replace(hour=2) - timedelta(days=number)
    return {
        "dag_id": "fraud_training",
        "dag_run_id": f"scheduled__{due:%Y-%m-%d}",
        "state": state,
        "run_type": "scheduled",
        "run_after": due.isoformat(),
        "logical_date": due.isoformat(),
        "data_interval_end": due.isoformat(),
        "start_date": due.isoformat(),
        "end_date": (due + timedelta(minutes=30 + number % 5)).isoformat(),
        "dag_versions": [{"version_number": version, "bundle_version": "4f2c91"}],
    }


def instances(states: dict[str, str | None], day: datetime, tries: int = 1) -> list[dict[str, Any]]:
    return [
        {
            "task_id": name,
            "state": state,
            "try_number": tries if state in ("success", "failed") else 0,
            "start_date": day.isoformat(),
            "end_date": (day + timedelta(minutes=20 + place)).isoformat(),
            "map_index": -1,
            "operator": "PythonOperator",
            "rendered_fields": {},
        }
        for place, (name, state) in enumerate(states.items())
    ]


def server(version: int) -> AirflowServer:
    runs = [run(0, "failed", 8), *(run(number, "success", 7) for number in range(1, 130))]
    failed, good = runs[0]["dag_run_id"], runs[1]["dag_run_id"]
    states = {"extract": "success", "features": "failed", "train": "upstream_failed", "publish": "upstream_failed"}
    tasks = {
        failed: instances({**states, "report": "success"}, NOW.replace(hour=2), tries=2),
        good: instances(dict.fromkeys(GRAPH, "success"), NOW.replace(hour=2) - timedelta(days=1)),
    }
    # A task of many parts: the part that failed is told of.
    tasks[failed][1]["map_index"] = 3
    tasks[failed].append({**tasks[failed][1], "map_index": 1, "state": "success"})
    logs = {(failed, "features", 2): BAD, (failed, "features", 1): BAD, (good, "features", 1): GOOD}
    dag = {"tasks": GRAPH, "is_paused": False, "timetable_summary": "0 2 * * *"}
    if version == 2:
        later = ("run_after", "dag_versions")
        runs = [{key: value for key, value in each.items() if key not in later} for each in runs]
    dags = {"fraud_training": dag, **{f"dag_{number:03}": dag for number in range(140)}}
    return AirflowServer(version, dags, runs, tasks, logs)
