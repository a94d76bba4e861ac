"""RootCauseBench: reconstructed incidents with metrics, logs, a few traces, commits, deploys and feature flags.

Raw: `CASE/ground_truth.json` beside `CASE/data/` with `alert.json`, `metrics.csv`, `logs.ndjson`, `traces.json` and
`context/{commits,deploys,flags}.json`. Other JSON files in `data/` that hold a list `events` of timed records (a status
feed) become `events`. `patterns.json` (log clusters counted against the baseline by the set's author) and
`instruction.md` are no telemetry and are left out; `ground_truth.json` is read for the truth only.

Changes: commits and deploys both carry the SHA as id, so an answer that names the SHA names either. A commit's entity
is the service that a deploy of it went to, or null when none names it.

Truth: the entity is the service to which the culprit commit was deployed first (the place of the cause), or the first
failing service when no deploy names the commit. Victims, the first failing service among them when it is another one,
are no causes. Where the answer is that no commit is at fault, the set names no other cause than the first failing
service: that is the entity, without a change, and the fault is `no-change`.

Times: the window starts five minutes before the alerting metric last crossed the alert's threshold ahead of the page
(that much, because a cause precedes its symptom), or fifteen minutes before the page when that cannot be told; it ends
with the data. The baseline is everything before it.
"""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import numpy as np
from pydantic import TypeAdapter

from ...tools.snapshots.manifest import AlertRef
from ...tools.snapshots.writer import SnapshotWriter
from ..cases import Cause, Truth
from .folders import has_match, matching, source_id
from .publish import CaseDraft, DamagedCase, Importer, Listing, Notes, RawCase
from .rootcausebench_records import (
    COMMITS,
    DEPLOYS,
    FLAGS,
    SPANS,
    Alert,
    Answer,
    Commit,
    Deploy,
    Feed,
    Flag,
    Log,
    Span,
    in_utc,
)
from .series import MINUTE_US, MetricRows, Times, Values, number, to_us, window_of, write_topology

_BEFORE_ONSET_US = 5 * MINUTE_US
_BEFORE_PAGE_US = 15 * MINUTE_US
_DIFF_CHARS = 8_000
"""A diff longer than this is cut; the largest published one is a tenth of it."""

_KNOWN_FILES = frozenset({"alert.json", "traces.json", "patterns.json"})
_NO_COMMIT = "none"


def _is_case(folder: Path, names: frozenset[str]) -> bool:
    return "ground_truth.json" in names and (folder / "data" / "alert.json").is_file()


def _list_cases(src: Path, notes: Notes) -> Listing:
    return Listing(tuple(RawCase(source_id(src, folder), _reader(folder, notes)) for folder in matching(src, _is_case)))


def _reader(folder: Path, notes: Notes) -> Callable[[], CaseDraft]:
    def read() -> CaseDraft:
        raw = folder / "data"
        alert = Alert.model_validate_json((raw / "alert.json").read_bytes())
        series = _read_metrics(raw / "metrics.csv", notes)
        deploys = sorted(_read_list(raw / "context" / "deploys.json", DEPLOYS), key=lambda deploy: deploy.timestamp)
        first_us = min(int(times[0]) for times, _ in series.values())
        last_us = max(int(times[-1]) for times, _ in series.values())
        start_us = _window_start(alert, series.get((alert.service, alert.metric)), notes)
        window = window_of(start_us, last_us + MINUTE_US)
        baseline = window_of(first_us, start_us)

        def write(writer: SnapshotWriter) -> None:
            rows = MetricRows(writer, window)
            for (service, metric), (times_us, values) in sorted(series.items()):
                rows.add(times_us, values, entity=service, metric=metric)
            rows.close()
            _write_logs(writer, raw / "logs.ndjson", notes)
            _write_spans(writer, _read_list(raw / "traces.json", SPANS))
            _write_changes(writer, raw / "context", deploys)
            _write_events(writer, raw, notes)

        ref = AlertRef(
            name=alert.monitor,
            entity=alert.service,
            metric=alert.metric,
            severity=alert.severity,
            summary=alert.summary,
            ts=alert.fired_at,
        )
        answer = Answer.model_validate_json((folder / "ground_truth.json").read_bytes())
        return CaseDraft(IMPORTER.manifest(window, baseline=baseline, alert=ref), _truth(answer, deploys), write)

    return read


