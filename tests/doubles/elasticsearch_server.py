"""A double of the search API of Elasticsearch 8 (or OpenSearch 2) over a real socket; it is neither.

It answers `_search` with and without a point in time, and opens points in time, over lines of a snapshot as documents
of the Elastic Common Schema. Of the query DSL it knows `bool`, `range`, `term`, `terms`, `exists`, `ids`, `wildcard`,
`match_phrase` and `function_score` with `random_score`; of aggregations `composite` over terms with filters below.
What it does not know is a `parsing_exception`. Limits: 10,000 hits of an answer; case is folded in ASCII only.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, urlsplit

from .served import Served

Document = Mapping[str, Any]
Test = Callable[[Document], bool]


class Refused(Exception):
    """An error as Elasticsearch answers it."""

    def __init__(self, status: int, kind: str, reason: str = "unknown") -> None:
        super().__init__(reason)
        self.status, self.kind = status, kind


def document_of(row: Mapping[str, Any], number: int) -> Document:
    """A line as a document: what is stored, and its fields by their whole names."""
    at = row["ts"].astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    source: dict[str, Any] = {"@timestamp": at, "message": row["body"] or "", **dict(row.get("attributes") or ())}
    if row["entity"]:
        source["service"] = {"name": row["entity"]}
    if row.get("level"):
        source["log"] = {"level": row["level"]}
    for name in ("trace", "span"):
        if row.get(f"{name}_id"):
            source[name] = {"id": row[f"{name}_id"]}
    fields = {
        "@timestamp": at,
        "message": source["message"],
        "message.exact": source["message"],
        "service.name": row["entity"] or None,
        "log.level": row.get("level"),
        **dict(row.get("attributes") or ()),
    }
    known = {name: value for name, value in fields.items() if value is not None}
    return {"_id": f"d{number}", "_seq_no": number, "_source": source, "fields": known}


class ElasticsearchServer(Served):
    """One server on a port of its own with one index, `logs-bakery`.

    Args:
        rows: of the table `logs` of a snapshot.
        flavour: whose way to open a point in time is known.
    """

    def __init__(self, rows: Sequence[Mapping[str, Any]], flavour: str = "elasticsearch") -> None:
        documents = [document_of(row, number) for number, row in enumerate(rows)]
        self.documents = sorted(documents, key=lambda found: found["fields"]["@timestamp"])
        self.flavour = flavour
        self.points: set[str] = set()
        self.failed_shards = 0
        self.asked: list[Any] = []
        self._found: dict[str, list[tuple[int, Document]]] = {}
        self._serve(_handler(self))

    def answer(self, path: str, given: Mapping[str, str], body: bytes) -> Any:
        """A document.

        Raises:
            Refused: the question is.
        """
        opening = "_pit" if self.flavour == "elasticsearch" else "_search/point_in_time"
        index, _, verb = path.strip("/").partition("/")
        if verb == opening and given.get("keep_alive") and not body:
            self._check(index)
            self.points.add(f"point-{len(self.points)}")
            return {"id" if self.flavour == "elasticsearch" else "pit_id": f"point-{len(self.points) - 1}"}
        asked = json.loads(body)
        self.asked.append(asked)
        if index == "_search":
            if asked.get("pit", {}).get("id") not in self.points:
                raise Refused(404, "search_context_missing_exception")
        elif verb == "_search" and "pit" not in asked:
            self._check(index)
        else:
            raise Refused(400, "illegal_argument_exception")
        return self._search(asked)

    def _check(self, index: str) -> None:
        patterns = [re.escape(name).replace(r"\*", ".*") for name in index.split(",")]
        for name, pattern in zip(index.split(","), patterns, strict=True):
            if "*" not in name and not re.fullmatch(pattern, "logs-bakery"):
                raise Refused(404, "index_not_found_exception", f"no such index [{name}]")

    def _search(self, asked: dict[str, Any]) -> dict[str, Any]:
        known = {"query", "size", "sort", "pit", "search_after", "track_total_hits", "aggs"}
        if set(asked) - known:
            raise Refused(400, "parsing_exception")
        if asked.get("size", 10) > 10_000:
            raise Refused(400, "illegal_argument_exception", "Result window is too large")
        found = self._matching(asked["query"])
        answer: dict[str, Any] = {
            "took": 1,
            "timed_out": False,
            "_shards": {"total": 1, "successful": 1 - self.failed_shards, "skipped": 0, "failed": self.failed_shards},
        }
        if "aggs" in asked:
            answer["aggregations"] = _aggregated(asked["aggs"], [document for _, document in found])
        total = {"total": {"value": len(found), "relation": "eq"}} if asked.get("track_total_hits", True) else {}
        hits = _sorted(found, asked)[: asked.get("size", 10)]
        answer["hits"] = {"max_score": None, "hits": hits, **total}
        if "pit" in asked:
            answer["pit_id"] = asked["pit"]["id"]
        return answer

    def _matching(self, query: Mapping[str, Any]) -> list[tuple[int, Document]]:
        name = json.dumps(query)
        if name not in self._found:
            test = matcher_of(query)
            self._found[name] = [(place, found) for place, found in enumerate(self.documents) if test(found)]
        return self._found[name]


def _sorted(found: list[tuple[int, Document]], asked: Mapping[str, Any]) -> list[dict[str, Any]]:
    keys = asked.get("sort", ["_doc"])
    is_backward = keys != ["_doc"] and keys[0]["@timestamp"]["order"] == "desc"
    by_id = len(keys) > 1
    rows = []
    for place, document in found:
        at = document["fields"]["@timestamp"]
        sort = [place] if keys == ["_doc"] else [at, document["_id"] if by_id else place]
        rows.append((sort, document))
    # Only the time is sorted backward: what tells documents of one moment apart always ascends.
    rows.sort(key=lambda row: row[0][1:])
    rows.sort(key=lambda row: row[0][0], reverse=is_backward)
    after = asked.get("search_after")
    if after is not None:
        if len(after) != len(rows[0][0] if rows else after):
            raise Refused(400, "illegal_argument_exception")
        rows = [row for row in rows if _follows(row[0], after, is_backward)]
    implicit = "pit" in asked or by_id
    return [
        {
            "_index": "logs-bakery",
            "_id": document["_id"],
            "_score": None,
            "_source": document["_source"],
            "sort": sort if implicit else sort[:1],
        }
        for sort, document in rows
    ]


def _follows(sort: list[Any], after: list[Any], is_backward: bool) -> bool:
    if sort[0] == after[0]:
        return bool(sort[1:] > after[1:])
    return bool((sort[0] < after[0]) if is_backward else (sort[0] > after[0]))


def _aggregated(asked: Mapping[str, Any], found: Sequence[Document]) -> dict[str, Any]:
    answers = {}
    for name, aggregation in asked.items():
        composite = aggregation["composite"]
        sources = [next(iter(source.items())) for source in composite["sources"]]
        if any(not terms["terms"].get("missing_bucket") for _, terms in sources):
            raise Refused(400, "parsing_exception")
        buckets: dict[tuple[str | None, ...], list[Document]] = {}
        for document in found:
            key = tuple(document["fields"].get(terms["terms"]["field"]) for _, terms in sources)
            buckets.setdefault(key, []).append(document)
        names = [source for source, _ in sources]
        order = sorted(buckets, key=_missing_first)
        if "after" in composite:
            last = _missing_first(tuple(composite["after"][source] for source in names))
            order = [key for key in order if _missing_first(key) > last]
        page = order[: composite["size"]]
        listed = [
            {
                "key": dict(zip(names, key, strict=True)),
                "doc_count": len(buckets[key]),
                **{
                    below: {"doc_count": sum(map(matcher_of(each["filter"]), buckets[key]))}
                    for below, each in aggregation["aggs"].items()
                },
            }
            for key in page
        ]
        after = {"after_key": listed[-1]["key"]} if listed else {}
        answers[name] = {"buckets": listed, **after}
    return answers


def _missing_first(key: Sequence[str | None]) -> tuple[tuple[bool, str], ...]:
    return tuple((value is not None, value or "") for value in key)


def matcher_of(query: Mapping[str, Any]) -> Test:
    """What a query means.

    Raises:
        Refused: it is not known here.
    """
    if len(query) != 1:
        raise Refused(400, "parsing_exception")
    ((kind, given),) = query.items()
    if kind not in _KINDS:
        raise Refused(400, "parsing_exception", f"unknown query [{kind}]")
    return _KINDS[kind](given)


def _bool(given: Mapping[str, Any]) -> Test:
    if set(given) - {"filter", "should", "must_not", "minimum_should_match"}:
        raise Refused(400, "parsing_exception")
    every = [matcher_of(each) for each in given.get("filter", ())]
    some = [matcher_of(each) for each in given.get("should", ())]
    none = [matcher_of(each) for each in given.get("must_not", ())]

    def test(document: Document) -> bool:
        return (
            all(each(document) for each in every)
            and (not some or any(each(document) for each in some))
            and not any(each(document) for each in none)
        )

    return test


def _range(given: Mapping[str, Any]) -> Test:
    ((field, limits),) = given.items()
    if set(limits) != {"gte", "lt", "format"}:
        raise Refused(400, "parsing_exception")
    datetime.fromisoformat(limits["gte"])
    return lambda document: limits["gte"] <= document["fields"].get(field, "") < limits["lt"]


def _terms(given: Mapping[str, Any]) -> Test:
    ((field, values),) = given.items()
    wanted = set(values)
    return lambda document: document["fields"].get(field) in wanted


def _wildcard(given: Mapping[str, Any]) -> Test:
    ((field, asked),) = given.items()
    parts = re.findall(r"\\.|[^\\]", asked["value"], re.DOTALL)
    plain = {"*": ".*", "?": "."}
    pattern = re.compile(
        "".join(plain.get(part) or re.escape(part.removeprefix("\\")) for part in parts),
        re.DOTALL | re.ASCII | (re.IGNORECASE if asked.get("case_insensitive") else 0),
    )
    # Python folds other letters too: those are compared as they are.
    return lambda document: field in document["fields"] and pattern.fullmatch(document["fields"][field]) is not None


def _match_phrase(given: Mapping[str, Any]) -> Test:
    ((field, asked),) = given.items()
    wanted = _words(asked["query"])

    def test(document: Document) -> bool:
        words = _words(document["fields"].get(field, ""))
        return bool(wanted) and any(words[at : at + len(wanted)] == wanted for at in range(len(words)))

    return test


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


def _function_score(given: Mapping[str, Any]) -> Test:
    if set(given) != {"query", "random_score", "boost_mode", "min_score"} or given["boost_mode"] != "replace":
        raise Refused(400, "parsing_exception")
    inner, seed = matcher_of(given["query"]), given["random_score"]["seed"]

    def test(document: Document) -> bool:
        number = f"{seed}:{document[given['random_score']['field']]}".encode()
        score = int.from_bytes(hashlib.blake2b(number, digest_size=4).digest(), "big") / 2**32
        return score >= given["min_score"] and inner(document)

    return test


def _exists(given: Mapping[str, Any]) -> Test:
    return lambda document: given["field"] in document["fields"]


def _ids(given: Mapping[str, Any]) -> Test:
    wanted = set(given["values"])
    return lambda document: document["_id"] in wanted


def _term(given: Mapping[str, Any]) -> Test:
    ((field, asked),) = given.items()
    return lambda document: document["fields"].get(field) == asked["value"]


_KINDS: Mapping[str, Callable[[Mapping[str, Any]], Test]] = {
    "bool": _bool,
    "range": _range,
    "term": _term,
    "terms": _terms,
    "exists": _exists,
    "ids": _ids,
    "wildcard": _wildcard,
    "match_phrase": _match_phrase,
    "function_score": _function_score,
}


def _handler(server: ElasticsearchServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._say(200, {"name": "a double", "version": {"number": "8.15.0"}, "tagline": "You Know, for Search"})

        def do_POST(self) -> None:
            parts = urlsplit(self.path)
            given = {name: values[0] for name, values in parse_qs(parts.query).items()}
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if body and self.headers["Content-Type"] != "application/json":
                self._say(406, {"error": f"Content-Type header [{self.headers['Content-Type']}] is not supported"})
                return
            try:
                self._say(200, server.answer(parts.path, given, body))
            except Refused as error:
                cause = {"type": error.kind, "reason": str(error)}
                self._say(error.status, {"error": {"root_cause": [cause], **cause}, "status": error.status})

        def _say(self, status: int, document: Any) -> None:
            content = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("X-elastic-product", "Elasticsearch")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            pass

    return Handler
