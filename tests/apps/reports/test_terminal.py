from __future__ import annotations

import io
import re
from collections.abc import Callable

import pytest
from rich.cells import cell_len
from rich.console import Console

from opswarden.agents.triage.types import FirstMinute, ModelUse, RankedCause, TriageReport
from opswarden.apps.reports.render import render
from opswarden.apps.reports.terminal import print_report

Make = Callable[..., TriageReport]
COLOUR = re.compile(r"\x1b\[[0-9;]*m")


@pytest.mark.parametrize("width", [30, 45, 60, 84, 100, 160])
def test_every_line_fits(make_report: Make, width: int) -> None:
    name = "feature-store-" + "x" * 200 + "-7f9c4d"
    report = make_report()
    wide = RankedCause(
        entity=name, indicator=name, change="東京" * 60, score=0.3, evidence=("E1",) * 3, reasons=(name,)
    )
    text = render(report.model_copy(update={"ranking": (*report.ranking, wide)}), "terminal", width=width)
    assert max(cell_len(line) for line in text.splitlines()) <= width
    assert "Cause found" in text
    assert "opswarden audit verify" in " ".join(text.split())


def test_order_and_content(make_report: Make) -> None:
    text = " ".join(render(make_report(), "terminal", width=120).split())
    parts = ["Cause found", "The data points to", "Language model: large-model", "Synthetic", "Suspects", "rank 1",
             "How they moved", "▁", "What was changed", "11 min before", "Claims", "✗ unsupported", "Actions",
             "opswarden approvals approve apr_7k2", "Not looked at", "Runbooks that fit", "Evidence", "journal",
             "opswarden audit show 2051"]  # fmt: skip
    place = 0
    for part in parts:
        place = text.index(part, place)


def test_no_colour_unless_asked_for(make_report: Make) -> None:
    assert "\x1b" not in render(make_report(), "terminal", width=100)
    coloured = render(make_report(), "terminal", width=100, colour=True)
    assert COLOUR.search(coloured)
    lines = [COLOUR.sub("", line).rstrip() for line in coloured.splitlines()]
    assert lines == render(make_report(), "terminal", width=100).splitlines()


def test_no_color_is_respected(make_report: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    codes = COLOUR.findall(render(make_report(), "terminal", width=100, colour=True))
    assert not [code for code in codes if re.search(r"\[(?:\d+;)*(?:3[0-7]|9[0-7])", code)]


def test_printing_to_a_console(make_report: Make) -> None:
    out = io.StringIO()
    print_report(make_report(), Console(file=out, width=72, color_system=None, force_terminal=False))
    assert "Cause found" in out.getvalue()
    assert max(map(cell_len, out.getvalue().splitlines())) <= 72


def test_an_output_without_the_characters_still_gets_the_report(make_report: Make) -> None:
    raw = io.BytesIO()
    file = io.TextIOWrapper(raw, encoding="ascii")
    print_report(make_report(), Console(file=file, width=80))
    file.flush()
    assert b"Cause found" in raw.getvalue()


def test_markup_in_the_data_is_text(make_report: Make) -> None:
    title = "[bold red]x[/] :warning: [link=file:///etc]y[/link]"
    report = make_report()
    incident = report.incident.model_copy(update={"title": title})
    assert title in render(report.model_copy(update={"incident": incident}), "terminal", width=120)


def test_no_model(make_report: Make) -> None:
    text = render(make_report(model=ModelUse(used=False)), "terminal", width=100)
    assert "No language model was used. Everything in this report was computed." in text


def test_a_reason_that_is_a_claim_is_said_once(make_report: Make) -> None:
    report = make_report()
    claim = report.claims[0].model_copy(update={"text": "fraud-scorer: latency went up"})
    text = render(report.model_copy(update={"claims": (claim,)}), "terminal", width=100)
    assert text.count("latency went up") == 1
    assert text.count("new model") == 1


def test_nothing_at_all(make_report: Make) -> None:
    empty = make_report(verdict="healthy", ranking=(), claims=(), actions=(), evidence=(), gaps=())
    text = render(empty, "terminal", width=60)
    assert "Healthy" in text
    assert "No tool was called." in text


LINES = tuple(
    FirstMinute(kind=kind, text=f"{kind} " + "wörd 東京 " * 60 + "end", evidence=("E1", "E2"))
    for kind in ("impact", "slo", "owner", "blast_radius", "change", "similar", "runbook")
)


@pytest.mark.parametrize("width", [30, 60, 100, 200])
@pytest.mark.parametrize("count", [1, 3, 7])
def test_the_first_minute_takes_seven_lines_at_most(make_report: Make, width: int, count: int) -> None:
    lines = render(make_report(first_minute=LINES[:count]), "terminal", width=width).splitlines()
    start = next(place for place, line in enumerate(lines) if line.startswith("  Impact "))
    block = lines[start : lines.index("", start)]
    assert count <= len(block) <= 7
    assert sum("E1 E2" in line for line in block) == (count if width >= 50 else 0)
    assert max(map(cell_len, block)) <= width
    assert sum("…" in line for line in block) >= count - 1


def test_the_steps_of_a_runbook_leave_room_for_what_is_to_be_done(make_report: Make) -> None:
    many = FirstMinute(kind="runbook", text="look into the oven first", evidence=tuple(f"E{n}" for n in range(20, 40)))
    text = render(make_report(first_minute=(many,)), "terminal", width=80)
    assert "look into the oven first" in text
    assert "E20 E21 E22 …" in text


def test_nothing_known_has_no_block(make_report: Make) -> None:
    assert "Impact" not in render(make_report(first_minute=()), "terminal")
