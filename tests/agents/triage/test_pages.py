"""Which of a triage's runbooks comes first, and what is said of each."""

from __future__ import annotations

from typing import Any

import pytest

from opswarden.agents.triage.following import plan_call
from opswarden.agents.triage.pages import in_order, told
from opswarden.agents.triage.types import Incident


def page(name: str, about: str = "alert", matched_by: str = "words", **more: Any) -> dict[str, Any]:
    return {"name": f"{name}.md", "title": name, "about": about, "matched_by": matched_by, "step": "", **more}


SYMPTOM, OWN, CAUSE = (
    page("Cold"),
    page("Cold", matched_by="name"),
    page("Gas", "cause", section="Diagnosis", step="Ask."),
)


@pytest.mark.parametrize(
    ("found", "names"),
    [
        ([SYMPTOM, CAUSE], ["Gas", "Cold"]),
        ([page("Cold", matched_by="declared"), CAUSE], ["Cold", "Gas"]),
        ([OWN, CAUSE], ["Cold", "Gas"]),
        ([page("wiki", matched_by="elsewhere"), CAUSE], ["wiki", "Gas"]),
        ([CAUSE], ["Gas"]),
        ([SYMPTOM], ["Cold"]),
        ([SYMPTOM, page("Cold", "cause")], ["Cold"]),
        ([SYMPTOM, page("Later"), CAUSE, page("Other", "cause")], ["Gas", "Cold"]),
        ([{"title": "Kept before there was a page on the cause", "matched_by": "name"}, CAUSE], None),
        ([{"title": 3}, {"title": " "}, {}], []),
        ([], []),
    ],
)  # fmt: skip
def test_a_page_for_the_very_alert_comes_first_and_one_on_the_symptom_after_the_cause(
    found: list[dict[str, Any]], names: list[str] | None
) -> None:
    ordered = [one["title"] for one in in_order(found)]
    assert ordered == (names if names is not None else [found[0]["title"], "Gas"])


def test_each_page_says_what_it_is_for() -> None:
    assert told(in_order([SYMPTOM, CAUSE])) == (
        "for the suspected cause: Ask. — Gas › Diagnosis (shares words only); for the alert: Cold"
    )
    assert told(in_order([OWN, CAUSE])) == "for the alert: read Cold; for the suspected cause: Gas"
    assert told([page("Gas", "cause", or_else="Oil")]) == (
        "for the suspected cause: read Gas (shares words only; Oil fits about as well)"
    )


def test_the_steps_of_a_page_on_the_cause_ask_about_the_suspect() -> None:
    incident = Incident(title="x", environment="y", start="s", end="e", alert_entity="shop")
    for matched, entity in ((page("Gas", "cause", entity="oven"), "oven"), (page("Cold", entity=""), "shop")):
        plan = plan_call(incident, {**matched, "checked": 2})
        assert plan is not None
        assert plan.args["entity"] == entity
