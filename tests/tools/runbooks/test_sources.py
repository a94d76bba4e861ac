"""Where pages come from beside plain Markdown: exports of a wiki, rule files, Git, past incidents."""

from __future__ import annotations

import io
import os
import subprocess
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from opswarden.core.clock import Deadline
from opswarden.core.errors import ConfigError
from opswarden.tests.promised_objects import take_away
from opswarden.tools.incidents.past import PastIncident, feature
from opswarden.tools.plain_yaml import DocumentError
from opswarden.tools.runbooks.backends.exports import ExportRefused, markdown_of, pages_of_zip
from opswarden.tools.runbooks.backends.folder import FolderRunbooks
from opswarden.tools.runbooks.backends.git_history import GitHistory
from opswarden.tools.runbooks.backends.past import PastPages
from opswarden.tools.runbooks.rules import read_rules, rules_of

CONFLUENCE = """<html><head><title>Bakery : Oven cold</title><style>p{}</style><script>steal()</script></head>
<body><nav>Home</nav><div id="main-content"><h2>First steps</h2><ol><li>Look at the <code>oven</code></li>
<li>Light it<ul><li>twice</li></ul></li></ol><pre>bake --now
  loaf</pre><table><tr><th>who</th><th>when</th></tr><tr><td>bakers</td><td>now &amp; then</td></tr>
</table></div></body>"""
RULES = """
groups:
  - name: ovens
    rules:
      - alert: OvenCold
        expr: heat < 200
        labels: {severity: page, runbook: old/oven.md}
        annotations: {summary: It is cold, runbook_url: "https://wiki.example/oven"}
      - record: heat:mean
        expr: avg(heat)
"""


def test_a_page_of_confluence_is_markdown() -> None:
    text = markdown_of(CONFLUENCE)
    assert text.startswith("# Oven cold\n")
    assert "## First steps" in text
    assert "1. Look at the `oven`\n2. Light it" in text
    assert "```\nbake --now\n  loaf\n```" in text
    assert "bakers | now & then" in text
    assert not any(word in text for word in ("steal", "Home", "p{}"))


def test_exports_are_pages_of_the_folder(tmp_path: Path, deadline: Deadline) -> None:
    with zipfile.ZipFile(tmp_path / "notion.zip", "w") as export:
        export.writestr(
            "Bakery 0123456789abcdef0123456789abcdef/Till 0123456789abcdef0123456789abcdef.md", "# Till\n\nhi"
        )
        export.writestr("picture.png", b"\x00" * 100)
    (tmp_path / "oven.html").write_text(CONFLUENCE)
    found = FolderRunbooks(tmp_path, "bakery").documents(deadline)
    assert [(page.name, page.title) for page in found] == [
        ("notion.zip/Bakery/Till.md", "Till"),
        ("oven.html", "Oven cold"),
    ]


@pytest.mark.parametrize("name", ["../out.md", "/etc/out.md", "a/../../out.md", "C:\\out.md", "..\\out.md"])
def test_an_export_that_leads_outside_is_refused(tmp_path: Path, name: str, deadline: Deadline) -> None:
    with zipfile.ZipFile(tmp_path / "bad.zip", "w") as export:
        export.writestr(name, "# Out")
    with pytest.raises(ExportRefused, match="outside"):
        pages_of_zip(tmp_path / "bad.zip")
    backend = FolderRunbooks(tmp_path, "bakery")
    assert backend.documents(deadline) == ()
    assert backend.refused == ("bad.zip: it names a place outside of itself",)


