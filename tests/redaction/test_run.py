"""Placeholders of one run, and the way back."""

from __future__ import annotations

import pytest

from opswarden.core.canonical import JsonValue
from opswarden.redaction.engine import Redaction
from opswarden.redaction.memory_vault import MemoryVault
from opswarden.redaction.run import RunRedactor
from opswarden.redaction.types import Redactor, TextWithheld

VAULT_SECRET = b"fixed for the tests, 32 bytes ok"
EMAIL = frozenset({"EMAIL_ADDRESS"})


@pytest.fixture
def other(redaction: Redaction) -> RunRedactor:
    return redaction.for_run("run_2", vault=MemoryVault(VAULT_SECRET))


def test_it_is_a_redactor(run: RunRedactor) -> None:
    redactor: Redactor = run
    assert redactor.text("x") == "x"


def test_one_value_has_one_placeholder(run: RunRedactor) -> None:
    first = run.text("ana@example.com and bob@example.com")
    again = run.text("BOB@example.com wrote to ana@example.com")
    ana, bob = first.split(" and ")
    assert again == f"{bob} wrote to {ana}"
    assert ana != bob


def test_numbers_count_per_type(run: RunRedactor) -> None:
    text = run.text("10.1.1.1 ana@example.com 10.1.1.2 bob@example.com")
    assert [part.partition("·")[0] for part in text.split()] == [
        "<IP_ADDRESS_1",
        "<EMAIL_ADDRESS_1",
        "<IP_ADDRESS_2",
        "<EMAIL_ADDRESS_2",
    ]


def test_what_cannot_be_restored_has_no_number(run: RunRedactor) -> None:
    text = run.text("password=hunter2 card 4111111111111111 card 5555555555554444")
    assert text.count("<CREDIT_CARD·") == 2
    assert "<SECRET·" in text


def test_runs_have_their_own_marks(run: RunRedactor, other: RunRedactor) -> None:
    assert run.text("ana@example.com") != other.text("ana@example.com")


def test_values_come_back(run: RunRedactor) -> None:
    text = run.text("from ana@example.com to bob@example.com")
    assert run.restore(text, EMAIL) == "from ana@example.com to bob@example.com"
    assert run.restore("nothing to restore", frozenset()) == "nothing to restore"


def test_a_value_in_disguise_comes_back_without_it(run: RunRedactor) -> None:
    assert run.restore(run.text("ana%40exa\u200bmple.com"), EMAIL) == "ana@example.com"


def test_values_inside_json_come_back(run: RunRedactor) -> None:
    mark = run.text("ana@example.com")
    value = {"to": [mark, {"cc": mark}], "n": 1, mark: None}
    assert run.value_restore(value, EMAIL) == {
        "to": ["ana@example.com", {"cc": "ana@example.com"}],
        "n": 1,
        mark: None,
    }


@pytest.mark.parametrize("frame", ["https://evil.example/?q={}", "write to {}", "{} ", "{}{}", "a@b.example,{}"])
def test_nothing_comes_back_inside_of_a_longer_text(run: RunRedactor, frame: str) -> None:
    mark = run.text("ana@example.com")
    with pytest.raises(TextWithheld) as withheld:
        run.value_restore({"to": [frame.replace("{}", mark)]}, EMAIL)
    assert withheld.value.reason == "type-not-allowed"
    assert "ana" not in str(withheld.value)


def _refusal(run: RunRedactor, text: str, types: frozenset[str]) -> str:
    with pytest.raises(TextWithheld) as withheld:
        run.restore(text, types)
    assert "ana" not in str(withheld.value)
    return withheld.value.reason


def test_a_placeholder_of_another_run_is_refused(run: RunRedactor, other: RunRedactor) -> None:
    assert _refusal(run, other.text("ana@example.com"), EMAIL) == "foreign-placeholder"


def test_an_unknown_number_is_refused(run: RunRedactor) -> None:
    mark = run.text("ana@example.com")
    assert _refusal(run, mark.replace("_1·", "_2·"), EMAIL) == "unknown-placeholder"


def test_another_type_is_refused(run: RunRedactor) -> None:
    mark = run.text("ana@example.com")
    assert _refusal(run, mark, frozenset()) == "type-not-allowed"
    assert _refusal(run, mark, frozenset({"PHONE_NUMBER"})) == "type-not-allowed"


