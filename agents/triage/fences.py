"""The fence around text from outside: it holds a secret word of the run, so nobody who writes data can close it."""

from __future__ import annotations

from typing import Literal


def fence(nonce: str, side: Literal["open", "close"]) -> str:
    """One side of the fence; the nonce is not known to whoever wrote the data."""
    return f"[[{'data' if side == 'open' else 'end'} {nonce}]]"


def fenced(text: str, nonce: str) -> str:
    """Text between fences; the nonce cannot stand inside because it is drawn per run."""
    return f"{fence(nonce, 'open')}\n{text.replace(nonce, '')}\n{fence(nonce, 'close')}"
