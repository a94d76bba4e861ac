"""A double of Grafana Loki 3's query API over a real socket; it is no Loki.

It answers `query` (counts), `query_range` (lines and counts), `labels`, `label/NAME/values`, `series` and
`index/stats` over lines that it is given, with Loki's limits (lines of an answer, length of a query, series of a
count) and Loki's refusals, which are plain text. Of LogQL it knows what `logql_reader.py` says.
"""

from __future__ import annotations

import bisect
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, urlsplit

from .logql_reader import CountQuery, LogQuery, ParseError, read_query
from .served import Served


@dataclass(frozen=True)
class Entry:
    """One line: nanoseconds, the labels of its stream, its structured metadata."""

    ns: int
    stream: Mapping[str, str]
    line: str
    metadata: Mapping[str, str]


def entries_of(rows: Sequence[Mapping[str, Any]]) -> list[Entry]:
    """Lines of a snapshot as an agent would have sent them: the entity is `service_name`, all else is metadata."""
    found = []
    for row in rows:
        metadata = dict(row.get("attributes") or ())
        for name in ("level", "trace_id", "span_id"):
            if row.get(name):
                metadata[name] = row[name]
        stream = {"service_name": row["entity"], "cluster": "bakery"} if row["entity"] else {"cluster": "bakery"}
        found.append(Entry(round(row["ts"].timestamp() * 1e6) * 1_000, stream, row["body"] or "", metadata))
    return found


