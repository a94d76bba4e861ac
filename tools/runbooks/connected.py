"""Pages that people have connected with entities, or with what is seen there, whatever words they share with it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from urllib.parse import unquote, urlsplit

from ..owners.catalogue import Catalogue
from .index import Indexed, RunbookIndex
from .rules import slug_of

SHOWN = 0.3
"""Added for a page with a tag that is the metric by which the first suspect shows, and for one with a tag that is the
kind of its change: it says what it is about."""
_KNOWN, _SERVICE = 0.3, 0.15
"""Added for a page that the service catalogue names for an entity, and for one whose front matter names the entity:
enough to decide between pages that fit alike, too little to make one fit."""
_MOST_FAVOURED = 200
_ENDING = re.compile(r"\.(md|html?)$", re.IGNORECASE)


def connected(
    index: RunbookIndex, catalogue: Catalogue | None, entities: Sequence[str], seen: Sequence[Mapping[str, float]]
) -> dict[str, float]:
    """Names of pages and what is added to their scores.

    Args:
        index: where the pages are.
        catalogue: what is known of services.
        entities: as the service catalogue names them.
        seen: kinds of tags, and what a page with such a tag gets; of one kind it gets the most, of several their sum.
    """
    found: dict[str, float] = {}
    names = {entity.casefold() for entity in entities}
    for entity in entities:
        entry = catalogue.find(entity) if catalogue else None
        if entry is None:
            continue
        names |= {name.casefold() for name in (entry.entry.name, entry.entry.system, *entry.entry.aliases) if name}
        for link in entry.entry.runbooks[:_MOST_FAVOURED]:
            if (page := linked(index, link)) is not None:
                found[page.runbook.name] = _KNOWN
    for name in index.about(names):
        found.setdefault(name, _SERVICE)
    for tags in seen:
        most: dict[str, float] = {}
        for tag, weight in tags.items():
            for name in index.tagged((tag,)):
                most[name] = max(weight, most.get(name, 0.0))
        for name, weight in most.items():
            found[name] = found.get(name, 0.0) + weight
    return found


def linked(index: RunbookIndex, link: str) -> Indexed | None:
    """The page that an address or a name leads to, by the last part of its path."""
    name = unquote(urlsplit(link).path).rstrip("/").rpartition("/")[2]
    for candidate in (name, _ENDING.sub("", name)):
        found = index.named(candidate) if slug_of(candidate) else None
        if found is not None and found[1]:
            return found[0]
    return None
