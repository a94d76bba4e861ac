"""Keys of AWS."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.aws_key import AWS_KEY

ACCESS = "AKIAIOSFODNN7EXAMPLE"
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"

TABLE: list[tuple[str, str, list[str]]] = [
    ("an access key", f"using {ACCESS}.", [ACCESS]),
    ("a temporary one", "ASIAIOSFODNN7EXAMPLE", ["ASIAIOSFODNN7EXAMPLE"]),
    ("between underscores", f"k_{ACCESS}_x", [ACCESS]),
    ("a secret key behind its words", f"aws secret is {SECRET}", [SECRET]),
    ("a word that begins alike", "ASIATICBANKINGNETWORKS", []),
    ("inside a longer word", f"X{ACCESS}", []),
    ("a commit behind the words", "secret rotated in 9fceb02d0ae598e95dc970b74767f19372d61af8", []),
    ("forty characters without the words", f"digest {SECRET}", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(AWS_KEY, text) == values


def test_never_kept() -> None:
    assert not AWS_KEY.restorable
