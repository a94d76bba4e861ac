"""Which change did it: a small hand-made record for every rule."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pyarrow as pa
import pytest

from opswarden.tools.attribution.releases import releases_of
from opswarden.tools.attribution.suspects import Judgement, Scene, Suspect, judge
from opswarden.tools.attribution.versions import Comparison
from opswarden.tools.changes.backends.types import RECORDED_COLUMNS

from .tables import START, us

ONSET = us(10)
CALM_DAY = us(-24 * 60)


def change(id: str, minutes: float, entity: str | None = "oven", kind: str = "deploy", **more: Any) -> dict[str, Any]:
    """Minutes are those after the start of the window; trouble begins at 10."""
    attributes = more.pop("attributes", {})
    return {
        "ts": START + timedelta(minutes=minutes),
        "entity": entity,
        "kind": kind,
        "id": id,
        "summary": more.pop("summary", "a change"),
        "author": "ana",
        "attributes": list(attributes.items()),
    }


def record(*rows: Mapping[str, Any]) -> pa.Table:
    return pa.Table.from_pylist(list(rows), RECORDED_COLUMNS)


def scene(**more: Any) -> Scene:
    given: dict[str, Any] = {
        "shares": {"oven": 0.6, "till": 0.3, "shop": 0.1},
        "onsets_us": {},
        "onset_us": ONSET,
        "since_us": CALM_DAY,
    }
    return Scene(**(given | more))


def judged(*rows: Mapping[str, Any], **more: Any) -> Judgement:
    return judge(releases_of(record(*rows)), scene(**more))


def names(judgement: Judgement) -> list[str]:
    return [suspect.id for suspect in judgement.named()]


def of(judgement: Judgement, id: str) -> Suspect:
    return next(suspect for suspect in judgement.suspects if suspect.id == id)


def test_a_change_right_before_the_trouble_at_its_place_is_named() -> None:
    found = judged(change("c1", 8))
    assert names(found) == ["c1"]
    assert found.suspects[0].verdict == "for"
    assert found.none + found.suspects[0].probability == pytest.approx(1)


@pytest.mark.parametrize("minutes", [13, 30, 500])
def test_what_came_after_the_onset_is_an_answer(minutes: float) -> None:
    found = judged(change("c1", minutes))
    assert names(found) == []
    assert (found.suspects[0].verdict, found.suspects[0].probability) == ("against", 0)
    assert "after the onset" in found.suspects[0].reasons[0]


def test_an_onset_is_no_sharper_than_the_sampling() -> None:
    assert names(judged(change("c1", 10.3)))
    assert not names(judged(change("c1", 13)))
    assert of(judged(change("c1", 13), step_s=300.0), "c1").probability > 0


def test_long_before_the_trouble_it_needs_more_than_time() -> None:
    assert names(judged(change("c1", -600))) == []


def test_where_changes_are_made_all_the_time_one_more_says_little() -> None:
    busy = [change(f"quiet{number}", number * 1.1 - 30, entity="till") for number in range(30)]
    assert names(judged(*busy, change("c1", 4, entity="till"))) == []
    assert of(judged(*busy, change("c1", 4)), "c1").probability < of(judged(change("c1", 4)), "c1").probability


def test_nothing_recorded_names_nothing() -> None:
    found = judged()
    assert (found.suspects, found.none, names(found)) == ((), 1.0, [])


def test_a_place_that_is_measured_and_calm_speaks_against() -> None:
    loud, calm = judged(change("c1", 8)), judged(change("c1", 8), calm={"oven"})
    assert of(calm, "c1").probability < of(loud, "c1").probability
    assert "nothing is out of order at its service" in of(calm, "c1").reasons


def test_a_service_off_the_path_is_said_to_be() -> None:
    found = judged(change("c1", 8, entity="shop"), related={"oven", "till"})
    assert "its service is not on a path with the alert" in found.suspects[0].reasons


WORSE = Comparison(30.0, "error_rate of its newer version is 0.5", us(8))
AS_WELL = Comparison(0.1, "its newer version does as well", us(8))
SILENT = Comparison(30.0, "nothing is heard of its newer version", None)


def test_of_two_releases_at_once_the_one_whose_newer_pods_do_worse_did_it() -> None:
    rows = (change("release-oven", 8), change("release-till", 8, entity="till"))
    found = judged(*rows, comparisons={"oven": AS_WELL, "till": WORSE})
    assert names(found)[0] == "release-till"
    assert of(found, "release-oven").verdict == "against"
    assert "its newer version does as well" in of(found, "release-oven").reasons
    assert judged(*rows, comparisons={"oven": AS_WELL, "till": SILENT}).suspects[0].id == "release-till"


def test_a_comparison_speaks_only_of_the_release_that_brought_the_version() -> None:
    found = judged(change("earlier", -300), comparisons={"oven": WORSE})
    assert "error_rate of its newer version is 0.5" not in found.suspects[0].reasons


def test_a_newer_version_cannot_have_done_worse_before_it_ran() -> None:
    late = Comparison(30.0, "worse", us(16))
    assert names(judged(change("c1", 15), comparisons={"oven": late}, onsets_us={"oven": us(2)}, onset_us=us(16)))


SYMPTOMS = {"sourd": 1.0, "start": 1.0, "refus": 0.9}


def commits(*pairs: tuple[str, str]) -> list[dict[str, Any]]:
    return [
        row
        for place, (id, diff) in enumerate(pairs)
        for row in (
            change(id, 5 + place, None, "commit", attributes={"diff": diff, "files": "src/oven/bake.py"}),
            change(f"deploy-{id}", 6 + place, attributes={"commit_sha": id}),
        )
    ]


ABOUT_IT = '+rows = run("SELECT a FROM sourdough_starters")'
ABOUT_ELSE = "+if ready:\n+    paint(shelf)"
MOVED = "-bake(sourdough, 20)\n-cool(20)\n+bakeAndCool(sourdough, 20)"


def test_of_two_deployments_the_one_that_touches_what_is_seen_did_it() -> None:
    rows = commits(("a1b2c3d4", ABOUT_IT), ("e5f6a7b8", ABOUT_ELSE))
    others = [change(f"c{number}", -200 - number, attributes={"diff": ABOUT_ELSE}) for number in range(5)]
    found = judged(*rows, *others, symptoms=SYMPTOMS)
    assert names(found)[0] == "deploy-a1b2c3d4"
    assert any("touches what is seen: 2 telling words" in reason for reason in found.suspects[0].reasons)
    assert "nothing it touches is seen in the symptoms" in of(found, "deploy-e5f6a7b8").reasons


def test_words_in_code_that_only_moves_count_for_nothing() -> None:
    found = judged(*commits(("a1b2c3d4", MOVED), ("e5f6a7b8", ABOUT_ELSE)), symptoms=SYMPTOMS)
    assert "it moves code and keeps all its constants" in of(found, "deploy-a1b2c3d4").reasons
    assert of(found, "deploy-a1b2c3d4").probability < of(found, "deploy-e5f6a7b8").probability * 5


def test_words_that_every_change_holds_say_nothing() -> None:
    same = [(f"aaaaaaa{number}", ABOUT_IT.replace("starters", f"s{number}")) for number in range(8)]
    found = judged(*commits(*same), symptoms={"sourd": 1.0})
    values = [suspect.probability for suspect in found.suspects]
    assert max(values) < 0.5


def test_names_of_services_are_no_content() -> None:
    rows = commits(("a1b2c3d4", "+oven.paint(till)"), ("e5f6a7b8", ABOUT_ELSE))
    found = judged(*rows, symptoms={"oven": 1.0, "till": 1.0})
    assert not any("touches what is seen" in reason for suspect in found.suspects for reason in suspect.reasons)


def test_what_touches_only_documentation_is_ruled_out_with_that_reason() -> None:
    found = judged(change("c1", 9, attributes={"files": "docs/oven.md"}))
    assert (names(found), found.suspects[0].reasons[0]) == ([], "it touches only documentation")


def test_a_commit_runs_from_the_deployment_that_names_it() -> None:
    releases = releases_of(record(*commits(("a1b2c3d4", ABOUT_IT)), change("loose", 7, None, "commit")))
    assert [(one.id, one.entity, one.is_released) for one in releases] == [
        ("deploy-a1b2c3d4", "oven", True),
        ("loose", "", False),
    ]
    assert "sourdoughstarters" in releases[0].content.net


def test_records_with_one_id_are_one_change() -> None:
    rows = [change("a1b2c3d4", 5, None, "commit", attributes={"diff": ABOUT_IT}), change("a1b2c3d4", 7)]
    (release,) = releases_of(record(*rows))
    assert (release.at_us, release.kind) == (us(7), "deploy")


def test_a_commit_that_was_never_released_hardly_counts() -> None:
    rows = [*commits(("a1b2c3d4", ABOUT_ELSE)), change("loose", 9, None, "commit", attributes={"diff": ABOUT_IT})]
    found = judged(*rows, symptoms=SYMPTOMS)
    assert "no release of it is recorded" in of(found, "loose").reasons
    assert names(found) != ["loose"]
    alone = judged(change("loose", 9, None, "commit", attributes={"diff": ABOUT_IT}), symptoms=SYMPTOMS)
    assert "no release of it is recorded" not in alone.suspects[0].reasons  # nothing here says what runs


def test_what_was_rolled_back_before_the_onset_is_set_aside() -> None:
    found = judged(change("bad-one", 2), change("undo", 6, kind="rollback", summary="roll back bad-one"))
    assert of(found, "bad-one").reasons[0] == "it was rolled back before the onset"
    too_late = judged(change("bad-one", 8), change("undo", 15, kind="rollback", summary="roll back bad-one"))
    assert names(too_late) == ["bad-one"]


def test_a_limit_cut_to_a_fraction_weighs_more_than_a_nudge() -> None:
    cut, nudge = ({"diff": f"-max_loaves: 640\n+max_loaves: {new}"} for new in (10, 600))
    found = judged(change("cut", 6, kind="config", attributes=cut), change("nudge", 7, kind="config", attributes=nudge))
    assert of(found, "cut").probability > 3 * of(found, "nudge").probability
    assert "it changes a number by a factor of 64" in of(found, "cut").reasons


def test_a_provider_that_says_it_is_in_trouble_speaks_for_none() -> None:
    said, silent = judged(change("c1", 2), outside="a provider: degraded"), judged(change("c1", 2))
    assert said.none > silent.none
    assert said.outside == "a provider: degraded"


def test_records_without_id_time_or_text_are_read() -> None:
    bare = pa.table({"ts": pa.array([START, None, START], pa.timestamp("us", tz="UTC")), "id": ["c1", "c2", None]})
    (release,) = releases_of(bare)
    assert (release.id, release.entity, release.kind) == ("c1", "", "change")
    assert judge((release,), scene()).suspects[0].id == "c1"
    assert judge((release,), scene(shares={}, since_us=None)).suspects[0].id == "c1"


def test_the_order_of_the_record_does_not_matter() -> None:
    rows = [*commits(("a1b2c3d4", ABOUT_IT), ("e5f6a7b8", ABOUT_ELSE)), change("c1", 3, entity="till")]
    one, other = judged(*rows, symptoms=SYMPTOMS), judged(*reversed(rows), symptoms=SYMPTOMS)
    assert [(s.id, s.probability) for s in one.suspects] == [(s.id, s.probability) for s in other.suspects]


def test_no_word_of_a_diff_or_a_log_line_stands_in_a_reason() -> None:
    others = [change(f"c{number}", -200 - number, attributes={"diff": ABOUT_ELSE}) for number in range(5)]
    found = judged(*commits(("a1b2c3d4", ABOUT_IT)), *others, symptoms=SYMPTOMS)
    text = " ".join(reason for suspect in found.suspects for reason in suspect.reasons)
    assert "telling words" in text
    assert not any(word in text for word in SYMPTOMS)
