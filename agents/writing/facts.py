"""What a draft says of an entity: whose it is, what it uses, how it behaves, what was promised and what changed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...tools.runbooks.checks.findings import Series
from .page import Draft, DraftStep, bullets, call, query
from .sources import (
    Source,
    Sources,
    absent,
    amount,
    amount_with_unit,
    cited,
    code,
    duration,
    moment,
    number,
    rows,
    share,
    unread,
)

MOST_SERIES = 8
_MOST_NEIGHBOURS = 12
_MOST_STORES = 4
_MOST_AGES = 8
_AGE = re.compile(r"(?:^|_)(?:age|freshness|staleness|lag|lateness|delay|behind|since)(?:_|$)")
"""Names of metrics that say how old something is, as OpenMetrics' and exporters' conventions write them."""
_READS, _WRITES = frozenset(("reads", "consumes")), frozenset(("writes", "publishes"))
"""Kinds of edges of the topology along which data flow."""
_KIND = re.compile(r"[a-z]+(?:_[a-z]+)*")
_FIRST = ("error_rate", "latency_ms", "request_rate")
"""Of an entity's metrics, those that are looked at first, where it has them; the rest follow by name."""


@dataclass(frozen=True)
class Range:
    """How one series behaved while nothing was wrong; a quantile's series is its highest quantile but one."""

    entity: str
    metric: str
    labels: Mapping[str, str]
    low: float
    middle: float
    high: float
    unit: str
    source: Source

    def say(self, value: float) -> str:
        """A value of it, in words where it is a time."""
        return amount(value, self.unit)

    def told(self, value: float) -> str:
        """A value of it in a sentence, with its unit."""
        return amount_with_unit(value, self.unit)

    @property
    def selector(self) -> str:
        """The selector of this series alone."""
        labels = {"entity": self.entity, **self.labels}
        conditions = ", ".join(f'{name}="{value}"' for name, value in sorted(labels.items()))
        return f"{self.metric}{{{conditions}}}"


@dataclass(frozen=True)
class Known:
    """What a draft is made with.

    Args:
        metrics: by name, with their entities and labels.
        given: moments: `start`, `end`, `baseline_start` and `baseline_end`, as ISO 8601 in UTC.
        sources: what has been asked so far.
        tools: names of those that may be there or not, and are.
    """

    metrics: Mapping[str, Series]
    given: Mapping[str, Any]
    sources: Sources
    tools: frozenset[str] = frozenset()

    @property
    def quiet(self) -> dict[str, Any]:
        """The quiet time."""
        return {"start": self.given["baseline_start"], "end": self.given["baseline_end"]}

    @property
    def windows(self) -> dict[str, Any]:
        """The time that is looked at, and the quiet time before it."""
        return {name: self.given[name] for name in ("start", "end", "baseline_start", "baseline_end")}

    def metrics_of(self, entity: str) -> list[str]:
        """The metrics that an entity has, the telling ones first."""
        found = sorted(metric for metric, series in self.metrics.items() if entity in series.entities)
        return [*(name for name in _FIRST if name in found), *(name for name in found if name not in _FIRST)]


def ranges(
    known: Known, entity: str, metric: str, labels: Mapping[str, str] | None = None, most: int = MOST_SERIES
) -> list[Range]:
    """The measured ranges of a metric at an entity, series by series; empty where nothing came."""
    args = _of_metric(known, entity, metric)
    source = known.sources.ask("metrics.query", {**args, "labels": dict(labels)} if labels else args)
    found = [
        Range(
            entity,
            metric,
            dict(row["labels"]),
            row["minimum"],
            row["median"],
            row["maximum"],
            row.get("unit") or "",
            source,
        )
        for row in rows(source, "series")
        if isinstance(row.get("labels"), Mapping)
    ]
    return found[:most]


def unread_metrics(known: Known, entity: str, metrics: Sequence[str]) -> list[str]:
    """A line for each metric whose values could not be read."""
    asked = {metric: known.sources.ask("metrics.query", _of_metric(known, entity, metric)) for metric in metrics}
    return [f"- {code(metric)}: {said}" for metric, source in asked.items() if (said := unread(source))]


def _of_metric(known: Known, entity: str, metric: str) -> dict[str, Any]:
    return {"entity": entity, "metric": metric, **known.quiet, "max_points": 2}


def measured(known: Known, source: Source) -> str:
    """When ranges were measured, above their table."""
    return f"Measured from {moment(known.quiet['start'])} to {moment(known.quiet['end'])}{cited(source)}:"


def windows(known: Known, source: Source) -> str:
    """Which two times are compared, above what came of it."""
    now = f"{moment(known.given['start'])} to {moment(known.given['end'])}"
    before = f"{moment(known.given['baseline_start'])} to {moment(known.given['baseline_end'])}"
    return f"Now is from {now}, before is from {before}{cited(source)}"


