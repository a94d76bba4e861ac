"""Pages out of the exports of a wiki: Confluence's HTML, Notion's HTML or Markdown, as a zip or unpacked.

An export comes from outside, so it is unpacked in memory within limits and never onto the disk; one that breaks a
limit, names a place outside of itself, or is encrypted is refused as a whole. Of HTML only headings, lists, code,
tables and text are taken: scripts, styles and everything else that a browser would act on fall away.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from html.parser import HTMLParser
from pathlib import Path, PurePosixPath

_MOST_ENTRIES = 20_000
_MOST_PAGE_BYTES = 2_000_000
_MOST_TOTAL_BYTES = 200_000_000
_MOST_RATIO = 200
"""Deflate reaches about 1,000 on a file of one letter, and hardly ever 50 on a page that somebody wrote."""
_RATIO_FROM_BYTES = 100_000
_MOST_TEXT = 256_000
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_DECLARED = re.compile(r"<[!?][^<>]{0,1000}>")
_NO_TAG = re.compile(r"<(?!/?[A-Za-z][^<>]{0,4000}>)")
_NOTION_ID = re.compile(r"[ -]?[0-9a-f]{32}$")
_AS_IS = "\x01"
"""In front of a line of code, whose indentation counts; no browser shows it, and none is left in the end."""
_SPACE = re.compile(r"[ \t\r\n\f]+")
_HIDDEN = frozenset(("script", "style", "head", "nav", "noscript", "template", "svg", "iframe", "object", "form"))
_BLOCKS = frozenset(("p", "div", "section", "article", "br", "table", "ul", "ol", "blockquote", "figure", "details"))


class ExportRefused(ValueError):
    """An export is not read; the text says why and repeats nothing of it."""


_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    OSError,
    RuntimeError,
    ValueError,
)
"""What a damaged archive can raise."""


def pages_of_zip(path: Path) -> dict[str, str]:
    """Name and Markdown of every page in an export.

    Raises:
        ExportRefused: it is no zip, or breaks a limit.
    """
    try:
        with zipfile.ZipFile(path) as export:
            entries = export.infolist()
            _check(entries)
            found: dict[str, str] = {}
            left = _MOST_TOTAL_BYTES
            for entry in entries:
                if not entry.filename.endswith((".md", ".html", ".htm")) or entry.is_dir():
                    continue
                with export.open(entry) as file:
                    # What the directory says of a size may be a lie.
                    content = file.read(min(_MOST_PAGE_BYTES, left) + 1)
                left -= len(content)
                if len(content) > _MOST_PAGE_BYTES or left < 0:
                    raise ExportRefused("it unpacks to more than it says")
                text = content.decode("utf-8", errors="replace")
                name = _plain_name(entry.filename)
                if name.isprintable():
                    found.setdefault(name, _notion(text) if name.endswith(".md") else markdown_of(text))
            return found
    except ExportRefused:
        raise
    except _BROKEN:
        raise ExportRefused("it is no zip that can be read") from None


def _check(entries: list[zipfile.ZipInfo]) -> None:
    if len(entries) > _MOST_ENTRIES:
        raise ExportRefused(f"it holds more than {_MOST_ENTRIES} files")
    total = 0
    for entry in entries:
        name = entry.filename
        if name.startswith(("/", "\\")) or ".." in PurePosixPath(name.replace("\\", "/")).parts or ":" in name[:3]:
            raise ExportRefused("it names a place outside of itself")
        if entry.flag_bits & 0x1:
            raise ExportRefused("it is encrypted")
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise ExportRefused("it is packed in a way that no wiki uses")
        if entry.file_size > _RATIO_FROM_BYTES and entry.file_size > _MOST_RATIO * max(entry.compress_size, 1):
            raise ExportRefused("it unpacks to far more than it holds")
        if name.endswith((".md", ".html", ".htm")):
            if entry.file_size > _MOST_PAGE_BYTES:
                raise ExportRefused(f"a page is larger than {_MOST_PAGE_BYTES} bytes")
            total += entry.file_size
    if total > _MOST_TOTAL_BYTES:
        raise ExportRefused(f"its pages are larger than {_MOST_TOTAL_BYTES} bytes together")


def _plain_name(name: str) -> str:
    """A name without the ids that Notion appends to every part of it."""
    parts = []
    for part in PurePosixPath(name).parts:
        stem, dot, ending = part.rpartition(".")
        parts.append(f"{_NOTION_ID.sub('', stem)}{dot}{ending}" if dot else _NOTION_ID.sub("", part))
    return "/".join(parts)


def _notion(text: str) -> str:
    return text[:_MOST_TEXT]


def markdown_of(html: str) -> str:
    """A page of HTML as Markdown: headings, lists, code, rows of tables and text."""
    reader = _Reader()
    reader.feed(_whole_tags(html[:_MOST_PAGE_BYTES]))
    reader.close()
    return reader.markdown()[:_MOST_TEXT]


def _whole_tags(html: str) -> str:
    """The page without comments and declarations, and with every `<` that begins no tag as the character it is.

    For each tag that never ends `HTMLParser` would look through the rest of the page, and some declarations it refuses
    by an assertion.
    """
    return _NO_TAG.sub("&lt;", _DECLARED.sub("", _COMMENT.sub("", html)))


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._out: list[str] = []
        self._hidden: list[str] = []
        self._lists: list[int | None] = []
        self._in_code = self._in_title = False
        self._title = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "title":
            self._in_title = True
        if self._hidden or tag in _HIDDEN:
            if tag in _HIDDEN and len(self._hidden) < 100:
                self._hidden.append(tag)
            return
        if re.fullmatch(r"h[1-6]", tag):
            self._out.append(f"\n\n{'#' * int(tag[1])} ")
        elif tag == "pre":
            self._in_code = True
            self._out.append(f"\n\n```\n{_AS_IS}")
        elif tag in ("ul", "ol"):
            self._lists.append(0 if tag == "ol" else None)
        elif tag == "li":
            self._item()
        elif tag in ("td", "th"):
            self._out.append(" | ")
        elif tag == "tr" or tag in _BLOCKS:
            self._out.append("\n" if self._lists or tag == "tr" else "\n\n")
        elif tag == "code" and not self._in_code:
            self._out.append("`")

    def handle_endtag(self, tag: str) -> None:
        if tag == "title":
            self._in_title = False
        if self._hidden:
            if tag in self._hidden:
                del self._hidden[self._hidden.index(tag) :]
            return
        if tag == "pre" and self._in_code:
            self._in_code = False
            self._out.append("\n```\n\n")
        elif tag in ("ul", "ol") and self._lists:
            self._lists.pop()
            self._out.append("\n\n" if not self._lists else "\n")
        elif re.fullmatch(r"h[1-6]", tag):
            self._out.append("\n\n")
        elif tag == "code" and not self._in_code:
            self._out.append("`")

    def handle_data(self, data: str) -> None:
        if self._in_title:
            self._title += data
        if not self._hidden:
            self._out.append(data.replace("\n", f"\n{_AS_IS}") if self._in_code else _SPACE.sub(" ", data))

    def _item(self) -> None:
        depth = min(max(len(self._lists) - 1, 0), 10)
        if self._lists and (number := self._lists[-1]) is not None:
            self._lists[-1] = number + 1
            self._out.append(f"\n{'   ' * depth}{number + 1}. ")
        else:
            self._out.append(f"\n{'   ' * depth}- ")

    def markdown(self) -> str:
        lines = [line.rstrip() for line in "".join(self._out).split("\n")]
        kept = (line if line.startswith(("   ", _AS_IS)) else line.lstrip(" ") for line in lines)
        text = re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).replace(_AS_IS, "")
        # Confluence writes "Space : Page".
        title = _SPACE.sub(" ", self._title).strip().rpartition(" : ")[2]
        has_title = any(line.startswith("# ") for line in text.splitlines())
        return text.strip() + "\n" if has_title or not title else f"# {title}\n\n{text.strip()}\n"
