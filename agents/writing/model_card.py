"""A model card: what the registry, the predictions and the features say, and "unknown" for everything else.

Sections after Mitchell et al., "Model Cards for Model Reporting" (2019), the technical documentation that Annex IV of
Regulation (EU) 2024/1689 asks for, and the validation that SR 11-7 (Federal Reserve) asks for.
Nothing is filled in that no system and no person said.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .change_log import said_of_move
from .document import Document
from .facts import Known, windows
from .owners import owner_lines
from .sources import Source, absent, cited, code, number, rows, share, unread

_NOBODY = "Unknown: nobody is known to serve it."
_PEOPLE = (
    ("intended-use", "Intended use, and what it is not for"),
    ("training-data", "Training data: where they come from, for which time, and on what right"),
    ("evaluation", "Evaluation before release: on which data, by which measures, with which results"),
    ("groups", "Groups for which it may do worse"),
    ("explanation", "How a decision is explained to whoever it hits, and how they object"),
    ("personal-data", "Personal data it reads, and for how long they are kept"),
    ("oversight", "Human oversight"),
    ("risks", "Known risks and limits, and what is done about them"),
    ("regulation", "Risk class, legal basis, and who validated it and when"),
)


def model_card(model: str, known: Known) -> Document:
    """Write the card of a model.

    Args:
        model: as predictions and the registry name it.
        known: what is known of the platform.
    """
    card = Document(f"Model card: {model}", known.sources)
    health = known.sources.ask("models.health", {**known.windows, "limit": 50})
    served = [row for row in rows(health, "shown") if row.get("model") == model]
    history = known.sources.ask("models.history", {"model": model, "limit": 20})
    entities = sorted({str(row["entity"]) for row in served})
    card.say("owner", "Whose it is", owner_lines(known, entities), unread(health) or _NOBODY)
    _versions(card, known, history, health, served)
    _scores(card, known, health, served)
    features = known.sources.ask("features.health", {**known.windows, "limit": 50})
    used = [row for row in rows(features, "shown") if {*entities} & {str(name) for name in row.get("consumers") or ()}]
    lines = [
        f"- {code(row['feature'])} of {code(row['entity'])}"
        + (f": {row['trouble']}" if row.get("trouble") else ", as usual")
        + cited(features)
        for row in used
    ]
    card.say("data", "Features that it reads", lines or [unread(features) or f"Unknown{cited(features)}"])
    for name, heading in _PEOPLE:
        card.say(name, heading, [])
    if not served:
        what = "no prediction of it was found" + ("" if health.is_whole else ", and not all models could be seen")
        card.notes.append(f"what it scores: {absent(health, what)}")
    card.is_known = bool(served or history.is_read)
    if not history.is_read:
        card.notes.append(f"its checks, approvals and moves: no registry answered{cited(history)}")
    if used and not features.is_whole:
        card.notes.append(f"whether it reads further features: not all of them could be seen{cited(features)}")
    return card


def _versions(
    card: Document, known: Known, history: Source, health: Source, served: Sequence[Mapping[str, Any]]
) -> None:
    lines = []
    if history.is_read:
        now = history.content.get("version")
        lines.append(f"- champion: {'none' if now is None else f'version {number(now)}'}{cited(history)}")
        numbers = [int(one) for one in history.content.get("versions") or ()]
        if numbers:
            many = f"{len(numbers)} versions, the newest is" if len(numbers) > 1 else "one version, which is"
            lines.append(f"- the registry has {many} {max(numbers)}{cited(history)}")
        lines += [f"- {said_of_move(row)}{cited(history)}" for row in rows(history, "moves")]
    answers = [
        (float(one["share_after"]), row, one)
        for row in served
        for one in row.get("versions") or ()
        if one["share_after"]
    ]
    if answers:
        lines.append(f"- {windows(known, health)}")
    lines += [
        f"- {code(row['entity'])} answers with version {code(one['version'])} for {share(part)} of predictions"
        + cited(health)
        for part, row, one in sorted(answers, key=lambda each: (str(each[1]["entity"]), -each[0]))
    ]
    lines += [f"- {said}" for said in (unread(health),) if said and lines]
    card.say("versions", "Versions", lines or [f"Unknown{cited(history, health)}"])


def _scores(card: Document, known: Known, health: Source, served: Sequence[Mapping[str, Any]]) -> None:
    lines = [f"- {windows(known, health)}"] if served else []
    for row in served:
        for name, key, say in (
            ("mean score before", "mean_before", number),
            ("mean score now", "mean_after", number),
            ("population stability index of scores, now against before", "psi", number),
            ("share of positive decisions now", "decided_after", share),
            ("share without a score now", "unscored_after", share),
        ):
            value = row.get(key)
            said = "unknown" if value is None else say(value)
            lines.append(f"- {code(row['entity'])}, {name}: {said}{cited(health)}")
    card.say("performance", "Scores and drift", lines or [unread(health) or f"Unknown{cited(health)}"])
