"""Passwords behind short flags."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.command_line import COMMAND_LINE

TABLE: list[tuple[str, str, list[str]]] = [
    ("curl", "curl -u app:hunter2x https://h/x", ["app:hunter2x"]),
    ("curl with quotes", "curl -sS https://h/x -u 'app:hun ter2' -d 1", ["app:hun ter2"]),
    ("curl with flags in one", "curl -su app:hun!@#$%^&*x https://h", ["app:hun!@#$%^&*x"]),
    ("a cookie", "curl -b 'sid=abc; x=1' https://h", ["sid=abc; x=1"]),
    ("mysql", "mysql -h db -u app -p'hun ter' pay", ["hun ter"]),
    ("mysql without quotes", "mysqldump -uapp -phunter2 pay", ["hunter2"]),
    ("sshpass", "sshpass -p hunter2 ssh h", ["hunter2"]),
    ("redis-cli", "redis-cli -h c -a hunter2 ping", ["hunter2"]),
    ("docker login", "docker login -u app -p hunter2 registry", ["hunter2"]),
    ("ldapsearch", "ldapsearch -x -D cn=app -w hunter2 -b dc=x", ["hunter2"]),
    ("openssl", "openssl rsa -in k.pem -passin pass:hunter2", ["hunter2"]),
    ("smbclient", "smbclient //h/s -U app%hunter2", ["hunter2"]),
    (".netrc", "machine h login app password hunter2", ["hunter2"]),
    (".netrc over lines", "machine h\n  login app\n  password hunter2\n", ["hunter2"]),
    ("redis.conf", "requirepass hunter2", ["hunter2"]),
    ("SQL", "CREATE USER app IDENTIFIED BY 'hunter2';", ["hunter2"]),
    ("SQL with a quote inside", "ALTER ROLE app WITH PASSWORD 'hun''ter2';", ["hun''ter2"]),
    # What is no password.
    ("a port", "mysql -h db -P 3306 -p pay; psql -p 5432; pg_isready -p 5432", []),
    ("a published port", "docker run -p 8080:80 -e A=b image", []),
    ("a variable", "mysql -p$MYSQL_PWD pay; curl -u $USER:$PASS https://h", []),
    ("a format", "curl -s -o /dev/null -w %{http_code} http://svc:8080/health", []),
    ("flags of others", "ls -u -a -p /tmp; ps -u app -p 4711", []),
    ("prose", "login failed with password authentication, identified by name", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(COMMAND_LINE, text) == values


def test_never_kept() -> None:
    assert not COMMAND_LINE.restorable