def _truth(answer: Answer, deploys: list[Deploy]) -> Truth:
    culprit = answer.root_cause_commit.strip()
    if culprit.lower() == _NO_COMMIT:
        cause, fault = Cause(entity=answer.first_failing_service), "no-change"
    else:
        homes = [deploy.service for deploy in deploys if deploy.commit_sha == culprit]
        cause, fault = Cause(entity=(homes or [answer.first_failing_service])[0], change=culprit), "change"
    return Truth(causes=(cause,), verdict="cause_found", fault=fault, group=f"rootcausebench/{fault}")


def _window_start(alert: Alert, series: tuple[Times, Values] | None, notes: Notes) -> int:
    fired_us = to_us(alert.fired_at)
    if series is not None and alert.threshold is not None and alert.observed is not None:
        times_us, values = series
        before = times_us <= fired_us
        sign = 1.0 if alert.observed >= alert.threshold else -1.0
        good = np.flatnonzero(before & (sign * values <= sign * alert.threshold))
        bad = np.flatnonzero(before & (sign * values > sign * alert.threshold))
        if len(bad) and len(good) and bad[-1] > good[-1]:
            onset_us = int(times_us[good[-1] + 1])
            return max(onset_us - _BEFORE_ONSET_US, int(times_us[0]) + MINUTE_US)
    notes.add("the onset cannot be read off the alerting metric; the window starts fifteen minutes before the page")
    return fired_us - _BEFORE_PAGE_US


def _read_metrics(path: Path, notes: Notes) -> dict[tuple[str, str], tuple[Times, Values]]:
    samples: dict[tuple[str, str], list[tuple[int, float]]] = defaultdict(list)
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            cells = [row.get(name) for name in ("timestamp", "service", "metric", "value")]
            if any(cell is None for cell in cells):
                notes.add("a metric row lacks a field and is left out")
                continue
            timestamp, service, metric, value = (str(cell) for cell in cells)
            samples[service, metric].append((to_us(in_utc(datetime.fromisoformat(timestamp))), number(value)))
    if not samples:
        raise DamagedCase("the metrics are empty")
    return {
        key: (np.array([at for at, _ in rows], dtype=np.int64), np.array([value for _, value in rows]))
        for key, rows in ((key, sorted(rows)) for key, rows in samples.items())
    }


def _read_list(path: Path, adapter: TypeAdapter[tuple[Any, ...]]) -> tuple[Any, ...]:
    """The records of a file, none if there is no such file."""
    return adapter.validate_json(path.read_bytes()) if path.is_file() else ()


def _write_logs(writer: SnapshotWriter, path: Path, notes: Notes) -> None:
    logs: list[Log] = []
    if path.is_file():
        with path.open(encoding="utf-8") as file:
            for line in file:
                if line.strip():
                    logs.append(Log.model_validate_json(line))
    notes.add("a case has no logs", int(not logs))
    logs.sort(key=lambda log: log.timestamp)
    if logs:
        writer.write(
            "logs",
            {
                "ts": [log.timestamp for log in logs],
                "entity": [log.service for log in logs],
                "level": [log.severity_text for log in logs],
                "body": [log.msg for log in logs],
                "attributes": [sorted(log.attributes().items()) for log in logs],
                "trace_id": [log.trace_id for log in logs],
                "span_id": [log.span_id for log in logs],
            },
        )


def _write_spans(writer: SnapshotWriter, spans: tuple[Span, ...]) -> None:
    """Write spans and the calls they show. A span that lies in another trace than its only possible parent joins it."""
    by_id: dict[str, list[Span]] = defaultdict(list)
    for span in spans:
        by_id[span.span_id].append(span)
    parents = [_parent(span, by_id) for span in spans]
    edges = {
        (parent.service, span.service, "calls")
        for span, parent in zip(spans, parents, strict=True)
        if parent is not None and parent.service != span.service
    }
    traces: dict[int, str] = {}
    for index, span in enumerate(spans):
        above, seen = span, 0
        while (parent := _parent(above, by_id)) is not None and seen < len(spans):
            above, seen = parent, seen + 1
        traces[index] = above.trace_id
    if spans:
        writer.write(
            "spans",
            {
                "trace_id": [traces[index] for index in range(len(spans))],
                "span_id": [span.span_id for span in spans],
                "parent_id": [span.parent_id for span in spans],
                "entity": [span.service for span in spans],
                "name": [span.name for span in spans],
                "start": [span.start for span in spans],
                "duration_us": [round(span.duration_ms * 1000) for span in spans],
                "status": [span.status if span.status in {"OK", "ERROR"} else "UNSET" for span in spans],
                "attributes": [sorted(span.attributes().items()) for span in spans],
            },
        )
    write_topology(writer, edges)