def range_lines(found: Sequence[Range]) -> list[str]:
    """A table of ranges."""
    if not found:
        return []
    head = ["| series | lowest | middle | highest | unit |", "|---|---|---|---|---|"]
    lines = [
        f"| {code(each.selector)} | {each.say(each.low)} | {each.say(each.middle)} | {each.say(each.high)} "
        f"| {'no unit' if each.unit in ('', '1') else each.unit}{cited(each.source)} |"
        for each in found
    ]
    return [*head, *lines, ""]


def neighbours(known: Known, entity: str, direction: str, depth: int = 1) -> tuple[list[str], Source]:
    """Who is so many steps away at most."""
    source = known.sources.ask("topology.neighbours", {"entity": entity, "direction": direction, "depth": depth})
    names = [str(row["entity"]) for row in rows(source, "neighbours") if row.get("direction") == direction]
    return list(dict.fromkeys(names))[: _MOST_NEIGHBOURS * depth], source


def feeds(known: Known, stores: Sequence[str], near: Sequence[str]) -> tuple[list[str], list[Source]]:
    """Who writes the stores that an entity's data come from, and what those read: they call nobody that waits for them.

    Args:
        known: what is known of the platform.
        stores: what is read or consumed.
        near: entities that are looked at already.
    """
    found: dict[str, None] = {}
    asked: list[Source] = []
    for store in stores[:_MOST_STORES]:
        source = known.sources.ask("topology.neighbours", {"entity": store, "direction": "callers", "depth": 1})
        writers = [str(row["entity"]) for row in rows(source, "neighbours") if row.get("kind") in _WRITES]
        for writer in [name for name in writers if name not in near]:
            read, of = neighbours(known, writer, "callees")
            found |= dict.fromkeys([writer, *(name for name in read if name not in near)])
            asked += [source, of]
    return list(found)[:_MOST_NEIGHBOURS], list({each.id: each for each in asked}.values())


def promise(row: Mapping[str, Any]) -> str:
    """An objective in words."""
    over = f" over {duration(row['window_s'])}" if row.get("window_s") else ""
    return f"{code(row['name'])}, good for {share(row['objective'])}{over}"


def say_impact(draft: Draft, known: Known, entity: str) -> None:
    """Say who notices, and what was promised."""
    callers, source = neighbours(known, entity, "callers")
    lines = []
    if callers:
        one = len(callers) == 1
        waits = f"{'waits' if one else 'wait'} for {code(entity)}, and {'notices' if one else 'notice'} first"
        lines.append(f"{listed(callers)} {waits}{cited(source)}")
    elif source.is_read or source.status == "no_data":
        lines.append(f"nobody is known to wait for {code(entity)}{cited(source)}")
    burn = known.sources.ask("slo.burn", {**known.quiet, "entities": [entity]})
    for row in rows(burn, "objectives"):
        if row.get("objective") is not None:
            lines.append(f"promised: {promise(row)}{cited(burn)}")
    if not rows(burn, "objectives"):
        draft.notes.append(f"what is promised of {code(entity)}: {absent(burn, 'no objective is declared')}")
    draft.say("Impact", *bullets(lines))


def around_steps(draft: Draft, known: Known, entity: str, section: str) -> None:
    """Steps that look at an entity and what it uses: what moved most, what changed, and whether a part of it fails."""
    below, _ = neighbours(known, entity, "callees")
    farther, source = neighbours(known, entity, "callees", 3)
    reads = [str(row["entity"]) for row in rows(source, "neighbours") if row.get("kind") in _READS]
    scope = [entity, *farther]
    text = f"What moved most, here and in what {code(entity)} uses, up to three steps away?{cited(source)}"
    read_step(
        draft, known, section, text, "metrics.shifts", "what left its usual range, the most surprising first", scope
    )
    written, asked = feeds(known, reads, [entity, *farther])
    if written:
        text = f"What moved in what writes the data that it reads: {listed(written)}?{cited(*asked)}"
        read_step(draft, known, section, text, "metrics.shifts", "data that are older than usual", written)
    _ask_ages(draft, known, [*farther, *written], section)
    text = "Nothing there? What moved most anywhere: a neighbour on the machine, a pipeline, an outsider."
    read_step(draft, known, section, text, "metrics.shifts", "what left its usual range anywhere")
    text = f"What changed there, shortly before and since?{cited(source)}"
    read_step(draft, known, section, text, "changes.recent", "a change just before it began, at what moved most", scope)
    for name in below:
        for each in ranges(known, name, "error_rate", most=1) if "error_rate" in known.metrics_of(name) else ():
            text = f"Does {code(name)} fail more than usual? Usually at most {each.told(each.high)}{cited(each.source)}"
            draft.step(section, DraftStep(text, (at_most(each),)))


def _ask_ages(draft: Draft, known: Known, entities: Sequence[str], section: str) -> None:
    """A step that asks how old the data are that come in: of late data every value looks as it should."""
    found = [
        each
        for name in entities
        for metric in known.metrics_of(name)
        if _AGE.search(metric)
        for each in ranges(known, name, metric, most=1)
    ][:_MOST_AGES]
    if found:
        text = f"Are the data that come in as fresh as usual?{cited(*(each.source for each in found))}"
        draft.step(section, DraftStep(text, tuple(at_most(each) for each in found)))


