"""The runbook for an alert, and the step to start with."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import pyarrow as pa
import pytest

from opswarden.core.clock import Deadline, FixedClock
from opswarden.tools.runbooks.backends.snapshot import SnapshotRunbooks
from opswarden.tools.runbooks.backends.types import Entry
from opswarden.tools.runbooks.documents import Runbook, parse
from opswarden.tools.runbooks.index import RunbookIndex
from opswarden.tools.runbooks.library import Alert, RunbookLibrary
from opswarden.tools.runbooks.match_tool import runbook_match_tool
from opswarden.tools.runbooks.matching import first_step
from opswarden.tools.runbooks.ranking import SUITABLE, Fit, Question, question_of
from opswarden.tools.runbooks.rules import AlertRule, Rules
from opswarden.tools.snapshots.store import SnapshotStore
from opswarden.tools.spec import Output, ToolContext

PAGES = {
    "cold-bread.md": "# ColdBread\n\n## Meaning\nCold.\n\n## Diagnosis\n1. Feel the `oven`,\n   twice.\n2. Ask.\n",
    "oven.md": "# The oven\n\n## Gas\n- [ ] look at the tap\n\n## Heat\n1. turn the knob\n",
    "till.md": "# The till\n\nCount the coins.\n",
}


class Pages:
    """Pages that are just there."""

    environment = "bakery"

    def __init__(self, texts: dict[str, str]) -> None:
        self._texts = texts

    def documents(self, deadline: Deadline) -> tuple[Runbook, ...]:
        return tuple(parse(name, text) for name, text in self._texts.items())


def library_of(store: SnapshotStore) -> RunbookLibrary:
    return RunbookLibrary(SnapshotRunbooks(store))


@pytest.mark.parametrize(
    ("links", "alert", "words", "expected"),
    [
        (["https://wiki.example/run/oven.md"], "ColdBread", (), ("oven.md", "label", "turn the knob")),
        (["https://wiki.example/run/the-oven?v=2#gas"], "", (), ("oven.md", "label", "look at the tap")),
        (["https://wiki.example/run/The%20Oven.html"], "", (), ("oven.md", "label", "turn the knob")),
        (["oven.md"], "", (), ("oven.md", "label", "turn the knob")),
        (["https://wiki.example/elsewhere", "till"], "", (), ("till.md", "label", "")),
        (["https://wiki.example/"], "Cold_Bread", (), ("cold-bread.md", "name", "Feel the `oven`, twice.")),
        ([], "ColdBread", ("till",), ("cold-bread.md", "name", "Feel the `oven`, twice.")),
        ([], "", ("oven", "gas"), ("oven.md", "words", "turn the knob")),
        ([], "FlourLow", ("mill", "sacks", "coins"), None),
        ([], "", (), None),
        ([], "!", ("?",), None),
    ],
)
def test_which_runbook(links: list[str], alert: str, words: tuple[str, ...], expected: Any, deadline: Deadline) -> None:
    _, found = RunbookLibrary(Pages(PAGES)).match(Alert(alert, links=tuple(links), words=words), deadline)
    assert (found and (found.page.runbook.name, found.matched_by, found.step)) == expected


def test_without_runbooks_there_is_none(deadline: Deadline) -> None:
    asked = Alert("ColdBread", links=("oven",), words=("oven",))
    assert RunbookLibrary(Pages({})).match(asked, deadline) == (0, None)


@pytest.mark.parametrize(
    ("text", "step"),
    [
        ("## Impact\n1. people wait\n\n## Steps\n1. call\n", "call"),
        ("## Notes\n1) only this\n", "only this"),
        ("```\n1. not this\n```\n\n1. this\n", "this"),
        ("- one\n- two\n", "one"),
        ("* [x] done\n", "done"),
        ("1. first line\n   and more\n\n   not this\n2. next\n", "first line and more"),
        ("no list at all, 1. not a list\n", ""),
        ("2024. A year is no list\n", ""),
        ("1.\n", ""),
        ("", ""),
    ],
)
def test_which_step(text: str, step: str) -> None:
    assert first_step(parse("a.md", text).sections)[1] == step


class Alerts:
    """One artifact: the alert and its labels."""

    def __init__(self, **labels: str) -> None:
        self._labels = labels

    def read(self, artifact_id: str) -> pa.Table:
        pairs = pa.array([list(self._labels.items()), None], pa.map_(pa.string(), pa.string()))
        return pa.table({"name": ["ColdBread", "LongQueue"], "labels": pairs})


@pytest.fixture
def ask(make_store: Callable[..., SnapshotStore], start: datetime, deadline: Deadline) -> Callable[..., Output[Any]]:
    def run(artifacts: Any = None, runbooks: dict[str, str] | None = None, **arguments: Any) -> Output[Any]:
        tool = runbook_match_tool(library_of(make_store(runbooks=PAGES if runbooks is None else runbooks)))
        context = ToolContext("run", "team", FixedClock(start), deadline, artifacts or Alerts())
        return tool.run(tool.args.model_validate_json(json.dumps(arguments)), context)

    return run


def test_the_alert_s_own_link_comes_first(ask: Callable[..., Output[Any]]) -> None:
    result = ask(Alerts(runbook_url="https://wiki.example/oven#Heat"), alert="ColdBread", alerts="a1").summary
    assert (result.matched_by, result.name, result.section, result.step) == (
        "label",
        "oven.md",
        "Heat",
        "turn the knob",
    )
    other = ask(Alerts(runbook_url="https://wiki.example/oven"), alert="LongQueue", alerts="a1")
    assert (other.status, other.note) == ("no_data", "no suitable runbook among 3")


def test_a_link_that_leads_elsewhere_is_shown(ask: Callable[..., Output[Any]]) -> None:
    result = ask(Alerts(playbook="https://wiki.example/secret-sauce"), alert="ColdBread", alerts="a1").summary
    assert (result.matched_by, result.name, result.step) == ("elsewhere", "https://wiki.example/secret-sauce", "")


def test_by_name_and_not_at_all(ask: Callable[..., Output[Any]]) -> None:
    assert ask(alert="ColdBread").summary.matched_by == "name"
    assert ask(alert="FlourLow", entities=["mill"]).note == "no suitable runbook among 3"
    assert ask(runbooks={}, alert="ColdBread").note == "there are no runbooks"


def test_a_tag_that_the_first_suspect_shows_decides_between_pages_that_fit_alike(deadline: Deadline) -> None:
    front = "---\nrunbook: 1\ntags: [{tag}]\n---\n# Bread is late in the {room}\n\n## Meaning\nLoaves are late.\n"
    pages = {
        "a.md": front.format(tag="dough_kg", room="shop"),
        "b.md": front.format(tag="oven_celsius", room="hall"),
        **PAGES,
    }
    library = RunbookLibrary(Pages(pages))

    def best(*words: str) -> str | None:
        found = library.match(Alert(name="LoavesLate", summary="Loaves are late, bread is late", words=words), deadline)
        return found[1].page.runbook.name if found[1] else None

    assert best("late_ratio", "oven_celsius") == "b.md"
    assert best("oven_celsius", "dough_kg") == "a.md", "the last is what the first suspect shows"

    def after(*changes: str) -> str | None:
        asked = Alert(name="LoavesLate", summary="Loaves are late, bread is late", words=("late_ratio",))
        found = library.match(replace(asked, changes=changes), deadline)
        return found[1].page.runbook.name if found[1] else None

    assert (after("dough_kg"), after("oven_celsius")) == ("a.md", "b.md"), "a tag may be the kind of a change"


def test_the_page_of_another_alert_is_not_this_one_s(deadline: Deadline) -> None:
    pages = {
        "cold-oven.md": "# Cold oven\n\n## Meaning\nThe oven of the bakery is too cold.\n\n1. heat it\n",
        "till.md": "# Till\n\n## Meaning\nThe till was left open.\n",
    }
    alert = Alert("OvenTooHot", summary="The oven of the bakery is too hot")
    _, found = RunbookLibrary(Pages(pages)).match(alert, deadline)
    assert found is not None, "nobody knows whose page it is"
    rules = Rules((AlertRule("ColdOven", "x"), AlertRule("OvenTooHot", "x")))
    assert RunbookLibrary(Pages(pages), rules=rules).match(alert, deadline)[1] is None
    own = {**pages, "oven-is-hot.md": "# Hot\n\n## Meaning\nThe oven of the bakery is far too hot. Open it.\n"}
    found = RunbookLibrary(Pages(own), rules=rules).match(alert, deadline)[1]
    assert found is not None
    assert found.page.runbook.name == "oven-is-hot.md"


@pytest.mark.parametrize(
    ("page", "alert", "is_its"),
    [
        ("OvenTooCold", "OvenTooHot", False),
        ("OvenTooHot", "BakeryOvenTooHot", True),
        ("BakeryOvenTooHot", "OvenTooHot", True),
        ("hot-ovens", "OvenTooHot", True),
        ("Hot", "OvenTooHot", True),
        ("BakeryOvens", "oven hot", True),
    ],
)
def test_a_page_named_as_alerts_are_is_for_that_alert_alone(
    page: str, alert: str, is_its: bool, deadline: Deadline
) -> None:
    pages = {f"{page}.md": f"# {page}\n\n## Meaning\nThe oven of the bakery is too hot.\n\n1. open it\n", **PAGES}
    asked = Alert(alert, summary="The oven of the bakery is too hot")
    _, found = RunbookLibrary(Pages(pages)).match(asked, deadline)
    assert (found is not None) == is_its


def test_a_page_that_has_little_of_what_is_asked_is_not_about_it() -> None:
    index = RunbookIndex()
    pages = {"late.md": "# Oven late\n\n## Meaning\nBread waits.\n", "till.md": "# Till\n\nThe till was left open.\n"}
    index.sync("own", [Entry(name, "1") for name in pages], pages.get)

    def best(text: str) -> Fit:
        return index.find(question_of((text,), index.is_known), 1)[1][0].fit

    assert best("the oven is late").is_suitable
    assert not best("late parcels, angry neighbours, broken scooters, lost umbrellas and wet shoes").is_suitable
    index.close()


def test_a_longer_question_of_a_person_needs_to_stand_out_by_less() -> None:
    pages = {**PAGES, "queue.md": "# Customers wait\n\n## Meaning\nThe queue in the shop is long.\n"}
    index = RunbookIndex()
    index.sync("own", [Entry(name, "1") for name in pages], pages.get)
    short = "oven cold shop dark"
    long = "somebody says oven cold, shop dark, lamps broken, neighbours angry, umbrellas lost, shoes wet"

    def asked(text: str, *, is_plain: bool) -> Question:
        return question_of((text,), index.is_known, is_plain=is_plain)

    assert asked(short, is_plain=True).needed == SUITABLE == asked(long, is_plain=False).needed
    assert 0.05 <= asked(long, is_plain=True).needed < SUITABLE
    assert asked(long * 9, is_plain=True).needed == asked(f"{long} {long}", is_plain=True).needed
    assert asked("", is_plain=True).needed == SUITABLE
    for name in ("heat_celsius", "OvenCold"):
        assert asked(f"{long} {name}", is_plain=True).needed == SUITABLE, "names as alerts and metrics have them"
    best = index.find(asked(long, is_plain=True), 1)[1][0].fit
    assert best.needed == asked(long, is_plain=True).needed
    index.close()
