"""Join tokens: the same for the same value in every run of a team, and nothing else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from opswarden.core.keys import FileKeys
from opswarden.redaction.engine import Redaction
from opswarden.redaction.join_tokens import JoinTokens
from opswarden.redaction.memory_vault import MemoryVault
from opswarden.redaction.run import RunRedactor
from opswarden.redaction.types import TextWithheld

_FORM = re.compile(r"<([A-Z_]+)·j[0-9a-hjkmnp-tv-z]{26}>")


@pytest.fixture
def keys(tmp_path: Path) -> FileKeys:
    return FileKeys(tmp_path / "keys.json")


@pytest.fixture
def tokens(redaction: Redaction, keys: FileKeys) -> JoinTokens:
    return JoinTokens(redaction, keys, "payments")


SAME: list[tuple[str, str, str, str]] = [
    ("case does not matter in an address", "EMAIL_ADDRESS", "ana@example.com", "ANA@Example.com"),
    ("nor separators in a number", "BR_CPF", "529.982.247-25", "52998224725"),
    ("nor a disguise", "EMAIL_ADDRESS", "ana@example.com", "ana%40exa\u200bmple.com"),
    ("nor spaces in a name", "PERSON", "Ana  Souza", "ana souza"),
]


@pytest.mark.parametrize(("entity_type", "one", "other"), [row[1:] for row in SAME], ids=[row[0] for row in SAME])
def test_one_value_has_one_token(tokens: JoinTokens, entity_type: str, one: str, other: str) -> None:
    token = tokens.join_token(entity_type, one)
    found = _FORM.fullmatch(token)
    assert found is not None
    assert found[1] == entity_type
    assert tokens.join_token(entity_type, other) == token


def test_other_values_types_teams_and_installations_have_others(
    redaction: Redaction, keys: FileKeys, tokens: JoinTokens, tmp_path: Path
) -> None:
    elsewhere = FileKeys(tmp_path / "other.json")
    found = {
        tokens.join_token("EMAIL_ADDRESS", "ana@example.com"),
        tokens.join_token("EMAIL_ADDRESS", "bob@example.com"),
        tokens.join_token("PERSON", "ana@example.com").replace("PERSON", "EMAIL_ADDRESS"),
        JoinTokens(redaction, keys, "fraud").join_token("EMAIL_ADDRESS", "ana@example.com"),
        JoinTokens(redaction, elsewhere, "payments").join_token("EMAIL_ADDRESS", "ana@example.com"),
    }
    assert len(found) == 5


def test_records_join_across_a_rotation(redaction: Redaction, keys: FileKeys, tokens: JoinTokens) -> None:
    token = tokens.join_token("BR_CPF", "529.982.247-25")
    keys.rotate()
    keys.retire(1)
    assert JoinTokens(redaction, keys, "payments").join_token("BR_CPF", "52998224725") == token


@pytest.mark.parametrize(
    ("entity_type", "value"),
    [
        ("CREDIT_CARD", "4111 1111 1111 1111"),
        ("CARD_SECURITY_CODE", "123"),
        ("CARD_TRACK", ";4111111111111111=25121011000012345678?"),
        ("SECRET", "hunter2"),
    ],
)
def test_what_is_never_kept_is_never_hashed(tokens: JoinTokens, entity_type: str, value: str) -> None:
    with pytest.raises(TextWithheld) as withheld:
        tokens.join_token(entity_type, value)
    assert withheld.value.reason == "not-restorable"
    assert value not in str(withheld.value)


def test_a_token_cannot_be_taken_for_a_value_or_a_placeholder(
    redaction: Redaction, tokens: JoinTokens, run: RunRedactor
) -> None:
    token = tokens.join_token("EMAIL_ADDRESS", "ana@example.com")
    for frame in ("{}", "email={}", 'password="{}"', "x {} y {} z", '{{"token": "{}"}}'):
        text = frame.format(token, token)
        assert redaction.scrub(text) == text
    with pytest.raises(TextWithheld) as withheld:
        run.restore(f"write to {token}", frozenset({"EMAIL_ADDRESS"}))
    assert withheld.value.reason == "foreign-placeholder"


def test_an_outside_text_cannot_carry_one(tokens: JoinTokens, redaction: Redaction) -> None:
    token = tokens.join_token("EMAIL_ADDRESS", "ana@example.com")
    run = redaction.for_run("run_1", vault=MemoryVault())
    for text in (token, token.replace("<", "＜"), token.replace("·", "•"), token.replace("<", "&lt;")):
        cleaned = run.text(f"see {text} there")
        assert "‹EMAIL_ADDRESS" in cleaned
        assert token not in cleaned


def test_every_bit_of_the_digest_counts(tokens: JoinTokens) -> None:
    found = [tokens.join_token("IP_ADDRESS", f"10.0.{n // 256}.{n % 256}")[-27:-1] for n in range(2_000)]
    assert len(set(found)) == 2_000
    assert {each[0] for each in found} == set("01234567")  # 26 characters hold 130 bits, 128 are used
    for place in range(1, 26):
        assert len({each[place] for each in found}) == 32
