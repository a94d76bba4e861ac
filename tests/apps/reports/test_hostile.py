"""Whatever a text in a report holds, no surface turns it into anything."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from rich.cells import cell_len

from opswarden.agents.triage.types import Claim, Evidence, RankedCause, TriageReport
from opswarden.apps.reports.cleaning import clean
from opswarden.apps.reports.render import render

Make = Callable[..., TriageReport]

NASTY = [
    "<script>alert(1)</script>",
    "</style><script>x</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='x",
    "</title><svg/onload=x>",
    "<!--",
    "-->",
    "<![CDATA[",
    "&lt;b&gt; &#60;",
    "javascript:alert(1)",
    "[a](http://evil.example)",
    "![x](https://evil.example/p.png)",
    "<https://evil.example>",
    "https://evil.example/?q=1",
    "www.evil.example",
    "a@evil.example @here <!channel> <@U123>",
    "|",
    "\\",
    "`",
    "```\n# x\n```",
    "\n\n# heading\n- item\n",
    "\x1b[2J\x1b]8;;http://evil.example\x07x\x1b]8;;\x07",
    "\x9b31m",
    "\u202egnp.exe\u202c",
    "[bold]x[/bold] [link=http://evil.example]y[/link]",
    ":white_check_mark:",
    "\ud800",
    "e" + "\u0301" * 50,
    "{{7*7}} ${x} %s {0}",
]
PIECE = st.sampled_from(NASTY) | st.text(st.characters(), max_size=24)
PIECES = st.lists(PIECE, min_size=1, max_size=6)
CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def wrapper(pieces: list[str]) -> Callable[[str], str]:
    """Puts a text between two nasty pieces; equal texts stay equal, unequal ones unequal."""

    def wrap(text: str) -> str:
        piece = pieces[sum(map(ord, text)) % len(pieces)]
        return f"{piece}{text}{piece}"

    return wrap


class Structure(HTMLParser):
    """Every tag and attribute name in a file, and the values that could reach out of it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: Counter[str] = Counter()
        self.names: set[tuple[str, str]] = set()
        self.links: set[str] = set()
        self.ids: list[str] = []
        self.open = 0
        self.strange = 0
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = dict(attrs)
        # What stands in backticks is set as code, so how many there are is up to the text.
        if tag != "code" or "class" in names:
            self.tags[tag] += 1
        self.names |= {(tag, name) for name in names}
        self.links |= {names["href"] or ""} if "href" in names else set()
        self.ids += [names["id"] or ""] if "id" in names else []
        self.open += tag != "meta"

    def handle_endtag(self, tag: str) -> None:
        self.open -= 1

    def handle_comment(self, data: str) -> None:
        self.strange += 1

    def handle_pi(self, data: str) -> None:
        self.strange += 1

    def unknown_decl(self, data: str) -> None:
        self.strange += 1


@given(pieces=PIECES)
def test_html_keeps_its_structure(make_report: Make, pieces: list[str]) -> None:
    html = render(make_report(wrapper(pieces)), "html", width=None)
    ours, hostile = Structure(render(make_report(), "html", width=None)), Structure(html)
    assert hostile.tags == ours.tags
    # A long name gets a tool tip, a name in backticks is code: the only things a text can bring about.
    assert hostile.names <= ours.names | {("span", "title")}
    assert hostile.links == ours.links
    assert hostile.ids == ours.ids
    assert (hostile.open, hostile.strange) == (0, 0)
    assert not CONTROL.search(html)
    html.encode()


@given(piece=PIECE)
def test_html_shows_the_text_itself(make_report: Make, piece: str) -> None:
    text = clean(f"a{piece}b")
    incident = make_report().incident.model_copy(update={"title": f"a{piece}b"})
    (shown,) = re.findall(r"<h1>(.*?)</h1>", render(make_report(incident=incident), "html", width=None), re.DOTALL)
    parser = HTMLParser(convert_charrefs=True)
    found: list[str] = []
    parser.handle_data = found.append  # type: ignore[method-assign]
    parser.feed(shown)
    parser.close()
    assert "".join(found) == text


MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])
LIVE = re.compile(r"://|www\.|\S@\S|(?<!\w)@\w|<|:\w+:|#\d|[\w-]\.[a-z]{2,}", re.IGNORECASE)


def blocks(text: str) -> Counter[str]:
    return Counter(token.type for token in MARKDOWN.parse(text))


@given(pieces=PIECES)
def test_markdown_is_inert(make_report: Make, pieces: list[str]) -> None:
    text = render(make_report(wrapper(pieces)), "markdown", width=None)
    assert blocks(text) == blocks(render(make_report(), "markdown", width=None))
    for token in MARKDOWN.parse(text):
        children = token.children or []
        assert {child.type for child in children} <= {"text", "code_inline", "strong_open", "strong_close"}
        plain = "\n".join(child.content for child in children if child.type == "text")
        assert not LIVE.search(plain), plain
    assert not CONTROL.search(text)
    assert "<" not in re.sub(r"(`+)(?!`).*?(?<!`)\1(?!`)", "", text)


@given(pieces=PIECES, width=st.sampled_from([30, 60, 100]), colour=st.booleans())
def test_a_terminal_obeys_nothing(make_report: Make, pieces: list[str], width: int, colour: bool) -> None:
    text = render(make_report(wrapper(pieces)), "terminal", width=width, colour=colour)
    text = COLOUR.sub("", text) if colour else text
    assert not CONTROL.search(text)
    assert max(cell_len(line) for line in text.splitlines()) <= width


@given(pieces=PIECES)
def test_json_says_what_the_report_says(make_report: Make, pieces: list[str]) -> None:
    whole = [piece.encode("utf-8", "replace").decode() for piece in pieces]
    report = make_report(wrapper(whole))
    text = render(report, "json", width=None)
    assert json.loads(text) == report.model_dump(mode="json")
    assert not CONTROL.search(text)


SCALAR = st.none() | st.booleans() | st.integers() | st.floats() | PIECE | st.just("2026-11-19T13:00:00Z")
JSON: st.SearchStrategy[Any] = st.recursive(
    SCALAR,
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(
        st.sampled_from(["series", "points", "labels", "unit", "step_s", "newest", "ts", "hits", "title", "filters",
                         "start", "end", "entity", "metric", "series_matched", "changes"]) | PIECE,
        inner, max_size=5),
    max_leaves=14,
)  # fmt: skip
OBJECT = st.dictionaries(st.sampled_from(["start", "end", "filters", "environment", "x"]), JSON, max_size=5)
TOOLS = st.sampled_from(["metrics.query", "changes.recent", "runbooks.search"]) | PIECE


@given(
    ids=st.lists(PIECE | st.just("E1"), min_size=1, max_size=3),
    tool=TOOLS,
    scope=OBJECT,
    summary=JSON,
    times=st.lists(PIECE | st.just("2026-11-19T12:00:00+00:00"), min_size=4, max_size=4),
    score=st.floats(),
)
def test_any_shape_of_evidence_renders(
    make_report: Make, ids: list[str], tool: str, scope: dict[str, Any], summary: Any, times: list[str], score: float
) -> None:
    base = make_report()
    allowed = set(Structure(render(base, "html", width=None)).tags)
    names = ("start", "end", "baseline_start", "baseline_end")
    report = base.model_copy(
        update={
            "incident": base.incident.model_copy(update=dict(zip(names, times, strict=True))),
            "evidence": tuple(Evidence(id=i, tool=tool, scope=scope, status="ok", summary=summary) for i in ids),
            "ranking": (RankedCause(entity="a", indicator=None, change=None, score=score, evidence=tuple(ids)),),
            "claims": (Claim(text="x", evidence=tuple(ids), status="supported"),),
        }
    )
    html = render(report, "html", width=None)
    structure = Structure(html)
    assert set(structure.tags) <= allowed
    assert all(re.fullmatch(r"#E[0-9]+", link) for link in structure.links)
    assert len(structure.ids) == len(set(structure.ids))
    assert not re.search(r'="-?(nan|inf)"', html)
    for format_ in ("markdown", "terminal"):
        assert not CONTROL.search(render(report, format_, width=None))
