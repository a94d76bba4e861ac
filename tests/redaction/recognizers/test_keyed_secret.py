"""Secrets under keys."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.keyed_secret import KEYED_SECRET

TABLE: list[tuple[str, str, list[str]]] = [
    ("logfmt", "password=hunter2 user=app", ["hunter2"]),
    ("JSON", '{"password":"hun ter, 2"}', ["hun ter, 2"]),
    ("escaped JSON", r"{\"apiKey\":\"Zx81kLmQ99\"}", ["Zx81kLmQ99"]),
    ("a quote inside", r'{"password":"hun\"ter2","x":1}', [r"hun\"ter2"]),
    ("a query string", "/v1?api_key=Zx81kLmQ99&limit=5", ["Zx81kLmQ99"]),
    ("an ampersand inside", "password=a&b&user=app", ["a&b"]),
    ("punctuation inside", "password=p,a;s)s}w{o]r[d next", ["p,a;s)s}w{o]r[d"]),
    ("in brackets", "Config{password=hunter2, user=app}", ["hunter2"]),
    ("a flag", "psql --password hunter2 --host db", ["hunter2"]),
    ("a flag with a sign", "--client-secret=abc123", ["abc123"]),
    ("YAML", "password: hunter2\nuser: app", ["hunter2"]),
    ("Ruby", ":password=>'hunter2'", ["hunter2"]),
    ("a Windows connection string", "Server=db;Password=hunter2;Pooling=true", ["hunter2"]),
    ("an environment", "DB_PASSWORD=hunter2", ["hunter2"]),
    ("a storage key", "AccountKey=Zm9vYmFy==;EndpointSuffix=x", ["Zm9vYmFy=="]),
    ("a header", "X-Api-Key: Zx81kLmQ99", ["Zx81kLmQ99"]),
    ("an authorization header keeps its scheme", "Authorization: Bearer abc.def-1", ["abc.def-1"]),
    ("an authorization header of another kind", "Authorization: opaque123", ["opaque123"]),
    (
        "a signed request",
        "Authorization: AWS4-HMAC-SHA256 Credential=AK/x, Signature=ff",
        ["AWS4-HMAC-SHA256 Credential=AK/x, Signature=ff"],
    ),
    ("a cookie", "Cookie: a=1; session=xyz", ["a=1; session=xyz"]),
    ("Portuguese", "senha=segredo1", ["segredo1"]),
    ("Turkish", '"şifre": "gizli1"', ["gizli1"]),
    ("Chinese", '"密码":"abc123"', ["abc123"]),
    ("XML", "<password>hunter2</password>", ["hunter2"]),
    ("a token", "token=tok_9f8e7d6c5b4a", ["tok_9f8e7d6c5b4a"]),
    ("random under a key of many meanings", "key=9fQ2xLm8RtY4vBz1", ["9fQ2xLm8RtY4vBz1"]),
    ("cut off", '{"password":"hunter2', ["hunter2"]),
    ("beside a list's bracket", "password=[hunter2]", ["[hunter2"]),
    ("spoken", "ask with token `rlJFTJB7ClD5I7WBEOdPjB4Q`", ["rlJFTJB7ClD5I7WBEOdPjB4Q"]),
    ("spoken in a sentence", "the Password is Zk3Qp9LmXa7Rt2Vw, ok", ["Zk3Qp9LmXa7Rt2Vw"]),
    # What is no secret.
    ("a name after the word", "token com.example.PaymentServiceImpl42Handler", []),
    ("a pod after the word", "secret payment-api-5f6585d649-fnmft", []),
    ("a word that only ends so", "accesstoken rlJFTJB7ClD5I7WBEOdPjB4Q", []),
    ("nothing", "password=null password= secret=*** token=<redacted>", []),
    ("a template", "password=${DB_PASSWORD} secret={{ vault }} api_key=$API_KEY", []),
    ("counted tokens", "max_tokens=4096 prompt_tokens=12 tokens=99 token=17", []),
    ("a rule about passwords", "password_policy=strict password_min_length=12", []),
    ("a key of many meanings", "key=customer_id partition key: orders auth=ok", []),
    ("a name of a secret", "secretName=payments-db", []),
    ("a scheme alone", "Authorization: Bearer", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(KEYED_SECRET, text) == values


def test_never_kept() -> None:
    assert not KEYED_SECRET.restorable
