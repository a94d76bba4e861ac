"""Texts inside JSON values."""

from __future__ import annotations

import pytest

from opswarden.core.canonical import JsonValue
from opswarden.redaction.structures.json_texts import Leaf, leaves, rebuilt
from opswarden.redaction.types import TextWithheld


def _minds(key: str) -> bool:
    return key.endswith("cvv")


VALUE: JsonValue = {
    "customer": {"name": "Jane", "cvv": 123},
    "rows": ["a", {"n": 4111111111111111, "ok": True, "none": None, "p99": 41.5}],
    "at": 1764000000000.0,
}


def test_every_text_key_and_telling_number() -> None:
    assert leaves(VALUE, _minds) == [
        Leaf("Jane", "customer.name"),
        Leaf("name", None),
        Leaf("123", "customer.cvv"),
        Leaf("cvv", None),
        Leaf("customer", None),
        Leaf("a", "cell"),
        Leaf("4111111111111111", "rows[].n"),
        Leaf("n", None),
        Leaf("ok", None),
        Leaf("none", None),
        Leaf("p99", None),
        Leaf("rows", None),
        Leaf("1764000000000", "at"),
        Leaf("at", None),
    ]


def test_a_fraction_is_of_interest_for_its_key_alone() -> None:
    value: JsonValue = {"saved": 12345678901.23, "cvv": 123.5, "n": 4111111111111111.0, "x": float("inf")}
    assert [leaf.text for leaf in leaves(value, _minds) if leaf.key] == ["123.5", "4111111111111111"]


def test_a_number_beside_a_unit_is_an_amount_unless_its_own_key_matters() -> None:
    value: JsonValue = {"value": 4123456789, "cvv": 123, "text": "4123456789", "unit": "bytes"}
    assert [leaf for leaf in leaves(value, _minds) if leaf.key] == [
        Leaf("4123456789", "value_amount"),
        Leaf("123", "cvv"),
        Leaf("4123456789", "text"),
        Leaf("bytes", "unit"),
    ]
    named: JsonValue = {"name": "cvv", "value": 123, "unit": "x"}
    assert Leaf("123", "cvv") in leaves(named, _minds)


@pytest.mark.parametrize(
    ("value", "leaf"),
    [
        ({"columns": ["id", "cpf"], "rows": [["1", "x"]]}, Leaf("x", "cpf")),
        ({"schema": {"fields": [{"name": "id"}, {"name": "cpf"}], "data": [["1", "x"]]}}, Leaf("x", "schema.cpf")),
        ({"columns": ["cpf"], "rows": [["x", "y"]]}, Leaf("x", "cell[]")),
        ({"rows": [["x"]]}, Leaf("x", "cell[]")),
        ({"rows": [{"cpf": "x"}]}, Leaf("x", "rows[].cpf")),
        ({"orders": ["x"]}, Leaf("x", "orders[]")),
        ({"lat": "x", "lon": 1}, Leaf("x", "latitude")),
        ({"lat": "x"}, Leaf("x", "lat")),
        ({"args": ["run", "--password", "x"]}, Leaf("x", "args[].password")),
        ({"column": "cpf", "value": "x"}, Leaf("x", "cpf")),
    ],
)
def test_the_key_of_a_value_may_stand_elsewhere(value: JsonValue, leaf: Leaf) -> None:
    found = leaves(value, _minds)
    assert leaf in found
    assert rebuilt(value, _minds, [each.text for each in found]) == value


def test_unchanged_texts_give_the_same_value() -> None:
    assert rebuilt(VALUE, _minds, [leaf.text for leaf in leaves(VALUE, _minds)]) == VALUE


def test_a_changed_number_becomes_a_text() -> None:
    texts = ["X" if leaf.text == "4111111111111111" else leaf.text for leaf in leaves(VALUE, _minds)]
    changed = rebuilt(VALUE, _minds, texts)
    assert isinstance(changed, dict)
    assert changed["rows"][1]["n"] == "X"  # type: ignore[index, call-overload]


def test_keys_that_become_the_same_stay_apart() -> None:
    assert rebuilt({"a": 1, "b": 2}, _minds, ["<X>", "<X>"]) == {"<X>": 1, "<X> (2)": 2}


@pytest.mark.parametrize(
    ("value", "key"),
    [
        ({"customer": {"name": {"first": "x"}}}, "customer.name.first"),
        ({"card": {"holder": {"name": "x"}}}, "holder.name"),
        ({"customers": [{"phones": ["x"]}]}, "customers[].phones[]"),
        ([["x"]], None),
        ({"env": [{"name": "DB_PASSWORD", "value": "x"}]}, "env[].DB_PASSWORD"),
        ({"kind": "Secret", "data": {"a": "x"}}, "kubernetes.secret"),
        ({"kind": "ConfigMap", "data": {"a": "x"}}, "data.a"),
    ],
)
def test_the_key_of_a_text(value: JsonValue, key: str | None) -> None:
    assert Leaf("x", key) in leaves(value, _minds)


def test_too_deep_is_withheld() -> None:
    value: JsonValue = "x"
    for _ in range(100):
        value = [value]
    with pytest.raises(TextWithheld) as withheld:
        leaves(value, _minds)
    assert withheld.value.reason == "too-deep"
