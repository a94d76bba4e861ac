"""The service catalogue: who owns what, found again by any of its names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from ..slo.backends.types import Slo

Source = Literal["catalogue", "backstage", "labels"]
MatchedBy = Literal["name", "alias", "instance"]

# What Kubernetes appends to the name of a workload: the hash of a replica set and of a pod, a place in a stateful set,
# a random end of a daemon set or a job.
_POD_ENDS = (
    re.compile(r"-[a-z0-9]{6,10}-[a-z0-9]{5}$"),
    re.compile(r"-[0-9]{1,4}$"),
    re.compile(r"-[bcdfghjklmnpqrstvwxz2456789]{5}$"),
)
_NAME = re.compile(r"[\w#][\w .:/#+-]{0,127}")


@dataclass(frozen=True)
class Team:
    """Who answers for entities.

    Args:
        people: members, as the catalogue has them.
        on_call: the rotation that is paged.
        channel: where they talk.
        page: how to page them: an address, a command, a link.
    """

    name: str
    people: tuple[str, ...] = ()
    on_call: str = ""
    channel: str = ""
    page: str = ""


@dataclass(frozen=True)
class Entry:
    """One entity.

    Args:
        owner: the name of a team; empty if nobody is named.
        tier: 0 or 1 for what must never fail, larger numbers for the rest.
        runbooks: names or addresses, the most fitting first.
        slos: promises that the catalogue declares.
    """

    name: str
    source: Source
    owner: str = ""
    system: str = ""
    tier: int | None = None
    lifecycle: str = ""
    description: str = ""
    channel: str = ""
    on_call: str = ""
    aliases: tuple[str, ...] = ()
    depends_on: tuple[str, ...] = ()
    runbooks: tuple[str, ...] = ()
    slos: tuple[Slo, ...] = ()


@dataclass(frozen=True)
class Found:
    """An entry, and by what it was found."""

    entry: Entry
    matched_by: MatchedBy


@dataclass(frozen=True)
class Catalogue:
    """Entries and teams; of two of one name the first counts.

    Args:
        problems: what could not be read, one line each.
    """

    entries: tuple[Entry, ...] = ()
    teams: tuple[Team, ...] = ()
    problems: tuple[str, ...] = ()
    _names: dict[str, Found] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        for entry in self.entries:
            self._names.setdefault(entry.name.casefold(), Found(entry, "name"))
        for entry in self.entries:
            for alias in entry.aliases:
                self._names.setdefault(alias.casefold(), Found(entry, "alias"))

    def find(self, entity: str) -> Found | None:
        """The entry of an entity: by its name, by an alias, or as an instance of a workload (`scorer-7d4f9c8b6-x2x9p`).

        Case does not matter, nor does a namespace in front (`payments/scorer`).
        """
        name = entity.casefold()
        for candidate in (name, name.rpartition("/")[2]):
            if candidate in self._names:
                return self._names[candidate]
            for end in _POD_ENDS:
                workload = end.sub("", candidate)
                if workload != candidate and workload in self._names:
                    return Found(self._names[workload].entry, "instance")
        return None

    def team(self, name: str) -> Team | None:
        """The team of a name."""
        return next((team for team in self.teams if team.name.casefold() == name.casefold()), None)

    def known_names(self) -> tuple[str, ...]:
        """Names that redaction lets pass: of entities, systems, teams, rotations and channels; never of people."""
        return tuple(sorted({name for name in self._all_names() if _NAME.fullmatch(name)}))

    def _all_names(self) -> Iterator[str]:
        people = {person.casefold() for team in self.teams for person in team.people}
        for entry in self.entries:
            yield from (entry.name, entry.system, *entry.aliases, *entry.depends_on, entry.channel, entry.on_call)
            if entry.owner.casefold() not in people:
                yield entry.owner
        for team in self.teams:
            yield from (team.name, team.channel, team.on_call)


def merged(catalogues: Sequence[Catalogue]) -> Catalogue:
    """Several catalogues as one; what stands in an earlier one counts, gaps of it are filled from later ones."""
    entries: dict[str, Entry] = {}
    for catalogue in catalogues:
        for entry in catalogue.entries:
            name = entry.name.casefold()
            entries[name] = _filled(entries[name], entry) if name in entries else entry
    return Catalogue(
        tuple(entries.values()),
        tuple(_first_of_each(team for catalogue in catalogues for team in catalogue.teams)),
        tuple(problem for catalogue in catalogues for problem in catalogue.problems),
    )


def _filled(entry: Entry, other: Entry) -> Entry:
    gaps = {
        name: getattr(other, name)
        for name in Entry.__dataclass_fields__
        if getattr(entry, name) in ("", None, ()) and getattr(other, name) not in ("", None, ())
    }
    return Entry(**{**{name: getattr(entry, name) for name in Entry.__dataclass_fields__}, **gaps})


def _first_of_each(teams: Iterable[Team]) -> Iterable[Team]:
    found: dict[str, Team] = {}
    for team in teams:
        found.setdefault(team.name.casefold(), team)
    return found.values()
