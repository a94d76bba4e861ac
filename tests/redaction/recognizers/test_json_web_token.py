"""JSON web tokens."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.json_web_token import JSON_WEB_TOKEN

SIGNED = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ1c2VyXzEifQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"

TABLE: list[tuple[str, str, list[str]]] = [
    ("signed", f"jwt {SIGNED} expired", [SIGNED]),
    ("unsigned", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ1In0.", ["eyJhbGciOiJub25lIn0.eyJzdWIiOiJ1In0."]),
    ("encrypted", "eyJhbGciOiJSU0EifQ.aaaaaaaa.bbbb.cccc.dddd", ["eyJhbGciOiJSU0EifQ.aaaaaaaa.bbbb.cccc.dddd"]),
    (
        "encrypted with a shared key",
        "eyJhbGciOiJkaXIifQ..aaaaaaaaaa.bbbbbbbb.cccccccc x",
        ["eyJhbGciOiJkaXIifQ..aaaaaaaaaa.bbbbbbbb.cccccccc"],
    ),
    (
        "a session of Flask",
        ".eJwNyAkAwCAIAMCv-zzz.aBcDeF." + "a1B2c3D4e" * 3,
        [".eJwNyAkAwCAIAMCv-zzz.aBcDeF." + "a1B2c3D4e" * 3],
    ),
    ("between underscores", f"t_{SIGNED},", [SIGNED]),
    ("a word that begins alike", "eyJafjallajokull erupted. eyJ.", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(JSON_WEB_TOKEN, text) == values


def test_never_kept() -> None:
    assert not JSON_WEB_TOKEN.restorable
