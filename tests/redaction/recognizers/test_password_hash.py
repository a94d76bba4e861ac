"""Hashes of passwords."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.password_hash import PASSWORD_HASH

B62 = "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8s9T0u1V2w3X4y5Z6"
BCRYPT = "$2" + "b$12$" + B62 + "a"
SHADOW = "$6" + "$rounds=5000$saltsalt$" + B62 + B62[:34]
APACHE = "$apr1" + "$xyz12345$" + B62[:22]
YESCRYPT = "$y" + "$j9T$" + B62[:22] + "$" + B62[:43]
ARGON = "$argon2" + "id$v=19$m=65536,t=3,p=4$" + B62[:22] + "$" + B62[:43]
DJANGO = "pbkdf2" + "_sha256$600000$salt$" + B62[:43] + "="
LDAP = "{SS" + "HA}" + B62[:38] + "=="
SCRAM = "SCRAM" + "-SHA-256$4096:" + B62[:22] + "==$" + B62[:43] + "=:" + B62[:43] + "="
TABLE: list[tuple[str, str, list[str]]] = [
    ("bcrypt", f"hash {BCRYPT} stored", [BCRYPT]),
    ("a line of shadow", f"root:{SHADOW}:19000:0:99999", [SHADOW]),
    ("a line of htpasswd", f"app:{APACHE}", [APACHE]),
    ("yescrypt", f"app:{YESCRYPT}:1", [YESCRYPT]),
    ("argon2", f'"{ARGON}"', [ARGON]),
    ("Django", f"'{DJANGO}'", [DJANGO]),
    ("LDAP", f"userPassword: {LDAP}", [LDAP]),
    ("PostgreSQL", f"'{SCRAM}'", [SCRAM]),
    ("a shell variable", "echo $1 $2 $6 costs $5", []),
    ("an inner class", "com.example.Frob$1$2.run(Frob.java)", []),
    ("a locked account", "daemon:*:19000:0:99999", []),
    ("an algorithm", "argon2id with m=65536, SCRAM-SHA-256, {SSHA}", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(PASSWORD_HASH, text) == values


def test_never_kept() -> None:
    assert not PASSWORD_HASH.restorable
