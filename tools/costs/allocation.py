"""Whose cost a line is: by resource id, by tag, or by a rule that shares it out; what nobody owns is listed.

Nothing is left out: the lines that come out add up to the lines that went in, on every basis.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import lru_cache
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from .lines import Line
from .money import split

Driver = Literal["requests", "gpu_time", "cpu_time", "equal"]
"""What a shared cost is split by. `gpu_time` and `cpu_time`: what was used, in GPU and core hours."""

How = Literal["resource", "tag", "shared", "nobody"]

_MOST_TAGS = 200


class SharedRule(BaseModel):
    """Charges that several workloads cause together, and what decides how much each bears."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(min_length=1, max_length=60)
    service: str = Field(default="", max_length=200, description="as the bill names it; any if empty")
    resource: str = Field(default="", max_length=500)
    tag: str = Field(default="", max_length=200, description="`key=value`")
    driver: Driver
    team: str = Field(default="", max_length=100, description="only the workloads of this team bear it; all if empty")

    def fits(self, line: Line) -> bool:
        """Whether a line is one of these charges; a rule without a condition fits none."""
        asked = [self.service, self.resource, self.tag]
        if not any(asked):
            return False
        if self.service and line.service.lower() != self.service.lower():
            return False
        if self.resource and line.resource != self.resource:
            return False
        key, _, value = self.tag.partition("=")
        return not self.tag or tags_of(line.tags).get(key.strip().lower()) == value.strip()

    def said(self) -> str:
        """The rule in words, for whoever reads the result."""
        by = {
            "equal": "in equal parts",
            "requests": "by requests",
            "gpu_time": "by GPU time",
            "cpu_time": "by CPU time",
        }
        return f"{self.name}: split {by[self.driver]}" + (f" within {self.team}" if self.team else "")


