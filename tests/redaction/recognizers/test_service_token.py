"""Tokens that say which service they open. They are put together here so that no scanner takes them for real ones."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.service_token import SERVICE_TOKEN

BODY = "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8s9T0"
TOKENS = [
    "xox" + "b-123456789012-" + BODY[:24],
    "gh" + "p_" + BODY[:36],
    "github" + "_pat_" + BODY,
    "gl" + "pat-" + BODY[:20],
    "sk" + "-" + BODY,
    "sk" + "-ant-api03-" + BODY,
    "sk" + "_live_" + BODY[:24],
    "rk" + "_live_" + BODY[:24],
    "whsec" + "_" + BODY[:32],
    "AI" + "za" + BODY[:35],
    "ya29" + "." + BODY,
    "hf" + "_" + BODY[:34],
    "npm" + "_" + BODY[:36],
    "da" + "pi" + "0123456789abcdef" * 2,
    "SG" + "." + BODY[:22] + "." + (BODY + BODY)[:43],
    "hvs" + "." + BODY[:24],
    "gl" + "sa_" + BODY[:32] + "_0a1b2c3d",
]


@pytest.mark.parametrize("token", TOKENS)
@pytest.mark.parametrize("frame", ["using {} now", '"{}"', "x_{},", r"line\n{}\nnext"])
def test_tokens(finds: Callable[..., list[str]], token: str, frame: str) -> None:
    assert finds(SERVICE_TOKEN, frame.format(token)) == [token]


@pytest.mark.parametrize(
    "text",
    ["task-" + BODY[:30], "disk-0123456789abcdefghijklmnop", "the sk-learn job", "ghp_short", "hf_transfer", "sg.x"],
)
def test_words_that_begin_alike(finds: Callable[..., list[str]], text: str) -> None:
    assert finds(SERVICE_TOKEN, text) == []


def test_never_kept() -> None:
    assert not SERVICE_TOKEN.restorable
