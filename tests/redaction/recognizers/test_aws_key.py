"""Keys of AWS."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.aws_key import AWS_KEY

ACCESS = "AKIAIOSFODNN7EXAMPLE"
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"

DRAWN = "q7Lx2VbT9/kRw4Zn8GfH3+mYc5JpD6sAt1UoXeB0"
SESSION = "IQoJb3JpZ2lu" + "X2Vj" + "a1B2c3D4e5" * 8 + "=="

TABLE: list[tuple[str, str, list[str]]] = [
    ("an access key", f"using {ACCESS}.", [ACCESS]),
    ("a temporary one", "ASIAIOSFODNN7EXAMPLE", ["ASIAIOSFODNN7EXAMPLE"]),
    ("between underscores", f"k_{ACCESS}_x", [ACCESS]),
    ("a secret key behind its words", f"aws secret is {SECRET}", [SECRET]),
    ("a secret key under a key nobody knows", f'{{"zeta":"{DRAWN}"}}', [DRAWN]),
    ("a secret key between commas", f"7,{DRAWN},x", [DRAWN]),
    ("a secret key behind an escaped line break", rf"a\n{DRAWN}\nb", [DRAWN]),
    ("a secret key that begins with a sign", f"zeta=/{DRAWN[1:]}", [f"/{DRAWN[1:]}"]),
    ("a session token", f"x={SESSION}&y", [SESSION]),
    ("who it is", "AROAIOSFODNN7EXAMPLE AIDAIOSFODNN7EXAMPLE", []),
    ("forty characters of a path", "src/main/java/com/example/Charges2/Api12", []),
    ("a word that begins alike", "ASIATICBANKINGNETWORKS", []),
    ("inside a longer word", f"X{ACCESS}", []),
    ("a commit behind the words", "secret rotated in 9fceb02d0ae598e95dc970b74767f19372d61af8", []),
    ("forty characters without the words", f"digest {SECRET}", []),
    ("a key id that is no base32", "saw AKIAZ7Q4LM2N8PRSTV6X", ["AKIAZ7Q4LM2N8PRSTV6X"]),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(AWS_KEY, text) == values


def test_never_kept() -> None:
    assert not AWS_KEY.restorable
