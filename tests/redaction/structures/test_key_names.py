"""Reading keys."""

from __future__ import annotations

import pytest

from opswarden.redaction.definition import Keyed
from opswarden.redaction.structures.key_names import KeyIndex, ends_with, key_words


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("customer_name", ("customer", "name")),
        ("billing.customerName2", ("billing", "customer", "name", "2")),
        ("X-Api-Key", ("x", "api", "key")),
        ("APIKey", ("api", "key")),
        ("имяКлиента", ("имяклиента",)),
        ("", ()),
    ],
)
def test_words(key: str, words: tuple[str, ...]) -> None:
    assert key_words(key) == words


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("api_key", True),
        ("apiKey", True),
        ("X-Api-Key", True),
        ("my.service.api_key", True),
        ("api_key_2", True),
        ("api_key_old_value", True),
        ("api_key_id", False),
        ("key", False),
    ],
)
def test_endings(key: str, expected: bool) -> None:
    assert ends_with(key, frozenset({"api_key"})) is expected


def test_an_ending_alone() -> None:
    index = KeyIndex([(Keyed(frozenset({"author", "created_by"}), alone=True), "author")])
    assert [bool(index.rules(key)) for key in ("author", "change.author", "created_by", "Author2")] == [True] * 4
    assert [bool(index.rules(key)) for key in ("org.x.BookAuthor", "co_author", "author_id")] == [False] * 3


@pytest.mark.parametrize(
    ("key", "ending", "wakes"),
    [
        ("phones[]", "phone", True),
        ("phones", "phone", False),
        ("celulares[]", "celular", True),
        ("cartoes[]", "cartao", True),
        ("customers[].name", "customer_name", True),
        ("name.first", "first_name", True),
        ("first.name", "name_first", False),
        ("name.sort", "sort_name", False),
        ("phone.home", "phone", True),
        ("Número_do_Cartão", "numero_do_cartao", True),
        ("Adı", "adi", True),
        ("йод", "иод", False),
    ],
)
def test_other_readings_of_a_key(key: str, ending: str, wakes: bool) -> None:
    assert bool(KeyIndex([(Keyed(frozenset({ending})), "x")]).rules(key)) is wakes


def test_an_index_wakes_every_rule_whose_ending_fits() -> None:
    name = Keyed(frozenset({"name"}), unless=frozenset({"service"}))
    customer = Keyed(frozenset({"customer_name"}))
    index = KeyIndex([(name, "name"), (customer, "customer")])
    assert {owner for _, owner in index.rules("customerName")} == {"name", "customer"}
    assert {owner for _, owner in index.rules("name")} == {"name"}
    assert index.rules("service.name") == ()
    assert index.rules("customername")[0][1] == "customer"
