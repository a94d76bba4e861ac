"""What the comparison of versions says of an entity's release: it does worse, as well, or is not heard of at all."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from .evidence import Evidence, Sign

_NOTICEABLE = 2.0
"""Times what older instances differ by among themselves."""
_SURE = 0.05
_MOST = 100.0
_AS_WELL = 0.1
_MUTE, _MUTE_AND_FAILING = 5.0, 30.0
_STEPS_TO_BE_HEARD_S = 180.0
_FIT_S = 3_600.0
_WEIGHT = {"errors": 1.0, "quality": 1.0, "latency": 0.7, "saturation": 0.3}


@dataclass(frozen=True)
class Comparison:
    """What the versions of one entity say about a release of it.

    Args:
        likelihood: how much likelier this is if the newer version is at fault than if it is not.
        text: why, in one clause.
        since_us: the first sample of the newer version; `None` if none was seen.
    """

    likelihood: float
    text: str
    since_us: int | None

    def fits(self, released_us: int) -> bool:
        """Whether the newer version is that of a release at this time."""
        return self.since_us is None or -_STEPS_TO_BE_HEARD_S <= (self.since_us - released_us) / 1e6 <= _FIT_S


def read_versions(table: pa.Table, evidence: Evidence, releases: Mapping[str, int]) -> dict[str, Comparison]:
    """Compare, and add a `version` sign to every entity whose newer version does worse.

    Args:
        table: the artifact of `changes.versions`.
        evidence: receives the signs.
        releases: when each entity had its last release, in microseconds.
    """
    rows: dict[str, dict[str, list[dict[str, Any]]]] = defaultdict(lambda: defaultdict(list))
    for row in table.to_pylist():
        rows[row["entity"]][row["kind"]].append(row)
    heard = [entity for entity in releases if any(row["newer"] for row in rows[entity]["seen"])]
    found: dict[str, Comparison] = {}
    for entity, kinds in rows.items():
        if not kinds["seen"]:
            continue
        since = kinds["seen"][0]["newer_first_us"]
        if kinds["compared"]:
            comparison, sign = _of_pairs(kinds["compared"], since)
            found[entity] = comparison
            if sign is not None:
                evidence[entity].add(sign)
        elif since is None and entity in releases and heard:
            found[entity] = _of_silence(kinds["unaccounted"])
    return found


def _of_pairs(rows: list[dict[str, Any]], since: int | None) -> tuple[Comparison, Sign | None]:
    """The worst of the comparisons of an entity, corrected for how many there were."""
    best, likelihood = rows[0], 0.0
    for row in rows:
        value = _likelihood(row, len(rows))
        if value > likelihood:
            best, likelihood = row, value
    if likelihood <= 1:
        minutes = max(row["minutes"] for row in rows)
        # The rule of succession: of n like minutes, the next unlike one is as likely as one in n + 1.
        as_well = max(1 / (1 + minutes), _AS_WELL)
        text = f"its newer version does as well as the older one in the same {minutes} minutes"
        return Comparison(as_well, text, since), None
    text = (
        f"{best['metric']} of its newer version is {best['newer_level']:.4g}, of the older one "
        f"{best['older_level']:.4g} in the same {best['minutes']} minutes"
    )
    sign = Sign("version", best["metric"], min(best["effect"], 1_000.0), text, weight=_WEIGHT[best["indicator_class"]])
    return Comparison(likelihood, text, since), sign


def _likelihood(row: dict[str, Any], comparisons: int) -> float:
    """How much likelier the pairs are under a fault, at most: the bound that a p-value allows; 0 for no difference."""
    p = min(row["p_worse"] * comparisons, 1.0)
    if row["effect"] < _NOTICEABLE or p >= 1 / math.e:
        return 0.0
    bound = min(1 / (-math.e * p * math.log(p)), _MOST) if p > 0 else _MOST
    return float(bound ** _WEIGHT.get(row["indicator_class"], 0.3))


def _of_silence(unaccounted: list[dict[str, Any]]) -> Comparison:
    if not unaccounted:
        return Comparison(_MUTE, "nothing is heard of its newer version, while other releases report", None)
    row = unaccounted[0]
    return Comparison(
        _MUTE_AND_FAILING,
        f"nothing is heard of its newer version, and callers see a {row['metric']} of {row['newer_level']:.4g} where "
        f"its older version reports {row['older_level']:.4g}",
        None,
    )
