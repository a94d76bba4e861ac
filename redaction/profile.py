"""Which of what is found is taken out: a profile for the installation, and narrower rules for some eyes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Literal, TypeAlias

Circumstance: TypeAlias = str
"""`audience:KIND`, `audience:KIND/NAME`, `environment:NAME` or `team:NAME`; a model is the audience `model`."""

ProfileName = Literal["payments", "strict", "eu"]


@dataclass(frozen=True)
class Narrowing:
    """What some eyes see less of. It only ever takes more out; nothing lets more through.

    Args:
        masks: entity types that go although the profile lets them pass.
        numbered: whether placeholders keep their numbers; without them nobody can tell two customers apart, or count
            them.
        joined: whether join tokens stand in the places of placeholders, which are the same in every run of a team; for
            the ledger alone, where records of several runs have to be joined. Whoever sees them can link those runs.
    """

    masks: frozenset[str] = frozenset()
    numbered: bool = True
    joined: bool = False


@dataclass(frozen=True)
class Profile:
    """Which of what is found is taken out.

    Args:
        passes: entity types that stay as they are. Secrets, card numbers and authentication data never can.
        least_score: weaker evidence does not count; 0 to 1. A bare number that only its check digits speak for has
            0.45, one under a key that says nothing 0.5 to 0.6.
        believes_weak_checks: whether a number counts under any key that names no diagnosis although one of ten
            others would pass its check as well; otherwise only under a key that holds no word.
        countries: ISO 3166-1 alpha-2 codes of whose identifiers are looked for; empty for all.
        internal_networks: CIDR blocks whose addresses pass.
    """

    name: str
    passes: frozenset[str] = frozenset()
    least_score: float = 0.4
    believes_weak_checks: bool = False
    countries: frozenset[str] = frozenset()
    internal_networks: tuple[str, ...] = ()

    def looks_in(self, country: str) -> bool:
        """Whether identifiers of a country are looked for; those of no country always are."""
        return not country or not self.countries or country in self.countries

    def narrowed(self, masks: Iterable[str]) -> Profile:
        """The profile with further entity types taken out."""
        return replace(self, passes=self.passes - frozenset(masks))


# When something happened, and which page or host was asked, is the diagnosis of most incidents; where a person lives,
# and which company they name, is seldom in operational text and never certain.
OPTIONAL = frozenset({"DATE_TIME", "URL", "LOCATION", "ORGANIZATION", "NRP"})
"""Entity types that only some profiles take out."""

PAYMENTS = Profile("payments", passes=OPTIONAL)
"""The default: what personal data and card rules ask for, and all that an engineer needs stays."""
EU = Profile("eu", passes=frozenset({"DATE_TIME", "URL"}))
"""Places in prose go as well: with a name they make a person identifiable (GDPR, recital 26)."""
STRICT = Profile("strict", least_score=0.3, believes_weak_checks=True)
"""Everything that is found goes, and weak evidence counts; only addresses of networks that the settings name pass."""

PROFILES: Mapping[ProfileName, Profile] = MappingProxyType({"payments": PAYMENTS, "strict": STRICT, "eu": EU})
