from __future__ import annotations

from collections.abc import Callable

import pytest
from markdown_it import MarkdownIt

from opswarden.agents.triage.types import ModelUse, TriageReport
from opswarden.apps.reports.markdown import code, prose
from opswarden.apps.reports.render import render

Make = Callable[..., TriageReport]
PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])

INERT = [
    "see http://evil.example/x and https://evil.example",
    "www.evil.example",
    "mail me@evil.example now",
    "@here @channel and @someone",
    "![x](y) and [a](b) and [a][b] and [a]: c",
    "<img src=x onerror=alert(1)> <!-- x --> &amp; <https://evil.example>",
    "**bold** _it_ ~~gone~~ `code` ``x`` ` odd",
    "# heading",
    "1. list",
    "- list",
    "> quote",
    "a | b | c",
    "fixes #12 and GH-12 in deadbeef1",
    ":white_check_mark: done",
    "$x^2$ and \\( y \\)",
    "evil.example is a host",
    "end with backslash \\",
    "`a@b``c`",
]


@pytest.mark.parametrize("text", INERT)
def test_prose_renders_as_itself_and_as_nothing_else(text: str) -> None:
    (block,) = [token for token in PARSER.parse(f"{prose(text)}") if token.type == "inline"]
    children = block.children or []
    assert {child.type for child in children} <= {"text", "code_inline"}
    shown = "".join(child.content for child in children)
    bare = str.maketrans("", "", "` ")
    assert shown.translate(bare) == text.translate(bare)
    plain = " ".join(child.content for child in children if child.type == "text")
    for risky in ("://", "www.", "@", "#1", ":white", "evil.example", "<"):
        assert risky not in plain


@pytest.mark.parametrize("text", ["plain", "a`b", "``a``", "`", "a\\", " x "])
def test_a_code_span_holds_its_text(text: str) -> None:
    (block,) = [token for token in PARSER.parse(f"x {code(text)} y") if token.type == "inline"]
    spans = [child.content for child in block.children or [] if child.type == "code_inline"]
    assert [span.strip() for span in spans] == [text.strip()]


def test_the_parts_in_order(make_report: Make) -> None:
    text = render(make_report(), "markdown", width=None)
    headings = [line for line in text.splitlines() if line.startswith("#")]
    assert headings == ["# Approval rate fell", "## Suspects", "## How they moved", "## What was changed",
                        "## What the model holds", "## Claims", "## Actions",
                        "## Not looked at", "## Runbooks that fit", "## Evidence",
                        "## Cost, and how to check this report"]  # fmt: skip
    assert "**Cause found.** The data points to fraud-scorer." in text
    assert "| 1 | `fraud-scorer` | `latency_seconds` | `card-risk-v42` | rank 1 | E1, E2 |" in text
    assert "`opswarden approvals approve apr_7k2`" in text
    assert "**unsupported** (a number is not in the cited evidence), language model: a rollback mends it (E5)" in text


def test_a_bar_in_a_name_does_not_make_a_cell(make_report: Make) -> None:
    report = make_report()
    cause = report.ranking[0].model_copy(update={"entity": "a|b\\|c", "change": "x||y"})
    text = render(report.model_copy(update={"ranking": (cause,)}), "markdown", width=None)
    tokens = PARSER.parse(text)
    first_table = next(index for index, token in enumerate(tokens) if token.type == "tbody_open")
    row_end = next(index for index in range(first_table, len(tokens)) if tokens[index].type == "tr_close")
    cells = [token.content for token in tokens[first_table:row_end] if token.type == "inline"]
    assert cells == ["1", "`a¦b\\¦c`", "`latency_seconds`", "`x¦¦y`", "rank 1", "E1, E2"]


def test_no_model_is_said_at_the_top(make_report: Make) -> None:
    text = render(make_report(model=ModelUse(used=False)), "markdown", width=None)
    assert text.index("No language model was used.") < text.index("## Suspects")


def test_the_first_minute_leads(make_report: Make) -> None:
    text = render(make_report(), "markdown")
    assert "- **Owner**: risk (fraud-scorer) (E2)" in text
    assert text.index("**Do first**") < text.index("## Suspects")
