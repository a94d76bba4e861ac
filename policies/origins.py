"""Where a value of a call's arguments comes from, in words that are recorded and shown to people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from ..core.canonical import JsonValue

Source = Literal["request", "lookup", "harmless", "draft", "endorsed", "known", "outside", "unknown"]
"""Where a value comes from, as far as it can be established."""

_ASKED: tuple[Source, ...] = ("request", "lookup", "harmless", "draft", "endorsed")
_TRUSTED: tuple[Source, ...] = (*_ASKED, "known")
_STRENGTH: Mapping[Source, int] = {
    "outside": 0,
    "unknown": 1,
    "known": 2,
    "draft": 3,
    "endorsed": 4,
    "harmless": 5,
    "lookup": 6,
    "request": 7,
}
MOST_ORIGINS = 4


@dataclass(frozen=True)
class Origin:
    """Where one value of the arguments comes from.

    Args:
        path: of the argument.
        source: the strongest thing that can be said.
        seqs: ledger places of the results that it was found in.
        field: which field of those, where it is one.
        via: the disguise in which outside text held it: `base64`, `reversed`, …
    """

    path: str
    source: Source
    seqs: tuple[int, ...] = ()
    field: str = ""
    via: str = ""

    @property
    def is_trusted(self) -> bool:
        """Whether nobody outside wrote it."""
        return self.source in _TRUSTED

    @property
    def is_asked(self) -> bool:
        """Whether it follows from the person's words."""
        return self.source in _ASKED

    def as_json(self) -> dict[str, JsonValue]:
        """For the ledger and for whoever is asked."""
        origins: list[JsonValue] = [{"seq": seq, "field": self.field} for seq in self.seqs]
        return {"source": self.source, "is_trusted": self.is_trusted, "origins": origins, "via": self.via}


@dataclass(frozen=True)
class Trace:
    """What is known of a call's arguments.

    Args:
        origins: one per value.
        is_grounded: whether everything follows from the person's words; of a read, numbers may be anything.
        is_asked: whether the person asked for just this write or send, and it was not done yet.
        leave: what is used up when it is done: the tool and its arguments without the harmless ones.
        derives: whether any value derives from outside text.
        texts: the arguments that are texts, as the agent saw them.
    """

    origins: tuple[Origin, ...] = ()
    is_grounded: bool = False
    is_asked: bool = False
    leave: str = ""
    derives: bool = False
    texts: tuple[str, ...] = ()

    @property
    def untrusted(self) -> frozenset[str]:
        """Names of arguments that hold an untrusted value."""
        return frozenset(top_of(origin.path) for origin in self.origins if not origin.is_trusted)

    def as_json(self) -> dict[str, JsonValue]:
        """For the ledger and for whoever is asked: the weakest origin of each argument's values."""
        found: dict[str, JsonValue] = {}
        for origin in sorted(self.origins, key=lambda origin: _STRENGTH[origin.source], reverse=True):
            found[origin.path] = origin.as_json()
        return dict(sorted(found.items()))


def top_of(path: str) -> str:
    """The argument that a path belongs to."""
    for place, letter in enumerate(path):
        if letter in ".[{":
            return path[:place]
    return path
