"""High-entropy values under keys with a telling word in them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.telling_key import TELLING_KEY

VALUE = "9fQ2xLm8RtY4vBz1"
HEX = "3f9a1c7e5b2d80644f6e8a9c0b1d2e3f"
TABLE: list[tuple[str, str, list[str]]] = [
    ("secret in the middle", f"xq_secret_v2_blob={VALUE} next", [VALUE]),
    ("in JSON", f'{{"xqSecretBlob": "{VALUE}", "n": 1}}', [VALUE]),
    ("in escaped JSON", rf"{{\"xqSecretBlob\": \"{VALUE}\"}}", [VALUE]),
    ("glued", f"dbpassword_eu: {VALUE}", [VALUE]),
    ("token with another word behind", f"vendor.token.eu={HEX}", [HEX]),
    ("small letters and digits", "fluxTokenEu=abc9def8ghi7jkl6mno5p", ["abc9def8ghi7jkl6mno5p"]),
    ("key as a word of its own", f"xq_key_blob={VALUE}", [VALUE]),
    ("auth as a word of its own", f"XQ_AUTH_BLOB={VALUE}", [VALUE]),
    ("to its end", f"xq_secret_blob={VALUE}!@#$%^&*{VALUE}== next", [f"{VALUE}!@#$%^&*{VALUE}=="]),
    ("a long one to its end", f"xq_secret_blob={VALUE * 8} next", [VALUE * 8]),
    # What is no secret.
    ("a number of it", f"secret_version={VALUE} token_id={VALUE} key_id={VALUE}", []),
    ("another sort of key", f"partition_key_eu={VALUE} cache_key_eu={VALUE} public_key_eu={VALUE}", []),
    ("a page", f"next_page_token_eu={VALUE}", []),
    ("only letters that touch", f"author_eu={VALUE} monkey_eu={VALUE} tokenizer_eu={VALUE}", []),
    ("a class", "token_impl=JwtTokenValidatorV2Impl secret_impl=com.example.VaultSecretStore2", []),
    ("a UUID", "xq_token_blob=6f9619ff-8b86-d011-b42d-00c04fc964ff", []),
    ("a hash under a mere key", f"xq_key_blob={HEX}", []),
    ("an id under a mere key", "xq_key_blob=ord_9fQ2xLm8RtY4vBz1 xq_key_eu=user:9fQ2xLm8RtY4:cart", []),
    ("a name", "xq_secret_blob=payments-db-credentials xq_token_eu=unavailable_today", []),
    ("an ARN", "arn:aws:secretsmanager:us-east-1:123456789012:secret:prod/db-AbCdEf", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(TELLING_KEY, text) == values


def test_never_kept() -> None:
    assert not TELLING_KEY.restorable
