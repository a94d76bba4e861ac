"""Passwords that people tell each other leave; what they say about passwords stays."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.told_secret import TOLD_SECRET

TABLE: list[tuple[str, str, list[str]]] = [
    ("somebody's own", "mon mot de passe soleil2025! ne marche plus", ["soleil2025!"]),
    ("what somebody's own does", "my password doesn't work, mi clave caducó, minha senha expirou", []),
    ("Portuguese, of a tool", "a senha do grafana é jacare_voador7, avisem", ["jacare_voador7"]),
    ("Spanish", "la contraseña de la base es Luna-Roja9", ["Luna-Roja9"]),
    ("English", "password for the replica is `tuk-tuk-4411`.", ["tuk-tuk-4411"]),
    ("Indonesian", "kata sandi untuk grafana adalah kopi_susu12", ["kopi_susu12"]),
    ("Turkish, behind its word", "şifresi kuzu-7-kale olarak değişti", ["kuzu-7-kale"]),
    ("the new one of something changed", "db creds rotated, new one is Harbor-Lantern-42 pls", ["Harbor-Lantern-42"]),
    (
        "behind a name to sign in with",
        "Repro: login as qa+mx@pagos.example / Tacos-al-pastor9, pay",
        ["Tacos-al-pastor9"],
    ),
    ("what happened to one", "password for svc-pay is expired, the password is case-sensitive", []),
    ("where one is kept", "password for pg-0 is vault.internal, senha do banco é https://vault.example/kv1", []),
    ("a version behind it", "secret rotated. new version is 4.1.2-rc1", []),
    ("a rate beside a sign in", "login ok / 412ms-total, login rate 5 / 12000", []),
    ("a placeholder", "password for x is <password>", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(TOLD_SECRET, text) == values


def test_never_kept() -> None:
    assert not TOLD_SECRET.restorable
