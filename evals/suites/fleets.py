"""The suite `fleets`: invented fleets with planted situations, analysed as any other fleet is."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ...core.errors import InputError
from ...tools.decommission.items import Item, items_of
from ...tools.decommission.recommend import recommend_decommissions
from ...tools.fleets.replay import Replay
from ...tools.fleets.store import FleetStore
from ...tools.fleets.view import FleetView, read_view
from ...tools.recommendations.thresholds import Thresholds, too_small
from ...tools.recommendations.types import Considered, Held, Recommendation
from ...tools.rightsizing.gpu import recommend_gpus
from ...tools.rightsizing.replicas import recommend_replicas
from ...tools.rightsizing.sizes import recommend_sizes
from ...tools.schedules.recommend import recommend_schedules
from ..fleets.fleet import write_fleet
from ..fleets.labels import Labels, read_labels
from ..fleets.naive import naive
from ..fleets.spec import FleetSpec
from ..running import reason_of
from ..scoring.fleets import SUITE, clean_scores, situation_scores
from ..suite import CaseScore, SuiteResult
from ..summary import summarise

ALL_RESOURCES = ("requests", "gpu", "gpu_sm", "gpu_memory", "cpu", "memory", "network", "latency_p99")
CLEAN = "clean"

Analysis = Callable[[FleetStore, FleetView, Sequence[Item]], tuple[Considered, Sequence[Replay]]]


@dataclass(frozen=True)
class Answer:
    """What an analysis said of a fleet: recommendations of kinds that passed their replay, and what was held."""

    made: tuple[Recommendation, ...]
    held: tuple[Held, ...]
    replays: tuple[Replay, ...]


def _schedules(_store: FleetStore, view: FleetView, _items: Sequence[Item]) -> tuple[Considered, Sequence[Replay]]:
    found, replay = recommend_schedules(view)
    return found, (replay,)


def _gpus(_store: FleetStore, view: FleetView, _items: Sequence[Item]) -> tuple[Considered, Sequence[Replay]]:
    found, replay = recommend_gpus(view)
    return found, (replay,)


def _replicas(_store: FleetStore, view: FleetView, _items: Sequence[Item]) -> tuple[Considered, Sequence[Replay]]:
    found, replay = recommend_replicas(view)
    return found, (replay,)


def _gone(_store: FleetStore, view: FleetView, items: Sequence[Item]) -> tuple[Considered, Sequence[Replay]]:
    found, replay = recommend_decommissions(view, items)
    return found, (replay,)


def _sizes(store: FleetStore, _view: FleetView, _items: Sequence[Item]) -> tuple[Considered, Sequence[Replay]]:
    # What fails its replay here is withheld already.
    return recommend_sizes(store)[0], ()


ANALYSES: Mapping[str, Analysis] = {
    "sizes": _sizes,
    "schedules": _schedules,
    "gpu": _gpus,
    "replicas": _replicas,
    "decommission": _gone,
}


def run_fleets(
    fleets: int,
    *,
    seed: int = 0,
    progress: Callable[[int, int], None] | None = None,
    analyses: Mapping[str, Analysis] = ANALYSES,
) -> SuiteResult:
    """Invent fleets, analyse and judge them, beside the spreadsheet's rules on the same fleets.

    Args:
        fleets: how many; fleet `i` has the seed `seed + i` and 6 to 10 weeks.
        seed: of the first fleet, and of the intervals.
        progress: called with (fleets done, fleets).
        analyses: what is asked.

    Raises:
        InputError: fewer than one fleet.
        NothingScored: every fleet broke.
    """
    if fleets < 1:
        raise InputError("a measurement needs at least one fleet", remedy="ask for one or more")
    scores: list[CaseScore] = []
    for number in range(fleets):
        spec = spec_of(seed + number)
        with tempfile.TemporaryDirectory(prefix="opswarden-fleet-") as folder:
            try:
                scores += _scores(spec, Path(folder) / "case", analyses)
            except Exception as error:  # noqa: BLE001 - whatever breaks a fleet is written down as its error
                scores.append(CaseScore(id=_id(spec, "all"), set_name="fleets", error=reason_of(error)))
        if progress is not None:
            progress(number + 1, fleets)
    result = summarise(SUITE, scores, seed=seed)
    return result.model_copy(update={"notes": (f"{fleets} fleets; analyses: {', '.join(analyses)}",)})


def spec_of(seed: int) -> FleetSpec:
    """The fleet of a seed: its length and size go by it as well."""
    return FleetSpec(seed=seed, weeks=6 + seed * 7 % 5, workloads=50 + seed * 13 % 30)


def answer_of(
    store: FleetStore, view: FleetView, items: Sequence[Item], analyses: Mapping[str, Analysis] = ANALYSES
) -> Answer:
    """Everything that the analyses say; a kind that fails its replay on this fleet is withheld."""
    made: list[Recommendation] = []
    held: list[Held] = []
    replays: list[Replay] = []
    for analysis in analyses.values():
        found, mine = analysis(store, view, items)
        failed = {(replay.kind, replay.resource) for replay in mine if not replay.is_passed}
        made += [one for one in found.recommendations if not {(one.kind, ""), (one.kind, one.resource)} & failed]
        held += found.held
        replays += mine
    # What people see: what is not worth the work is left out of every report as well.
    worth = tuple(one for one in made if not too_small(one, Thresholds()))
    return Answer(worth, tuple(held), tuple(replays))


def _scores(spec: FleetSpec, dest: Path, analyses: Mapping[str, Analysis]) -> list[CaseScore]:
    folder = write_fleet(spec, dest)
    labels = read_labels(dest)
    store = FleetStore(folder)
    try:
        view = read_view(store, ALL_RESOURCES, lambda _subject: True)
        items = items_of(store.rows("inventory"), view.end)
        answer = answer_of(store, view, items, analyses)
        simple = naive(view, items)
    finally:
        store.close()
    return _judged(spec, labels, answer, simple)


def _judged(spec: FleetSpec, labels: Labels, answer: Answer, simple: Sequence[Recommendation]) -> list[CaseScore]:
    structural = [one for one in simple if one.resource not in ("cpu", "memory")]
    own, beside = situation_scores(labels, answer.made), situation_scores(labels, simple)
    fewer = situation_scores(labels, structural)
    scores = [
        CaseScore(
            id=_id(spec, situation),
            set_name="fleets",
            group=situation,
            metrics=own[situation],
            baseline={"naive": beside[situation], "naive_but_sizes": fewer[situation]},
            details={"said": _said(labels, situation, answer)},
        )
        for situation in own
    ]
    named = sorted({one.subject for one in answer.made} & set(labels.clean))
    scores.append(
        CaseScore(
            id=_id(spec, CLEAN),
            set_name="fleets",
            group=CLEAN,
            metrics=clean_scores(labels, answer.made),
            baseline={
                "naive": clean_scores(labels, simple),
                "naive_but_sizes": clean_scores(labels, structural),
            },
            details={
                "clean": len(labels.clean),
                "named": named,
                "replays": {f"{one.kind} {one.resource}".strip(): [one.bad, one.weeks] for one in answer.replays},
            },
        )
    )
    return scores


def _said(labels: Labels, situation: str, answer: Answer) -> list[str]:
    subjects = {label.subject for label in labels.planted if label.situation == situation}
    made = [
        f"{one.subject}: {one.kind} {one.resource} {one.proposed}" for one in answer.made if one.subject in subjects
    ]
    held = [f"{one.subject}: {one.kind} held, {one.reason}" for one in answer.held if one.subject in subjects]
    return made + held


def _id(spec: FleetSpec, part: str) -> str:
    return f"fleet-{spec.seed:04d}/{part}"
