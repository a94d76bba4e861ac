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


def clip(text: str, limit: int) -> tuple[str, bool]:
    """Head and tail of a text within about `limit` tokens, and whether something was left out.

    The cut is marked with the number of characters that are missing.
    """
    if estimate_tokens(text) <= limit:
        return text, False
    room = limit * 4
    while room > 16:
        head, tail = text[: room * 2 // 3], text[-(room - room * 2 // 3) :]
        cut = f"{head}\n[… {len(text) - len(head) - len(tail)} characters left out …]\n{tail}"
        if estimate_tokens(cut) <= limit + 16:
            return cut, True
        room = room * 3 // 4
    return text[:16], True
