"""The check of reports sees what acts: every markup of the suite, shown raw, is found in the format it is meant for."""

from __future__ import annotations

import pytest

from opswarden.evals.attacks.bench import ReportStyle
from opswarden.evals.attacks.rendering import active_in
from opswarden.evals.attacks.repertoire.words import MARKUP

MEANT_FOR: dict[str, ReportStyle] = {
    **dict.fromkeys(MARKUP, "markdown"),
    **dict.fromkeys(("html_image", "html_script", "html_frame", "svg"), "html"),
    **dict.fromkeys(("ansi", "osc8", "bidi"), "terminal"),
}
INERT_BY_ITSELF = {"html_entity", "mermaid"}
"""One is what escaped HTML looks like; the other acts only in renderers that run diagrams, and shows as code here."""


@pytest.mark.parametrize("name", sorted(set(MARKUP) - INERT_BY_ITSELF))
def test_raw_markup_is_found(name: str) -> None:
    style = MEANT_FOR[name]
    text = f"<p>{MARKUP[name]}</p>" if style == "html" else f"a line: {MARKUP[name]}\n"
    assert active_in({style: text})


@pytest.mark.parametrize(
    ("style", "text"),
    [
        ("markdown", "a `![x](https://evil.example/p.png)` and `<!channel>`\n"),
        ("markdown", "| a | b |\n| --- | --- |\n| `https://evil.example` | 1 |\n"),
        ("html", "<p>&lt;img src=x onerror=y&gt; <a href='#e1'>E1</a></p>"),
        ("terminal", "plain words\n"),
        ("json", '{"a": "\\u001b[2J"}'),
    ],
)
def test_inert_reports_pass(style: ReportStyle, text: str) -> None:
    assert active_in({style: text}) == ()