def everywhere_steps(draft: Draft, known: Known, entities: Sequence[str], section: str) -> None:
    """Steps for an alert that fires at many places: whichever it is, the incident says."""
    args = {"entity": "$entity", "direction": "callees", "depth": 2}
    what = call("topology.neighbours", args, "what it uses; whatever of that moved is nearer to the cause")
    draft.step(section, DraftStep("What does it use, where the alert fired?", (what,)))
    text = "What moved most, anywhere? Go on with the first row that it uses."
    read_step(draft, known, section, text, "metrics.shifts", "what left its usual range, the most surprising first")
    text = "What changed, shortly before and since?"
    read_step(draft, known, section, text, "changes.recent", "a change just before it began, at what moved most")


_MOMENTS: Mapping[str, tuple[str, ...]] = {
    "metrics.shifts": ("start", "end", "baseline_start", "baseline_end"),
    "models.health": ("start", "end", "baseline_start", "baseline_end"),
    "features.health": ("start", "end", "baseline_start", "baseline_end"),
    "outcomes.segments": ("start", "end", "baseline_start", "baseline_end"),
    "changes.recent": ("start", "end"),
    "slo.burn": ("start", "end"),
}
AGAIN = frozenset(_MOMENTS)
"""Calls that an incident can make with its own moments."""


def read_step(
    draft: Draft, known: Known, section: str, text: str, tool: str, expect: str, entities: Sequence[str] = ()
) -> bool:
    """A step that calls a tool, if the call gives something now: about these entities, else about all.

    Returns:
        Whether there is such a step.
    """
    for scope in ([*entities],) if not entities else ([*entities], []):
        filled: dict[str, Any] = {name: known.given[name] for name in _MOMENTS[tool]}
        more = {"entities": scope} if scope else {}
        if known.sources.ask(tool, {**filled, **more}).is_read:
            blanks = {name: f"${name}" for name in _MOMENTS[tool]}
            draft.step(section, DraftStep(text, (call(tool, {**blanks, **more}, expect),)))
            return True
    return False


def at_most(found: Range) -> dict[str, Any]:
    """A query that holds while a series is no higher than it was while nothing was wrong."""
    high = float(number(found.high))
    text = "no higher than while nothing was wrong"
    return query(found.selector, text, path="series[0].last", is_="below", value=high)


def at_least(found: Range) -> dict[str, Any]:
    """A query that holds while a series is no lower than it was while nothing was wrong."""
    low = float(number(found.low))
    text = "no lower than while nothing was wrong"
    return query(found.selector, text, path="series[0].last", is_="above", value=low)


def say_changes(draft: Draft, known: Known, entities: Sequence[str]) -> None:
    """Say what changed lately, newest first."""
    source = known.sources.ask(
        "changes.recent", {"start": known.given["start"], "end": known.given["end"], "entities": list(entities)[:20]}
    )
    lines = [
        f"{moment(row['ts'])}, {code(row['entity'])}: {in_words(row['kind'])}, {code(row['summary'])}{cited(source)}"
        for row in rows(source, "newest")
    ]
    lines += left_out(source, "changes", len(lines))
    draft.say("Recent changes", *(bullets(lines) or [absent(source, "None is recorded"), ""]))


def left_out(source: Source, count: str, shown: int) -> list[str]:
    """That there are more rows than are shown, if so."""
    whole = source.content.get(count) if source.is_read and isinstance(source.content, Mapping) else None
    if not isinstance(whole, int) or whole <= shown or not shown:
        return []
    return [f"and {'one older' if whole - shown == 1 else 'older ones'}: there are {whole} in all{cited(source)}"]


def in_words(kind: object) -> str:
    """A kind of change as people say it: `model_promotion` is a model promotion."""
    return str(kind).replace("_", " ") if _KIND.fullmatch(str(kind)) else code(kind)


def say_past(draft: Draft, known: Known, alert: str, entities: Sequence[str], section: str) -> None:
    """Say what helped in incidents like this; that nothing is known, where so."""
    source = known.sources.ask(
        "incidents.similar", {"before": known.given["start"], "alert": alert or None, "entities": list(entities)[:20]}
    )
    lines = []
    for row in rows(source, "alike"):
        confirmed = "people say" if row.get("is_confirmed") else "an earlier triage says"
        if row.get("resolution"):
            lines.append(f"{code(row['id'])}: helped: {code(row['resolution'])}{cited(source)}")
        if row.get("cause"):
            lines.append(f"{code(row['id'])}: {confirmed} it was: {code(row['cause'])}{cited(source)}")
    draft.say(section, *bullets(lines))
    if not lines:
        said = absent(source, "no resolved incident that is like this one says so")
        draft.notes.append(f"what helps: {said}")


def listed(names: Sequence[str]) -> str:
    """Names, each as code."""
    return ", ".join(code(name) for name in names)
