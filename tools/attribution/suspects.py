"""Changes as suspects: which of them did it, or that none did.

Every change is weighed against the chance that it only happens to lie there. A change to an entity, so long before
the trouble, is laid beside how often such changes are made anyway; that ratio is multiplied by what else is known of
it: how likely its entity is the place of the cause, how its newer version compares with the older one in the same
minutes, whether what it touches is what is seen. "No change did it" is one of the hypotheses, and what is named has to
be four times as likely.

Sources: a change among others as a marked point process, where the cause replaces one point of the background (Bayes'
rule; Daley and Vere-Jones, An Introduction to the Theory of Point Processes, 2003). That about 70 % of outages follow
a change: Beyer et al., Site Reliability Engineering, 2016, chapter 1. How much a p-value can say: Sellke, Bayarri and
Berger, Calibration of p values, American Statistician 55, 2001.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Literal

from ..changes.contents import Content
from ..changes.words import words_of_names
from .releases import Release
from .versions import Comparison

Verdict = Literal["for", "against", "unclear"]

_SHARE_OF_CHANGES = 0.7
"""How many outages a change is behind, before anything is known of this one."""
_LAG_SCALE_S = 600.0
"""Lags from a change to its trouble: half are shorter than this, and few are hours long."""
_GRACE_STEPS = 2.0
"""An onset is known to a sampling step or so: what came more than two steps after it is an answer and no cause."""
_LATE_STEPS = 0.5
_NEIGHBOURHOOD_S = 1_800.0
_UNRELEASED = 0.02
_CALM = 0.3
_SAID_OUTSIDE = 10.0
"""How much likelier a provider says at just this time that it is in trouble if it is the cause."""
_ELSEWHERE_BEFORE = 0.2
_AROUND_SHARE = 0.5
"""A word that a change only mentions counts half as much as one that it alters."""
_USUAL_SURPRISE, _USUAL_COUNTS_FOR = 1.0, 2.0
"""What an innocent change shares with the symptoms by chance, as far as the others of the record do not tell."""
_CAUSE_SHARES = 4.0
_MOST_FROM_WORDS = 30.0
_MOST_FROM_DESCRIPTION, _LEAST_FROM_DESCRIPTION = 3.0, 0.7
_AHEAD_OF_NONE = 4.0
"""Between a change and none at all one has to be 80 % sure before a change is accused."""
_AGAINST = 0.05
_OTHERS = "others are far likelier"
_EPOCH = datetime.fromtimestamp(0, UTC)


@dataclass(frozen=True)
class Suspect:
    """A change, and what speaks for and against it.

    Args:
        probability: 0 to 1 that it did it, among all changes and "none of them"; 0 if it is ruled out.
        beats_none: whether it is so much likelier than that no change did it that it may be named.
        gap_s: seconds from the change to the onset; negative if it came after.
        reasons: one line each, the weightiest first.
    """

    entity: str
    id: str
    kind: str
    at_us: int
    gap_s: float
    verdict: Verdict
    probability: float
    beats_none: bool
    reasons: tuple[str, ...]

    @property
    def at(self) -> datetime:
        """When it was made."""
        return _EPOCH + timedelta(microseconds=self.at_us)


@dataclass(frozen=True)
class Judgement:
    """All changes, most suspect first, how likely it is that none of them did it, and what is said of others."""

    suspects: tuple[Suspect, ...] = ()
    none: float = 1.0
    outside: str = ""

    def named(self) -> tuple[Suspect, ...]:
        """The changes that may be named, best first."""
        return tuple(suspect for suspect in self.suspects if suspect.beats_none)


@dataclass(frozen=True)
class Scene:
    """What the other evidence says.

    Args:
        shares: how likely each entity is the place of the cause, before changes are looked at; adds up to 1.
        onsets_us: when an entity went out of order, where that is known.
        onset_us: when the incident began.
        symptoms: the words of what is seen, with a weight of 0 to 1.
        comparisons: newer against older versions of an entity.
        calm: entities that are measured and show nothing out of order.
        related: entities on a call path with the alert; empty if there is no graph or no alert.
        step_s: how exactly onsets are known: the usual time between two samples.
        since_us: since when changes are recorded, as far as that is known.
        outside: what a status page says, at the time of the onset, of somebody none of the entities is; else empty.
    """

    shares: Mapping[str, float]
    onsets_us: Mapping[str, int]
    onset_us: int
    symptoms: Mapping[str, float] = field(default_factory=dict)
    comparisons: Mapping[str, Comparison] = field(default_factory=dict)
    calm: Collection[str] = ()
    related: Collection[str] = ()
    step_s: float = 60.0
    outside: str = ""
    since_us: int | None = None


@dataclass
class _Weighed:
    release: Release
    weight: float
    gap_s: float
    reasons: list[tuple[float, str]]
    is_out: bool = False
    speaks_for: set[str] = field(default_factory=set)

    def add(self, weight: float, reason: str, *, speaks_for: bool = False) -> None:
        """Add a reason, and whether it is one for the change rather than against it."""
        self.reasons.append((weight, reason))
        if speaks_for:
            self.speaks_for.add(reason)


def judge(releases: Sequence[Release], scene: Scene) -> Judgement:
    """Weigh every change against the others and against none.

    Args:
        releases: the changes.
        scene: the rest of the evidence.
    """
    if not releases:
        return Judgement()
    background = _Background(releases, scene)
    words = _Words(releases, scene)
    weighed = [_weigh(release, scene, background, words) for release in releases]
    for one in weighed:
        _set_aside_what_was_taken_back(one, releases, scene)
    none = (1.0 - _SHARE_OF_CHANGES) * (_SAID_OUTSIDE if scene.outside else 1.0)
    total = none + sum(one.weight for one in weighed if not one.is_out)
    found = [_suspect(one, total, none) for one in weighed]
    found.sort(
        key=lambda suspect: (-suspect.probability, suspect.gap_s if suspect.gap_s >= 0 else math.inf, suspect.id)
    )
    return Judgement(tuple(found), none / total, scene.outside)


class _Background:
    """How often changes are made anyway."""

    def __init__(self, releases: Sequence[Release], scene: Scene) -> None:
        self._times = [release.at_us for release in releases]
        self._of_entity = Counter(release.entity for release in releases)
        self._count = len(releases)
        self._entities = max(len(set(scene.shares) | set(self._of_entity)), 1)
        covered_s = (scene.onset_us - min((*self._times, scene.since_us or scene.onset_us))) / 1e6
        self._usual_per_s = self._count / max(covered_s, 2 * _NEIGHBOURHOOD_S)

    def rate_per_s(self, release: Release) -> float:
        """Changes a second to be expected on the entity of a release.

        As many as usual, or as there are others in the half hours around it, if that is more: changes come in bursts.
        The share of the entity is the mean of its posterior under a uniform prior.
        """
        near = sum(abs(at - release.at_us) <= _NEIGHBOURHOOD_S * 1e6 for at in self._times) - 1
        on_entity = self._of_entity[release.entity] - 1
        share = (on_entity + 1) / (self._count - 1 + self._entities)
        return max(self._usual_per_s, near / (2 * _NEIGHBOURHOOD_S)) * share


class _Words:
    """Which words a change shares with the symptoms, and how rare they are among all changes."""

    def __init__(self, releases: Sequence[Release], scene: Scene) -> None:
        own = words_of_names({*scene.shares, *(release.entity for release in releases)})
        self._symptoms = {word: weight for word, weight in scene.symptoms.items() if word not in own}
        contents = {release.id: release.content for release in releases}
        self._count = len(contents)
        self._with = Counter(word for content in contents.values() for word in content.net | content.around)
        self._surprise = {name: self._shared(content) for name, content in contents.items()}

    def likelihood(self, release: Release) -> tuple[float, int]:
        """How much likelier the shared words are if it did it, and how many they are.

        What innocent changes share with the symptoms by chance is read off the other changes of the record: their
        surprise is taken as exponential, that of a cause as exponential with four times the mean.
        """
        if not self._symptoms or not (release.content.net or release.content.around):
            return 1.0, 0
        mine, shown = self._surprise[release.id]
        if not shown and not release.content.is_open:
            return 1.0, 0
        others = [one for name, (one, _) in self._surprise.items() if name != release.id]
        usual = (sum(others) + _USUAL_SURPRISE * _USUAL_COUNTS_FOR) / (len(others) + _USUAL_COUNTS_FOR)
        found = math.exp(min(mine / usual * (1 - 1 / _CAUSE_SHARES), 50.0)) / _CAUSE_SHARES
        if release.content.is_open:
            return min(found, _MOST_FROM_WORDS), shown
        return min(max(found, _LEAST_FROM_DESCRIPTION), _MOST_FROM_DESCRIPTION), shown

    def _shared(self, content: Content) -> tuple[float, int]:
        found = {
            word: self._symptoms[word] * self._rarity(word) * (1.0 if word in content.net else _AROUND_SHARE)
            for word in content.net | content.around
            if word in self._symptoms
        }
        return sum(found.values()), sum(value > 0 for value in found.values())

    def _rarity(self, word: str) -> float:
        return max(math.log((self._count + 1) / (self._with[word] + 0.5)), 0.0)


def _weigh(release: Release, scene: Scene, background: _Background, words: _Words) -> _Weighed:
    grace_us = _GRACE_STEPS * scene.step_s * 1e6
    own_onset = _own_onset(release, scene)
    # The place of the cause goes wrong no later than the incident begins, though it may show later.
    onset_us = min(own_onset, scene.onset_us) if release.at_us <= scene.onset_us + grace_us else own_onset
    gap_s = (onset_us - release.at_us) / 1e6
    found = _Weighed(release, _SHARE_OF_CHANGES, gap_s, [])
    if gap_s * 1e6 < -grace_us:
        found.is_out = True
        found.reasons.append((9.0, f"it came {_span(-gap_s)} after the onset"))
        return found
    if release.content.is_harmless:
        found.is_out = True
        found.reasons.append((9.0, f"it {release.content.notes[0]}"))
        return found
    _add_time(found, scene, background)
    _add_reach(found, scene)
    _add_content(found, words)
    _add_versions(found, scene)
    if not release.is_released:
        found.weight *= _UNRELEASED
        found.reasons.append((8.0, "no release of it is recorded"))
    return found


def _own_onset(release: Release, scene: Scene) -> int:
    """When the entity of a release went out of order: where its newer version does worse, not before that ran."""
    onset_us = scene.onsets_us.get(release.entity, scene.onset_us)
    comparison = scene.comparisons.get(release.entity)
    if comparison is not None and comparison.likelihood > 1 and comparison.since_us is not None:
        return max(onset_us, comparison.since_us)
    return onset_us


def _add_time(found: _Weighed, scene: Scene, background: _Background) -> None:
    early = max(found.gap_s, 0.0)
    density = 1 / _LAG_SCALE_S / (1 + early / _LAG_SCALE_S) ** 2
    if found.gap_s < 0:
        density *= math.exp(found.gap_s / (_LATE_STEPS * scene.step_s))
    ratio = density / background.rate_per_s(found.release)
    found.weight *= ratio
    when = "before" if found.gap_s >= 0 else "after"
    found.add(
        abs(math.log(ratio)) if ratio > 1 else 0.5,
        f"{_span(abs(found.gap_s))} {when} the onset",
        speaks_for=found.gap_s >= 0,
    )
    if found.release.at_us > scene.onset_us + _GRACE_STEPS * scene.step_s * 1e6:
        found.weight *= _ELSEWHERE_BEFORE
        found.reasons.append((3.0, "the trouble had begun elsewhere before it"))


def _add_reach(found: _Weighed, scene: Scene) -> None:
    entity = found.release.entity
    average = 1 / max(len(scene.shares), 1)
    share = scene.shares.get(entity, 0.0) if entity else average
    comparison = scene.comparisons.get(entity)
    # What is measured of a service may be its older version alone.
    is_calm = entity in scene.calm and (comparison is None or comparison.likelihood <= 1)
    found.weight *= max(share, 0.05 * average) * (_CALM if is_calm else 1.0)
    if not entity:
        return
    if scene.related and entity not in scene.related:
        found.reasons.append((2.0, "its service is not on a path with the alert"))
    elif is_calm:
        found.reasons.append((2.0, "nothing is out of order at its service"))
    elif share < average / 2:
        found.reasons.append((2.0, "little is out of order at its service"))
    elif share >= 2 * average:
        found.add(2.0, "its service is among the first suspects", speaks_for=True)


def _add_content(found: _Weighed, words: _Words) -> None:
    content = found.release.content
    likelihood, shared = words.likelihood(found.release)
    if content.weight < 1:
        likelihood = min(likelihood, 1.0)  # what it mentions but does not alter speaks for nothing
    found.weight *= content.weight * likelihood
    if likelihood > 1.5:
        # Not the words: cut to stems they would pass redaction, whatever they were part of.
        words_text = "1 telling word" if shared == 1 else f"{shared} telling words"
        found.add(1 + math.log(likelihood), f"it touches what is seen: {words_text} in common", speaks_for=True)
    elif likelihood < 1 and content.is_open and not shared:
        found.reasons.append((1.0, "nothing it touches is seen in the symptoms"))
    found.reasons += [
        (3.0 if content.weight < 1 else 1 + math.log2(content.weight), f"it {note}") for note in content.notes
    ]


def _add_versions(found: _Weighed, scene: Scene) -> None:
    comparison = scene.comparisons.get(found.release.entity)
    if comparison is None or not comparison.fits(found.release.at_us):
        return
    found.weight *= comparison.likelihood
    weight = 10.0 if comparison.likelihood != 1 else 1.0
    found.add(weight, comparison.text, speaks_for=comparison.likelihood > 1)


def _set_aside_what_was_taken_back(one: _Weighed, releases: Sequence[Release], scene: Scene) -> None:
    """A change that was rolled back before the onset did not cause it; the rollback itself restores what was."""
    for other in releases:
        if other is one.release or not other.content.is_reversal or other.entity != one.release.entity:
            continue
        if one.release.at_us < other.at_us <= scene.onset_us and one.release.kind != "commit":
            named = one.release.id in other.text
            if named or not any(
                one.release.at_us < third.at_us < other.at_us and third.entity == other.entity for third in releases
            ):
                one.is_out = True
                one.reasons.insert(0, (9.0, "it was rolled back before the onset"))
                return


def _suspect(one: _Weighed, total: float, none: float) -> Suspect:
    probability = 0.0 if one.is_out else one.weight / total
    beats_none = not one.is_out and one.weight > _AHEAD_OF_NONE * none
    verdict: Verdict = "for" if beats_none else "against" if probability < _AGAINST else "unclear"
    reasons = tuple(text for _, text in sorted(one.reasons, key=lambda pair: -pair[0]))
    if verdict == "against":
        # Whoever reads why it is rejected does not want to read first what speaks for it.
        against = tuple(text for text in reasons if text not in one.speaks_for)
        reasons = (*(against or (_OTHERS,)), *(text for text in reasons if text in one.speaks_for))
    release = one.release
    return Suspect(
        release.entity, release.id, release.kind, release.at_us, one.gap_s, verdict, probability, beats_none, reasons
    )


def _span(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} seconds"
    return f"{seconds / 60:.0f} minutes" if seconds < 5400 else f"{seconds / 3600:.1f} hours"