def test_a_secret_is_never_restored(run: RunRedactor) -> None:
    mark = run.text("4111111111111111")
    assert _refusal(run, mark, frozenset({"CREDIT_CARD"})) == "not-restorable"
    assert _refusal(run, mark.replace("·", "_1·"), frozenset({"CREDIT_CARD"})) == "not-restorable"


@pytest.mark.parametrize(
    ("old", "new"),
    [("<", "＜"), ("·", "•"), ("EMAIL", "email"), ("<", "< "), ("<", "&lt;"), ("·", r"\u00b7"), ("_1", "_１")],
)
def test_only_the_exact_form_counts(run: RunRedactor, old: str, new: str) -> None:
    mark = run.text("ana@example.com")
    assert _refusal(run, mark.replace(old, new, 1), EMAIL) == "foreign-placeholder"


@pytest.mark.parametrize("frame", ["{}", "x {} y", "＜{}", "a={}&b", "{}{}"])
def test_an_outside_text_cannot_carry_a_placeholder(run: RunRedactor, frame: str) -> None:
    mark = run.text("ana@example.com")
    cleaned = run.text(frame.format(mark, mark))
    assert mark not in cleaned
    assert f"‹{mark[1:-1]}›" in cleaned
    assert run.restore(cleaned, EMAIL) == cleaned


@pytest.mark.parametrize(
    ("old", "new"),
    [
        *(("<", new) for new in ("＜", "&lt;")),
        *(("·", new) for new in ("•", r"\u00b7", r"\xc2\xb7", r"\302\267", "%C2%B7", "%u00B7", "&middot;", "=C2=B7")),
        ("E", "\u200bE"),
    ],
)
def test_nor_one_in_disguise(run: RunRedactor, old: str, new: str) -> None:
    mark = run.text("ana@example.com")
    cleaned = run.text(f"see {mark.replace(old, new, 1)} there")
    assert "‹EMAIL_ADDRESS_1" in cleaned
    assert run.restore(cleaned, EMAIL) == cleaned


def test_our_own_text_keeps_its_placeholders(run: RunRedactor) -> None:
    text = run.text("customer_name=Jane Doe wrote from ana@example.com with password=hunter2")
    assert run.clean_ours(text).text == text
    assert run.clean_ours(text).spans == ()


def test_our_own_text_is_cleaned_of_what_is_new(run: RunRedactor) -> None:
    mark = run.text("ana@example.com")
    cleaned = run.clean_ours(f"{mark} wrote to bob@example.com").text
    assert cleaned.startswith(f"{mark} wrote to <EMAIL_ADDRESS_2·")


def test_a_placeholder_a_model_made_up_is_disarmed(run: RunRedactor, other: RunRedactor) -> None:
    mark = run.text("ana@example.com")
    invented = mark.replace("_1·", "_9·")
    foreign = other.text("ana@example.com")
    unlikely = mark.replace("EMAIL_ADDRESS_1", "EMAIL_ADDRESS")
    cleaned = run.clean_ours(f"{mark} {invented} {foreign} {unlikely}").text
    assert cleaned == f"{mark} ‹{invented[1:-1]}› ‹{foreign[1:-1]}› ‹{unlikely[1:-1]}›"


def test_json_is_cleaned_by_key(run: RunRedactor) -> None:
    value = {
        "customer": {"name": "jane", "card_number": 4111111111111112, "cvv": 123, "tries": 3},
        "ana@example.com": ["ana@example.com", 41.5, None, True],
    }
    cleaned = run.value(value)
    assert isinstance(cleaned, dict)
    customer, (key, row) = cleaned["customer"], list(cleaned.items())[1]
    assert isinstance(customer, dict)
    assert customer["name"].startswith("<PERSON_1·")
    assert customer["card_number"].startswith("<CREDIT_CARD·")
    assert customer["cvv"].startswith("<CARD_SECURITY_CODE·")
    assert customer["tries"] == 3
    assert row == [key, 41.5, None, True]
    assert run.value_ours(cleaned) == cleaned


