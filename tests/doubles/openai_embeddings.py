"""The part of OpenAI's API that makes vectors: what it accepts, and vectors that are the same everywhere."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .openai_requests import Refusal, count_tokens

_MOST_INPUTS = 2_048
_EMBEDDING_KEYS = {"model", "input", "encoding_format", "dimensions", "user"}
_WORD = re.compile(r"[a-z]+")


@dataclass(frozen=True)
class Embeddings:
    """A vector for each input: its words, each at the place that its hash gives it.

    Args:
        size: how many numbers; `sizes` gives one per input instead, as no real model does.
        senses: word → the word whose place it has, so that the vectors know more than the letters.
        order: in which the inputs' vectors are told; their `index` says whose each is.
        delay_s: waited before the first byte of the body.
        fill: the value of every number, instead of counts: `float("nan")` is written as `NaN`.
    """

    size: int = 256
    sizes: Sequence[int] = ()
    senses: Mapping[str, str] = field(default_factory=dict)
    order: int = 1
    delay_s: float = 0.0
    fill: float | None = None


def check_embeddings(body: object, *, context_tokens: int | None) -> None:
    """Refuse what the real API of embeddings refuses; vectors are told as floats only here."""
    if not isinstance(body, Mapping):
        raise Refusal("the body must be a JSON object")
    for name in body:
        if name not in _EMBEDDING_KEYS:
            raise Refusal(f"Unrecognized request argument supplied: {name}")
    if not isinstance(body.get("model"), str) or not body["model"]:
        raise Refusal("you must provide a model parameter")
    if body.get("encoding_format", "float") != "float":
        raise Refusal("this server tells vectors as floats")
    given = body.get("input")
    texts = [given] if isinstance(given, str) else given
    if not isinstance(texts, list) or not 1 <= len(texts) <= _MOST_INPUTS:
        raise Refusal("'$.input' is invalid")
    for text in texts:
        if not isinstance(text, str) or not text:
            raise Refusal("'$.input' is invalid")
        if context_tokens is not None and count_tokens(text) > context_tokens:
            raise Refusal(f"This model's maximum context length is {context_tokens} tokens")


def embedded(step: Embeddings, body: Mapping[str, Any]) -> dict[str, Any]:
    """The answer to a request that was accepted."""
    texts = [body["input"]] if isinstance(body["input"], str) else body["input"]
    sizes = step.sizes or [step.size] * len(texts)
    found = [
        {"object": "embedding", "index": place, "embedding": vector_of(text, size, step.senses, step.fill)}
        for place, (text, size) in enumerate(zip(texts, sizes, strict=False))
    ]
    tokens = count_tokens(texts)
    usage = {"prompt_tokens": tokens, "total_tokens": tokens}
    return {"object": "list", "data": found[:: step.order], "model": body["model"], "usage": usage}


def vector_of(text: str, size: int, senses: Mapping[str, str] | None = None, fill: float | None = None) -> list[float]:
    """A bag of hashed words; `senses` puts a word where another one is, so that the two mean the same."""
    if fill is not None:
        return [fill] * size
    vector = [0.0] * size
    for word in _WORD.findall(text.casefold()):
        meant = (senses or {}).get(word, word)
        vector[int(hashlib.sha256(meant.encode()).hexdigest()[:8], 16) % size] += 1.0
    return vector if any(vector) else [1.0, *vector[1:]]
