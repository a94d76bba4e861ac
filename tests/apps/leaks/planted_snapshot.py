"""A snapshot into every corner of which somebody has written values of seventy kinds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from opswarden.tests.apps.calm import WINDOW, redeclare, rewrite, write_calm
from opswarden.tests.redaction.disguises import BLOCKS, FORMATS, SPELLINGS, Hidden, hidden
from opswarden.tests.redaction.effort import LONG
from opswarden.tests.redaction.planting import KINDS, SELF_EVIDENT, Planted, plant
from opswarden.tools.snapshots.schema import TABLES

PLACES = ("logs", "metrics", "spans", "changes", "alerts", "runbooks")
"""Each holds values of its own, so that a leak names its source."""
NAMED = ("email", "card visa", "iban", "jwt", "github", "dsn")
"""Kinds that somebody has made the name of a service."""
_LINES_PER_KIND = 10 if LONG else 3
_PER_ENTITY, _PER_METRIC, _PER_RUNBOOK = 6, 3, 4
_FIRST_LINE = 960  # of the quiet snapshot that this one is made from
_AT = WINDOW.start + timedelta(minutes=5)
_ENCODINGS = (*BLOCKS, *SPELLINGS, "colours")


def mark(place: int) -> str:
    """A word that stands in the log lines of one kind alone."""
    return f"zqmark{place:02}"


def planted_in(where: str) -> list[Planted]:
    """What lies in a place; one value of every kind, or of those kinds that can be a name."""
    return [plant(kind, where) for kind in (NAMED if where == "topology" else KINDS)]


def said(each: Planted) -> str:
    """How somebody would write the value into a text: with its key, unless it needs none."""
    return each.value if each.kind in SELF_EVIDENT else f"{each.key}={each.value}"


def security_code(where: str) -> Planted:
    """A card security code is too short to be looked for by itself: what is told is the pair with its key."""
    parts = ("cvv2=7391", "cvv2: 7391", '"cvv2":"7391"', '"cvv2": "7391"', '\\"cvv2\\":\\"7391\\"', "<cvv2>7391")
    return Planted(f"security code {where}", "cvv2", "7391", parts)


def log_lines() -> Iterator[tuple[int, str, str]]:
    """Kind by number, text, level: every kind in several formats, some of them under an encoding."""
    wraps = list(FORMATS)
    everything = [*planted_in("logs"), security_code("logs")]
    for place, planted in enumerate(everything):
        for row in range(_LINES_PER_KIND):
            if row < _LINES_PER_KIND * 2 // 3:
                value = Hidden(planted.key, planted.value, planted.telling)
            else:
                value = hidden(planted, _ENCODINGS[(place + row) % len(_ENCODINGS)])
            text = FORMATS[wraps[(place + row) % len(wraps)]](value.key, value.value)
            # A mark on a line of its own leaves the format as it is.
            yield place, f"{mark(place)} said\n{text}" if row % 2 else f"{text}\n{mark(place)} said", "ERROR"


def write_planted(folder: Path) -> Path:
    """Write the snapshot."""
    write_calm(folder)
    _append(folder, "logs", [_log(place, text, level) for place, text, level in log_lines()])
    _append(folder, "metrics", [_metric(place, each) for place, each in enumerate(planted_in("metrics"))])
    _append(folder, "spans", [_span(place, each) for place, each in enumerate(planted_in("spans"))])
    _append(folder, "changes", [_change(place, each) for place, each in enumerate(planted_in("changes"))])
    alerts = [_alert(place, each) for place, each in enumerate(planted_in("alerts"))]
    pa.parquet.write_table(pa.Table.from_pylist(alerts, TABLES["alerts"]), folder / "alerts.parquet")
    edges = [{"caller": "gateway", "callee": each.value, "kind": each.value} for each in planted_in("topology")]
    _append(folder, "topology", edges)
    for place, several in enumerate(_grouped(planted_in("runbooks"), _PER_RUNBOOK)):
        sections = [
            f"## Contact {said(each)}\n\nAsk for {each.key}: {each.value} and go on.\n\nWrite.\n" for each in several
        ]
        text = f"# Rotate {mark(place)}\n\n" + "\n".join(sections)
        (folder / "runbooks" / f"{mark(place)}.md").write_text(text, encoding="utf-8")
    mail, card = plant("email", "title"), plant("card visa", "title")
    alert = {"name": "PageSlow", "entity": "gateway", "metric": "latency_ms", "severity": "page"}
    redeclare(
        folder,
        title=f"payments are slow, ask {mail.value}",
        alert=alert | {"summary": f"{mail.value} saw it on card {card.value}"},
        source=f"exported by {mail.value}",
        licence=f"ask {mail.value}",
    )
    return folder


def _append(folder: Path, table: str, rows: list[dict[str, Any]]) -> None:
    schema = TABLES[table]  # type: ignore[index]  # a table's name
    more = pa.Table.from_pylist([{name: row.get(name) for name in schema.names} for row in rows], schema)
    rewrite(folder, table, lambda old: pa.concat_tables([old.cast(schema), more]))


def _log(place: int, text: str, level: str) -> dict[str, Any]:
    each = planted_in("logs")[min(place, len(KINDS) - 1)]
    attributes = [(each.key, each.value), (f"of {said(each)}", "x")]
    return {
        "ts": _AT,
        "entity": "gateway",
        "level": level,
        "body": text,
        "attributes": attributes,
        "trace_id": said(each),
    }


def _metric(place: int, each: Planted) -> dict[str, Any]:
    return {
        "ts": _AT,
        "entity": "gateway",
        "metric": f"planted_{place // _PER_METRIC}",
        "kind": "gauge",
        "value": 1.0,
        "unit": said(each),
        "labels": [(each.key, each.value)],
    }


def _span(place: int, each: Planted) -> dict[str, Any]:
    return {
        "trace_id": f"{place + 1_000:032x}",
        "span_id": f"{place + 1_000:016x}",
        "entity": f"svc-{place // _PER_ENTITY}",
        "name": f"POST /pay {each.key}={each.value}",
        "start": _AT,
        "duration_us": 9_000,
        "status": "ERROR",
        "attributes": [(each.key, each.value)],
    }


def _change(place: int, each: Planted) -> dict[str, Any]:
    return {
        "ts": _AT,
        "entity": f"svc-{place // _PER_ENTITY}",
        "kind": "config" if place % 2 else f"kind {said(each)}",
        "id": said(each),
        "summary": f"set {each.key}={each.value}",
        "author": said(each),
        "attributes": [(each.key, each.value)],
    }


def _alert(place: int, each: Planted) -> dict[str, Any]:
    return {
        "ts": _AT,
        "name": f"Alert {place} of {said(each)}",
        "entity": f"svc-{place // _PER_ENTITY}",
        "severity": "page",
        "state": "firing",
        "summary": f"{each.key}={each.value} is wrong",
        "labels": [(each.key, each.value)],
    }


def _grouped(values: list[Planted], size: int) -> Iterator[list[Planted]]:
    return (values[at : at + size] for at in range(0, len(values), size))


def every_call() -> list[tuple[str, Mapping[str, Any]]]:
    """Calls that read all of it, tool by tool."""
    window = {"start": WINDOW.start.isoformat(), "end": WINDOW.end.isoformat()}
    before = {"baseline_start": (WINDOW.start - timedelta(minutes=90)).isoformat(), "baseline_end": window["start"]}
    lines = [str(_FIRST_LINE + row) for row in range((len(KINDS) + 1) * _LINES_PER_KIND)]
    calls: list[tuple[str, Mapping[str, Any]]] = [
        ("logs.read", {"ids": lines[at : at + 4]}) for at in range(0, len(lines), 4)
    ]
    calls += [("logs.search", {**window, "contains": mark(place), "limit": 12}) for place in range(len(KINDS))]
    calls += [("logs.search", {**window, "contains": said(each)[:200]}) for each in planted_in("logs")[::5]]
    for place in range(-(-len(KINDS) // _PER_METRIC)):
        calls.append(("metrics.query", {**window, "entity": "gateway", "metric": f"planted_{place}"}))
    for place in range(-(-len(KINDS) // _PER_ENTITY)):
        one = {"entities": [f"svc-{place}"]}
        calls += [(f"traces.{verb}", {**window, **before, **one}) for verb in ("latency", "calls", "paths")]
        calls.append(("traces.read", {**window, "entity": f"svc-{place}"}))
        calls.append(("changes.recent", {**window, **one}))
        calls.append(("alerts.active", {**window, **one}))
    calls += [("runbooks.read", {"name": f"{mark(place)}.md"}) for place in range(-(-len(KINDS) // _PER_RUNBOOK))]
    calls += [
        ("logs.patterns", {**window, **before, "limit": 50}),
        ("topology.graph", {}),
        ("topology.neighbours", {"entity": "gateway"}),
        ("runbooks.search", {"query": "rotate contact write", "limit": 5}),
        ("incidents.describe", {}),
    ]
    for each in planted_in("topology"):
        labels = {each.key: each.value}
        calls.append(("topology.neighbours", {"entity": each.value}))
        calls.append((each.value, labels))
        calls.append(("logs.read", {"ids": each.value, **labels}))
        calls.append(("metrics.query", {**window, "entity": each.value, "metric": each.value, "labels": labels}))
    return calls
