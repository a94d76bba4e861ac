"""Planted values are valid by format, belong to nobody, and are where they are said to be."""

from __future__ import annotations

import base64
import ipaddress
import json
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import phonenumbers
import pytest
from stdnum import iban, luhn
from stdnum.br import cpf

from opswarden.evals.cases import Case
from opswarden.evals.worlds.countries import COUNTRIES
from opswarden.evals.worlds.personal import make_api_key, make_cloud_key, make_jwt, make_person
from opswarden.evals.worlds.planted import PlantedValue, planted
from opswarden.evals.worlds.spec import FaultName, WorldSpec
from opswarden.evals.worlds.world import write_case

WorldCase = Callable[[FaultName], Case]
Texts = Callable[[Path], dict[str, str]]


def rng(seed: int = 1) -> np.random.Generator:
    return np.random.default_rng(seed)


@pytest.mark.parametrize("fault", ["healthy", "card_testing", "expired_certificate", "slow_dependency"])
def test_every_planted_value_is_in_the_place_it_is_said_to_be(
    world_case: WorldCase, texts: Texts, small: WorldSpec, fault: FaultName
) -> None:
    found = texts(world_case(fault).snapshot)
    values = planted(small.model_copy(update={"fault": fault}))
    assert {value.where for value in values} == {"logs", "metrics", "spans", "changes", "alerts", "runbooks"}
    assert [value for value in values if value.value not in found[value.where]] == []


def test_they_depend_on_the_seed_alone(small: WorldSpec) -> None:
    larger = small.model_copy(update={"log_lines": 9_999, "fault": "bad_canary", "series": 3_000})
    assert planted(larger) == planted(small)
    theirs = {value.value for value in planted(small.model_copy(update={"seed": 99}))}
    # Phones and addresses are counted, the rest is drawn.
    assert {value.kind for value in planted(small) if value.value in theirs} <= {"phone", "ip"}


def test_nothing_is_planted_where_it_is_not_wanted(tmp_path: Path, texts: Texts, small: WorldSpec) -> None:
    bare = small.model_copy(update={"plant_personal_data": False})
    assert planted(bare) == ()
    found = texts(write_case(bare, tmp_path / "bare").snapshot)
    everything = "\n".join(found.values())
    assert [value for value in planted(small) if value.value in everything] == []
    assert not re.search(r"@example|AKIA|sk-[A-Za-z0-9]{20}|\+\d{10}|eyJ", everything)


def test_no_value_is_part_of_another_and_none_occurs_twice(small: WorldSpec) -> None:
    values = [value.value for value in planted(small)]
    assert len(set(values)) == len(values)
    assert [(one, other) for one in values for other in values if one != other and one in other] == []


def test_names_stand_only_under_the_keys_they_are_known_by(
    world_case: WorldCase, texts: Texts, small: WorldSpec
) -> None:
    found = texts(world_case("healthy").snapshot)
    for value in planted(small):
        if value.kind == "name":
            text = found[value.where]
            keyed = len(re.findall(rf'(?:customer_name|cardholder)="?{re.escape(value.value)}', text))
            assert keyed == text.count(value.value) > 0
    assert not any(value.kind == "name" for value in planted(small) if value.where in ("changes", "runbooks", "alerts"))


def of_kind(kind: str) -> list[PlantedValue]:
    return [value for seed in range(4) for value in planted(WorldSpec(seed=seed)) if value.kind == kind]


def test_cards_pass_the_luhn_check_and_have_at_least_sixteen_digits() -> None:
    cards = [card.value.replace(" ", "") for card in of_kind("card")]
    assert all(luhn.is_valid(card) and len(card) in (16, 19) for card in cards)
    assert {len(card) for card in cards} == {16, 19}
    assert any(" " in card.value for card in of_kind("card"))


def test_accounts_and_tax_numbers_pass_their_checks() -> None:
    assert all(iban.is_valid(value.value) for value in of_kind("iban"))
    assert {value.value[:2] for value in of_kind("iban")} == {"GB", "TR"}
    assert all(cpf.is_valid(value.value) for value in of_kind("cpf"))


def test_phones_are_valid_numbers_of_every_country() -> None:
    people = [make_person(rng(), number) for number in range(3 * len(COUNTRIES))]
    parsed = [phonenumbers.parse(person.phone) for person in people]
    assert [number for number in parsed if not phonenumbers.is_valid_number(number)] == []
    assert {phonenumbers.region_code_for_number(number) for number in parsed} == {country.code for country in COUNTRIES}


def test_addresses_lie_in_ranges_reserved_for_documentation() -> None:
    reserved = [ipaddress.ip_network(network) for network in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24")]
    assert all(any(ipaddress.ip_address(value.value) in network for network in reserved) for value in of_kind("ip"))
    assert all(re.fullmatch(r"[a-z.]+\d+@example\.(com|org|net)", value.value) for value in of_kind("email"))


def test_keys_have_the_forms_that_scanners_know() -> None:
    assert re.fullmatch(r"AKIA[A-Z2-7]{16}", make_cloud_key(rng()))
    assert re.fullmatch(r"sk-[A-Za-z0-9]{40,}", make_api_key(rng()))
    header, payload, signature = make_jwt(rng(), 7).split(".")
    assert json.loads(base64.urlsafe_b64decode(header + "=="))["alg"] == "HS256"
    assert "synthetic" in json.loads(base64.urlsafe_b64decode(payload + "=="))["sub"]
    assert len(base64.urlsafe_b64decode(signature + "==")) == 32
