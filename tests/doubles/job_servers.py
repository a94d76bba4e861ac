"""Doubles of an Argo Workflows server and of a Databricks workspace, over a real socket; read only.

After the Swagger document of Argo Workflows 3.6 (lists page by `metadata.continue`, logs are JSON lines, errors are
`{"code", "message"}`), and the Jobs API 2.1 and 2.2 of Databricks (lists page by `next_page_token`, 25 runs a page, 400
with `INVALID_PARAMETER_VALUE` for what does not exist).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from .served import SaysJson, Served

TOKEN = "a-token-that-may-read"


class JobServer(Served):
    """The common part: a socket and a credential."""

    def __init__(self) -> None:
        double = self

        class Handler(SaysJson):
            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
                is_known = self.headers.get("Authorization") == f"Bearer {TOKEN}"
                code, found = double.found(unquote(parts.path), query) if is_known else (401, {"message": "who?"})
                self._say(code, found)

        self._serve(Handler)

    def found(self, path: str, query: Mapping[str, str]) -> tuple[int, Any]:
        raise NotImplementedError


class ArgoServer(JobServer):
    """Workflows of the namespace `ml`, and logs by pod."""

    def __init__(self, workflows: Sequence[Mapping[str, Any]], logs: Mapping[str, str]) -> None:
        self.workflows, self.logs = workflows, logs
        super().__init__()

    def found(self, path: str, query: Mapping[str, str]) -> tuple[int, Any]:
        words = path.strip("/").split("/")
        if words[:4] != ["api", "v1", "workflows", "ml"]:
            return 404, {"code": 5, "message": "not found"}
        if len(words) == 4:
            start, size = int(query.get("listOptions.continue", "0")), int(query["listOptions.limit"])
            following = str(start + size) if start + size < len(self.workflows) else ""
            items = [
                {**each, "status": {k: v for k, v in each["status"].items() if k != "nodes"}} for each in self.workflows
            ]
            return 200, {"metadata": {"continue": following}, "items": items[start : start + size] or None}
        one = next((each for each in self.workflows if each["metadata"]["name"] == words[4]), None)
        if one is None:
            return 404, {"code": 5, "message": "workflows.argoproj.io not found"}
        if len(words) == 5:
            return 200, one
        log = self.logs.get(query["podName"])
        if log is None:
            return 404, {"code": 5, "message": "pods not found"}
        return 200, "\n".join(
            json.dumps({"result": {"content": line, "podName": query["podName"]}}) for line in log.split("\n")
        )


class DatabricksServer(JobServer):
    """Jobs, runs (the newest first) with their tasks, and outputs by the run of a task."""

    def __init__(
        self,
        jobs: Sequence[Mapping[str, Any]],
        runs: Sequence[Mapping[str, Any]],
        outputs: Mapping[str, Mapping[str, Any]],
    ) -> None:
        self.jobs, self.runs, self.outputs = jobs, runs, outputs
        super().__init__()

    def found(self, path: str, query: Mapping[str, str]) -> tuple[int, Any]:
        verb = path.partition("/jobs")[2]
        if not path.startswith(("/api/2.1/jobs", "/api/2.2/jobs")):
            return 404, {"error_code": "ENDPOINT_NOT_FOUND"}
        if verb == "/list":
            return self._page(query, "jobs", self.jobs, 100)
        if verb == "/runs/list":
            mine = [each for each in self.runs if query.get("job_id") in (None, str(each["job_id"]))]
            return self._page(query, "runs", [{k: v for k, v in each.items() if k != "tasks"} for each in mine], 25)
        if verb == "/runs/get":
            found = [each for each in self.runs if str(each["run_id"]) == query["run_id"]]
            return (200, found[0]) if found else (400, {"error_code": "INVALID_PARAMETER_VALUE"})
        output = self.outputs.get(query["run_id"]) if verb == "/runs/get-output" else None
        return (200, output) if output is not None else (400, {"error_code": "INVALID_PARAMETER_VALUE"})

    def _page(self, query: Mapping[str, str], key: str, listed: Sequence[Any], most: int) -> tuple[int, Any]:
        size = int(query.get("limit", "20"))
        if size > most:
            return 400, {"error_code": "INVALID_PARAMETER_VALUE"}
        start = int(query.get("page_token", "0"))
        found: dict[str, Any] = {key: listed[start : start + size]} if listed[start : start + size] else {}
        if start + size < len(listed):
            found |= {"next_page_token": str(start + size), "has_more": True}
        return 200, found
