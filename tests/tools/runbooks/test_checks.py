"""What rots on a page, kind by kind: each is found, and the page as it was has no finding."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest
from pydantic import BaseModel

from opswarden.tools.runbooks.checks.findings import OneSeries, Platform, RuleLimit, Series, ToolFacts
from opswarden.tools.runbooks.checks.pages import check_page
from opswarden.tools.runbooks.page import read_page
from opswarden.tools.runbooks.selectors import Condition, Selector

PAGE = """---
runbook: 1
title: The oven is slow
alerts: [OvenSlow]
services: [oven]
owner: bakers
risk: low
last_verified: 2031-05-01
---
# The oven is slow

![how it looks](img/oven.png)

1. Is it slow? Then see step 2.

   ~~~opswarden
   query: bake_ms{entity="oven", size="big"}
   expect: {text: quick, path: "series[0].last", is: below, value: 250}
   ~~~

2. What changed?

   ~~~opswarden
   call: changes.lately
   args: {entity: oven}
   expect: nothing
   effect: read
   ~~~

   ~~~opswarden
   command: kubectl apply --dry-run=server -f oven.yaml
   expect: no error
   effect: read
   ~~~

   ~~~opswarden
   command: opswarden runbook check --live
   expect: no finding
   effect: read
   ~~~
"""


class _Lately(BaseModel):
    entity: str


def _platform(**more: Any) -> Platform:
    big, small = OneSeries("oven", {"size": "big"}, 120.0), OneSeries("shelf", {"size": "small"}, 80.0)
    series = Series(frozenset(("oven", "shelf")), {"size": frozenset(("big", "small"))}, (big, small))
    selector = Selector("bake_ms", (Condition("entity", "=", "oven"),))

    def answered(_tool: str, _args: Mapping[str, Any]) -> tuple[str, str]:
        return "no_data", ""

    given: dict[str, Any] = {
        "today": date(2031, 5, 6),
        "tools": {
            "changes.lately": ToolFacts("read", _Lately, _Lately),
            "metrics.lately": ToolFacts("read", _Lately, _Lately),
        },
        "metrics": {"bake_ms": series},
        "alerts": frozenset(("OvenSlow",)),
        "limits": {"OvenSlow": (RuleLimit(selector, ">", 300.0),)},
        "services": frozenset(("oven", "shelf")),
        "teams": frozenset(("bakers",)),
        "has_file": lambda name: name == "img/oven.png",
        "commands": frozenset(("runbook", "runbook check", "runbook check --live", "triage", "triage --format")),
        "answered": answered,
    }
    return Platform(**(given | more))


def test_a_fresh_page_has_no_finding() -> None:
    assert check_page(read_page("oven.md", PAGE), _platform()) == []


@pytest.mark.parametrize(
    ("fresh", "rotten", "code"),
    [
        ('size="big"}', 'size="small"}', "query.empty"),
        ("value: 250", "value: 0.25", "query.limit"),
        ("value: 250", "value: 250000", "query.limit query.rule"),
        ("value: 250", "value: 400", "query.rule"),
        ("img/oven.png", "img/stove.png", "link.image"),
        ("see step 2", "see step 7", "form.step"),
        ("Then see step 2", "Y el paso 7", "form.step"),
        ("entity: oven}\n   expect: nothing", "entity: stove}\n   expect: nothing", "call.empty"),
        ("call: changes.lately", "call: metrics.lately", "call.empty"),
        ("--dry-run=server", "--server-dry-run", "command.removed"),
        ("kubectl apply --dry-run=server -f oven.yaml", "helm delete --purge oven", "command.removed"),
        ("kubectl apply --dry-run=server -f oven.yaml", "helm install --name oven ./oven", "command.removed"),
        ("kubectl apply --dry-run=server -f oven.yaml", "airflow trigger_dag oven", "command.removed"),
        (
            "kubectl apply --dry-run=server -f oven.yaml",
            "kafka-topics.sh --list --zookeeper z:2181",
            "command.removed",
        ),
        ("--live", "--lively", "command.unknown"),
        ("opswarden runbook check --live", "opswarden triage --colour", "command.unknown"),
    ],
)
def test_what_rots_is_found(fresh: str, rotten: str, code: str) -> None:
    assert fresh in PAGE
    found = check_page(read_page("oven.md", PAGE.replace(fresh, rotten)), _platform())
    assert [each.code for each in found] == code.split()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("value: 250", "value: 100"),  # narrower than the rule, and not far from what is usual
        ('bake_ms{entity="oven", size="big"}', 'bake_ms{entity="$entity"}'),
        ("see step 2", "see step 7 of [the other page](other.md)"),
        ("see step 2", "see step 7 of the vendor's manual"),
        ("img/oven.png", "https://example.org/oven.png"),
        ("kubectl apply --dry-run=server -f oven.yaml", "helm uninstall oven && airflow dags trigger oven"),
        ("kubectl apply --dry-run=server -f oven.yaml", "kafka-configs.sh --zookeeper z:2181 --describe"),
        ("opswarden runbook check --live", "opswarden triage --format=json --help"),
    ],
)
def test_what_is_no_rot_is_no_finding(before: str, after: str) -> None:
    assert before in PAGE
    found = check_page(read_page("oven.md", PAGE.replace(before, after)), _platform(pages=frozenset(("other.md",))))
    assert found == []
