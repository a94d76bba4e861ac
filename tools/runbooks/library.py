"""The runbooks of an installation as one thing: kept up to date, searched, matched with an alert."""

from __future__ import annotations

import hashlib
import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal
from urllib.parse import unquote, urlsplit

from ...core.clock import Deadline
from ..owners.catalogue import Catalogue
from .backends.types import Entry, Listing, RunbooksBackend
from .connected import SHOWN, connected, linked
from .documents import Runbook, Section
from .index import Indexed, RunbookIndex, Synced
from .matching import first_step
from .meaning import Meaning
from .page import read_page
from .ranking import question_of
from .rules import Rules, slug_of
from .siblings import alike
from .words.cutting import parts_of, stem

MatchedBy = Literal["label", "name", "declared", "words"]

_OWN = "runbooks"
_ALERT = re.compile(r"[A-Za-z][A-Za-z0-9]*[a-z0-9][A-Z][A-Za-z0-9]*")
"""How alerts are named: one word of several humps."""
_MOST_SAYING = 10


@dataclass(frozen=True)
class Alert:
    """What is known of an alert; any of it may be missing.

    Args:
        links: pages that its labels name, the most fitting first.
        entities: where it fired, as the service catalogue names them.
        words: what else is known, such as indicators; the last is the one by which the first suspect shows.
        changes: kinds of the changes that the first suspect is suspected for.
    """

    name: str = ""
    summary: str = ""
    description: str = ""
    expression: str = ""
    links: tuple[str, ...] = ()
    entities: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    changes: tuple[str, ...] = ()

    def texts(self) -> tuple[str, ...]:
        """What it says, the most telling first; its expression only where it says nothing else."""
        more = " ".join((self.description, *self.words, *self.entities))
        said = (f"{self.name} {self.summary}".strip(), more)
        return said if any(text.strip() for text in said) else (self.expression,)


@dataclass(frozen=True)
class Matched:
    """A page that fits an alert.

    Args:
        section: where the first step stands; `None` if there is no step.
        step: the first step, as it is written.
        or_else: another page that fits about as well, where words decided between them.
    """

    page: Indexed
    matched_by: MatchedBy
    section: Section | None
    step: str
    or_else: Runbook | None = None


