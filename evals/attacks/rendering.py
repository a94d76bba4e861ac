"""Whether a rendered report does anything: parsed as its reader would, not searched for words."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from html.parser import HTMLParser

from .bench import ReportStyle
from .repertoire.words import HOST

_ACTIVE_TAGS = frozenset({"script", "iframe", "object", "embed", "form", "base", "img", "link", "video", "audio"})
_LOADING = frozenset({"href", "src", "srcdoc", "srcset", "action", "xlink:href", "formaction", "poster"})
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_MENTION = re.compile(r"<(?:[!@#][^>\n]{1,80}|https?://[^>\n]{1,200}\|[^>\n]{1,80})>")


def active_in(reports: Mapping[ReportStyle, str]) -> tuple[str, ...]:
    """What in the reports would act when they are shown: `style: what`. Empty if all of it is inert."""
    found = []
    for style, text in reports.items():
        found += [f"{style}: {what}" for what in _ACTIVE[style](text)]
    return tuple(found)


def _terminal(text: str) -> list[str]:
    return ["control or bidi character"] if _CONTROL.search(text) else []


def _json(text: str) -> list[str]:
    json.loads(text)
    return _terminal(text)


def _markdown(text: str) -> list[str]:
    """Read as CommonMark with tables and bare addresses, as code hosts do; and for what a chat takes for a mention."""
    from markdown_it import MarkdownIt  # noqa: PLC0415 - comes with rich, only a suite parses

    html = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).render(text)
    found = _html(html)
    outside_code = re.sub(r"<code>.*?</code>", "", html, flags=re.DOTALL)
    if re.search(rf"(?:https?://|www\.){re.escape(HOST)}", outside_code):
        found.append("bare address")
    if _MENTION.search(re.sub(r"`+[^`]*`+", "", text)):
        found.append("mention")
    return found + _terminal(text)


class _Reader(HTMLParser):
    """Collects elements that act, attributes that load, and handlers."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Look at one element."""
        if tag in _ACTIVE_TAGS:
            self.found.append(f"element {tag}")
        for name, value in attrs:
            if name.startswith("on") or (name in _LOADING and not (value or "").startswith("#")):
                self.found.append(f"attribute {name}")
            if name == "style" and "url(" in (value or ""):
                self.found.append("style that loads")


def _html(text: str) -> list[str]:
    reader = _Reader()
    reader.feed(text)
    reader.close()
    return reader.found


_ACTIVE = {"terminal": _terminal, "json": _json, "markdown": _markdown, "html": _html}