def test_a_bomb_and_a_liar_are_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as export:
        export.writestr("a.md", b"a" * 1_900_000)
    with pytest.raises(ExportRefused, match="more than it holds"):
        pages_of_zip(tmp_path / "bomb.zip")
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as export:
        export.writestr("a.md", b"0123456789" * 30)
    honest = made.getvalue()
    (tmp_path / "cut.zip").write_bytes(honest[: len(honest) // 2])
    (tmp_path / "text.zip").write_bytes(b"PK\x03\x04 and nothing else")
    broken = bytearray(honest)
    broken[34:44] = b"\x07" * 10
    (tmp_path / "broken.zip").write_bytes(broken)
    for name in ("cut.zip", "text.zip", "broken.zip"):
        with pytest.raises(ExportRefused, match="no zip"):
            pages_of_zip(tmp_path / name)


@pytest.mark.parametrize(
    "html", ["", "<", "<li><li><ul>" * 5_000, "<script>" * 3_000, "</pre></ul></h9>", "<title>a", "&#0;&#x110000;"]
)
def test_broken_html_raises_nothing(html: str) -> None:
    markdown_of(html)


def test_rules_name_their_pages(tmp_path: Path) -> None:
    (rule,) = rules_of("a.yml", RULES)
    assert (rule.name, rule.severity, rule.summary) == ("OvenCold", "page", "It is cold")
    assert rule.links == ("https://wiki.example/oven", "old/oven.md")
    assert rules_of("b.yml", f"kind: PrometheusRule\nspec:\n{RULES.replace(chr(10), chr(10) + '  ')}") == [
        rule.__class__(**{**rule.__dict__, "file": "b.yml"})
    ]
    (tmp_path / "good.yaml").write_text(RULES)
    (tmp_path / "bad.yml").write_text("a: &b c\nd: *b\n")
    found = read_rules(tmp_path)
    assert [each.name for each in found.rules] == ["OvenCold"]
    assert len(found.problems) == 1
    with pytest.raises(ConfigError):
        read_rules(tmp_path / "nowhere")


@pytest.mark.parametrize(
    "text", ["", "3", "groups: 4", "groups: [1, {rules: {}}]", "groups: [{rules: [{alert: 3}, 4]}]"]
)
def test_what_is_no_rule_is_none(text: str) -> None:
    assert rules_of("a.yml", text) == []


def test_rules_that_are_no_yaml_are_an_error() -> None:
    with pytest.raises(DocumentError):
        rules_of("a.yml", "groups: [")


def test_git_says_when_a_page_changed_and_whose_team_did_it(tmp_path: Path, deadline: Deadline) -> None:
    def git(*args: str, at: str, by: str) -> None:
        who = {"GIT_AUTHOR_NAME": by, "GIT_AUTHOR_EMAIL": f"{by}@example.org", "GIT_COMMITTER_NAME": by}
        whole = {**os.environ, **who, "GIT_COMMITTER_EMAIL": "x", "GIT_AUTHOR_DATE": at, "GIT_COMMITTER_DATE": at}
        subprocess.run(["git", "-C", str(tmp_path), *args], env=whole, check=True, capture_output=True)

    marker = tmp_path / "ran"
    git("init", "-q", at="", by="zoe")
    books = tmp_path / "books"
    books.mkdir()
    (books / "oven.md").write_text("# Oven")
    git("add", ".", at="2031-01-02T03:04:05Z", by="zoe")
    git("commit", "-qm", "one", at="2031-01-02T03:04:05Z", by="zoe")
    (books / "till.md").write_text("# Till")
    git("add", ".", at="2031-02-02T03:04:05Z", by="ben")
    git("commit", "-qm", "two", at="2031-02-02T03:04:05Z", by="ben")
    git("config", "core.fsmonitor", f"touch {marker}; false", at="", by="zoe")
    git("config", "log.showSignature", "true", at="", by="zoe")

    found = GitHistory(books, _team).changes(deadline)
    assert found == {
        "oven.md": (datetime(2031, 1, 2, 3, 4, 5, tzinfo=UTC), "bakers"),
        "till.md": (datetime(2031, 2, 2, 3, 4, 5, tzinfo=UTC), ""),
    }
    assert not marker.exists()
    entries = FolderRunbooks(books, "bakery", GitHistory(books, _team)).entries(deadline)
    assert [(each.name, each.changed_by) for each in entries] == [("oven.md", "bakers"), ("till.md", "")]
    assert "zoe" not in str(entries)
    assert GitHistory(tmp_path.parent, _team).changes(deadline) == {}
    take_away(tmp_path, "HEAD:books", marker)
    assert GitHistory(books, _team).changes(deadline) == {}
    assert not marker.exists()


def _team(person: str) -> str:
    return "bakers" if person == "zoe" else ""


def test_past_incidents_are_pages_with_what_helped(deadline: Deadline) -> None:
    class Past:
        def past(self, team: str, deadline: Deadline) -> list[PastIncident]:
            assert team == "bakers"
            told = PastIncident(
                "run_1", "run", None, "Oven\ncold", frozenset({feature("alert", "OvenCold")}), "gas", "lit it"
            )
            return [told, PastIncident("run_2", "run", None, "Nothing", frozenset())]

    (page,) = PastPages(Past(), "bakers", "bakery").documents(deadline)
    assert (page.name, page.title) == ("incidents/run_1.md", "Oven cold")
    assert [part.heading for part in page.sections] == ["Oven cold", "Suspected cause", "What helped", "What it had"]


ENDLESS = (
    "<!--",
    "<![",
    "<?",
    "</",
    "<a ",
    "<a\n",
    "<a x='",
    '<a x="',
    "<!-- -",
    "<x<",
    "</a ",
    "<a x='>",
    "<a x=\"'>",
)


@pytest.mark.parametrize("part", ENDLESS)
def test_a_page_of_tags_that_never_end_is_read(part: str) -> None:
    html = f"<h1>Oven</h1><p>Is 2 < 3?</p>{part * (300_000 // len(part))}"
    assert markdown_of(html).startswith("# Oven\n\nIs 2 < 3?")  # or the test does not end


def test_comments_and_declarations_are_no_text() -> None:
    html = "<!DOCTYPE html><?xml version='1'?><!-- <b>not</b> --><![if x]><p title='a'>Warm</p><!-- the rest"
    assert markdown_of(html) == "Warm\n"