@dataclass
class RunbookLibrary:
    """Runbooks of one source, behind an index.

    Args:
        backend: where they are.
        path: file of the index; in memory without one.
        rules: alerting rules, whose links count as those of the alert.
        catalogue: what is known of services.
    """

    backend: RunbooksBackend
    path: Path | None = None
    rules: Rules = field(default_factory=Rules)
    catalogue: Catalogue | None = None
    _index: RunbookIndex | None = field(default=None, init=False, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)

    def index(self, deadline: Deadline) -> RunbookIndex:
        """The index, up to date.

        Raises:
            BackendError: the source did not answer, or the index cannot be written.
        """
        self.sync(deadline)
        return self._opened()

    def sync(self, deadline: Deadline) -> Synced:
        """Bring the index up to date; only what changed is read.

        Raises:
            BackendError: as `index`.
        """
        index = self._opened()
        if isinstance(self.backend, Listing):
            return index.sync(_OWN, self.backend.entries(deadline), self.backend.text)
        texts = {page.name: page.text for page in self.backend.documents(deadline)}
        return index.sync(_OWN, [Entry(name, _digest(text)) for name, text in texts.items()], texts.get)

    def _opened(self) -> RunbookIndex:
        with self._lock:
            if self._index is None:
                self._index = RunbookIndex(self.path)
            return self._index

    def search(
        self, texts: Sequence[str], limit: int, deadline: Deadline, meaning: Meaning | None = None
    ) -> tuple[int, int, list[Indexed]]:
        """Pages there are, pages that share a telling word, and the best of them."""
        index = self.index(deadline)
        near = meaning.near(index, texts) if meaning else None
        matched, best = index.find(question_of(texts, index.is_known, is_plain=True), limit, near=near)
        return index.count(), matched, best

    def match(self, alert: Alert, deadline: Deadline, meaning: Meaning | None = None) -> tuple[int, Matched | None]:
        """Pages there are, and the one that fits an alert.

        What somebody wrote on purpose comes before what words have in common: the page that the alert's own labels or
        its rule name, the one that has its name, the one that lists it, and only then the one that says most of what
        it says. One that says too little of it is none.
        """
        index = self.index(deadline)
        pages = index.count()
        rules = self.rules.named(alert.name) if alert.name else ()
        for link in (*alert.links, *(link for rule in rules for link in rule.links)):
            found = linked(index, link)
            if found is not None:
                return pages, with_step(found, "label", unquote(urlsplit(link).fragment))
        if alert.name and slug_of(alert.name) and (named := index.named(alert.name)) is not None:
            return pages, with_step(named[0], "name" if named[1] else "declared", "")
        favoured = self._favoured(index, alert)
        question = question_of(alert.texts(), index.is_known, alert.expression)
        _, best = index.find(question, _MOST_SAYING, favoured=favoured)
        page = next(
            (each for each in best if each.runbook.name in favoured or may_be_for(self.rules, alert.name, each)), None
        )
        if page is None or not page.fit.is_suitable:
            return pages, None
        if page.runbook.name in favoured:
            return pages, with_step(page, "words", "")
        if not _says_it(index, alert, page):
            return pages, None
        fitting = [each for each in best if may_be_for(self.rules, alert.name, each)]
        if meaning and (near := meaning.near(index, alert.texts())):
            # Among pages any of which would do, the one that is nearest in meaning as well.
            _, fused = index.find(question, _MOST_SAYING, favoured=favoured, near=near)
            page = next((each for each in fused if self._would_do(index, alert, each)), page)
        rival = next((each for each in fitting if each.runbook.name != page.runbook.name), None)
        is_close = rival is not None and alike((page, rival)) > 1 and _says_it(index, alert, rival)
        return pages, replace(with_step(page, "words", ""), or_else=rival.runbook if rival and is_close else None)

    def _would_do(self, index: RunbookIndex, alert: Alert, page: Indexed) -> bool:
        return page.fit.is_suitable and may_be_for(self.rules, alert.name, page) and _says_it(index, alert, page)

    def _favoured(self, index: RunbookIndex, alert: Alert) -> dict[str, float]:
        """Pages that people have connected with the entities, or with what the first of them shows."""
        seen = [dict.fromkeys(tags, SHOWN) for tags in (alert.words[-1:], alert.changes)]
        return connected(index, self.catalogue, alert.entities, seen)

    def close(self) -> None:
        """Let go of the index's file."""
        with self._lock:
            if self._index is not None:
                self._index.close()
                self._index = None


def may_be_for(rules: Rules, alert: str, page: Indexed) -> bool:
    """Whether a page could be an alert's: not if it bears the name of another alert, for which it is.

    That is a name in the rule files; or one written as alerts are (`NodeFilesystemFull`) of which the alert's own, in
    the same way, has not every word, nor the other way round.
    """
    names = (page.runbook.name.rpartition("/")[2].rpartition(".")[0], page.runbook.title)
    if not alert or any(slug_of(name) == slug_of(alert) for name in names):
        return True
    return not any(slug_of(name) in rules.slugs or _is_anothers(name, alert) for name in names)


def _is_anothers(name: str, alert: str) -> bool:
    if not (_ALERT.fullmatch(name) and _ALERT.fullmatch(alert)):
        return False
    own, asked = ({stem(part) for part in parts_of(each)} for each in (name, alert))
    return not (own <= asked or asked <= own)


def _says_it(index: RunbookIndex, alert: Alert, page: Indexed) -> bool:
    """Whether a page that nobody has connected with an alert says what the alert's own rule says, where that speaks."""
    said = tuple(text for text in (alert.summary, alert.description) if text.strip())
    if not said:
        return True
    _, best = index.find(question_of(said, index.is_known), _MOST_SAYING)
    return any(each.runbook.name == page.runbook.name and each.fit.is_suitable for each in best)


def with_step(page: Indexed, matched_by: MatchedBy, anchor: str) -> Matched:
    """A page with the step to start with; in the section that a link names, where it names one."""
    sections = page.runbook.sections
    named = [part for part in sections if anchor and slug_of(part.heading) == slug_of(anchor)]
    section, step = first_step(named or sections)
    if not step and not named and (steps := read_page(page.runbook.name, page.runbook.text).steps):
        section = next((part for part in sections if part.heading == steps[0].section), None)
        step = steps[0].text
    return Matched(page, matched_by, section or next(iter(named), None), step)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
