"""Runbooks and documents as a site for MkDocs, or for Backstage's TechDocs: pages, navigation, and who owns it.

Sources: MkDocs' user guide, "Configuration" (`nav`, `docs_dir`); Backstage's documentation, "Descriptor Format of
Catalog Entities" (`Component`) and "TechDocs" (`backstage.io/techdocs-ref`, plugin `techdocs-core`).
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Literal

from ...core.errors import BackendError, InputError
from ...core.whole_files import sweep
from ...tools.plain_files import read_plain_text
from ...tools.runbooks.page import Page
from ..people.senders import write_whole
from ..runbooks.opened import OpenRunbooks
from ..runbooks.platform import pages_of
from .site_pages import laid_out

Layout = Literal["mkdocs", "techdocs"]
MARK = "# Written by opswarden; it is written again whole, so nothing of yours belongs in here."
_LIMIT_BYTES = 2_000_000
_MOST_PAGES = 2_000
_NAME = re.compile(r"[a-zA-Z0-9]([a-zA-Z0-9._-]{0,61}[a-zA-Z0-9])?")
_NAVIGATION = "mkdocs.yml"
_LAST = (_NAVIGATION, "catalog-info.yaml")
_NAMED = re.compile(r'^ +- "(?:[^"\\\n]|\\.)*": ("(?:[^"\\\n]|\\.)*")$', re.MULTILINE)
_OURS = re.compile(r"docs/(?:runbooks|documents)/[A-Za-z0-9_./ -]+\.md")
_SAFE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._ -]*(/[A-Za-z0-9_][A-Za-z0-9._ -]*){0,9}")


@dataclass(frozen=True)
class Written:
    """What became of a site: how many files were written, and which were taken away."""

    count: int
    gone: tuple[str, ...]


@dataclass(frozen=True)
class Site:
    """A site.

    Args:
        files: path below its folder: text.
        left_out: pages whose names cannot be a path there.
    """

    files: Mapping[str, str]
    left_out: tuple[str, ...]


def make_site(runbooks: OpenRunbooks, name: str, owner: str, layout: Layout, more: Sequence[Path] = ()) -> Site:
    """Lay out every runbook, redacted, with further documents beside them.

    Args:
        runbooks: whose pages.
        name: of the site and, for Backstage, of its component.
        owner: for Backstage.
        layout: see the module.
        more: Markdown files, such as those of `opswarden docs`.

    Raises:
        InputError: the name is none for Backstage, or a file cannot be read.
    """
    if not _NAME.fullmatch(name) or not _NAME.fullmatch(owner):
        raise InputError("a site or its owner cannot be named so", remedy="letters, digits, `-`, `_` and `.`, up to 63")
    scrub = runbooks.installation.redaction.scrub
    pages = pages_of(runbooks)[:_MOST_PAGES]
    files: dict[str, str] = {}
    groups: dict[str, list[tuple[str, str]]] = defaultdict(list)
    left_out = []
    for page in pages:
        path = _path(page.runbook.name)
        if path is None or f"docs/{path}" in files:
            left_out.append(scrub(page.runbook.name))
            continue
        files[f"docs/{path}"] = laid_out(scrub(page.runbook.text), has_steps=page.is_ours)
        groups[_group(page)].append((_title(scrub(page.front.title or page.runbook.title)), path))
    listed = [_document(each, scrub) for each in more]
    files |= {f"docs/{path}": text for _, path, text in listed}
    documents = [(title, path) for title, path, _ in listed]
    files["docs/index.md"] = _index(name, groups, documents)
    files["mkdocs.yml"] = _mkdocs(name, groups, documents, layout)
    if layout == "techdocs":
        files["catalog-info.yaml"] = _catalogue(name, owner)
    return Site(files, tuple(left_out))


def write_site(site: Site, out: Path) -> Written:
    """Write what differs, and take away pages of ours that are of the site no more.

    The navigation is written last: killed anywhere, the next call does what is left.

    Raises:
        InputError: somebody else's site is there.
        BackendError: a file cannot be written, or taken away.
    """
    for name in _LAST:
        there = read_plain_text(str(out / name), _LIMIT_BYTES)
        if there is not None and not there.startswith(MARK):
            raise InputError(f"a {name} that is not ours is there", remedy="name another folder with --out")
    written = 0
    gone: list[str] = []
    for name, text in sorted(site.files.items(), key=lambda each: each[0] in _LAST):
        path = out / name
        if not path.parent.resolve().is_relative_to(out.resolve()) or path.is_symlink():
            raise InputError("a link would lead out of the site", remedy="name another folder with --out")
        if name == _NAVIGATION:
            gone = _take_away(site, out)
        if read_plain_text(str(path), _LIMIT_BYTES) != text:
            write_whole(path, text)
            written += 1
    for folder in {(out / name).parent for name in (*site.files, *gone)}:
        sweep(folder)
    return Written(written, tuple(gone))


def _take_away(site: Site, out: Path) -> list[str]:
    """Take away the pages that our last navigation names and that this site does not have."""
    before = read_plain_text(str(out / _NAVIGATION), _LIMIT_BYTES) or ""
    named = [f"docs/{json.loads(found[1])}" for found in _NAMED.finditer(before)]
    gone = [name for name in named if name not in site.files and _OURS.fullmatch(name) and ".." not in name.split("/")]
    taken = []
    for name in gone:
        path = out / name
        if not path.is_file() or not path.parent.resolve().is_relative_to(out.resolve()):
            continue
        try:
            path.unlink()
        except OSError as error:
            raise BackendError(f"{path} cannot be taken away: {error.strerror}", remedy="take it away") from error
        taken.append(name)
    return taken


def _path(name: str) -> str | None:
    """Where a page lies in the site: pages of exports become Markdown; `None` if its name is no safe path."""
    inside = name.partition("!")[0] if name.endswith(".zip") else name
    path = PurePosixPath("runbooks") / f"{PurePosixPath(inside).with_suffix('')}.md"
    return str(path) if _SAFE.fullmatch(str(path)) and ".." not in path.parts else None


def _group(page: Page) -> str:
    return page.front.owner or "Without an owner"


def _title(text: str) -> str:
    return " ".join(text.split())[:120] or "untitled"


def _document(path: Path, scrub: Callable[[str], str]) -> tuple[str, str, str]:
    text = read_plain_text(str(path), _LIMIT_BYTES)
    if text is None or path.suffix != ".md" or not _SAFE.fullmatch(path.name):
        raise InputError("a document cannot be read", remedy="name plain files of Markdown, up to 2 MB")
    clean = scrub(text)
    title = next((line[2:] for line in clean.splitlines() if line.startswith("# ")), path.stem)
    return _title(title), f"documents/{path.name}", laid_out(clean, has_steps=False)


def _index(name: str, groups: Mapping[str, Sequence[tuple[str, str]]], documents: Sequence[tuple[str, str]]) -> str:
    lines = [f"# {name}", ""]
    for group, pages in [("Documents", documents), *sorted(groups.items())]:
        if pages:
            lines += [
                f"## {_plain(group)}",
                "",
                *(f"- [{_plain(title)}](<{path}>)" for title, path in sorted(pages)),
                "",
            ]
    return "\n".join(lines)


def _plain(title: str) -> str:
    return re.sub(r"([\\`*_\[\]<>|])", r"\\\1", title)


def _mkdocs(
    name: str, groups: Mapping[str, Sequence[tuple[str, str]]], documents: Sequence[tuple[str, str]], layout: Layout
) -> str:
    lines = [MARK, f"site_name: {json.dumps(name)}", "docs_dir: docs", "use_directory_urls: false", "nav:"]
    lines.append('  - "Start": "index.md"')
    for group, pages in [("Documents", documents), *sorted(groups.items())]:
        if pages:
            lines.append(f"  - {json.dumps(group, ensure_ascii=False)}:")
            lines += [
                f"    - {json.dumps(title, ensure_ascii=False)}: {json.dumps(path)}" for title, path in sorted(pages)
            ]
    if layout == "techdocs":
        lines += ["plugins:", "  - techdocs-core"]
    return "\n".join(lines) + "\n"


def _catalogue(name: str, owner: str) -> str:
    entity = {
        "apiVersion": "backstage.io/v1alpha1",
        "kind": "Component",
        "metadata": {"name": name, "annotations": {"backstage.io/techdocs-ref": "dir:."}},
        "spec": {"type": "documentation", "lifecycle": "production", "owner": owner},
    }
    return f"{MARK}\n{json.dumps(entity, indent=2)}\n"
