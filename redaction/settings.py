"""The settings of redaction, and the engine they ask for."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Sequence
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AfterValidator, Field, StringConstraints

from ..core.config import Section
from ..core.errors import ConfigError
from .nlp import TIME_LIMIT_S, NlpName, named_entities
from .profile import PROFILES, Circumstance, Narrowing, Profile, ProfileName

if TYPE_CHECKING:
    from .engine import Redaction

EntityType = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9_]{0,47}$")]
Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]


def _network(value: str) -> str:
    return str(ipaddress.ip_network(value))


AUDIENCE_KINDS = frozenset({"terminal", "file", "slack", "mcp", "model", "ledger"})
"""Who is told, or reads; packages add others."""
LEDGER = "audience:ledger"
"""The circumstance of what is recorded."""

Network = Annotated[str, AfterValidator(_network)]


class NarrowingSettings(Section):
    """What some eyes see less of."""

    mask: frozenset[EntityType] = Field(
        default=frozenset(), description="entity types that go although the profile lets them pass"
    )
    numbered: bool = Field(default=True, description="whether placeholders keep their numbers")


class NlpSettings(Section):
    """A trained model for names and places in prose; none unless it is named."""

    engine: NlpName = "spacy"
    models: dict[str, str | dict[str, str]] = Field(
        min_length=1, description="language code: folder or package; `{spacy, transformers}` for transformers"
    )
    entities: tuple[EntityType, ...] = Field(default=("PERSON", "LOCATION"), min_length=1)
    time_limit_s: float = Field(
        default=TIME_LIMIT_S,
        ge=0.1,
        le=600,
        description="per 50,000 characters and model; then a text is withheld",
    )


class RedactionSettings(Section):
    """What is taken out of text, for whom, and how long a run can put it back."""

    profile: ProfileName = "payments"
    mask: frozenset[EntityType] = Field(default=frozenset(), description="entity types that go as well")
    leave: frozenset[EntityType] = Field(default=frozenset(), description="entity types that stay as well")
    weak_checks: bool = Field(
        default=False, description="whether a check digit that one of ten numbers has is enough under any key"
    )
    countries: frozenset[Country] = Field(
        default=frozenset(), description="ISO 3166 codes of whose identifiers are looked for; all if empty"
    )
    internal_networks: tuple[Network, ...] = Field(
        default=(), description="CIDR blocks whose addresses stay, such as 10.0.0.0/8"
    )
    recognizers: Path | None = Field(default=None, description="a YAML file with recognizers of your own")
    nlp: NlpSettings | None = Field(default=None, description="a trained model for names in prose")
    audiences: dict[str, NarrowingSettings] = Field(
        default_factory=dict, description="kind, or kind/name, of who is told: what it sees less of"
    )
    environments: dict[str, NarrowingSettings] = Field(
        default_factory=dict, description="environment a result comes from: what goes beyond the profile"
    )
    teams: dict[str, NarrowingSettings] = Field(
        default_factory=dict, description="team a run belongs to: what goes beyond the profile"
    )
    ledger_joins: bool = Field(
        default=False, description="whether the ledger holds join tokens in the places of placeholders"
    )
    vault_ttl_s: int = Field(default=3 * 86_400, ge=3_600)
    size_limit_bytes: int = Field(default=8_000_000, ge=10_000, le=256_000_000)


def profile_of(settings: RedactionSettings) -> Profile:
    """The profile with the operator's changes."""
    profile = PROFILES[settings.profile]
    return replace(
        profile,
        believes_weak_checks=profile.believes_weak_checks or settings.weak_checks,
        passes=(profile.passes | settings.leave) - settings.mask,
        countries=settings.countries,
        internal_networks=settings.internal_networks,
    )


def narrowings_of(settings: RedactionSettings) -> dict[Circumstance, Narrowing]:
    """The rules by circumstance."""
    parts = {"audience": settings.audiences, "environment": settings.environments, "team": settings.teams}
    narrowings = {
        f"{part}:{name}": Narrowing(rule.mask, rule.numbered)
        for part, rules in parts.items()
        for name, rule in rules.items()
    }
    if settings.ledger_joins:
        narrowings[LEDGER] = replace(narrowings.get(LEDGER, Narrowing()), joined=True)
    return narrowings


def audience_circumstances(audience: str) -> tuple[Circumstance, ...]:
    """What holds for an audience, given as `kind` or `kind/name`."""
    kind = audience.partition("/")[0]
    return (f"audience:{kind}",) if kind == audience else (f"audience:{kind}", f"audience:{audience}")


def check_audiences(settings: RedactionSettings, kinds: Iterable[str] = ()) -> None:
    """Refuse a rule for an audience that nothing ever tells: whom it was meant for would see everything.

    Args:
        settings: of the installation.
        kinds: which packages add.

    Raises:
        ConfigError: there is one.
    """
    known = AUDIENCE_KINDS | frozenset(kinds)
    for name in settings.audiences:
        kind = name.partition("/")[0]
        if kind not in known:
            near = get_close_matches(kind, sorted(known), n=1)
            raise ConfigError(
                f"redaction.audiences has a rule for {name!r}, and there is no such kind of audience",
                remedy=(f"did you mean {near[0]!r}? " if near else "") + f"kinds: {', '.join(sorted(known))}",
            )


def redaction_of(settings: RedactionSettings, recognizers: Sequence[Any] = ()) -> Redaction:
    """The engine that the settings ask for.

    Args:
        settings: of the installation.
        recognizers: those of packages.

    Raises:
        ConfigError: a rule or a recognizer is wrong, or one of its examples fails.
    """
    from .declared import check_in_force, load_declared  # noqa: PLC0415 - reading YAML is only needed with a file
    from .engine import Redaction  # noqa: PLC0415 - the settings are read where no engine is needed

    declared = load_declared(settings.recognizers) if settings.recognizers else ()
    nlp = settings.nlp
    trained = (named_entities(nlp.engine, nlp.models, nlp.entities, nlp.time_limit_s),) if nlp else ()
    redaction = Redaction(
        (*recognizers, *declared, *trained),
        profile=profile_of(settings),
        narrowings=narrowings_of(settings),
        size_limit_bytes=settings.size_limit_bytes,
    )
    redaction.check_types(settings.mask)
    if settings.recognizers:
        check_in_force(settings.recognizers, lambda text: bool(redaction.analyze(text)))
    return redaction
