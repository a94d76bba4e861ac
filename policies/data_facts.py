"""Where data may go, as facts: what labels they carry, and what is declared about a destination."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

UNKNOWN = "unknown"
"""A country, class, region or provider that nobody has declared."""

DestinationKind = Literal["model", "people", "tool", "store"]
"""What data can leave to: a model endpoint, an audience, a tool with the effect `send`, or our own state."""


@dataclass(frozen=True, order=True)
class DataLabel:
    """What some data are: of one country, and of one class.

    Args:
        country: ISO 3166-1 alpha-2 code, or `unknown`.
        data_class: see `tools.spec.DataClass`, or `unknown`.
    """

    country: str
    data_class: str

    def __str__(self) -> str:
        return f"{self.country}/{self.data_class}"


@dataclass(frozen=True)
class Destination:
    """Somewhere that data can go, as the operator declared it.

    Args:
        region: code of a country or a region.
        provider: whose it is.
        terms: what the provider has agreed to: `dpa`, `no-training`, `zero-retention`, …
        is_self_hosted: whether it is inside our own trust zone.
    """

    kind: DestinationKind
    region: str = UNKNOWN
    provider: str = UNKNOWN
    terms: frozenset[str] = frozenset()
    is_self_hosted: bool = False


@dataclass(frozen=True)
class Flow:
    """What moves in one call, request or message.

    Args:
        brings: labels of the data that a tool's result would bring into the run.
        destination: where what the run has read would go; `None` where nothing leaves.
    """

    brings: frozenset[DataLabel] = frozenset()
    destination: Destination | None = None


@dataclass(frozen=True)
class DataFacts:
    """The data of one call, as Cedar sees them among `context.common`.

    Args:
        data_labels: of everything the run has read and of what this call would read, each as `BR/personal`.
        residency_gaps: those that may not go where they would go, because no pairing is listed.
        destination: where they would go; `None` where nothing leaves.
    """

    data_labels: frozenset[DataLabel] = frozenset()
    residency_gaps: frozenset[DataLabel] = frozenset()
    destination: Destination | None = None

    def in_cedar(self) -> dict[str, Any]:
        """The facts in Cedar's JSON; the countries and classes stand beside the labels, for rules on one of them."""
        found: dict[str, Any] = {
            "data_labels": sorted(map(str, self.data_labels)),
            "countries": sorted({label.country for label in self.data_labels}),
            "data_classes": sorted({label.data_class for label in self.data_labels}),
            "residency_gaps": sorted(map(str, self.residency_gaps)),
        }
        if self.destination is not None:
            found["destination"] = {
                "kind": self.destination.kind,
                "region": self.destination.region,
                "provider": self.destination.provider,
                "terms": sorted(self.destination.terms),
                "is_self_hosted": self.destination.is_self_hosted,
            }
        return found


def data_facts_of(common: Mapping[str, Any]) -> DataFacts:
    """The facts of a recorded `context.common`; records of before they were filled in have none.

    Raises:
        KeyError, ValueError: a fact is of another form.
    """
    where = common.get("destination")
    destination = None
    if where is not None:
        destination = Destination(
            where["kind"], where["region"], where["provider"], frozenset(where["terms"]), where["is_self_hosted"]
        )
    return DataFacts(
        frozenset(map(label_of, common.get("data_labels", ()))),
        frozenset(map(label_of, common.get("residency_gaps", ()))),
        destination,
    )


def label_of(text: str) -> DataLabel:
    """The label that is written `BR/personal`.

    Raises:
        ValueError: it is none.
    """
    country, separator, data_class = text.partition("/")
    if not (country and separator and data_class):
        raise ValueError("a data label is written like BR/personal")
    return DataLabel(country, data_class)
