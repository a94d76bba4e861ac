"""All generators, and which entity types of an installation have none."""

from __future__ import annotations

from collections.abc import Iterable

from .africa import AFRICA
from .africa_further import AFRICA_FURTHER
from .americas import AMERICAS
from .americas_further import AMERICAS_FURTHER
from .asia import ASIA
from .asia_further import ASIA_FURTHER
from .contact import CONTACT
from .documents import DOCUMENTS
from .europe import EUROPE
from .generator import Generator
from .payments import PAYMENTS
from .secrets import SECRETS

GENERATORS: tuple[Generator, ...] = (
    *PAYMENTS,
    *SECRETS,
    *CONTACT,
    *AMERICAS,
    *AMERICAS_FURTHER,
    *ASIA,
    *ASIA_FURTHER,
    *AFRICA,
    *AFRICA_FURTHER,
    *EUROPE,
    *DOCUMENTS,
)

NOT_PLANTED = frozenset({"DATE_TIME", "URL", "LOCATION"})
"""Types of prose that most profiles let pass; labelled data measures them."""


def without_generator(entity_types: Iterable[str]) -> tuple[str, ...]:
    """Entity types for which nothing can be made, so that no figure speaks of them."""
    made = {name for generator in GENERATORS for name in generator.entity_types}
    return tuple(sorted(set(entity_types) - made - NOT_PLANTED))


def without_recognizer(entity_types: Iterable[str]) -> tuple[str, ...]:
    """Names of generators for which the installation has no recognizer of its own; they are measured all the same."""
    known = set(entity_types)
    return tuple(generator.name for generator in GENERATORS if known.isdisjoint(generator.entity_types))