class AllocationRules(BaseModel):
    """How costs are given to owners: the keys of tags that name them (any case), and what is shared."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    workload_tags: tuple[str, ...] = ("workload", "app.kubernetes.io/name")
    team_tags: tuple[str, ...] = ("team", "owner")
    model_tags: tuple[str, ...] = ("model",)
    country_tags: tuple[str, ...] = ("country",)
    shared: tuple[SharedRule, ...] = Field(default=(), max_length=200)


@dataclass(frozen=True)
class Subject:
    """A workload of the catalogue, or a thing of the inventory, as far as costs go."""

    name: str
    team: str = ""
    model: str = ""
    country: str = ""
    resource: str = ""


@dataclass(frozen=True)
class Owner:
    """Whose cost it is; "" where that is not known."""

    workload: str = ""
    team: str = ""
    model: str = ""
    country: str = ""
    how: How = "nobody"
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Assigned:
    """A line, or a share of one, and whose it is."""

    owner: Owner
    line: Line


@dataclass(frozen=True)
class Allocation:
    """Every line with its owner.

    Args:
        rules: that shared something, in words, with how much they could not share and why.
    """

    assigned: tuple[Assigned, ...]
    rules: tuple[str, ...]


@dataclass
class Catalogue:
    """Workloads and inventory by what bills call them."""

    subjects: Sequence[Subject]
    _by_resource: dict[str, Subject] = field(default_factory=dict)
    _by_name: dict[str, Subject] = field(default_factory=dict)
    _by_tail: dict[str, Subject | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for subject in self.subjects:
            self._by_name.setdefault(subject.name.lower(), subject)
            if subject.resource:
                self._by_resource.setdefault(subject.resource, subject)
                tail = _tail(subject.resource)
                # A short id that two things share names neither.
                self._by_tail[tail] = subject if self._by_tail.get(tail, subject) == subject else None

    def of_resource(self, resource: str) -> Subject | None:
        """By the id of the bill, whole or only its last part: catalogues often hold `i-0abc` for a whole ARN."""
        if not resource:
            return None
        return self._by_resource.get(resource) or self._by_tail.get(_tail(resource))

    def named(self, name: str) -> Subject | None:
        return self._by_name.get(name.lower())


def _tail(resource: str) -> str:
    return resource.rstrip("/").replace(":", "/").rpartition("/")[2]


@lru_cache(maxsize=20_000)
def tags_of(text: str) -> Mapping[str, str]:
    """The tags of a line, keys in lower case; none where the text is no JSON object."""
    if not text:
        return {}
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(found, dict):
        return {}
    plain = [(key, value) for key, value in found.items() if isinstance(value, (str, int, float, bool))]
    return {key.strip().lower(): str(value).strip() for key, value in plain[:_MOST_TAGS]}


def allocate(
    lines: Iterable[Line],
    catalogue: Catalogue,
    rules: AllocationRules,
    weights: Mapping[Driver, Mapping[str, Decimal]] | None = None,
) -> Allocation:
    """Give every line to its owner, or split it between those who bear it.

    Args:
        lines: in one currency.
        catalogue: who there is.
        rules: how owners are found, and what is shared.
        weights: per driver, what each workload used; a driver without weights shares nothing, and that is said.
    """
    done: list[Assigned] = []
    used: dict[str, None] = {}
    known: dict[tuple[str, str, str], Owner] = {}
    for line in lines:
        rule = next((rule for rule in rules.shared if rule.fits(line)), None)
        if rule is not None:
            bearers = _bearers(rule, catalogue, weights or {})
            used[rule.said() if bearers else f"{rule.said()} (nothing to split by: not shared)"] = None
            if bearers:
                done += _shares(line, rule, bearers)
                continue
        key = (line.resource, line.tags, line.resource_name)
        if key not in known:
            known[key] = owner_of(line, catalogue, rules)
        done.append(Assigned(known[key], line))
    return Allocation(tuple(done), tuple(used))


def owner_of(line: Line, catalogue: Catalogue, rules: AllocationRules) -> Owner:
    """The owner that a resource id or the tags name; a tag that contradicts the catalogue loses."""
    tags = tags_of(line.tags)

    def tagged(keys: Sequence[str]) -> str:
        return next((tags[key.lower()] for key in keys if tags.get(key.lower())), "")

    subject = catalogue.of_resource(line.resource) or catalogue.of_resource(line.resource_name)
    how: How = "resource"
    if subject is None:
        subject, how = catalogue.named(tagged(rules.workload_tags)), "tag"
    workload = subject.name if subject else tagged(rules.workload_tags)
    owner = Owner(
        workload=workload,
        team=(subject.team if subject else "") or tagged(rules.team_tags),
        model=(subject.model if subject else "") or tagged(rules.model_tags),
        country=(subject.country if subject else "") or tagged(rules.country_tags),
    )
    if not (owner.workload or owner.team):
        return owner
    return replace(owner, how=how)


def _bearers(
    rule: SharedRule, catalogue: Catalogue, weights: Mapping[Driver, Mapping[str, Decimal]]
) -> dict[Owner, Decimal]:
    found: dict[Owner, Decimal] = {}
    given = weights.get(rule.driver, {})
    for subject in catalogue.subjects:
        weight = Decimal(1) if rule.driver == "equal" else given.get(subject.name, Decimal(0))
        if weight > 0 and (not rule.team or subject.team == rule.team):
            owner = Owner(subject.name, subject.team, subject.model, subject.country, "shared", rule.name)
            found[owner] = found.get(owner, Decimal(0)) + weight
    return found


def _shares(line: Line, rule: SharedRule, bearers: Mapping[Owner, Decimal]) -> Iterator[Assigned]:
    def shared(amount: Decimal | None) -> Mapping[Owner, Decimal | None]:
        return dict.fromkeys(bearers) if amount is None else split(amount, bearers)

    billed, effective = split(line.billed, bearers), split(line.effective, bearers)
    listed, contracted, quantity = shared(line.listed), shared(line.contracted), shared(line.quantity)
    for owner in bearers:
        part = replace(
            line,
            billed=billed[owner],
            effective=effective[owner],
            listed=listed[owner],
            contracted=contracted[owner],
            quantity=quantity[owner],
        )
        yield Assigned(owner, part)


def by_country(assigned: Iterable[Assigned], weights: Mapping[str, Mapping[str, Decimal]]) -> Iterator[Assigned]:
    """Split what serves all countries by what each country's payments asked of the model.

    Args:
        assigned: lines with their owners.
        weights: per model, how often it scored payments of each country.
    """
    for one in assigned:
        served = {
            country: count for country, count in weights.get(one.owner.model, {}).items() if country and count > 0
        }
        if one.owner.country or not served:
            yield one
            continue
        bearers = {replace(one.owner, country=country): count for country, count in served.items()}
        yield from _shares(one.line, SharedRule(name="countries", service="*", driver="requests"), bearers)
