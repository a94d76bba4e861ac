"""Which made-up personal values lie where in a case, so that a leak test can look for exactly those."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from .personal import Person, make_api_key, make_cloud_key, make_jwt, make_person, make_reference
from .spec import WorldSpec
from .streams import Streams

PlantedKind = Literal[
    "name", "email", "phone", "card", "iban", "cpf", "ip", "bearer", "cloud_key", "api_key", "jwt"
]  # fmt: skip
PlantedPlace = Literal["logs", "metrics", "spans", "changes", "alerts", "runbooks"]

_PEOPLE: dict[PlantedPlace, int] = {"logs": 24, "metrics": 3, "spans": 4, "changes": 2, "alerts": 1, "runbooks": 2}
_SECRETS = 3


@dataclass(frozen=True)
class PlantedValue:
    """One made-up value exactly as it is written. Names stand only under `customer_name` and `cardholder`."""

    kind: PlantedKind
    value: str
    where: PlantedPlace


@dataclass(frozen=True)
class Secrets:
    """Keys that careless people paste."""

    cloud_key: str
    api_key: str
    jwt: str


@lru_cache(maxsize=64)
def people(seed: int, place: PlantedPlace, *, is_planted: bool) -> tuple[Person, ...]:
    """The people who appear in one kind of text; nobody appears in two."""
    streams = Streams(seed)
    first = sum(count for known, count in list(_PEOPLE.items())[: list(_PEOPLE).index(place)])
    make = make_person if is_planted else make_reference
    return tuple(make(streams.of("person", place, row), first + row) for row in range(_PEOPLE[place]))


@lru_cache(maxsize=64)
def secrets(seed: int, place: PlantedPlace, *, is_planted: bool) -> tuple[Secrets, ...]:
    """The keys that appear in one kind of text."""
    streams = Streams(seed)
    found = []
    for row in range(_SECRETS):
        rng = streams.of("secret", place, row)
        made = Secrets(make_cloud_key(rng), make_api_key(rng), make_jwt(rng, row))
        found.append(made if is_planted else Secrets(*(f"ref-{kind}-{row}" for kind in ("cloud", "api", "jwt"))))
    return tuple(found)


def people_of(spec: WorldSpec, place: PlantedPlace) -> tuple[Person, ...]:
    """`people` of a spec."""
    return people(spec.seed, place, is_planted=spec.plant_personal_data)


def secrets_of(spec: WorldSpec, place: PlantedPlace) -> tuple[Secrets, ...]:
    """`secrets` of a spec."""
    return secrets(spec.seed, place, is_planted=spec.plant_personal_data)


def delivery_labels(spec: WorldSpec) -> tuple[Mapping[str, str], ...]:
    """Labels of the delivery series: what must not be in a label and is in many."""
    someone, other, third = people_of(spec, "metrics")
    key = secrets_of(spec, "metrics")[0]
    return (
        {"merchant": "m-1001", "contact": someone.email, "customer_name": someone.name},
        {"merchant": "m-1002", "contact": other.phone, "client_ip": other.ip},
        {"merchant": "m-1003", "card": third.card, "authorization": f"Bearer {third.bearer}"},
        {"merchant": "m-1004", "access_key": key.cloud_key, "api_key": key.api_key},
    )


_SECRET_KINDS: tuple[PlantedKind, ...] = ("cloud_key", "api_key", "jwt")
_FIELDS: dict[PlantedPlace, tuple[PlantedKind, ...]] = {
    "logs": ("name", "email", "phone", "card", "iban", "cpf", "ip", "bearer"),
    "spans": ("name", "email", "phone", "card", "bearer"),
    "changes": ("email", "phone"),
    "alerts": ("email", "phone"),
    "runbooks": ("email", "phone", "bearer"),
}


def planted(spec: WorldSpec) -> tuple[PlantedValue, ...]:
    """Every personal value and secret in the tables and runbooks that `write_case` writes for this spec."""
    if not spec.plant_personal_data:
        return ()
    found = [
        PlantedValue(kind, getattr(person, kind), place)
        for place, kinds in _FIELDS.items()
        for person in people_of(spec, place)
        for kind in kinds
    ]
    someone, other, third = people_of(spec, "metrics")
    found += [
        PlantedValue("name", someone.name, "metrics"),
        PlantedValue("email", someone.email, "metrics"),
        PlantedValue("phone", other.phone, "metrics"),
        PlantedValue("ip", other.ip, "metrics"),
        PlantedValue("card", third.card, "metrics"),
        PlantedValue("bearer", third.bearer, "metrics"),
        PlantedValue("cloud_key", secrets_of(spec, "metrics")[0].cloud_key, "metrics"),
        PlantedValue("api_key", secrets_of(spec, "metrics")[0].api_key, "metrics"),
    ]
    for secret in secrets_of(spec, "logs"):
        found += [PlantedValue(kind, getattr(secret, kind), "logs") for kind in _SECRET_KINDS]
    found.append(PlantedValue("api_key", secrets_of(spec, "changes")[0].api_key, "changes"))
    found.append(PlantedValue("jwt", secrets_of(spec, "runbooks")[0].jwt, "runbooks"))
    return tuple(found)
