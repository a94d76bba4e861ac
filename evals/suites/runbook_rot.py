"""A fresh invented page, and ways in which it rots: each one change, and the finding that has to come of it alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from pydantic import BaseModel, Field

from ...tools.metrics.types import QueryArgs, QueryResult
from ...tools.runbooks.checks.findings import Code, Platform, Series, ToolFacts
from ...tools.runbooks.checks.pages import anchors_of, check_page
from ...tools.runbooks.page import read_page

NAME = "late-loaves.md"
OTHER = "cold-oven.md"
FRESH = """---
runbook: 1
title: Loaves are late
alerts: [LoavesLate]
services: [bakery]
owner: bakers
severity: warning
risk: medium
last_verified: 2031-05-01
---
# LoavesLate

## Meaning
Loaves leave the oven later than promised. See [the cold oven](cold-oven.md#first-steps) and [below](#mitigation).

## Diagnosis

1. How late are they?

   ```opswarden
   query: delay_s{entity="bakery", shift="night"}
   expect: {text: it stays below a minute, path: "series[0].maximum", is: below, value: 60}
   ```

   ```opswarden
   decide: Is it below a minute?
   when: {held: stop, not held: 2}
   ```

2. What did the oven do? Its board is https://grafana.example/d/oven-board/oven.

   ```opswarden
   call: metrics.query
   args: {entity: $entity, metric: delay_s, start: $start, end: $end}
   expect: {text: it has a night shift, status: ok}
   effect: read
   ```

## Mitigation

### 3. Heat the oven again

```opswarden
call: ovens.heat
args: {oven: bakery}
expect: it gets warm
effect: write
```

```opswarden
rollback: ovens.heat
args: {oven: bakery}
undoes: 3
expect: it gets cold
effect: write
```

### 4. Tell the bakers

```opswarden
command: opswarden runbook list
expect: the page of the bakers
effect: read
```

```sh
kubectl rollout status deployment/bakery
./tools/heat.sh
```

```yaml
apiVersion: apps/v1
kind: Deployment
```
"""


_WAY_BACK = FRESH[FRESH.index("```opswarden\nrollback:") : FRESH.index("### 4.")]


@dataclass(frozen=True)
class Rot:
    """One change of the fresh page, and what has to be found."""

    name: str
    code: Code
    before: str
    after: str


ROTS: tuple[Rot, ...] = (
    Rot("front matter with a wrong word", "form.unreadable", "risk: medium", "risk: medium\nrisky: yes"),
    Rot("a block that is no YAML", "form.unreadable", 'query: delay_s{entity="bakery", shift="night"}', "query: ["),
    Rot("an alert that was renamed", "alert.unknown", "[LoavesLate]", "[LoavesTooLate]"),
    Rot("a service that is gone", "service.unknown", "services: [bakery]", "services: [bakery, mill]"),
    Rot("no owner", "owner.missing", "owner: bakers\n", ""),
    Rot("an owner who left", "owner.unknown", "owner: bakers", "owner: millers"),
    Rot("never verified", "verified.missing", "last_verified: 2031-05-01\n", ""),
    Rot("verified long ago", "verified.old", "2031-05-01", "2029-05-01"),
    Rot("verified in the future", "verified.future", "2031-05-01", "2031-06-01"),
    Rot("a query that cannot be read", "query.invalid", 'shift="night"}', 'shift="night"'),
    Rot("a metric that is gone", "query.metric", "query: delay_s", "query: delay_seconds"),
    Rot("a label that is gone", "query.label", 'shift="night"', 'turn="night"'),
    Rot("a label's value that is gone", "query.empty", 'shift="night"', 'shift="noon"'),
    Rot("a tool that is gone", "call.tool", "call: metrics.query", "call: metrics.queries"),
    Rot("arguments that no longer fit", "call.arguments", "metric: delay_s, start", "metrics: delay_s, start"),
    Rot("a blank that nobody fills in", "call.blank", "entity: $entity", "entity: $oven"),
    Rot(
        "an effect that is another",
        "call.effect",
        "expect: it gets warm\neffect: write",
        "expect: it gets warm\neffect: send",
    ),
    Rot(
        "a result that has changed",
        "call.result",
        "text: it has a night shift, status: ok",
        'text: it has a shift, path: "rows[0].last", is: above, value: 1',
    ),
    Rot(
        "a step that policy refuses",
        "call.refused",
        "call: ovens.heat\nargs: {oven: bakery}",
        "call: ovens.heat\nargs: {oven: castle}",
    ),
    Rot("a call that fails now", "call.failed", "metric: delay_s, start", "metric: broken_s, start"),
    Rot("a call that gives nothing now", "call.empty", "metric: delay_s, start", "metric: silent_s, start"),
    Rot("a decision that leads nowhere", "decide.step", "not held: 2", "not held: 9"),
    Rot(
        "a decision that nothing answers",
        "decide.unanswerable",
        ', path: "series[0].maximum", is: below, value: 60',
        "",
    ),
    Rot(
        "a decision that only leads back",
        "decide.loop",
        "when: {held: stop, not held: 2}",
        "when: {held: 1, not held: 1}",
    ),
    Rot("a write without a way back", "rollback.missing", _WAY_BACK, ""),
    Rot("a way back of a step that changes nothing", "rollback.step", "undoes: 3", "undoes: 2"),
    Rot("a risk that is more than it says", "risk.understated", "risk: medium", "risk: low"),
    Rot("a link to a page that is gone", "link.page", "cold-oven.md#first-steps", "old-oven.md"),
    Rot("a link to a heading that is gone", "link.anchor", "#first-steps", "#last-steps"),
    Rot("a link within the page that is gone", "link.anchor", "(#mitigation)", "(#repair)"),
    Rot("a dashboard that is gone", "link.dashboard", "/d/oven-board/", "/d/stove-board/"),
    Rot("a command of kubectl that was removed", "command.removed", "kubectl rollout status", "kubectl rolling-update"),
    Rot("a command of ours that is none", "command.unknown", "opswarden runbook list", "opswarden runbook lists"),
    Rot("a script that is gone", "command.file", "./tools/heat.sh", "./tools/cool.sh"),
    Rot("a version of the API that was removed", "manifest.removed", "apps/v1\n", "apps/v1beta1\n"),
    Rot("a secret in the text", "text.secret", "Loaves leave the oven", "With password=hunter2 loaves leave the oven"),
    Rot(
        "a person in the text",
        "text.personal",
        "Loaves leave the oven",
        "Ask zoe.quist@example.org why loaves leave the oven",
    ),
)


class HeatArgs(BaseModel):
    """Which oven."""

    oven: str = Field(min_length=1)


class Heated(BaseModel):
    """How warm it is."""

    degrees: float


def platform(private: Any) -> Platform:
    """The invented platform on which the page is fresh; `private` finds what redaction would take out."""
    other = read_page(OTHER, "# Cold oven\n\n## First steps\n\n1. light it\n")
    headings = {NAME: anchors_of(read_page(NAME, FRESH)), OTHER: anchors_of(other)}
    return Platform(
        today=date(2031, 5, 6),
        tools={
            "metrics.query": ToolFacts("read", QueryArgs, QueryResult),
            "ovens.heat": ToolFacts("write", HeatArgs, Heated),
        },
        metrics={"delay_s": Series(frozenset(("bakery",)), {"shift": frozenset(("night", "day"))})},
        alerts=frozenset(("LoavesLate",)),
        services=frozenset(("bakery",)),
        teams=frozenset(("bakers",)),
        pages=frozenset(headings),
        anchors=lambda name: headings.get(name, frozenset()),
        has_file=lambda name: name == "tools/heat.sh",
        dashboards=frozenset(("oven-board",)),
        commands=frozenset(("runbook", "runbook list", "runbook check", "triage")),
        given={"start": "2031-05-06T10:00:00Z", "end": "2031-05-06T11:00:00Z", "entity": "bakery"},
        private=private,
        refused=lambda _tool, args: "default-deny" if args.get("oven") == "castle" else "",
        answered=_answer,
    )


def _answer(_tool: str, args: Mapping[str, Any]) -> tuple[str, str]:
    return {"broken_s": ("error", "it broke"), "silent_s": ("no_data", "")}.get(str(args.get("metric")), ("ok", ""))


def codes_after(rot: Rot | None, held: Platform) -> set[str]:
    """The findings on the page after a change; on the fresh page without one."""
    text = FRESH if rot is None else FRESH.replace(rot.before, rot.after)
    if rot is not None and text == FRESH:
        raise ValueError(f"{rot.name}: the page has nothing to change")
    return {finding.code for finding in check_page(read_page(NAME, text), held)}
