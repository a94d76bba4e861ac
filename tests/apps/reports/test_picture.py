from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace

import pytest
from PIL import Image, ImageChops

from opswarden.agents.triage.types import TriageReport
from opswarden.apps.reports.outline import Outline, outline
from opswarden.apps.reports.picture import MOST_CHARTS, picture
from opswarden.apps.reports.readings import Line

Make = Callable[..., TriageReport]


def drawn(page: Outline) -> Image.Image:
    content = picture(page)
    assert content is not None
    return Image.open(io.BytesIO(content)).convert("RGB")


def test_the_charts_stand_under_one_another_and_the_same_report_gives_the_same_picture(make_report: Make) -> None:
    page = outline(make_report())
    one = drawn(page)
    assert one.format is None or one.format == "PNG"
    assert one.width == 1440
    assert picture(page) == picture(page)
    longer = drawn(replace(page, readings=page.readings[:1] * (MOST_CHARTS + 3)))
    assert longer.height == MOST_CHARTS * drawn(replace(page, readings=page.readings[:1])).height


def test_every_value_that_moves_moves_the_line(make_report: Make) -> None:
    page = outline(make_report())
    first = page.readings[0]
    line = first.lines[0]
    place = next(i for i, value in enumerate(line.points) if value is not None)
    moved = (
        *line.points[:place],
        (line.points[place] or 0.0) * 0.5 + max(line.values) * 0.25,
        *line.points[place + 1 :],
    )
    before = drawn(replace(page, readings=(first,)))
    after = drawn(replace(page, readings=(replace(first, lines=(replace(line, points=moved), *first.lines[1:])),)))
    assert ImageChops.difference(before, after).getbbox() is not None


@pytest.mark.parametrize("points", [(1e308, -1e308), (0.0,), (None, 3.0, None), (5.0,) * 40, (1e-320, 2e-320)])
@pytest.mark.parametrize("label", ["", "x" * 5_000, "\x1b[31m‮口座番号\n\u0000😀"])
def test_whatever_comes_is_drawn_inside_the_picture(
    make_report: Make, points: tuple[float | None, ...], label: str
) -> None:
    page = outline(make_report())
    first = page.readings[0]
    lines = (Line(label, points, 0),) * 5
    hostile = replace(first, lines=lines, metric=label or "m", entity=label or "e", unit=label[:30])
    assert drawn(replace(page, readings=(hostile,))).height < 600


def test_without_a_series_there_is_no_picture(make_report: Make) -> None:
    assert picture(replace(outline(make_report()), readings=())) is None
