"""A double of Amazon CloudWatch Logs over a real socket, for what moto's server does not enforce: Logs Insights.

It answers `StartQuery`, `GetQueryResults` and `StopQuery` in the AWS JSON 1.1 protocol over lines of a snapshot, which
it holds as JSON lines of one group. Queries are read by `insights_reader.py`; they run for as many polls as told, end
with up to `limit` results, and are handed over in pages with a token. Times of a question are whole seconds, both ends
included.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from opswarden.tools.logs.backends.cloudwatch_rows import fields_of

from .aws_json import AwsJsonServer, Refused
from .insights_reader import Malformed, Reader, Record

GROUP = "/shop/lines"
_ACCOUNT = "123456789012"
_PAGE = 10_000


def message_of(row: Mapping[str, Any]) -> str:
    """A line as a service writes it."""
    said: dict[str, Any] = {"message": row["body"], **dict(row.get("attributes") or ())}
    for name, key in (("service", "entity"), ("level", "level"), ("trace_id", "trace_id"), ("span_id", "span_id")):
        if row.get(key):
            said[name] = row[key]
    return json.dumps(said)


def record_of(at_ms: int, group: str, stream: str, message: str) -> Record:
    """A line as Insights sees it."""
    own = {"@timestamp": at_ms, "@log": f"{_ACCOUNT}:{group}", "@logStream": stream, "@message": message}
    return {**fields_of(message), **own}


class CloudwatchLogsServer(AwsJsonServer):
    """One server on a port of its own.

    Args:
        rows: of the table `logs` of a snapshot; held by the group `/shop/lines`.
        records: further lines, as `record_of` makes them.
        polls: times that a query says it is running before it is done.
        forbidden: operations that the credential may not use.
        busy: questions that are throttled at first.
    """

    def __init__(
        self,
        rows: Sequence[Mapping[str, Any]] = (),
        *,
        records: Sequence[Record] = (),
        polls: int = 1,
        forbidden: Sequence[str] = (),
        busy: int = 0,
    ) -> None:
        held = [
            record_of(round(row["ts"].timestamp() * 1_000), GROUP, f"pod-{place % 3}", message_of(row))
            for place, row in enumerate(rows)
        ]
        self.records = [*held, *records]
        self.stopped: list[str] = []
        self._polls = polls
        self._queries: dict[str, tuple[int, int, list[dict[str, str]]]] = {}
        super().__init__(("Logs_20140328",), forbidden=forbidden, busy=busy)

    def answered(self, operation: str, given: Mapping[str, Any]) -> Mapping[str, Any]:
        known = {"StartQuery": self._start, "GetQueryResults": self._results, "StopQuery": self._stop}
        if operation not in known:
            raise Refused("UnknownOperationException")
        return known[operation](given)

    def _start(self, given: Mapping[str, Any]) -> Mapping[str, Any]:
        groups = {f"{_ACCOUNT}:{group}" for group in given["logGroupNames"]}
        if len(groups) > 50 or len(given["queryString"]) > 10_000 or given.get("limit", 1) > 100_000:
            raise Refused("InvalidParameterException")
        if not groups <= {*(record["@log"] for record in self.records), f"{_ACCOUNT}:{GROUP}"}:
            raise Refused("ResourceNotFoundException")
        try:
            query = Reader(given["queryString"]).read()
        except Malformed:
            raise Refused("MalformedQueryException") from None
        first, last = given["startTime"], given["endTime"]
        seen = [
            record
            for record in self.records
            if record["@log"] in groups and first <= record["@timestamp"] // 1_000 <= last
        ]
        matched, rows = query.run(seen)
        id = f"q-{len(self._queries)}"
        self._queries[id] = (self._polls, matched, rows)
        return {"queryId": id}

    def _results(self, given: Mapping[str, Any]) -> Mapping[str, Any]:
        if given["queryId"] not in self._queries:
            raise Refused("ResourceNotFoundException")
        polls, matched, rows = self._queries[given["queryId"]]
        if polls:
            self._queries[given["queryId"]] = (polls - 1, matched, rows)
            return {"status": "Running", "results": []}
        start, size = int(given.get("nextToken", 0)), min(given.get("maxItems", _PAGE), _PAGE)
        page = rows[start : start + size]
        told = [[{"field": name, "value": value} for name, value in row.items()] for row in page]
        more = {"nextToken": str(start + size)} if start + size < len(rows) else {}
        statistics = {"recordsMatched": float(matched), "recordsScanned": 0.0, "bytesScanned": 0.0}
        return {"status": "Complete", "results": told, "statistics": statistics, **more}

    def _stop(self, given: Mapping[str, Any]) -> Mapping[str, Any]:
        self.stopped.append(given["queryId"])
        return {"success": True}
