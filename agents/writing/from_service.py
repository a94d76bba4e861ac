"""A runbook for a service as it stands: how it behaves, what it uses, whom it serves, and what to look at in turn."""

from __future__ import annotations

from .facts import (
    Known,
    around_steps,
    at_most,
    measured,
    neighbours,
    range_lines,
    ranges,
    say_changes,
    say_impact,
    say_past,
)
from .owners import say_owner
from .page import Draft, DraftStep
from .sources import cited, code

_MOST_METRICS = 8
_PROBLEMS = ("error_rate", "latency_ms")


def draft_for_service(entity: str, known: Known) -> Draft:
    """Draft a page for an entity."""
    draft = Draft(f"{entity} is in trouble", {"services": [entity]}, known.sources)
    below, source = neighbours(known, entity, "callees")
    names = ", ".join(f"{code(name)}" for name in below)
    said = (
        f"{code(entity)} uses {names}{cited(source)}"
        if below
        else f"{code(entity)} is not known to use anything{cited(source)}"
    )
    draft.say("Meaning", said, "")
    found = [
        each for metric in known.metrics_of(entity)[:_MOST_METRICS] for each in ranges(known, entity, metric, most=3)
    ]
    if found:
        draft.say("As usual", measured(known, found[0].source), "")
        draft.say("As usual", *range_lines(found))
    say_impact(draft, known, entity)
    for each in [one for one in found if one.metric in _PROBLEMS][:4]:
        text = f"Is {code(each.selector)} as usual? Usually at most {each.told(each.high)}{cited(each.source)}"
        draft.step("Diagnosis", DraftStep(text, (at_most(each),)))
    around_steps(draft, known, entity, "Diagnosis")
    say_past(draft, known, "", [entity], "Mitigation")
    say_changes(draft, known, [entity])
    owner = say_owner(draft, known, entity)
    draft.front = {**draft.front, "owner": owner, "risk": "low"}
    return draft
