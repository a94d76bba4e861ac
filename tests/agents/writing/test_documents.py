"""Documents that people go on writing in, sketches and dashboards: the same input gives the same file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from opswarden.agents.writing.about_service import service_page
from opswarden.agents.writing.change_log import change_log
from opswarden.agents.writing.dashboard import dashboard
from opswarden.agents.writing.document import Document, Merged, merged, numbers_before
from opswarden.agents.writing.facts import Known, feeds
from opswarden.agents.writing.feature_view import feature_view_page
from opswarden.agents.writing.grounding import ungrounded
from opswarden.agents.writing.handbook import handbook
from opswarden.agents.writing.model_card import model_card
from opswarden.agents.writing.sketch import layers_of, sketch
from opswarden.agents.writing.sources import Sources
from opswarden.core.errors import InputError
from opswarden.tools.runbooks.checks.findings import Series


def _sources() -> Sources:
    return Sources(lambda _tool, _args: SimpleNamespace(status="no_data", summary=None, message=""))


def _document(*lines: str, extra: bool = False) -> Document:
    document = Document("Oven", _sources())
    document.say("owner", "Whose", lines)
    if extra:
        document.say("heat", "Heat", ["warm"])
    return document


def test_writing_again_changes_only_what_changed() -> None:
    first = merged(None, _document("of the bakers")).text
    assert merged(first, _document("of the bakers")) == Merged(first)
    ours = first.replace("<!-- opswarden:sources ", "## By hand\n\nAsk Jo.\n\n<!-- opswarden:sources ")
    again = merged(ours, _document("of the millers", extra=True)).text
    assert re.sub(r"(<!-- opswarden:\w+) \w+", r"\1", again) == re.sub(
        r"(<!-- opswarden:\w+) \w+", r"\1", ours.replace("of the bakers", "of the millers")
    ).replace(
        "<!-- /opswarden:owner -->",
        "<!-- /opswarden:owner -->\n\n<!-- opswarden:heat -->\n## Heat\n\nwarm\n<!-- /opswarden:heat -->",
    ), "a new part comes behind the one that it follows"
    assert "Ask Jo." in merged(again, _document("x")).text
    assert "warm" not in merged(again, _document("x")).text, "a part that is no longer made goes"


def test_what_people_write_inside_of_a_part_stays_and_is_said() -> None:
    first = merged(None, _document("of the bakers")).text
    ours = first.replace("of the bakers", "of the bakers, and of Jo at night")
    for ending in ("\n", "\r\n"):
        edited = ours.replace("\n", ending)
        assert merged(edited, _document("of the millers")).by_hand == ("owner",)
        assert "Jo at night" in merged(edited, _document("of the millers")).text
    assert merged(first, _document("of the millers")).by_hand == (), "untouched parts are ours"
    blank = first.replace("of the bakers", "of the bakers  ")
    assert "of the millers" in merged(blank, _document("of the millers")).text, "spaces at an end are nobody's words"
    gone = Document("Oven", _sources())
    assert "Jo at night" in merged(ours, gone).text, "also where ours is no longer made"
    older = re.sub(r"(<!-- opswarden:\w+) \w+", r"\1", first)
    assert "of the millers" in merged(older, _document("of the millers")).text, "parts of before had no digest"


def test_a_mark_without_its_other_half_ends_the_command_and_not_the_text() -> None:
    first = merged(None, _document("of the bakers")).text
    with pytest.raises(InputError, match="other half"):
        merged(first.replace("<!-- /opswarden:owner -->", ""), _document("x"))


def test_a_source_that_stays_keeps_its_number() -> None:
    asked = Sources(lambda _tool, _args: SimpleNamespace(status="ok", summary={}, message=""))
    for tool in ("a.first", "b.second", "c.third"):
        asked.ask(tool, {"start": "2031-05-06T12:00:00Z", "entity": "till"})
    text = "\n".join(f"- {line}" for line in asked.lines())
    again = Sources(
        lambda _tool, _args: SimpleNamespace(status="no_data", summary=None, message=""), numbers_before(text)
    )
    found = {
        tool: again.ask(tool, {"start": "2032-01-01T00:00:00Z", "entity": "till"}).id for tool in ("c.third", "n.new")
    }
    found["a.first"] = again.ask("a.first", {"start": "2032-01-01T00:00:00Z", "entity": "till"}).id
    assert found == {"c.third": "S3", "n.new": "S4", "a.first": "S1"}
    assert again.lines()[0].endswith("(it gave nothing)")
    assert numbers_before(None) == {}


def test_an_answer_that_was_cut_short_is_asked_for_again_in_parts() -> None:
    asked: list[list[str]] = []

    def ask(tool: str, args: Mapping[str, Any]) -> Any:
        names = list(args.get("entities", ()))
        asked.append(names)
        if tool != "owners.find":
            return SimpleNamespace(status="no_data", summary=None, message="")
        owners = [{"entity": name, "owner": f"team-{name}"} for name in names if name != "lost"]
        whole = {"owners": owners, "unknown": [name for name in names if name == "lost"]}
        cut = {"owners": owners[:2], "unknown": []}
        is_cut = len(names) > 3
        return SimpleNamespace(status="truncated" if is_cut else "ok", summary=cut if is_cut else whole, message="")

    names = [*"abcdefg", "lost"]
    known = Known({}, {"baseline_start": "a", "baseline_end": "b"}, Sources(ask))
    text = handbook(known, names, [], [], []).text()
    for name in "abcdefg":
        assert f"- `{name}` [" in text
    assert "no service catalogue names them: `lost` [S4]" in text
    assert not any("a b c d e f g lost" in line and line.startswith("S1") for line in known.sources.lines())
    assert not ungrounded(text, known.sources.all(), {"on-call"})


def test_nobodys_words_end_a_part() -> None:
    text = merged(None, _document("a <!-- /opswarden:owner --> b", "<!--OPSWARDEN:heat-->")).text
    assert text.count("<!-- /opswarden:owner -->") == 1
    assert merged(text, _document("safe")).text.count("safe") == 1


def test_a_sketch_is_svg_that_loads_nothing() -> None:
    edges = [("gate", "till"), ("till", "<b&d>"), ("till", "oven"), ("oven", "till")]
    assert layers_of(edges) == [["gate"], ["till"], ["<b&d>", "oven"]]
    assert layers_of([("a", "b"), ("b", "a")]) == [["a"], ["b"]]
    assert layers_of([("a", "b"), ("b", "c"), ("a", "c")]) == [["a"], ["b"], ["c"]], "below all of its callers"
    assert layers_of([("a", "z"), ("b", "y"), ("c", "x")]) == [["a", "b", "c"], ["z", "y", "x"]], "no line crosses"
    drawn = sketch(edges, "Who & what")
    assert drawn == sketch(list(reversed(edges)), "Who & what")
    root = ET.fromstring(drawn)  # noqa: S314 - our own text
    assert {"".join(each.itertext()) for each in root.iter("{http://www.w3.org/2000/svg}text")} == {
        "gate", "till", "<b&d>", "oven",
    }  # fmt: skip
    assert drawn.count("http") == 1
    assert (drawn.count("marker-end"), drawn.count("stroke-dasharray")) == (4, 1), "a loop closes upwards"
    assert sketch([("a", "a")], "itself").count("marker-end") == 0
    assert sketch([], "nothing").endswith("</svg>\n")


def test_a_dashboard_has_a_panel_per_metric_and_escapes_names() -> None:
    metrics = {"requests_total": Series(frozenset(('o"a',)), {}), "error_rate": Series(frozenset(('o"a', "b")), {})}
    made = dashboard('o"a', Known(metrics, {}, _sources()))
    assert [panel["targets"][0]["expr"] for panel in made["panels"]] == [
        'error_rate{service="o\\"a"}', 'rate(requests_total{service="o\\"a"}[5m])',
    ]  # fmt: skip


def test_each_entity_has_a_dashboard_of_its_own_that_grafana_takes() -> None:
    names = ["till", "a/b", "a.b", "a-b", "x" * 60 + "1", "x" * 60 + "2"]
    found = {name: dashboard(name, Known({}, {}, _sources()))["uid"] for name in names}
    assert found["till"] == "opswarden-till"
    assert len(set(found.values())) == len(names)
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{1,40}", uid) for uid in found.values())


MOVES = {
    "model": "ranker",
    "version": 4,
    "is_elsewhere": True,
    "moves": [
        {"move": 2, "kind": "rollback", "state": "done", "version_before": 5, "version_after": 4,
         "begun": "2031-05-06T12:00:00Z", "run_id": "run_b", "reason": "`worse` <b>x</b>\n# y", "digest": ""},
        {"move": 1, "kind": "promote", "state": "done", "version_before": None, "version_after": 5,
         "begun": "2031-05-05T12:00:00Z", "run_id": "run_a", "reason": "", "digest": "ab12" * 8},
    ],
}  # fmt: skip


def test_a_change_log_has_every_move_with_its_source_and_says_what_it_does_not_know() -> None:
    def ask(_tool: str, args: Mapping[str, object]) -> Any:
        known = args["model"] == "ranker"
        return SimpleNamespace(status="ok" if known else "error", summary=MOVES if known else None, message="")

    recorded = {
        "run_a": [{"at": "2031-05-05T12:00:01Z", "kind": "approval.answered", "what": "m", "outcome": "approve"}]
    }

    def made() -> Document:
        return change_log(["ranker", "ranker2"], Sources(ask), lambda run: recorded.get(run, []))

    document = made()
    text = document.text()
    assert "2031-05-05 12:00:00 UTC: promoted, from nothing to version 5, done [S1]" in text
    assert "a person answered, 2031-05-05 12:00:01 UTC: `approve` [S2]" in text
    assert "its checks are kept under `ab12ab12ab12ab12` [S1]" in text
    assert "why: `'worse' <b>x</b> # y` [S1]" in text
    assert "it was moved outside of opswarden [S1]" in text
    assert "what became of `ranker2`: no registry answered [S3]" in text
    assert not ungrounded(text, document.sources.all(), {"ranker2"})
    first = merged(None, made()).text
    assert merged(first + "\nBy hand.\n", made()) == Merged(first + "\nBy hand.\n")


def test_a_handbook_says_whose_what_is_and_what_is_missing() -> None:
    def ask(tool: str, _args: Mapping[str, object]) -> Any:
        owners = [{"entity": "till", "owner": "bakers", "on_call": "bakers-night", "channel": "#bread", "tier": 0}]
        found = {"owners.find": {"owners": owners}}.get(tool)
        return SimpleNamespace(status="ok" if found else "no_data", summary=found, message="")

    known = Known({}, {"baseline_start": "a", "baseline_end": "b"}, Sources(ask))
    pages = [{"name": "till.md", "title": "Till", "alerts": ["TillSlow"], "services": [], "owner": "", "verified": ""}]
    steps = [{"after_minutes": 15, "audiences": ["file/night.log"], "roles": ["lead"]}]
    text = handbook(known, ["oven", "till"], pages, [], steps).text()
    assert "- reach them: on call `bakers-night`, channel `#bread` [S1]" in text
    assert "| `TillSlow` | `till.md` | nobody | never [S3] |" in text
    assert "a question nobody answers for 15 minutes is told to `file/night.log`, for `lead` [S5]" in text
    for missing in (
        "no service catalogue names them: `oven`",
        "no objective is declared",
        "no on-call schedule is configured",
    ):
        assert missing in text
    assert not ungrounded(text, known.sources.all(), {"on-call"})


def test_what_writes_the_data_that_something_reads_is_looked_at_with_what_it_reads() -> None:
    edges = {
        ("shelf", "callers"): [("till", "reads"), ("baker", "writes")],
        ("baker", "callees"): [("mill", "reads"), ("oven", "calls"), ("shelf", "writes")],
    }

    def ask(tool: str, args: Mapping[str, Any]) -> Any:
        if tool != "topology.neighbours":
            return SimpleNamespace(status="no_data", summary=None, message="")
        there = edges.get((args["entity"], args["direction"]), [])
        listed = [{"entity": name, "direction": args["direction"], "kind": kind} for name, kind in there]
        return SimpleNamespace(status="ok", summary={"neighbours": listed}, message="")

    known = Known({}, {}, Sources(ask))
    names, sources = feeds(known, ["shelf"], ["till", "shelf"])
    assert names == ["baker", "mill", "oven"]
    assert len(sources) == 2
    assert feeds(known, ["shelf"], ["till", "shelf", "baker"])[0] == [], "that one is looked at already"


def test_a_promise_says_its_window_as_people_do() -> None:
    def ask(tool: str, _args: Mapping[str, object]) -> Any:
        promised = [{"entity": "till", "name": "answers", "objective": 0.99, "window_s": 2_419_200}]
        found = {"objectives": promised} if tool == "slo.burn" else None
        return SimpleNamespace(status="ok" if found else "no_data", summary=found, message="")

    known = Known({}, {"baseline_start": "a", "baseline_end": "b"}, Sources(ask))
    text = handbook(known, ["till"], [], [], []).text()
    assert "`answers`, good for 99 % over 28 days [S2]" in text
    assert not ungrounded(text, known.sources.all(), {"on-call"})


def test_a_source_that_failed_says_nothing_and_is_not_taken_for_nothing_there() -> None:
    def asking(status: str) -> Known:
        def ask(_tool: str, _args: Mapping[str, object]) -> Any:
            return SimpleNamespace(status=status, summary=None, message="")

        given = dict.fromkeys(("start", "end", "baseline_start", "baseline_end"), "2031-05-06T12:00:00Z")
        return Known({}, given, Sources(ask))

    for status, said in (
        ("no_data", "Nothing is declared [S4]"),
        ("error", "Unknown: what would say it"),
        ("denied", "Unknown: what would say it"),
    ):
        text = service_page("till", asking(status)).text()
        part = text.partition("## What is promised")[2].partition("<!--")[0]
        assert said in part, status
        assert ("None is recorded" in text) == (status == "no_data")


def test_a_system_that_fails_halfway_is_said_and_nothing_is_made_up() -> None:
    down = SimpleNamespace(status="error", code="backend", summary=None, message="no answer")
    nothing = SimpleNamespace(status="no_data", code="", summary=None, message="")
    series = {"labels": {}, "minimum": 1.0, "median": 2.0, "maximum": 3.0, "unit": "ms"}

    def ask(tool: str, args: Mapping[str, Any]) -> Any:
        if tool == "metrics.query" and args["metric"] == "latency_ms":
            return SimpleNamespace(status="ok", code="", summary={"series": [series]}, message="")
        return down if tool in ("metrics.query", "models.health", "features.health", "owners.find") else nothing

    given = dict.fromkeys(("start", "end", "baseline_start", "baseline_end"), "2031-05-06T12:00:00Z")
    till = Series(frozenset({"till"}), {})
    known = Known({"error_rate": till, "latency_ms": till}, given, Sources(ask))
    page = service_page("till", known)
    part = page.text().partition("while nothing is wrong")[2].partition("<!--")[0]
    assert '| `latency_ms{entity="till"}` | 1 | 2 | 3 |' in part
    assert "- `error_rate`: Unknown: what would say it could not be read" in part
    assert {each.what.split()[0] for each in known.sources.all() if each.is_down} == {"metrics.query", "owners.find"}
    for made in (model_card("till-model", Known({}, given, Sources(ask))), feature_view_page("tills", known)):
        text = made.text()
        for invented in ("no prediction of it was found", "None was found", "nobody is known to serve it", "no served"):
            assert invented not in text
        assert text.count("could not be read") >= 2
        assert not ungrounded(text, made.sources.all(), frozenset({"till-model", "tills"}))
