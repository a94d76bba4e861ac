"""E-mail addresses and what only looks like one."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.email_address import EMAIL_ADDRESS

TABLE: list[tuple[str, str, list[str]]] = [
    ("in prose", "write to ana.souza@example.com.", ["ana.souza@example.com"]),
    ("with a tag", "to=ana+risk@example.com.br,", ["ana+risk@example.com.br"]),
    ("in angle brackets", "Ana <ana@example.org>", ["ana@example.org"]),
    ("in JSON", '{"email":"ana@example.com"}', ["ana@example.com"]),
    ("in quotes", "email='ana@example.com'", ["ana@example.com"]),
    ("an apostrophe in the name", "o'brien@example.com", ["o'brien@example.com"]),
    ("in a path", "/users/ana@example.com/cards", ["ana@example.com"]),
    ("in a query", "https://api.internal/x?email=ana@example.com&y=1", ["ana@example.com"]),
    ("a name beyond ASCII", "joão@exemplo.com.br", ["joão@exemplo.com.br"]),
    ("a domain that begins with a digit", "li@163.com", ["li@163.com"]),
    ("an internal domain", "bob@payments.corp", ["bob@payments.corp"]),
    ("this machine", "bob@localhost", ["bob@localhost"]),
    ("user at host", "session of mrossi@db-01 closed", ["mrossi@db-01"]),
    ("user at an address", "ssh mrossi@10.1.2.3 failed", ["mrossi@10.1.2.3"]),
    ("an address as domain", "ana@[192.168.0.1]", ["ana@[192.168.0.1]"]),
    ("two in a row", "a.b@example.com;c.d@example.com", ["a.b@example.com", "c.d@example.com"]),
    # What is no address.
    ("an image digest", "payments@sha256:9f86d081884c7d659a2feaa0c55ad015", []),
    ("a version of a package", "lodash@4.17.21 chart@v1.2.3-rc.1 actions/checkout@v4", []),
    ("a branch", "actions/deploy@main", []),
    ("a Java object", "com.example.Handler@1b6d3586", []),
    ("a systemd unit", "getty@tty1.service user@1000.service", []),
    ("a sharp image", "logo@2x.png", []),
    ("a decorator", "@Transactional @app.route", []),
    ("a repository", "git@host", []),
    ("a listener", "SelectChannelConnector@0.0.0.0:6226", []),
    ("a stack trace of a browser", "render@https://app.example.com/main.js:10:5", []),
    ("the user part of a URL", "postgres://app:pw@db.example.com/x", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(EMAIL_ADDRESS, text) == values


def test_case_makes_no_other_address() -> None:
    assert EMAIL_ADDRESS.identity("Ana@Example.COM") == EMAIL_ADDRESS.identity("ana@example.com")
