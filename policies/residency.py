"""Which data may go where: pairings of data labels and destinations that the operator lists; no others may.

A country can be pinned as well: to models of our own, or to none. A pin narrows the pairings and never widens them.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from ..core.config import Section
from ..tools.spec import DataClass
from .data_facts import UNKNOWN, DataLabel, Destination, DestinationKind
from .data_labels import Country

Word = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
"""A region, a provider or a term; compared without regard to case."""
Pin = Literal["self-hosted", "none"]
ANY = "*"


class PlaceSettings(Section):
    """What is declared about somewhere that data can go."""

    region: Word = Field(default=UNKNOWN, description="code of a country or a region")
    provider: Word = Field(default=UNKNOWN, description="whose it is")
    terms: frozenset[Word] = Field(default=frozenset(), description="what the provider has agreed to")
    is_self_hosted: bool = Field(default=False, description="whether it is inside your own trust zone")

    def destination(self, kind: DestinationKind) -> Destination:
        """The same as a destination."""
        return Destination(kind, self.region, self.provider, self.terms, self.is_self_hosted)


class DestinationSettings(Section):
    """The section `gate.destinations`; model endpoints say the same under `models.endpoints`."""

    stores: PlaceSettings | None = Field(
        default=None, description="where this installation keeps its state: ledger, artifacts, checkpoints, vault"
    )
    audiences: dict[str, PlaceSettings] = Field(default_factory=dict, description="by kind, or by `kind/name`")
    tools: dict[str, PlaceSettings] = Field(
        default_factory=dict, description="by the name of a tool with the effect `send`"
    )


class Pairing(Section):
    """Data that may go somewhere: all of a line's conditions together."""

    countries: tuple[Country | Literal["*", "unknown"], ...] = Field(
        min_length=1, description="`*` for every known one; `unknown` only if it is written"
    )
    classes: tuple[DataClass | Literal["*", "unknown"], ...] = Field(
        min_length=1, description="`*` for every known one; `unknown` only if it is written"
    )
    to: tuple[DestinationKind, ...] = Field(
        default=("model", "people", "tool", "store"), min_length=1, description="kinds of destination"
    )
    regions: tuple[Word, ...] = Field(default=(), description="where the destination is; needed unless `self_hosted`")
    providers: tuple[Word, ...] = Field(default=(), description="whose it is; any if empty")
    terms: tuple[Word, ...] = Field(default=(), description="what its provider must have agreed to, all of it")
    self_hosted: bool = Field(default=False, description="only inside your own trust zone")

    @model_validator(mode="after")
    def _says_where(self) -> Pairing:
        if not self.regions and not self.self_hosted:
            raise ValueError("say `regions`, or `self_hosted = true`")
        if UNKNOWN in map(str.casefold, (*self.regions, *self.providers)):
            raise ValueError("what is unknown cannot be allowed; declare the region or provider of the destination")
        return self

    def allows(self, label: DataLabel, destination: Destination) -> bool:
        """Whether this line lets data of a label go to a destination."""
        return (
            _covers(self.countries, label.country)
            and _covers(self.classes, label.data_class)
            and destination.kind in self.to
            and (destination.is_self_hosted or not self.self_hosted)
            and _is_among(destination.region, self.regions)
            and _is_among(destination.provider, self.providers)
            and _folded(self.terms) <= _folded(destination.terms)
        )


class ResidencySettings(Section):
    """The section `gate.residency`: nothing in it means that nothing is checked, one line that only lines allow."""

    allow: tuple[Pairing, ...] = Field(default=(), max_length=10_000, description="which data may go where")
    models: dict[Country, Pin] = Field(
        default_factory=dict, description="country: `self-hosted` for models of your own only, `none` for no model"
    )

    @model_validator(mode="after")
    def _allows_something(self) -> ResidencySettings:
        if self.models and not self.allow:
            raise ValueError("with pinned countries and nothing under `allow`, no data may go anywhere; list what may")
        return self

    @property
    def is_set(self) -> bool:
        """Whether anything is checked."""
        return bool(self.allow)

    def gaps(self, labels: Collection[DataLabel], destination: Destination) -> frozenset[DataLabel]:
        """The labels of data that may not go to a destination; none while nothing is configured."""
        if not self.is_set:
            return frozenset()
        return frozenset(label for label in labels if not self._may_go(label, destination))

    def _may_go(self, label: DataLabel, destination: Destination) -> bool:
        if destination.kind == "model":
            pin = self.models.get(label.country)
            if pin == "none" or (pin == "self-hosted" and not destination.is_self_hosted):
                return False
        return any(pairing.allows(label, destination) for pairing in self.allow)


def _covers(listed: Collection[str], word: str) -> bool:
    return word in listed or (ANY in listed and word != UNKNOWN)


def _is_among(word: str, listed: Collection[str]) -> bool:
    return not listed or word.casefold() in _folded(listed)


def _folded(words: Collection[str]) -> frozenset[str]:
    return frozenset(map(str.casefold, words))
