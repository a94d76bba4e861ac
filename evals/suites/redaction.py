"""The suite `redaction`: what is masked of labelled data, of planted values and of logs, with others beside it."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ...core.errors import InputError
from ...redaction.types import Span
from ..redaction_data.catalogue import without_generator, without_recognizer
from ..redaction_data.entity_names import synonyms
from ..running import reason_of
from ..scoring.redaction import PASSES_BY_POLICY, SUITE, Counts, estimates
from ..suite import CaseScore, GroupResult, NothingScored, SuiteResult
from .redaction_items import Item, from_files, invented

Find = Callable[[str], Sequence[Span]]
"""What is to be masked in a text."""


@dataclass(frozen=True)
class Contender:
    """Somebody else to measure on the same texts.

    Args:
        limit_characters: the slow get a sample of so much text; every file and every kind is in it.
    """

    name: str
    find: Find
    limit_characters: int | None = None


@dataclass(frozen=True)
class _Scored:
    item: Item
    counts: Counts
    error: str | None
    details: Mapping[str, object]


def run_redaction(
    data: Path | None,
    find: Find,
    entity_types: Collection[str],
    *,
    passing: Collection[str] = (),
    beside: Sequence[Contender] = (),
    seed: int = 0,
    limit: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> SuiteResult:
    """Scan, and count what is masked and what is not.

    Args:
        data: labelled data or logs, or a folder with them; without it the suite makes its own lines.
        find: what is measured.
        entity_types: everything that `find` may call something. A label for which there is none passes by policy.
        passing: types that are known and let through on purpose; so are labels that mean one of these and have no type
            of their own.
        beside: measured on the same texts, or on a sample of them.
        seed: of the invented data, the samples and the intervals.
        limit: labelled texts or blocks of a log of each file, or lines of each generator and placement.
        progress: called with (items done, items).

    Raises:
        InputError: nothing to measure on.
        NothingScored: every case broke.
    """
    if limit is not None and limit < 1:
        raise InputError("the number of cases per set is below 1", remedy="leave the limit away to take all cases")
    known = frozenset(entity_types)
    through = frozenset(passing)

    def expected(label: str) -> bool:
        names = synonyms(label)
        return label in known or (not known.isdisjoint(names) and through.isdisjoint(names))

    items = _chosen(data, expected, seed, limit)
    samples = [_sampled(items, contender.limit_characters, seed) for contender in beside]
    whole, done = len(items) + sum(map(len, samples)), 0

    def told(scored: _Scored) -> _Scored:
        nonlocal done
        done += 1
        if progress is not None:
            progress(done, whole)
        return scored

    ours = [told(_attempt(item, find)) for item in items]
    others = {
        contender.name: {item.id: told(_attempt(item, contender.find)) for item in sample}
        for contender, sample in zip(beside, samples, strict=True)
    }
    return _result(ours, others, _notes(data, items, known, beside, samples), seed)


def _chosen(data: Path | None, expected: Callable[[str], bool], seed: int, limit: int | None) -> list[Item]:
    if data is None:
        return sorted(invented(seed, limit), key=lambda item: item.id)
    if not data.exists():
        raise InputError(f"{data} does not exist", remedy="name a file of labelled data, a log, or a folder of them")
    by_set: dict[str, list[Item]] = defaultdict(list)
    for item in from_files(data, expected):
        by_set[item.set_name].append(item)
    taken = (
        item for members in by_set.values() for item in sorted(members, key=lambda item: _draw(item, seed))[:limit]
    )
    return sorted(taken, key=lambda item: item.id)


def _sampled(items: Sequence[Item], limit_characters: int | None, seed: int) -> list[Item]:
    """Items that together are no longer than the limit, in turn from every stratum."""
    if limit_characters is None:
        return list(items)
    turns: dict[str, int] = defaultdict(int)
    ranked = []
    for item in sorted(items, key=lambda item: _draw(item, seed)):
        turns[item.stratum] += 1
        ranked.append((turns[item.stratum], item))
    taken: list[Item] = []
    left = limit_characters
    for _, item in sorted(ranked, key=lambda pair: pair[0]):
        if item.size <= left:
            taken.append(item)
            left -= item.size
    return sorted(taken, key=lambda item: item.id)


def _draw(item: Item, seed: int) -> bytes:
    return hashlib.blake2b(f"{seed}|{item.id}".encode(), digest_size=16).digest()


def _attempt(item: Item, find: Find) -> _Scored:
    try:
        if item.problem:
            raise InputError(item.problem)
        found = [find(text) for text in item.texts]
        return _Scored(item, item.score(found), None, item.explain(found))
    except Exception as error:  # noqa: BLE001 - whatever breaks a case is written down as its error
        return _Scored(item, {}, reason_of(error), {})


def _result(
    ours: Sequence[_Scored], others: Mapping[str, Mapping[str, _Scored]], notes: tuple[str, ...], seed: int
) -> SuiteResult:
    cases = tuple(_case(scored, others) for scored in ours)
    good = [scored for scored in ours if scored.error is None]
    by_set: dict[str, list[_Scored]] = defaultdict(list)
    for scored in ours:
        by_set[scored.item.set_name].append(scored)
    result = SuiteResult(
        suite=SUITE.name,
        n=len(good),
        errors=len(ours) - len(good),
        metrics=estimates([scored.counts for scored in good], seed=seed),
        baseline={name: estimates(_good(them.values()), seed=seed) for name, them in others.items()},
        groups={name: _group(members, others, seed) for name, members in by_set.items()} if len(by_set) > 1 else {},
        cases=cases,
        seed=seed,
        notes=notes,
        lower_is_better=SUITE.lower_is_better,
    )
    if not good:
        first = next((case.error for case in cases if case.error), "there was no case")
        raise NothingScored(
            f"no score: all {len(cases)} cases broke; the first: {first}",
            result=result,
            remedy="mend what broke and run again; a run without a scored case has no figures",
        )
    return result


def _group(members: Sequence[_Scored], others: Mapping[str, Mapping[str, _Scored]], seed: int) -> GroupResult:
    ids = {scored.item.id for scored in members}
    good = _good(members)
    return GroupResult(
        n=len(good),
        errors=len(members) - len(good),
        metrics=estimates(good, seed=seed),
        baseline={
            name: estimates(_good(scored for key, scored in them.items() if key in ids), seed=seed)
            for name, them in others.items()
        },
    )


def _good(scored: Iterable[_Scored]) -> list[Counts]:
    return [each.counts for each in scored if each.error is None]


def _case(scored: _Scored, others: Mapping[str, Mapping[str, _Scored]]) -> CaseScore:
    beside = {name: them[scored.item.id] for name, them in others.items() if scored.item.id in them}
    return CaseScore(
        id=scored.item.id,
        set_name=scored.item.set_name,
        group=scored.item.group,
        metrics=_shares(scored),
        baseline={name: _shares(each) for name, each in beside.items() if each.error is None},
        baseline_errors={name: each.error for name, each in beside.items() if each.error is not None},
        error=scored.error,
        details=scored.details,
    )


def _shares(scored: _Scored) -> dict[str, float]:
    headline = scored.item.headline
    return {name: hits / of for name, (hits, of) in scored.counts.items() if of and (not headline or name in headline)}


def _notes(
    data: Path | None,
    items: Sequence[Item],
    known: frozenset[str],
    beside: Sequence[Contender],
    samples: Sequence[Sequence[Item]],
) -> tuple[str, ...]:
    notes = [
        f"{contender.name}: measured on {len(sample)} of {len(items)} cases"
        for contender, sample in zip(beside, samples, strict=True)
        if len(sample) < len(items)
    ]
    if data is None:
        notes += [f"no generator: {name}" for name in without_generator(known)]
        absent = without_recognizer(known)
        if absent:
            notes.append(f"no recognizer of their own, measured all the same: {', '.join(absent)}")
    else:
        passing = sorted({name for item in items for name in item.passing})
        if passing:
            notes.append(PASSES_BY_POLICY + ", ".join(passing))
    return tuple(notes)
