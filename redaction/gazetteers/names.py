"""Reading the lists."""

from __future__ import annotations

import unicodedata
from functools import cache
from importlib.resources import files
from typing import Literal

ListName = Literal["given_names", "places"]


@cache
def names(which: ListName) -> frozenset[str]:
    """The names of a list, as `plain_name` writes them; those of several words are joined by `_` in the file."""
    text = files(__package__ or "").joinpath(f"{which}.txt").read_text(encoding="utf-8")
    lines = (line for line in text.splitlines() if not line.startswith("#"))
    return frozenset(word.replace("_", " ") for line in lines for word in line.split())


def plain_name(name: str) -> str:
    """Lower case, without accents: `João` and `JOAO` are `joao`."""
    if name.isascii():
        return name.lower()
    parts = unicodedata.normalize("NFKD", name.lower().replace("ı", "i").replace("đ", "d").replace("ł", "l"))
    return "".join(part for part in parts if not unicodedata.combining(part))
