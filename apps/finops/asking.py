"""What a question about the bill is about: names of the fleet that stand in it, kinds of charges, a stated change."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from ...agents.triage.verify import mentions
from ...tools.fleets.store import FleetStore

_MOST_NAMES = 20_000
_KINDS: Mapping[str, tuple[str, ...]] = {
    "gpu": ("gpu", "gpus", "graphics"),
    "storage": ("storage", "disk", "disks", "volume", "volumes"),
    "snapshot": ("snapshot", "snapshots"),
    "network": ("network", "traffic", "egress"),
    "spot": ("spot",),
}
"""What charges are searched for, and the words by which people mean them."""
_CHANGE = re.compile(
    r"(?P<verb>rise|rose|risen|up|grow|grew|increase[ds]?|jump(?:ed)?|fall|fell|fallen|down|drop(?:ped)?|decrease[ds]?|"
    r"shrank)?[^.%?]{0,40}?(?P<number>\d{1,4}(?:\.\d+)?) ?(?:%|per ?cent)",
    re.IGNORECASE,
)
_FALLING = re.compile(r"\b(?:fall|fell|fallen|down|drop|dropped|decreased?s?|shrank)\b", re.IGNORECASE)


def read_question(words: str, fleet: Path) -> tuple[dict[str, Any], float | None]:
    """The filters of `costs.decompose` that a question asks for, and the change that it speaks of, as a share.

    Only names that the fleet has count. Where a word could be two of them, the longer name wins, and a team goes before
    a model.

    Raises:
        InputError: it is no fleet.
    """
    with closing(FleetStore(fleet)) as store:
        found: dict[str, Any] = {}
        taken = words
        for column in ("team", "model", "country"):
            sql = f"SELECT DISTINCT {column} AS name FROM workloads WHERE {column} <> '' LIMIT $most"  # noqa: S608 - a constant
            name = _named(
                taken, store.query(sql, {"most": _MOST_NAMES})["name"].to_pylist(), is_code=column == "country"
            )
            if name is not None:
                found[column] = name
                taken = re.sub(re.escape(name), " ", taken, flags=re.IGNORECASE)
    kind = next((kind for kind, said in _KINDS.items() if any(mentions(taken, word) for word in said)), None)
    if kind is not None:
        found["containing"] = kind
    return found, _stated(words)


def _named(words: str, names: Iterable[str], *, is_code: bool) -> str | None:
    """The longest name that stands in the words; codes of two letters only as they are written."""
    fitting: Sequence[str] = [
        name
        for name in names
        if (re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", words) if is_code else mentions(words, name))
    ]
    return max(fitting, key=len, default=None)


def _stated(words: str) -> float | None:
    match = _CHANGE.search(words)
    if match is None:
        return None
    share = float(match["number"]) / 100
    return -share if _FALLING.search(words) else share
