"""What the suite `runbooks` is measured on: pages and alerts out of files, or the invented set."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...core.errors import InputError
from ...tools.plain_files import read_plain_text
from ..worlds.runbooks import RUNBOOKS
from .runbook_set import PAIRS, UNANSWERED, Asked, Wording

_SIZE_LIMIT_BYTES = 200_000_000
_PAGE_LIMIT_BYTES = 2_000_000
_PAGES = "pages.json"
_WORDINGS: tuple[Wording, ...] = ("freely", "es", "pt")


@dataclass(frozen=True)
class Collection:
    """Pages by name, and what is asked of them."""

    pages: Mapping[str, str]
    asked: tuple[Asked, ...]
    notes: tuple[str, ...] = ()


def invented() -> Collection:
    """The sandbox world's pages and the invented questions."""
    pages = {f"{name}.md": text.strip() + "\n" for name, text in RUNBOOKS.items()}
    return Collection(pages, (*PAIRS, *_unanswered(pages)), ("pages and questions are invented",))


def read_collection(data: Path) -> Collection:
    """Pages and alerts of a file with alerts beside `pages.json`, or of a folder with both.

    Without a `pages.json` the pages are the Markdown files of the folder, by their names without `.md`. `pages.json`
    maps an id to `{"text", "path"?, "corpus"?}`. The alerts are a list of objects with `name`, `summary`, `description`
    and `target` (the id of a page, or null), and optionally `expr` and `queries` with the wordings `freely`, `es` and
    `pt`. Questions that no page answers are added: the invented ones whose key word no page has.

    Raises:
        InputError: a file is missing or of another form.
    """
    folder = data if data.is_dir() else data.parent
    files = [data] if data.is_file() else sorted(path for path in folder.glob("*.json") if path.name != _PAGES)
    raw = _read(folder / _PAGES) if (folder / _PAGES).exists() else _files(folder)
    if not isinstance(raw, dict) or not raw or not files:
        raise InputError("these are no runbooks with alerts", remedy=f"name a file of alerts beside {_PAGES}")
    pages: dict[str, str] = {}
    names: dict[str, str] = {}
    for key, page in raw.items():
        if not isinstance(page, dict) or not isinstance(page.get("text"), str):
            raise InputError(f"{_PAGES} is of another form", remedy='map ids to {"text": …, "path": …}')
        stem = Path(str(page.get("path") or key)).stem
        name = f"{page.get('corpus') or 'pages'}/{stem}.md"
        name = name if name not in pages else f"{page.get('corpus') or 'pages'}/{len(pages)}/{stem}.md"
        pages[name], names[key] = page["text"], name
    asked = []
    for file in files:
        rows = _read(file)
        asked += [_asked(row, names) for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    if not asked:
        raise InputError("there is no alert in the data", remedy="a list of objects with name, summary and target")
    return Collection(pages, (*asked, *_unanswered(pages)), ("questions that no page answers are invented",))


def _asked(row: Mapping[str, Any], names: Mapping[str, str]) -> Asked:
    target = row.get("target")
    if target is not None and target not in names:
        raise InputError("an alert names a page that is not there", remedy=f"`target` is an id of {_PAGES}, or null")
    queries = row.get("queries") if isinstance(row.get("queries"), dict) else {}
    others: dict[Wording, str] = {
        wording: str(queries[wording]) for wording in _WORDINGS if queries and queries.get(wording)
    }
    return Asked(
        name=str(row.get("name") or ""),
        target=names[target] if target is not None else None,
        summary=str(row.get("summary") or ""),
        description=str(row.get("description") or ""),
        others=others,
        expression=str(row.get("expr") or ""),
        group=names[target].partition("/")[0] if target is not None else "unanswered",
    )


def _unanswered(pages: Mapping[str, str]) -> tuple[Asked, ...]:
    every = "\n".join(f"{name} {text}" for name, text in pages.items()).casefold()
    words = set(re.findall(r"[^\W_]+", every))
    return tuple(
        Asked(f"unanswered {place}", None, text, group="unanswered")
        for place, (word, text) in enumerate(UNANSWERED)
        if word not in words
    )


def _files(folder: Path) -> dict[str, Any]:
    found = {path: read_plain_text(str(path), _PAGE_LIMIT_BYTES) for path in sorted(folder.glob("*.md"))}
    return {path.stem: {"text": text, "path": path.name} for path, text in found.items() if text is not None}


def _read(path: Path) -> Any:
    try:
        if path.stat().st_size > _SIZE_LIMIT_BYTES:
            raise InputError(f"{path.name} is too large", remedy=f"at most {_SIZE_LIMIT_BYTES} bytes")
        return json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise InputError(f"there is no {path.name}", remedy=f"name a file of alerts beside {_PAGES}") from None
    except (OSError, ValueError, RecursionError):
        raise InputError(f"{path.name} cannot be read as JSON", remedy="correct the file") from None
