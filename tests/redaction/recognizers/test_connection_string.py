"""User and password in connection strings."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.connection_string import CONNECTION_STRING

TABLE: list[tuple[str, str, list[str]]] = [
    ("a database", "postgres://app:hunter2@db.internal:5432/pay", ["app:hunter2"]),
    ("a cache without a user", "redis://:hunter2@cache:6379/0", [":hunter2"]),
    ("an @ in the password", "amqp://app:hun@ter2@mq/x", ["app:hun@ter2"]),
    ("a slash in the password", "mysql://app:hun/ter2@db/x", ["app:hun/ter2"]),
    ("a token as user", "https://ghtok123@git.example.com/x.git", ["ghtok123"]),
    ("MySQL of Go", "app:hunter2@tcp(db:3306)/pay", ["app:hunter2"]),
    ("two of them", "a://b:c@d e://f:g@h", ["b:c", "f:g"]),
    ("an @ and a slash in the password", "mysql://app:hun@t/er@2@db:3306/x", ["app:hun@t/er@2"]),
    ("a question mark and a hash in the password", "amqp://app:h?u#n@mq:5672/x?y=1", ["app:h?u#n"]),
    ("quotes in the password", """redis://app:hu'n"t2@cache/0""", ["""app:hu'n"t2"""]),
    ("an @ in the query, too", "mongodb://a:k==@h.example:1/?ssl=true&appName=@a@", ["a:k=="]),
    ("several hosts", "mongodb://app:hunter2@h1:1,h2:2,h3:3/pay?replicaSet=r", ["app:hunter2"]),
    ("MLflow", "MLFLOW_TRACKING_URI=https://app:hunter2@mlflow.internal/", ["app:hunter2"]),
    ("Sentry", "https://0a1b2c@o1.ingest.sentry.io/2", ["0a1b2c"]),
    ("Oracle", "jdbc:oracle:thin:app/hun@ter2@//db:1521/PAY", ["app/hun@ter2"]),
    ("a line of .pgpass", "db:5432:pay:app:hunt:er2", ["hunt:er2"]),
    ("in JSON", '{"url":"amqp://a:b2@h:1/v","mail":"x@y.example"}', ["a:b2"]),
    ("an address behind a URL", "http://a.example:80/x,ana@example.com", []),
    ("no user", "https://db.internal:5432/x", []),
    ("a program's account", "ssh://git@example.com/x.git", []),
    ("an @ in the path", "https://example.com/@user/post", []),
    ("an @ in the path behind a port", "https://example.com:8443/@user", []),
    ("an @ in the query", "https://example.com/?to=a@b.example", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(CONNECTION_STRING, text) == values


def test_never_kept() -> None:
    assert not CONNECTION_STRING.restorable
