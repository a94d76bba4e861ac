"""A runbook as typed parts."""

from __future__ import annotations

from datetime import date

import pytest

from opswarden.tools.runbooks.page import read_page
from opswarden.tools.runbooks.page_form import Call, Decide, Query, Rollback, blanks_in, filled, schema

PAGE = """---
runbook: 1
title: The oven is cold
alerts: OvenCold
services: [oven, gas]
owner: bakers
severity: warning
risk: low
last_verified: 2031-05-01
---
# OvenCold

## Diagnosis

1. Look at the heat,
   twice.

   ```opswarden
   query: heat{entity="oven"}
   expect: {text: it is below 200, path: "series[0].last", is: below, value: 200}
   ```

2. Cold enough?

   ```opswarden
   decide: Is it below 200?
   when: {held: 3, not held: stop}
   ```

```sh
1. not a step
```

## Mitigation

### 3. Turn it off

and on again.

```opswarden
call: oven.restart
args: {oven: $entity, at: $start, notes: [$alert]}
expect: it gets warm
effect: write
```

### Step 4: Take it back

~~~opswarden
rollback: oven.stop
args: {}
undoes: 3
expect: it is off
effect: write
~~~
"""


def test_front_matter_and_steps() -> None:
    page = read_page("oven.md", PAGE)
    front = page.front
    assert (page.is_ours, page.problems, front.alerts, front.services) == (True, (), ("OvenCold",), ("oven", "gas"))
    assert (front.owner, front.severity, front.risk, front.last_verified) == (
        "bakers",
        "warning",
        "low",
        date(2031, 5, 1),
    )
    assert [(step.number, step.section, step.text) for step in page.steps] == [
        (1, "Diagnosis", "Look at the heat, twice."),
        (2, "Diagnosis", "Cold enough?"),
        (3, "Mitigation", "Turn it off and on again."),
        (4, "Mitigation", "Take it back"),
    ]
    blocks = [placed.block for step in page.steps for placed in step.blocks]
    assert [type(block) for block in blocks] == [Query, Decide, Call, Rollback]
    lines = PAGE.splitlines()
    assert all("opswarden" in lines[placed.line - 1] for step in page.steps for placed in step.blocks)
    assert page.step(4) is page.steps[3]
    assert page.step(0) is page.step(5) is None


def test_blanks_stand_for_whole_values() -> None:
    arguments = {"oven": "$entity", "at": "$start", "notes": ["$alert", "a $alert"]}
    assert blanks_in(arguments) == {"entity", "start", "alert"}
    assert filled(arguments, {"entity": "oven-1", "alert": "OvenCold"}) == {
        "oven": "oven-1",
        "at": "$start",
        "notes": ["OvenCold", "a $alert"],
    }


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("---\nrunbook: 1\nserverity: low\n---\n# A\n", 3, "front matter"),
        ("---\nrunbook: 1\nowner: &a b\nteam: *a\n---\n", 4, "alias"),
        ("---\nrunbook: 2\n---\n", 2, "runbook"),
        ("---\nrunbook: 1\n", 1, "not closed"),
        ("---\n- a\n---\n", 2, "names with values"),
        ("# A\n\n```opswarden\nquery: x\nexpect: y\neffect: write\n```\n", 6, "effect"),
        ("# A\n\n```opswarden\nquery: x\ncall: y\n```\n", 4, "just one of"),
        ("# A\n\n```opswarden\ncall: x\n", 3, "not closed"),
        ("# A\n\n```opswarden\n[\n```\n", 5, "YAML"),
        ("# A\n\n```opswarden\nquery: x\nexpect: {text: y, path: a, value: 3}\n```\n", 5, "together"),
        ("# A\n\n```opswarden\nquery: x\nexpect: {text: y, path: __class__., is: equals, value: 3}\n```\n", 5, "path"),
    ],
)
def test_what_cannot_be_read_has_its_line(text: str, line: int, says: str) -> None:
    problems = read_page("a.md", text).problems
    assert (problems[0].line, says in problems[0].text) == (line, True), problems


def test_a_page_of_others_is_read_as_far_as_it_fits() -> None:
    page = read_page("a.md", "---\ntitle: A\nweight: 20\nseverity: dreadful\nowner: us\n---\n# B\n\n1. go\n")
    assert (page.is_ours, page.problems, page.front.title, page.front.owner) == (False, (), "A", "us")
    assert page.front.severity is None
    assert [step.text for step in page.steps] == ["go"]


@pytest.mark.parametrize("text", ["", "---", "```", "\x00\ud800", "1. " * 5_000, "#" * 9_000, "```opswarden\n" * 3_000])
def test_garbage_raises_nothing(text: str) -> None:
    read_page("a.md", text)


def test_the_schema_names_every_block() -> None:
    found = schema()
    assert set(found["blocks"]) == {"query", "call", "command", "decide", "rollback"}
    assert "last_verified" in found["front_matter"]["properties"]