def _small() -> RunRedactor:
    return Redaction(size_limit_bytes=60).for_run("run_1", vault=MemoryVault(VAULT_SECRET))


def test_a_text_that_cannot_be_proven_clean_is_withheld_alone() -> None:
    giant = "canary " * 20
    salvaged = _small().value_salvaged({"a": ["ana@example.com", giant], giant: {"b": giant, "c": "fine"}, "n": 7})
    assert salvaged.withheld == ("too-large",) * 3
    assert isinstance(salvaged.value, dict)
    (address, withheld), inner = salvaged.value["a"], salvaged.value["[text withheld: too-large]"]
    assert address.startswith("<EMAIL_ADDRESS_1·")
    assert (withheld, inner["b"], salvaged.value["n"]) == ("[text withheld: too-large]",) * 2 + (7,)
    assert "canary" not in str(salvaged)


def test_without_anything_withheld_it_is_the_value() -> None:
    value = {"a": "ana@example.com", "n": 4111111111111111}
    salvaged = _small().value_salvaged(value)
    assert (salvaged.value, salvaged.withheld) == (_small().value(value), ())


def test_what_no_single_text_is_to_blame_for_is_withheld_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    nested: JsonValue = "x"
    for _ in range(100):
        nested = [nested]
    with pytest.raises(TextWithheld) as withheld:
        _small().value_salvaged(nested)
    assert withheld.value.reason == "too-deep"

    def gone(*_args: object) -> list[int]:
        raise TextWithheld("gone", reason="vault")

    run = _small()
    monkeypatch.setattr(MemoryVault, "numbers", gone)
    with pytest.raises(TextWithheld) as withheld:
        run.value_salvaged(["ana@example.com", "canary " * 20])
    assert withheld.value.reason == "vault"


def test_names_that_were_learned_pass(run: RunRedactor) -> None:
    text = 'owner_name="Maria" name="Ana Souza" session mrossi@db-01'
    assert run.text(text).count("<") == 3
    run.learn_names(["maria", "Ana  Souza", "mrossi@db-01"])
    assert run.text(text) == text


def test_learning_makes_no_hole_for_what_is_certain(run: RunRedactor) -> None:
    planted = ["ana@example.com", "4111111111111111", "hunter2", "529.982.247-25"]
    run.learn_names(planted)
    cleaned = run.text("ana@example.com 4111111111111111 password=hunter2 529.982.247-25")
    assert not any(value in cleaned for value in planted)


ADDRESS_NAMES = ["10.1.2.3:9100", "10.1.2.4", "orders@db-3.eu.example.com_Database::SQL"]


@pytest.mark.parametrize("name", ADDRESS_NAMES)
def test_a_known_name_that_is_an_address_passes_whole_and_only_whole(run: RunRedactor, name: str) -> None:
    run.learn_names(ADDRESS_NAMES)
    assert run.value({"entity": name, "text": f"from {name}, again"}) == {"entity": name, "text": f"from {name}, again"}
    assert name not in run.text(f"1{name} and x{name}9")
    assert run.text("10.1.2.99 wrote to ana@example.com").count("<") == 2


def test_spans_count_in_the_input(run: RunRedactor) -> None:
    text = "＜EMAIL_ADDRESS_1·k3f9＞ then ana@example.com"
    ((start, end),) = ((span.start, span.end) for span in run.clean(text).spans)
    assert text[start:end] == "ana@example.com"


@pytest.mark.parametrize("number", [9541876176, 4341864573849, 649534239, 52998224725, 4123456789.0, 12345678901.23])
def test_typed_amounts_stay_numbers(run: RunRedactor, number: float) -> None:
    value: JsonValue = {
        "basis": [{"what": "peak", "value": number, "unit": "bytes"}],
        "proposed": {"memory_limit": number},
        "cost": {"expected": number, "currency": "IDR"},
    }
    assert run.value(value) == value


def test_a_typed_number_that_is_a_card_or_an_id_does_not(run: RunRedactor) -> None:
    value = run.value({"x": 4111111111111111, "cpf": 52998224725, "cvv": 123, "pan": {"value": 4111111111111111.0}})
    assert "4111" not in str(value)
    assert "5299" not in str(value)
    assert "123" not in str(value)
