"""Secrets under keys."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.keyed_secret import KEYED_SECRET

TABLE: list[tuple[str, str, list[str]]] = [
    ("a hash in a setting", f"password_sha256_hex={'0f9e8d7c' * 8} git_sha={'0f9e8d7c' * 5}", ["0f9e8d7c" * 8]),
    ("a signature with its time", f"Stripe-Signature: t=1771234567,v1={'0f9e8d7c' * 8}", ["0f9e8d7c" * 8]),
    ("an accessor", '"accessor":"Qp9sKd82mZ1xVb7nRt5yWc3e","n":1 accessor=orders.map', ["Qp9sKd82mZ1xVb7nRt5yWc3e"]),
    ("a key of Weights & Biases", f"wandb: run key={'0f9e8d7c6b' * 4} project=fraud", ["0f9e8d7c6b" * 4]),
    ("a commit under the same key", f"run key={'0f9e8d7c6b' * 4} project=fraud", []),
    ("an object under a key that may be one", "key=Struct{payoutId=po_8812Zx} keys=[merchant_Id#8812L, w#99]", []),
    (
        "set in line with others",
        '      ~ password           = "Zq-Ondas-31" -> "Yk-Areia-32"',
        ["Zq-Ondas-31", "Yk-Areia-32"],
    ),
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
    ("beside a list's bracket", "password=[hunter2]", ["hunter2"]),
    ("spoken", "ask with token `rlJFTJB7ClD5I7WBEOdPjB4Q`", ["rlJFTJB7ClD5I7WBEOdPjB4Q"]),
    ("spoken in a sentence", "the Password is Zk3Qp9LmXa7Rt2Vw, ok", ["Zk3Qp9LmXa7Rt2Vw"]),
    ("any sign inside", "password=hunter2!@#$%^&* next", ["hunter2!@#$%^&*"]),
    ("signs at its end", "secret=abc12+/== next", ["abc12+/=="]),
    ("doubled signs inside", "password=a&&b;;c next", ["a&&b;;c"]),
    ("a space between semicolons", "Server=db;Password=hun ter 2;User=app", ["hun ter 2"]),
    ("braces of ODBC", "Uid=app;Pwd={hun;ter2};Server=db", ["{hun;ter2}"]),
    ("words on a line of YAML", "password: hunter two three\nuser: app", ["hunter two three"]),
    ("a block of YAML", "password: |\n  hun\n  ter2\nuser: app", ["hun\n  ter2"]),
    ("a quote inside of JSON in JSON", r"{\"password\": \"hun\\\"ter2\", \"n\": 1}", [r"hun\\\"ter2"]),
    ("a default of a template", "password=${DB_PASSWORD:-hunter2} x", ["${DB_PASSWORD:-hunter2"]),
    ("a short name with more than letters", "DB_PASS=hunter2 pass=x9!kk", ["hunter2", "x9!kk"]),
    ("a shell's environment", "PGPASSWORD=hunter2 psql", ["hunter2"]),
    ("Docker's configuration", '{"auths":{"r":{"auth":"YXBwOmh1bnRlcjI="}}}', ["YXBwOmh1bnRlcjI="]),
    (
        "a custom header with a hash in it",
        "X-Acme-Key: 0a1b2c3d4e5f60718293a4b5c6d7e8f9",
        ["0a1b2c3d4e5f60718293a4b5c6d7e8f9"],
    ),
    ("a scheme nobody knows", "Authorization: Frob abcDEF123", ["abcDEF123"]),
    ("quotes inside a cookie", 'Cookie: a="s1; x"; session=xyz', ['a="s1; x"; session=xyz']),
    ("a session", "sid=0a1b2c3d4e5f x", ["0a1b2c3d4e5f"]),
    ("a signed URL", "/x?sp=r&sig=a1B2c3D4e5F6%2Fg7%3D&se=1", ["a1B2c3D4e5F6%2Fg7%3D"]),
    ("a signature in hexadecimal", "X-Amz-Signature=0a1b2c3d&X=1", ["0a1b2c3d"]),
    ("Kafka", 'required username="app" password="hun ter2";', ["hun ter2"]),
    ("Russian", "пароль: абв123", ["абв123"]),
    ("Japanese", "パスワード: abc123", ["abc123"]),
    ("Spanish", "contraseña=abc123", ["abc123"]),
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
    ("sentences", "password: must be longer, token: not found, secret: missing, api_key: was rejected", []),
    ("a working directory", "PWD=/home/app OLDPWD=/tmp pass: 12 pass=ok test_pass=3/4", []),
    ("a session's number", "sessionid:0x14f05578bd80006 session_id=4711", []),
    ("the id of an object", "key=ord_9fQ2xLm8RtY4vBz1 key=user:9f3kQ2:cart cache_key=9fQ2xLm8RtY4vBz1", []),
    ("marks of a tokenizer", "pad_token=[PAD] eos_token=</s> next_token=9fQ2xLm8RtY4vBz1", []),
    ("names of secrets", "imagePullSecrets: [regcred] existingSecret=payments-redis", []),
    ("a checksum", "checksum/secret: 0a1b2c3d4e5f60718293a4b5c6d7e8f9", []),
    ("a count of cookies", "cookies: 3", []),
    ("a scheme alone", "Authorization: Bearer", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(KEYED_SECRET, text) == values


def test_never_kept() -> None:
    assert not KEYED_SECRET.restorable
