"""`runbooks.search` and `runbooks.read` as the gate calls them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pydantic import ValidationError

from opswarden.core.tokens import estimate_tokens
from opswarden.tools.runbooks.backends.snapshot import SnapshotRunbooks
from opswarden.tools.runbooks.library import RunbookLibrary
from opswarden.tools.runbooks.tools import DOCUMENT_COLUMNS, HIT_COLUMNS, runbooks_tools
from opswarden.tools.runbooks.types import ReadArgs, SearchArgs
from opswarden.tools.snapshots.store import SnapshotStore
from opswarden.tools.spec import AnyTool, Output

Call = Callable[..., Output[Any]]
Tools = Callable[[dict[str, str]], tuple[AnyTool, ...]]
LONG = "\n\n".join(f"## Step {place}\n\nturn the knob a little and wait for the bread" for place in range(400))


@pytest.fixture
def tools(make_store: Callable[..., SnapshotStore]) -> Tools:
    return lambda texts: runbooks_tools(RunbookLibrary(SnapshotRunbooks(make_store(runbooks=texts))))


def test_search_shows_title_section_and_a_snippet(call: Call, tools: Tools) -> None:
    texts = {"oven.md": f"# Oven\n\n## Too hot\n\nopen the door now.\n\n{LONG}", "till.md": "# Till\n\nhot coins"}
    output = call(tools(texts), "runbooks.search", query="oven too hot")
    assert output.status == "ok"
    assert (output.summary.runbooks, output.summary.matched) == (2, 2)
    best = output.summary.hits[0]
    assert (best.name, best.title, best.section, best.snippet) == ("oven.md", "Oven", "Too hot", "open the door now.")
    assert best.score > output.summary.hits[1].score > 0
    assert output.artifact.schema == HIT_COLUMNS
    assert output.scope.filters == {"query": "oven too hot"}


def test_snippets_are_short_and_few(call: Call, tools: Tools) -> None:
    texts = {
        f"b{place}.md": f"# Book {place}\n\n" + "knead the dough and let it rest for a while " * 100
        for place in range(9)
    }
    output = call(tools(texts), "runbooks.search", query="dough", limit=5)
    assert (len(output.summary.hits), output.summary.matched) == (5, 9)
    assert all(estimate_tokens(hit.snippet) <= 145 for hit in output.summary.hits)


def test_search_finds_nothing(call: Call, tools: Tools) -> None:
    none = call(tools({"a.md": "# A"}), "runbooks.search", query="yeast")
    assert (none.status, none.summary) == ("no_data", None)
    empty = call(tools({}), "runbooks.search", query="yeast")
    assert "no runbooks" in empty.note


def test_read_gives_the_text(call: Call, tools: Tools) -> None:
    text = "# Oven\n\n1. open\n2. look\n"
    output = call(tools({"oven.md": text}), "runbooks.read", name="oven.md")
    assert (output.status, output.summary.text, output.summary.title) == ("ok", text, "Oven")
    assert output.summary.characters == len(text)
    assert output.artifact.schema == DOCUMENT_COLUMNS


def test_of_a_long_text_the_ends_are_read(call: Call, tools: Tools) -> None:
    text = f"# Oven\n\n{LONG}\n\nthe very end"
    output = call(tools({"oven.md": text}), "runbooks.read", name="oven.md")
    assert output.status == "truncated"
    assert output.summary.text.startswith("# Oven\n")
    assert output.summary.text.endswith("the very end")
    assert output.artifact["text"].to_pylist() == [text]


@pytest.mark.parametrize("name", ["../snapshot.json", "/etc/hostname", "oven", "OVEN.md", "runbooks/oven.md"])
def test_a_name_is_no_path(call: Call, tools: Tools, name: str) -> None:
    output = call(tools({"oven.md": "# Oven"}), "runbooks.read", name=name)
    assert (output.status, output.summary) == ("no_data", None)


def test_arguments_that_make_no_sense_are_refused() -> None:
    for given in ({"query": "x"}, {"query": "oven", "limit": 6}, {"query": "oven", "limit": 0}, {"query": 5}):
        with pytest.raises(ValidationError):
            SearchArgs.model_validate(given)
    with pytest.raises(ValidationError):
        ReadArgs.model_validate({"name": ""})
