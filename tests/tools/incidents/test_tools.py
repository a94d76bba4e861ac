"""`incidents.similar` as the gate calls it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from opswarden.core.clock import Deadline
from opswarden.tools.incidents.backends.documents import SeveralPasts
from opswarden.tools.incidents.past import PastIncident, feature
from opswarden.tools.incidents.similar import ALIKE_COLUMNS, similar_tool
from opswarden.tools.spec import AnyTool, Output

Call = Callable[..., Output[Any]]


class Kept:
    """Some incidents of one team."""

    def __init__(self, *past: PastIncident) -> None:
        self._past = past

    def past(self, team: str, deadline: Deadline) -> Sequence[PastIncident]:
        return self._past if team == "team" else ()


def tools(*past: PastIncident) -> tuple[AnyTool, ...]:
    return (similar_tool(SeveralPasts([Kept(), Kept(*past)]), "bakery"),)


def past(start: datetime, name: str = "gas.md", **changed: Any) -> PastIncident:
    has = frozenset({feature("alert", "ColdBread"), feature("entity", "oven")})
    at = start - timedelta(days=2)
    given: dict[str, Any] = {"id": name, "source": "postmortem", "at": at, "title": "Cold bread", "features": has,
                             "cause": "no gas", "resolution": "turn it on", "is_confirmed": True}  # fmt: skip
    return PastIncident(**(given | changed))


def test_what_it_was_and_what_solved_it(call: Call, start: datetime) -> None:
    output = call(tools(past(start)), "incidents.similar", before=start, alert="ColdBread", entities=["oven", "mill"])
    assert (output.status, output.summary.compared) == ("ok", 1)
    found = output.summary.alike[0]
    assert (found.id, found.cause, found.resolution, found.is_confirmed) == ("gas.md", "no gas", "turn it on", True)
    assert set(found.shared) == {"alert coldbread", "entity oven"}
    assert 0 < found.similarity < 1
    assert output.artifact.schema == ALIKE_COLUMNS


def test_nothing_alike_is_no_data(call: Call, start: datetime) -> None:
    none = call(tools(), "incidents.similar", before=start, alert="ColdBread")
    assert (none.status, none.summary, none.note) == ("no_data", None, "no past incident is known")
    other = call(tools(past(start)), "incidents.similar", before=start, alert="LongQueue", entities=["oven"])
    assert (other.status, other.note) == ("no_data", "none of 1 past incidents is like this one")
    assert call(tools(past(start)), "incidents.similar", before=start).status == "no_data"


def test_an_alert_that_came_to_nothing_before_says_so(call: Call, start: datetime) -> None:
    quiet = [past(start - timedelta(days=n), f"run_{n}", source="run", nothing_wrong="triage") for n in range(3)]
    asked = {"before": start, "alert": "ColdBread", "entities": ["oven"]}
    alone = call(tools(*quiet), "incidents.similar", **asked)
    assert (alone.status, alone.summary.compared, alone.summary.alike) == ("ok", 0, ())
    told = alone.summary.false_alarms
    assert (told.looked_at, told.nothing_wrong, told.by_people, told.last) == (3, 3, 0, quiet[0].at)
    beside = call(tools(*quiet, past(start)), "incidents.similar", **asked)
    assert [one.id for one in beside.summary.alike] == ["gas.md"]
    assert call(tools(past(start)), "incidents.similar", **asked).summary.false_alarms is None


def test_long_texts_are_cut(call: Call, start: datetime) -> None:
    many = [past(start, f"p{n}.md", cause="word " * 900, resolution="word " * 900) for n in range(10)]
    output = call(tools(*many), "incidents.similar", before=start, alert="ColdBread", entities=["oven"], limit=10)
    assert output.status == "truncated"
    assert output.artifact.num_rows == 10
