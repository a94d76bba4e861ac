"""A double of an Apache Airflow, version 2 (`/api/v1`) or 3 (`/api/v2`), over a real socket.

After the OpenAPI documents of Airflow 2.9 ("Stable REST API") and 3.1 ("Public API"): at most 100 entries a page
whatever is asked for, errors as `{"detail", "status", "title", "type"}` (2) and `{"detail"}` (3), basic authentication
(2) or a token of `POST /auth/token` (3), logs as plain text (2) or as pieces of structured lines with a continuation
token (3), and clearing that takes what failed or could not run, from a task on, back to no state.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from .served import SaysJson, Served

USER, PASSWORD, TOKEN = "opswarden", "a-password", "a-token-of-an-hour"
_MOST = 100
_FAILED = ("failed", "upstream_failed")


class AirflowServer(Served):
    """Serves DAGs, their runs and task instances.

    Args:
        version: 2 or 3.
        dags: by id: `tasks` (task: those right before it) and whatever fields a DAG has besides.
        runs: DAG runs as they are answered, the newest first.
        tasks: task instances as they are answered, by run id.
        logs: by run id, task id and try: the text.
    """

    def __init__(
        self,
        version: int,
        dags: Mapping[str, Mapping[str, Any]],
        runs: Sequence[dict[str, Any]],
        tasks: Mapping[str, list[dict[str, Any]]],
        logs: Mapping[tuple[str, str, int], str],
    ) -> None:
        self.version, self.dags, self.runs, self.tasks, self.logs = version, dags, list(runs), tasks, dict(logs)
        self.requests: list[str] = []
        self.cleared: list[dict[str, Any]] = []
        self.tokens_given = 0
        self.fails_after_clearing = False
        double = self

        class Handler(SaysJson):
            def do_GET(self) -> None:
                self._say(*double.answer(self.path, self.headers.get("Authorization", ""), self.headers["Accept"]))

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", "0"))))
                self._say(*double.post(self.path, body, self.headers.get("Authorization", "")))

        self._serve(Handler)

    def answer(self, target: str, credential: str, accept: str) -> tuple[int, Any]:
        self.requests.append(target)
        if not self._lets_in(credential):
            return self._no(401, "Unauthorized")
        parts = urlsplit(target)
        query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        words = [unquote(word) for word in parts.path.removeprefix(self._root).strip("/").split("/")]
        if not parts.path.startswith(self._root) or words[0] != "dags":
            return self._no(404, "Not Found")
        if len(words) == 1:
            listed = [{"dag_id": name, **_without(dag, "tasks")} for name, dag in sorted(self.dags.items())]
            return self._page(query, "dags", listed)
        dag = words[1]
        if dag != "~" and dag not in self.dags:
            return self._no(404, "DAG not found")
        return self._of_dag(dag, words[2:], query, accept)

    def _of_dag(self, dag: str, words: list[str], query: Mapping[str, str], accept: str) -> tuple[int, Any]:
        if words == ["tasks"]:
            after: dict[str, list[str]] = {}
            for name, before in self.dags[dag]["tasks"].items():
                for above in before:
                    after.setdefault(above, []).append(name)
            found = [{"task_id": name, "downstream_task_ids": after.get(name, [])} for name in self.dags[dag]["tasks"]]
            return 200, {"tasks": found, "total_entries": len(found)}
        if words == ["dagRuns"]:
            later = ("run_after",) if self.version == 3 else ("execution_date",)
            known = {"start_date", "end_date", "state", *later}
            if query.get("order_by", "-start_date").lstrip("-") not in known:
                return self._no(400, "Ordering with this attribute is disallowed or does not exist")
            return self._page(query, "dag_runs", [each for each in self.runs if dag in ("~", each["dag_id"])])
        run = words[1]
        if words[0] != "dagRuns" or run not in self.tasks:
            return self._no(404, "DAGRun not found")
        if words[2:] == ["taskInstances"]:
            return self._page(query, "task_instances", self.tasks[run])
        log = self.logs.get((run, words[3], int(words[5]))) if words[4:5] == ["logs"] else None
        if log is None:
            return self._no(404, "TaskInstance not found")
        if self.version == 2:
            return (200, log) if accept == "text/plain" else self._no(406, "Not Acceptable")
        return 200, _structured(log, int(query.get("token", "0")))

    def post(self, target: str, body: dict[str, Any], credential: str) -> tuple[int, Any]:
        self.requests.append(target)
        if target == "/auth/token":
            if self.version == 2 or body != {"username": USER, "password": PASSWORD}:
                return self._no(401, "Invalid credentials")
            self.tokens_given += 1
            return 201, {"access_token": TOKEN}
        if not self._lets_in(credential):
            return self._no(401, "Unauthorized")
        words = target.removeprefix(self._root).strip("/").split("/")
        dag = unquote(words[1])
        if words[2:] != ["clearTaskInstances"] or dag not in self.dags:
            return self._no(404, "DAG not found")
        wanted = _behind(self.dags[dag]["tasks"], body["task_ids"]) if body["include_downstream"] else body["task_ids"]
        found = [
            each
            for each in self.tasks.get(body["dag_run_id"], [])
            if each["task_id"] in wanted and (not body["only_failed"] or each["state"] in _FAILED)
        ]
        if not body["dry_run"]:
            self.cleared.append(body)
            for each in found:
                each["state"] = None
        named = [{"dag_id": dag, "dag_run_id": body["dag_run_id"], "task_id": each["task_id"]} for each in found]
        if self.fails_after_clearing and not body["dry_run"]:
            return self._no(502, "Bad Gateway")
        return 200, {"task_instances": named, "total_entries": len(named)}

    @property
    def _root(self) -> str:
        return "/api/v1" if self.version == 2 else "/api/v2"

    def _lets_in(self, credential: str) -> bool:
        basic = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        return credential == (basic if self.version == 2 else f"Bearer {TOKEN}")

    def _no(self, code: int, title: str) -> tuple[int, Any]:
        if self.version == 3:
            return code, {"detail": title}
        return code, {"detail": None, "status": code, "title": title, "type": "https://airflow.apache.org/docs/errors"}

    def _page(self, query: Mapping[str, str], key: str, listed: Sequence[Any]) -> tuple[int, Any]:
        size, start = min(int(query.get("limit", "100")), _MOST), int(query.get("offset", "0"))
        return 200, {key: list(listed[start : start + size]), "total_entries": len(listed)}


def _behind(tasks: Mapping[str, Sequence[str]], names: Sequence[str]) -> set[str]:
    found = set(names)
    while True:
        more = {name for name, before in tasks.items() if set(before) & found} - found
        if not more:
            return found
        found |= more


def _structured(log: str, start: int) -> dict[str, Any]:
    """Three lines a piece; a line with a traceback carries it as its error."""
    lines = log.split("\n")
    piece = [_line(each) for each in lines[start : start + 3]]
    following = start + 3
    return {"content": piece, "continuation_token": str(following) if following < len(lines) else None}


def _line(text: str) -> dict[str, Any] | str:
    stamp, _, rest = text.partition(" ")
    level, _, event = rest.partition(" ")
    if not stamp[:4].isdigit() or not level.isupper():
        return text
    found: dict[str, Any] = {"timestamp": stamp, "level": level.lower(), "event": event, "logger": "task"}
    if "Error: " in event:
        kind, _, value = event.rpartition(": ")
        found["event"] = "Task failed with exception"
        frames = [{"filename": "/opt/dags/train.py", "lineno": 12, "name": "train"}]
        found["error_detail"] = [{"exc_type": kind, "exc_value": value, "frames": frames, "is_cause": False}]
    return found


def _without(mapping: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in mapping.items() if key != name}
