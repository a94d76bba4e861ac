"""What was drawn at random and what people and programs call things."""

from __future__ import annotations

import random
import string

import pytest

from opswarden.redaction.secrets.random_values import is_hex, is_identifier, is_random, is_text, is_uuid, is_words
from opswarden.redaction.secrets.token_formats import TOKEN_FORMATS

BASE62 = string.ascii_letters + string.digits
NAMES = [
    "JwtTokenValidatorV2Impl",
    "payments-db-credentials",
    "src/main/java/com/example/Charges2/Api12",
    "com.example.VaultSecretStore2",
    "fraud-scorer-7d9f8b6c5d-x2x9z",
    "arn:aws:iam::123456789012:role/EksNodeRole",
    "chaveDeAcesso44",
    "clave_de_acceso_2",
    "bert-base-uncased",
]


@pytest.mark.parametrize("name", NAMES)
def test_names_are_words(name: str) -> None:
    assert is_words(name)
    assert not is_random(name)


@pytest.mark.parametrize(("length", "share"), [(16, 0.96), (24, 0.99), (40, 0.999)])
def test_what_is_drawn_is_no_name(length: int, share: float) -> None:
    rng = random.Random(7)
    drawn = ["".join(rng.choices(BASE62, k=length)) for _ in range(4_000)]
    assert sum(map(is_random, drawn)) >= share * len(drawn)


def test_forms() -> None:
    assert is_hex("0a1b2c3d4e5f60718293a4b5c6d7e8f9")
    assert not is_hex("0" * 32)
    assert not is_hex("0a1b2c3d")
    assert is_uuid("6f9619ff-8b86-d011-b42d-00c04fc964ff")
    assert is_identifier("user:9f3kQ2:cart")
    assert is_identifier("ord_9fQ2xLm8RtY4vBz1")
    assert not is_identifier("9fQ2xLm8RtY4vBz1")
    assert is_text("aGVsbG8gd29ybGQhIQ==")
    assert not is_text("9fQ2xLm8RtY4vBz1")


def test_prefixes_tell_formats_apart() -> None:
    assert len({each.prefix for each in TOKEN_FORMATS}) == len(TOKEN_FORMATS)
    assert all(each.prefix[-1] in "_-.~" for each in TOKEN_FORMATS)
