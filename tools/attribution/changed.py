"""Bring the changes into the ranking: the scene they are judged in, and what their judgement does to the order."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from statistics import median

import pyarrow as pa

from ..changes.words import words_of_text
from .evidence import Evidence
from .ranking import Ranked, is_anomalous
from .releases import Release
from .suspects import Judgement, Scene, Suspect
from .versions import Comparison

_USUAL_STEP_S = _SHORTEST_STEP_S = 60.0
_NOTICE_NEAR_US = 1_800 * 1_000_000
_CALM = re.compile(r"(?i)resolved|operational|completed|scheduled|healthy|available|recovered|\bok\b|\bup\b")
_LOUD = 1.0
"""Salience from which the name of an indicator counts as part of what is seen."""


def last_releases(releases: Sequence[Release]) -> dict[str, int]:
    """When each entity was changed last, in microseconds, of releases in the order of time."""
    return {release.entity: release.at_us for release in releases if release.entity and release.is_released}


def scene_of(
    ranked: Sequence[Ranked],
    evidence: Evidence,
    edges: Sequence[tuple[str, str]],
    *,
    onsets_us: Mapping[str, int],
    start_us: int,
    since_us: int | None,
    step_s: float,
    notices: pa.Table | None,
    symptoms: Mapping[str, float],
    comparisons: Mapping[str, Comparison],
    alert_entity: str | None,
) -> Scene:
    """What changes are judged by.

    Args:
        ranked: the entities, before changes are looked at.
        evidence: signs per entity.
        edges: (caller, callee).
        onsets_us: when an entity went out of order, where that is known.
        start_us: the start of the window.
        since_us: since when changes are recorded, as far as that is known.
        step_s: the usual time between two samples.
        notices: the artifact of `changes.notices`.
        symptoms: words of lines of trouble and of the alert, with a weight of 0 to 1.
        comparisons: newer against older versions.
        alert_entity: where the alert fired.
    """
    # A change where others account for the trouble is no better placed than one where there is none.
    ends = {row.entity: row.weight * row.keeps for row in ranked}
    total = sum(ends.values())
    shares = {name: weight / total for name, weight in ends.items()} if total > 0 else {}
    words = dict(symptoms)
    for found in evidence.values():
        for sign in found.signs.values():
            if sign.salience >= _LOUD and sign.kind != "version":
                for word in words_of_text(sign.indicator):
                    words[word] = max(words.get(word, 0.0), min(sign.sureness, 1.0))
    first = [
        onsets_us[name] for name in (alert_entity, *(row.entity for row in ranked[:1])) if name and name in onsets_us
    ]
    onset_us = min(first, default=min(onsets_us.values(), default=start_us))
    return Scene(
        shares=shares,
        onsets_us=onsets_us,
        onset_us=max(onset_us, start_us),
        symptoms=words,
        comparisons=comparisons,
        since_us=since_us,
        step_s=step_s,
        outside=_said_of_others(notices, max(onset_us, start_us), {row.entity for row in ranked}),
        calm={name for name, found in evidence.items() if found.measured and not is_anomalous(found)},
        related=_on_a_path_with(alert_entity, edges),
    )


def usual_step_s(shifts: pa.Table | None, window_s: float) -> float:
    """The time between two samples of a usual series in the window; a minute where that cannot be told."""
    if shifts is None or window_s <= 0:
        return _USUAL_STEP_S
    counts = [count for count in shifts["samples"].to_pylist() if count]
    return max(window_s / median(counts), _SHORTEST_STEP_S) if counts else _USUAL_STEP_S


def read_symptoms(table: pa.Table | None, alert_text: str) -> dict[str, float]:
    """The words of the artifact of `changes.symptoms`, and those of the alert."""
    words = {} if table is None else dict(zip(table["word"].to_pylist(), table["weight"].to_pylist(), strict=True))
    words.update(dict.fromkeys(words_of_text(alert_text), 1.0))
    return words


def with_changes(ranked: Sequence[Ranked], judgement: Judgement) -> list[Ranked]:
    """The order once the changes are known.

    Where a change did it, its entity is the place of the cause; where none did, the order stays. So the share of an
    entity is mixed out of both, by how likely each is. Only changes that may be named count, and none of them is named
    above the likeliest.
    """
    total = sum(row.weight for row in ranked)
    named = judgement.named()
    if total <= 0 or not named:
        return list(ranked)
    moved: dict[str, float] = {}
    for suspect in named:
        moved[suspect.entity] = moved.get(suspect.entity, 0.0) + suspect.probability
    known = {row.entity for row in ranked}
    rows = [*ranked, *(Ranked(name, 0.0, None, None, ()) for name in sorted(moved) if name and name not in known)]
    stays = 1.0 - sum(share for name, share in moved.items() if name)
    mixed = [replace(row, weight=stays * row.weight + total * moved.get(row.entity, 0.0)) for row in rows]
    mixed.sort(key=lambda row: (-row.weight, row.entity))
    return _named(mixed, named)


def _named(rows: Sequence[Ranked], named: Sequence[Suspect]) -> list[Ranked]:
    best: dict[str, Suspect] = {}
    for suspect in named:
        best.setdefault(suspect.entity, suspect)
    lead = named[0]
    found: list[Ranked] = []
    is_below = False
    for row in rows:
        is_lead = row.entity == lead.entity or (not lead.entity and not found)
        is_below = is_below or is_lead
        change = lead if is_lead else best.get(row.entity) if is_below else None
        found.append(replace(row, change=change))
    return found


def _said_of_others(notices: pa.Table | None, onset_us: int, known: Collection[str]) -> str:
    """What a status page says, about when the trouble began, of somebody who is not among our entities."""
    if notices is None:
        return ""
    columns = ("entity", "kind", "reason", "message")
    moments = notices["ts"].cast(pa.int64()).to_pylist()
    for moment, entity, kind, reason, message in zip(
        moments, *(notices[name].to_pylist() for name in columns), strict=True
    ):
        is_near = moment is not None and abs(moment - onset_us) <= _NOTICE_NEAR_US
        if is_near and (kind or "").lower() == "status" and entity not in known and not _CALM.search(reason or ""):
            return f"{entity or 'a provider'}: {reason or ''} {message or ''}".strip()
    return ""


def _on_a_path_with(entity: str | None, edges: Sequence[tuple[str, str]]) -> frozenset[str]:
    """All that an entity calls and all that calls it, directly or not; empty if it calls nothing and nobody."""
    if entity is None:
        return frozenset()
    reached = {entity}
    for forward in (True, False):
        following: dict[str, list[str]] = {}
        for caller, callee in edges:
            one, other = (caller, callee) if forward else (callee, caller)
            following.setdefault(one, []).append(other)
        open_ends = [entity]
        seen = {entity}
        while open_ends:
            for other in following.get(open_ends.pop(), ()):
                if other not in seen:
                    seen.add(other)
                    open_ends.append(other)
        reached |= seen
    return frozenset(reached) if len(reached) > 1 else frozenset()
