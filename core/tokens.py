"""How much room a text takes in a model's context, counted without any model's tokenizer."""

from __future__ import annotations

import math


def estimate_tokens(text: str) -> int:
    """An upper-side estimate: one token per four ASCII characters, one per other character.

    Tokenizers differ by model and their files would have to be fetched, so budgets count with this instead; what an
    endpoint reports afterwards is what the books say.
    """
    if text.isascii():
        return math.ceil(len(text) / 4)
    ascii_count = sum(1 for character in text if character < "\x80")
    return math.ceil(ascii_count / 4) + (len(text) - ascii_count)