class LokiServer(Served):
    """One server on a port of its own.

    Args:
        entries: what it holds; of the same line in the same stream at the same time one is kept, as Loki does it.
        most_entries: `max_entries_limit_per_query`.
        most_series: `max_query_series`.
        most_query_bytes: beyond, a query is refused.
        knows_drop: whether `drop` is known; Loki before 2.8 does not know it.
    """

    def __init__(
        self,
        entries: Sequence[Entry],
        *,
        most_entries: int = 5_000,
        most_series: int = 500,
        most_query_bytes: int = 5_120,
        knows_drop: bool = True,
    ) -> None:
        names: dict[int, str] = {}
        kept: dict[tuple[int, str, str], Entry] = {}
        for entry in entries:
            name = names.setdefault(id(entry.stream), json.dumps(entry.stream, sort_keys=True))
            kept.setdefault((entry.ns, name, entry.line), entry)
        self.entries = [kept[key] for key in sorted(kept, key=lambda key: (key[0], key[1]))]
        self._times = [entry.ns for entry in self.entries]
        labels: dict[tuple[int, int], Mapping[str, str]] = {}
        self._all = [
            labels.setdefault((id(entry.stream), id(entry.metadata)), {**entry.metadata, **entry.stream})
            for entry in self.entries
        ]
        self.most_entries, self.most_series, self.most_query_bytes = most_entries, most_series, most_query_bytes
        self.knows_drop = knows_drop
        self.queries: list[str] = []
        self.bytes_sent = 0
        self._serve(_handler(self))

    def answer(self, path: str, given: Mapping[str, str], categorized: bool) -> Any:
        """The `data` of an answer.

        Raises:
            ParseError: the question is refused; its text is the body.
            LookupError: there is no such path.
        """
        if path == "/loki/api/v1/query":
            return self._instant(given)
        if path == "/loki/api/v1/query_range":
            return self._range(given, categorized)
        if path == "/loki/api/v1/labels":
            return sorted({name for entry in self._between(given) for name in entry.stream})
        if path == "/loki/api/v1/label/service_name/values":
            return sorted(
                {entry.stream["service_name"] for entry in self._between(given) if "service_name" in entry.stream}
            )
        if path == "/loki/api/v1/series":
            return [dict(pairs) for pairs in sorted({tuple(sorted(e.stream.items())) for e in self._between(given)})]
        raise LookupError

    def stats(self, given: Mapping[str, str]) -> dict[str, int]:
        """`index/stats`, which has no envelope."""
        query = self._read(given)
        if not isinstance(query, LogQuery) or query.stages:
            raise ParseError("parse error : only label matchers are supported")
        entries = [entry for entry in self._between(given) if query.matches(entry.stream)]
        streams = len({id(entry.stream) for entry in entries})
        size = sum(len(entry.line) for entry in entries)
        return {"streams": streams, "chunks": streams, "bytes": size, "entries": len(entries)}

    def _read(self, given: Mapping[str, str]) -> LogQuery | CountQuery:
        text = given.get("query", "")
        self.queries.append(text)
        if len(text.encode()) > self.most_query_bytes:
            raise ParseError(f"parse error : input size too long ({len(text)} > {self.most_query_bytes})")
        if not self.knows_drop and "| drop " in text:
            raise ParseError("parse error at line 1, col 40: syntax error: unexpected IDENTIFIER")
        return read_query(text)

    def _instant(self, given: Mapping[str, str]) -> dict[str, Any]:
        query = self._read(given)
        if not isinstance(query, CountQuery):
            raise ParseError("log queries are not supported as an instant query type, please change your query type")
        at = int(given["time"])
        counts = self._counts(query, at)
        result = [{"metric": dict(labels), "value": [at / 1e9, str(count)]} for labels, count in sorted(counts.items())]
        return {"resultType": "vector", "result": result, "stats": {}}

    def _range(self, given: Mapping[str, str], categorized: bool) -> dict[str, Any]:
        query = self._read(given)
        start, end = int(given["start"]), int(given["end"])
        if end < start:
            raise ParseError("end timestamp must not be before or equal to start time")
        if isinstance(query, CountQuery):
            return self._matrix(query, start, end, int(float(given["step"]) * 1e9))
        limit = int(given.get("limit", "100"))
        if limit > self.most_entries:
            raise ParseError(
                f"max entries limit per query exceeded, limit > max_entries_limit_per_query ({limit} > "
                f"{self.most_entries})"
            )
        is_forward = given.get("direction", "backward") == "forward"
        streams: dict[str, dict[str, Any]] = {}
        for place in self._found(query, start, end, is_forward=is_forward):
            entry = self.entries[place]
            labels = dict(entry.stream) if categorized else self._all[place]
            stream = streams.setdefault(json.dumps(labels, sort_keys=True), {"stream": labels, "values": []})
            beside = {"structuredMetadata": dict(entry.metadata)} if entry.metadata else {}
            stream["values"].append([str(entry.ns), entry.line, *([beside] if categorized else [])])
            limit -= 1
            if limit <= 0:
                break
        flags = {"encodingFlags": ["categorize-labels"]} if categorized else {}
        return {"resultType": "streams", **flags, "result": list(streams.values()), "stats": {}}

    def _matrix(self, query: CountQuery, start: int, end: int, step: int) -> dict[str, Any]:
        series: dict[tuple[tuple[str, str], ...], list[list[Any]]] = {}
        for at in range(start, end + 1, step):
            for labels, count in self._counts(query, at).items():
                series.setdefault(labels, []).append([at / 1e9, str(count)])
        result = [{"metric": dict(labels), "values": values} for labels, values in sorted(series.items())]
        return {"resultType": "matrix", "result": result, "stats": {}}

    def _counts(self, query: CountQuery, at: int) -> dict[tuple[tuple[str, str], ...], int]:
        """Lines later than the range before a moment and not later than it."""
        counts: dict[tuple[tuple[str, str], ...], int] = {}
        for place in self._found(query.log, at - query.range_ms * 1_000_000 + 1, at + 1, is_forward=True):
            labels = self._all[place]
            key = tuple((name, labels[name]) for name in query.by if labels.get(name))
            counts[key] = counts.get(key, 0) + 1
        if len(counts) > self.most_series:
            raise ParseError(f"maximum of series ({self.most_series}) reached for a single query")
        return counts

    def _found(self, query: LogQuery, start: int, end: int, *, is_forward: bool) -> Iterator[int]:
        first, last = bisect.bisect_left(self._times, start), bisect.bisect_left(self._times, end)
        for place in range(first, last) if is_forward else range(last - 1, first - 1, -1):
            entry = self.entries[place]
            if not query.matches(entry.stream):
                continue
            labels: Mapping[str, str] | None = self._all[place]
            for stage in query.stages:
                labels = stage(entry.ns, labels, entry.line)
                if labels is None:
                    break
            else:
                yield place

    def _between(self, given: Mapping[str, str]) -> list[Entry]:
        start, end = int(given.get("start", "0")), int(given.get("end", str(2**63)))
        return self.entries[bisect.bisect_left(self._times, start) : bisect.bisect_left(self._times, end)]


def _handler(server: LokiServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._serve(urlsplit(self.path).query)

        def do_POST(self) -> None:
            self._serve(self.rfile.read(int(self.headers["Content-Length"])).decode())

        def _serve(self, query: str) -> None:
            path = urlsplit(self.path).path
            given = {name: values[0] for name, values in parse_qs(query, keep_blank_values=True).items()}
            categorized = "categorize-labels" in self.headers.get("X-Loki-Response-Encoding-Flags", "")
            try:
                if path == "/loki/api/v1/status/buildinfo":
                    self._say(200, json.dumps({"version": "3.1.0", "branch": "a double"}), "application/json")
                elif path == "/loki/api/v1/index/stats":
                    self._say(200, json.dumps(server.stats(given)), "application/json")
                else:
                    data = server.answer(path, given, categorized)
                    self._say(200, json.dumps({"status": "success", "data": data}), "application/json")
            except (ParseError, KeyError) as error:
                self._say(400, str(error), "text/plain; charset=utf-8")
            except LookupError:
                self._say(404, "404 page not found\n", "text/plain; charset=utf-8")

        def _say(self, status: int, text: str, kind: str) -> None:
            content = text.encode("utf-8", "surrogatepass")
            server.bytes_sent += len(content)
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            pass

    return Handler
