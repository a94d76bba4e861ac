"""The runbook for what a triage suspects."""

from __future__ import annotations

import json
from typing import Any

import pytest

from opswarden.core.clock import Deadline, FixedClock
from opswarden.tools.runbooks.causes import Suspicion, match_cause
from opswarden.tools.runbooks.documents import Runbook, parse
from opswarden.tools.runbooks.library import Alert, RunbookLibrary
from opswarden.tools.runbooks.match_tool import runbook_match_tool
from opswarden.tools.spec import ToolContext


class Pages:
    """Pages that are just there."""

    environment = "bakery"

    def __init__(self, texts: dict[str, str]) -> None:
        self._texts = texts

    def documents(self, deadline: Deadline) -> tuple[Runbook, ...]:
        return tuple(parse(name, text) for name, text in self._texts.items())


FRONT = (
    "---\nrunbook: 1\nalerts: [{alert}]\nservices: [{service}]\ntags: [{tag}]\n---\n# {title}\n\n## Meaning\n{text}\n"
)
PAGES = {
    "waiting.md": FRONT.format(
        alert="QueueLong",
        service="shop",
        tag="waiting_s",
        title="Customers wait",
        text="The queue in the shop is long.",
    ),
    "damper.md": FRONT.format(
        alert="DamperStuck", service="oven", tag="draught_pa", title="The damper sticks", text="No air, so no heat."
    ),
    "flour.md": "# Flour runs out\n\n## Meaning\nThe mill is empty. Bread comes late.\n\n1. Order some.\n",
    "till.md": "# The till\n\n## Meaning\nThe till was left open.\n",
}
ALERT = Alert("ShopSlow", summary="the queue in the shop is long, customers wait", entities=("shop",))


def found(suspicion: Suspicion, deadline: Deadline) -> str | None:
    matched = match_cause(RunbookLibrary(Pages(PAGES)), suspicion, deadline)[1]
    return matched.page.runbook.name if matched else None


@pytest.mark.parametrize(
    ("signs", "changes", "page"),
    [
        (("heat_celsius", "draught_pa"), (), "damper.md"),
        (("the damper sticks, no air",), (), "damper.md"),
        (("flour of the mill is empty",), (), "flour.md"),
        (("voltage", "frequency"), (), None),
        (("heat_celsius", "draught_pa"), ("repaint",), "damper.md"),
        ((), ("draught_pa",), None),
        (("", " "), (), None),
    ],
)
def test_signs_of_a_suspect_lead_to_the_page_on_the_cause(
    signs: tuple[str, ...], changes: tuple[str, ...], page: str | None, deadline: Deadline
) -> None:
    _, symptom = RunbookLibrary(Pages(PAGES)).match(ALERT, deadline)
    assert symptom is not None
    assert symptom.page.runbook.name == "waiting.md", "the alert leads to what is felt"
    assert found(Suspicion("oven", signs, changes, "ShopSlow"), deadline) == page


def test_a_first_sign_says_more_than_a_second(deadline: Deadline) -> None:
    text = {"alert": "A", "service": "oven", "text": "It is out of order."}
    pages = {
        **PAGES,
        "gas.md": FRONT.format(tag="gas_bar", title="Gas or electricity, one", **text),
        "power.md": FRONT.format(tag="mains_volt", title="Gas or electricity, two", **text),
    }
    library = RunbookLibrary(Pages(pages))
    for signs, name in ((("gas_bar", "mains_volt"), "gas.md"), (("mains_volt", "gas_bar"), "power.md")):
        matched = match_cause(library, Suspicion("oven", signs), deadline)[1]
        assert matched is not None
        assert matched.page.runbook.name == name


def test_a_page_tagged_with_the_sign_and_the_kind_of_change_needs_no_words(deadline: Deadline) -> None:
    other = {"service": "shop", "text": "Take it back."}
    common = {name: text.replace("\n## Meaning\n", "\n## Meaning\nSee draught_pa. ") for name, text in PAGES.items()}
    common["damper.md"] = common["damper.md"].replace("tags: [draught_pa]", "tags: [soot_g]")
    undo = FRONT.format(alert="A", tag="draught_pa, repaint", title="Undo what was done", **other)
    pages = {**common, "repaint.md": undo}
    library = RunbookLibrary(Pages(pages))

    def best(sign: str, *changes: str) -> str | None:
        matched = match_cause(library, Suspicion("mixer", (sign,), changes), deadline)[1]
        return matched.page.runbook.name if matched else None

    assert best("draught_pa", "repaint") == "repaint.md"
    assert best("voltage", "repaint") is None
    assert best("draught_pa", "extension") is None


def test_the_tool_says_what_it_looked_for_by(start: Any, deadline: Deadline) -> None:
    tool = runbook_match_tool(RunbookLibrary(Pages(PAGES)))

    def ask(**arguments: Any) -> Any:
        context = ToolContext("run", "team", FixedClock(start), deadline, None)  # type: ignore[arg-type]
        return tool.run(tool.args.model_validate_json(json.dumps(arguments)), context)

    result = ask(about="cause", entities=["oven"], signs=["draught_pa"], alert="ShopSlow")
    assert (result.summary.about, result.summary.entity, result.summary.name) == ("cause", "oven", "damper.md")
    assert ask(about="cause", entities=["oven"], signs=["voltage"]).note == "no suitable runbook among 4"
    assert ask(about="cause").note == "no suitable runbook among 4"
    assert ask(alert="QueueLong").summary.about == "alert"
