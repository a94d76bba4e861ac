"""The roles of a person, resolved at the moment they are needed, each with the source that gave it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from ...core.canonical import JsonValue
from ...core.errors import BackendError, ConfigError, InputError

OS_USER = "os-user"
"""How a person is identified whom the operating system names."""


@dataclass(frozen=True)
class Person:
    """Somebody, under the one name that records and policies know.

    Args:
        name: as under `people` in the configuration, or of the user of this machine.
        known_as: what other systems call this person: e-mail addresses, ids.
        identified_by: `os-user`, or `oidc:<issuer>`.
    """

    name: str
    known_as: frozenset[str] = frozenset()
    identified_by: str = OS_USER

    @property
    def principal(self) -> str:
        """As approvals and the ledger write it."""
        return f"person:{self.name}"

    def is_called(self, name: str) -> bool:
        """Whether another system's name means this person; case does not count."""
        return name.casefold() in {known.casefold() for known in self.known_as}


class RoleSource(Protocol):
    """Where roles come from."""

    @property
    def name(self) -> str:
        """For records and errors: `configuration`, `pagerduty:<schedule>`."""
        ...

    @property
    def governs(self) -> frozenset[str]:
        """The roles that this source alone gives; what another source says of them does not count."""
        ...

    def roles_of(self, person: Person) -> frozenset[str]:
        """The roles that the person holds now.

        Raises:
            BackendError: the source does not answer; the person holds none of its roles then.
            ConfigError: the source refuses us.
        """
        ...


@dataclass(frozen=True)
class HeldRoles:
    """What a person may do now, and who says so.

    Args:
        sources: role: the sources that give it, in their order.
        problems: what could not be asked, in words for people.
    """

    sources: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    problems: tuple[str, ...] = ()

    @property
    def roles(self) -> frozenset[str]:
        """The roles."""
        return frozenset(self.sources)

    def as_recorded(self, person: Person) -> dict[str, JsonValue]:
        """For the ledger, beside the roles themselves."""
        return {
            "identified_by": person.identified_by,
            "role_sources": {role: list(names) for role, names in sorted(self.sources.items())},
            "role_problems": list(self.problems),
        }


class RoleBook:
    """Asks every source anew; one that fails gives nothing, and its failure is told."""

    def __init__(self, sources: Sequence[RoleSource]) -> None:
        self._sources = tuple(sources)

    def held_by(self, person: Person) -> HeldRoles:
        """The roles of a person now. Never raises for a source that fails."""
        found: dict[str, tuple[str, ...]] = {}
        problems: list[str] = []
        for source in self._sources:
            governed = {role for other in self._sources for role in other.governs} - source.governs
            try:
                roles = source.roles_of(person) - governed
            except (BackendError, ConfigError) as error:
                lost = f"; nobody holds {', '.join(sorted(source.governs))} by it" if source.governs else ""
                problems.append(f"{source.name}: {error.message}{lost}")
                continue
            for role in sorted(roles):
                found[role] = (*found.get(role, ()), source.name)
        return HeldRoles(found, tuple(problems))


class ConfiguredRoles:
    """Roles that the configuration gives by name; implements `RoleSource`."""

    name = "configuration"
    governs: frozenset[str] = frozenset()

    def __init__(self, roles: Mapping[str, Iterable[str]]) -> None:
        self._roles = {name: frozenset(given) for name, given in roles.items()}

    def roles_of(self, person: Person) -> frozenset[str]:
        """The roles under `people.NAME.roles`."""
        return self._roles.get(person.name, frozenset())


class Directory:
    """Which of the listed people a name of another system means.

    Two names for one person would let them be the second person of a two-person call, so a name that nobody claims is
    nobody, and none may be claimed twice.

    Args:
        known_as: name under `people`: what other systems call this person.

    Raises:
        ConfigError: two people are known by one name.
    """

    def __init__(self, known_as: Mapping[str, Iterable[str]]) -> None:
        self._known_as = {name: frozenset(names) for name, names in known_as.items()}
        self._names: dict[str, str] = {}
        for name, names in self._known_as.items():
            for other in {one.casefold() for one in names}:
                if other in self._names:
                    raise ConfigError(
                        f"`people` has {self._names[other]!r} and {name!r} known by one name",
                        remedy="a name in `known_as` belongs to one person",
                    )
                self._names[other] = name

    def named(self, name: str) -> Person:
        """A user of this machine."""
        return Person(name, self._known_as.get(name, frozenset()))

    def known(self, foreign: str, identified_by: str) -> Person:
        """Whom another system means.

        Raises:
            InputError: nobody is known by this name.
        """
        name = self._names.get(foreign.casefold())
        if name is None:
            raise InputError(
                "nobody under `people` is known by the name in the token",
                remedy="add it to `people.NAME.known_as` in opswarden.toml",
            )
        return Person(name, self._known_as[name], identified_by)