def _parent(span: Span, by_id: dict[str, list[Span]]) -> Span | None:
    candidates = by_id.get(span.parent_id, []) if span.parent_id else []
    same_trace = [candidate for candidate in candidates if candidate.trace_id == span.trace_id]
    found = same_trace or candidates
    return found[0] if len(found) == 1 and found[0] is not span else None


def _write_changes(writer: SnapshotWriter, context: Path, deploys: list[Deploy]) -> None:
    commits: tuple[Commit, ...] = _read_list(context / "commits.json", COMMITS)
    flags: tuple[Flag, ...] = _read_list(context / "flags.json", FLAGS)
    authors = {commit.sha: commit.author for commit in commits}
    homes: dict[str, str] = {}
    for deploy in deploys:
        homes.setdefault(deploy.commit_sha, deploy.service)
    rows = [
        _change(
            commit.timestamp,
            homes.get(commit.sha),
            "commit",
            commit.sha,
            commit.message,
            commit.author,
            commit.attributes() | {"files": "\n".join(commit.files_changed), "diff": (commit.diff or "")[:_DIFF_CHARS]},
        )
        for commit in commits
    ]
    for deploy in deploys:
        told = deploy.attributes() | {"commit_sha": deploy.commit_sha, "version": deploy.version or ""}
        summary = f"deploy of {deploy.service} {deploy.version or ''}".strip()
        author = authors.get(deploy.commit_sha)
        rows.append(_change(deploy.timestamp, deploy.service, "deploy", deploy.commit_sha, summary, author, told))
    for flag in flags:
        told = flag.attributes() | {"change": flag.change or ""}
        summary = f"flag {flag.flag} {flag.change or 'changed'}"
        rows.append(_change(flag.timestamp, flag.service, "flag", flag.flag, summary, flag.actor, told))
    if rows:
        rows.sort(key=lambda row: (row["ts"], row["kind"], row["id"]))
        writer.write("changes", {name: [row[name] for row in rows] for name in rows[0]})


def _change(
    ts: datetime,
    entity: str | None,
    kind: Literal["commit", "deploy", "flag"],
    change_id: str,
    summary: str,
    author: str | None,
    attributes: dict[str, str],
) -> dict[str, Any]:
    kept = sorted((key, value) for key, value in attributes.items() if value)
    return {
        "ts": ts,
        "entity": entity,
        "kind": kind,
        "id": change_id,
        "summary": summary,
        "author": author,
        "attributes": kept,
    }


def _write_events(writer: SnapshotWriter, raw: Path, notes: Notes) -> None:
    rows: list[tuple[datetime, str | None, str | None, str]] = []
    for path in sorted(raw.glob("*.json")):
        if path.name in _KNOWN_FILES:
            continue
        content = json.loads(path.read_bytes())
        if not isinstance(content, dict) or not isinstance(content.get("events"), list):
            notes.add("a file of a case is of no known kind and is left out")
            continue
        feed = Feed.model_validate(content)
        rows += [(event.timestamp, feed.component or feed.source, event.status, event.detail) for event in feed.events]
    if rows:
        rows.sort(key=lambda row: (row[0], row[1] or ""))
        times, entities, reasons, messages = zip(*rows, strict=True)
        writer.write(
            "events",
            {
                "ts": times,
                "entity": entities,
                "kind": ["status"] * len(rows),
                "reason": reasons,
                "message": messages,
                "count": [1] * len(rows),
            },
        )


IMPORTER = Importer(
    name="rootcausebench",
    source="RootCauseBench",
    licence="Apache-2.0",
    layout="CASE/ground_truth.json beside CASE/data/ with alert.json, metrics.csv, logs.ndjson and context/",
    recognises=lambda src: has_match(src, _is_case),
    list_cases=_list_cases,
)
