"""Which past incidents are alike, and why."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from opswarden.core.clock import Deadline
from opswarden.tools.incidents.backends.documents import Postmortems
from opswarden.tools.incidents.past import (
    FalseAlarms,
    Feature,
    FeatureKind,
    PastIncident,
    WhoSays,
    false_alarms,
    feature,
    joined,
    similar,
)
from opswarden.tools.incidents.postmortems import read_postmortem

NOW = datetime(2031, 5, 6, 12, 0, tzinfo=UTC)


def features(**named: str) -> frozenset[Feature]:
    kinds: dict[str, FeatureKind] = {name: name for name in ("alert", "entity", "indicator", "log", "change")}  # type: ignore[misc]
    return frozenset(feature(kinds[name], text) for name, text in named.items())


def incident(name: str, *, days: int | None = 3, has: frozenset[Feature] = frozenset(), text: str = "") -> PastIncident:
    at = None if days is None else NOW - timedelta(days=days)
    return PastIncident(name, "postmortem", at, name, has, text=text)


WANTED = tuple(features(alert="ColdBread", entity="oven", indicator="heat", log="gas * is out", change="config"))


def found(*past: PastIncident, wanted: tuple[Feature, ...] = WANTED) -> list[str]:
    return [one.incident.id for one in similar(wanted, past, before=NOW, limit=5)[1]]


def test_the_most_alike_stands_first_and_says_why() -> None:
    same = incident("same", has=features(alert="coldbread", entity="OVEN", log="gas  * is out"))
    near = incident("near", has=features(alert="ColdBread", entity="oven", change="deploy"))
    far = incident("far", has=features(alert="LongQueue", entity="till"))
    compared, alike = similar(WANTED, [far, near, same], before=NOW, limit=5)
    assert (compared, [one.incident.id for one in alike]) == (3, ["same", "near"])
    # The log line is the rarest of what they share, so it stands first.
    assert alike[0].shared[0] == ("log", "gas * is out")
    assert 0 < alike[1].score < alike[0].score < 1


def test_the_score_is_one_for_the_same_and_is_symmetric_in_what_differs() -> None:
    past = [incident("same", has=frozenset(WANTED))]
    assert similar(WANTED, past, before=NOW, limit=1)[1][0].score == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("has", "is_alike"),
    [
        (features(alert="ColdBread"), False),
        (features(entity="oven"), False),
        (features(entity="oven", change="config"), False),
        (features(change="config"), False),
        (features(alert="ColdBread", entity="oven"), True),
        (features(entity="oven", indicator="heat"), True),
        (features(log="gas * is out"), True),
        (frozenset(), False),
    ],
)
def test_one_thing_in_common_is_no_likeness(has: frozenset[Feature], is_alike: bool) -> None:
    assert bool(found(incident("one", has=has))) is is_alike


def test_what_was_not_past_is_left_out() -> None:
    has = frozenset(WANTED)
    assert found(incident("now", days=0, has=has), incident("tomorrow", days=-1, has=has)) == []
    assert found(incident("undated", days=None, has=has)) == ["undated"]
    assert found(replace(incident("run", days=None, has=has), source="run")) == []


def test_rare_things_weigh_more() -> None:
    usual = [incident(f"usual-{n}", has=features(alert="ColdBread", entity="oven")) for n in range(20)]
    rare = incident("rare", has=features(indicator="heat", log="gas * is out"))
    assert found(*usual, rare)[0] == "rare"


def test_names_in_the_text_count() -> None:
    assert found(incident("text", text="The Oven rang ColdBread again.")) == ["text"]
    assert found(incident("text", text="The oven-door rang ColdBreads.")) == []


def test_no_past_and_nothing_known() -> None:
    assert similar(WANTED, [], before=NOW, limit=3) == (0, ())
    assert found(incident("one", has=frozenset(WANTED)), wanted=()) == []


def test_what_came_to_nothing_is_counted_and_is_no_incident() -> None:
    same = features(alert="ColdBread", entity="oven")

    def run(name: str, days: int, who: WhoSays | None, has: frozenset[Feature] = same) -> PastIncident:
        return replace(incident(name, days=days, has=has), source="run", nothing_wrong=who)

    past = [
        run("real", 1, None), run("nothing", 2, "triage"), run("again", 2, "triage"), run("said", 4, "people"),
        run("the other triage found something", 5, "triage"), run("found", 5, None),
        run("another oven", 1, "triage", features(alert="ColdBread", entity="oven-2")), run("later", -1, "people"),
    ]  # fmt: skip
    assert false_alarms(WANTED, past, before=NOW) == FalseAlarms(4, 2, 1, NOW - timedelta(days=2))
    assert set(found(*past)) == {"real", "found"}
    assert false_alarms(WANTED, [run("real", 1, None)], before=NOW) is None


def test_a_run_and_its_postmortem_are_one() -> None:
    run = replace(incident("run_1", has=features(entity="oven", log="gas * is out")), source="run", cause="oven (heat)")
    page = replace(incident("gas.md", days=None, has=features(alert="ColdBread")), run_id="run_1", cause="no gas")
    other = replace(incident("lost.md"), run_id="run_9")
    both = joined([run, page, other])
    assert [one.id for one in both] == ["gas.md", "lost.md"]
    assert (both[0].cause, both[0].at) == ("no gas", run.at)
    assert both[0].features == features(alert="ColdBread", entity="oven", log="gas * is out")
    assert joined([run])[0] == run


PAGE = """\
---
title: Cold bread on Monday
date: 2031-04-01
run: run_1
alert: ColdBread
entities: [oven, till]
errors: ["gas * is out"]
changes: [config]
---
# ignored

## Root cause
The gas was off
at the street.

Nobody knew.

## Mitigation
Turn it on.
"""


def test_a_postmortem() -> None:
    read = read_postmortem("monday.md", PAGE)
    assert (read.title, read.run_id, read.is_confirmed) == ("Cold bread on Monday", "run_1", True)
    assert read.at == datetime(2031, 4, 1, tzinfo=UTC)
    assert (read.cause, read.resolution) == ("The gas was off at the street.", "Turn it on.")
    assert read.features == features(alert="ColdBread", entity="oven", log="gas * is out", change="config") | features(
        entity="till"
    )


@pytest.mark.parametrize(
    "text",
    ["", "---\n", "---\n[1, 2]\n---\nx", "---\na: [\n---\nx", "---\ndate: noon\nentities: 3\nalert: [1]\n---\n",
     "# A page", "---\nx: &a 1\ny: *a\n---\n"],
)  # fmt: skip
def test_a_page_that_says_little_is_still_a_page(text: str) -> None:
    read = read_postmortem("some-page.md", text)
    assert (read.at, read.features, read.cause, read.resolution) == (None, frozenset(), "", "")
    assert read.title


def test_a_folder_is_one_team_s(tmp_path: Path, deadline: Deadline) -> None:
    (tmp_path / "monday.md").write_text(PAGE)
    (tmp_path / "notes.txt").write_text(PAGE)
    assert [one.id for one in Postmortems(tmp_path, "bakers").past("bakers", deadline)] == ["monday.md"]
    assert Postmortems(tmp_path, "bakers").past("millers", deadline) == ()
    assert Postmortems(tmp_path / "none", "bakers").past("bakers", deadline) == ()
