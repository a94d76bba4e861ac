"""Documents that people go on writing in, sketches and dashboards: the same input gives the same file."""

from __future__ import annotations

from types import SimpleNamespace
from xml.etree import ElementTree as ET

from opswarden.agents.writing.dashboard import dashboard
from opswarden.agents.writing.document import Document, merged
from opswarden.agents.writing.facts import Known
from opswarden.agents.writing.sketch import layers_of, sketch
from opswarden.agents.writing.sources import Sources
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
    first = merged(None, _document("of the bakers"))
    assert merged(first, _document("of the bakers")) == first
    ours = first.replace("<!-- opswarden:sources -->", "## By hand\n\nAsk Jo.\n\n<!-- opswarden:sources -->")
    again = merged(ours, _document("of the millers", extra=True))
    assert again == ours.replace("of the bakers", "of the millers").rstrip("\n") + (
        "\n\n<!-- opswarden:heat -->\n## Heat\n\nwarm\n<!-- /opswarden:heat -->\n"
    )
    assert "Ask Jo." in merged(again, _document("x"))
    assert "warm" not in merged(again, _document("x")), "a part that is no longer made goes"


def test_nobodys_words_end_a_part() -> None:
    text = merged(None, _document("a <!-- /opswarden:owner --> b", "<!--OPSWARDEN:heat-->"))
    assert text.count("<!-- /opswarden:owner -->") == 1
    assert merged(text, _document("safe")).count("safe") == 1


def test_a_sketch_is_svg_that_loads_nothing() -> None:
    edges = [("gate", "till"), ("till", "<b&d>"), ("till", "oven"), ("oven", "till")]
    assert layers_of(edges) == [["gate"], ["till"], ["<b&d>", "oven"]]
    assert layers_of([("a", "b"), ("b", "a")]) == [["a"], ["b"]]
    drawn = sketch(edges, "Who & what")
    assert drawn == sketch(list(reversed(edges)), "Who & what")
    root = ET.fromstring(drawn)  # noqa: S314 - our own text
    assert {"".join(each.itertext()) for each in root.iter("{http://www.w3.org/2000/svg}text")} == {
        "gate", "till", "<b&d>", "oven",
    }  # fmt: skip
    assert drawn.count("http") == 1
    assert sketch([], "nothing").endswith("</svg>\n")


def test_a_dashboard_has_a_panel_per_metric_and_escapes_names() -> None:
    metrics = {"requests_total": Series(frozenset(('o"a',)), {}), "error_rate": Series(frozenset(('o"a', "b")), {})}
    made = dashboard('o"a', Known(metrics, {}, _sources()))
    assert [panel["targets"][0]["expr"] for panel in made["panels"]] == [
        'error_rate{service="o\\"a"}', 'rate(requests_total{service="o\\"a"}[5m])',
    ]  # fmt: skip
