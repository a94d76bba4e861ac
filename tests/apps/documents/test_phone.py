"""Pages for a phone: they load nothing, what pages say stays words, and the first step stands on top."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from opswarden.apps.documents.phone import phone_page

OWN = Path(__file__).parents[3] / "docs" / "runbooks"
HOSTILE = (
    "</style><script>alert(1)</script> [click](javascript:alert(1)) <img src=x onerror=y> ![p](http://evil.example/p)"
)
PAGE = f"""---
runbook: 1
title: "Late {HOSTILE.replace('"', "'")}"
owner: ml-platform
risk: high
---
# Late

## Meaning

{HOSTILE}

| a{HOSTILE} | b |
|---|---|
| `x` | **y** |

## Diagnosis

Before the steps.

1. Look {HOSTILE}

   ```opswarden
   query: 'up{{a="<b>"}}'
   expect: "{HOSTILE.replace('"', "'")}"
   ```

2. Restart

   ```opswarden
   command: kubectl rollout restart deployment/a
   expect: it is new
   effect: write
   ```
"""


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def read(page: str) -> _Tags:
    tags = _Tags()
    tags.feed(page)
    return tags


def test_nothing_of_a_page_becomes_markup_and_nothing_is_loaded() -> None:
    tags = read(phone_page("late.md", PAGE))
    names = {tag for tag, _ in tags.found}
    assert not names & {"script", "img", "iframe", "link", "object", "form", "base"}
    for tag, attributes in tags.found:
        assert not [name for name in attributes if name.startswith("on") or name == "src"], tag
        assert (attributes.get("href") or "#").startswith("#")
    assert len([1 for tag, _ in tags.found if tag == "style"]) == 1
    assert "default-src 'none'" in str(tags.found)


def test_steps_come_first_and_nothing_is_lost() -> None:
    text = " ".join(" ".join(read(phone_page("late.md", PAGE)).words).split())
    order = [text.index(words) for words in ("risk high", "Look at", "changes something", "Background", "Meaning")]
    assert order == sorted(order)
    assert "Before the steps." in text
    assert "kubectl rollout restart deployment/a" in text


@pytest.mark.parametrize("text", ["", "\x00", "---\n---\n", "```", "| a |\n|---|", "# " + "x" * 50_000, "- " * 3_000])
def test_anything_is_a_page(text: str) -> None:
    assert phone_page("x.md", text).startswith("<!doctype html>")


def test_every_page_of_our_own_keeps_its_words() -> None:
    for path in sorted(OWN.glob("*.md")):
        text = path.read_text(encoding="utf-8")
        said = re.sub(r"\s+", "", " ".join(read(phone_page(path.name, text)).words))
        wanted = re.findall(r"(?m)^(?:query|command|call|rollback|   query|   command|   call): (.+)$", text)
        missing = [one for one in wanted if re.sub(r"\s+", "", one.strip("'\"")) not in said]
        assert not missing, path.name


def test_a_heading_with_nothing_below_is_no_empty_box() -> None:
    page = phone_page("a.md", "# Handbook\n\n<!-- part x -->\n\n## One\n\ntext\n")
    assert page.count("<details") == 1


def test_a_name_breaks_in_the_middle_only_where_a_line_cannot_hold_it() -> None:
    page = phone_page("a.md", '# A\n\nSee `score_mean{entity="fraud-scorer", a="b"}` of `one-two` and `plain`.\n')
    assert '<code>score_mean{<span class="name">entity=&quot;fraud-scorer&quot;,</span> a=&quot;b&quot;}</code>' in page
    assert '<code><span class="name">one-two</span></code>' in page
    assert "<code>plain</code>" in page
    assert ".name { display: inline-block; max-width: 100%; overflow-wrap: anywhere; }" in page


def test_the_way_back_is_a_tap_away_and_what_an_incident_fills_in_is_not_to_be_typed() -> None:
    tags = _Tags()
    tags.feed(phone_page("release-rollback.md", (OWN / "release-rollback.md").read_text()))
    links = [attrs.get("href") for tag, attrs in tags.found if tag == "a"]
    back = re.search(
        r"<section class=\"step\" id=\"(step-\d+)\">(?:(?!</section>).)*Takes back", _page("release-rollback"), re.S
    )
    assert back is not None
    assert f"#{back[1]}" in links
    whole = _page("model-promotion-bad")
    assert "$baseline_start" not in whole.partition("Background")[0]
    assert "over the time of the incident" in whole


def test_a_document_reads_well_in_the_light_and_a_runbook_stays_dark() -> None:
    text = "# Handbook\n\n### `bakers`\n\n- [ ] knead\n- [x] bake\n  - slowly\n\n## Sources\n\n- S1: x\n"
    made = phone_page("book.md", text)
    assert 'class="document"' in made
    assert 'content="dark light"' in made
    assert "<summary><code>bakers</code></summary>" in re.sub(r"</?span[^>]*>", "", made)
    assert "☐ knead" in made
    assert "☑ bake" in made
    assert '<li class="below">slowly</li>' in made
    assert made.index("<details open>") < made.index("<details><summary>Sources")
    assert 'class="document"' not in _page("model-promotion-bad")


def _page(name: str) -> str:
    return phone_page(f"{name}.md", (OWN / f"{name}.md").read_text())
