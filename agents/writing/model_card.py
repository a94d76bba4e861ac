"""A model card: what the registry, the predictions and the features say, and "unknown" for everything else.

Sections after Mitchell et al., "Model Cards for Model Reporting" (2019), and the technical documentation that Annex IV
of Regulation (EU) 2024/1689 asks for. Nothing is filled in that no system and no person said.
"""

from __future__ import annotations

from .document import Document
from .facts import Known
from .sources import Source, cited, code, number, rows

_PEOPLE = (
    ("intended-use", "Intended use, and what it is not for"),
    ("groups", "Groups for which it may do worse"),
    ("oversight", "Human oversight"),
    ("risks", "Known risks, and what is done about them"),
    ("regulation", "Risk class and legal basis"),
)
UNKNOWN = "Unknown: no system says it. Whoever knows writes it below this part, outside of the marks."


def model_card(model: str, known: Known) -> Document:
    """Write the card of a model.

    Args:
        model: as predictions and the registry name it.
        known: what is known of the platform.
    """
    card = Document(f"Model card: {model}", known.sources)
    windows = {name: known.given[name] for name in ("start", "end", "baseline_start", "baseline_end")}
    health = known.sources.ask("models.health", {**windows, "limit": 50})
    served = [row for row in rows(health, "shown") if row.get("model") == model]
    history = known.sources.ask("models.history", {"model": model, "limit": 20})
    _versions(card, history, health, served)
    _scores(card, health, served)
    features = known.sources.ask("features.health", {**windows, "limit": 50})
    entities = {str(row["entity"]) for row in served}
    used = [row for row in rows(features, "shown") if entities & {str(name) for name in row.get("consumers") or ()}]
    lines = [
        f"- {code(row['feature'])} of {code(row['entity'])}"
        + (f": {row['trouble']}" if row.get("trouble") else ", as usual")
        + cited(features)
        for row in used
    ]
    card.say("data", "Data and features", lines or [f"Unknown{cited(features)}"])
    for name, heading in _PEOPLE:
        card.say(name, heading, [UNKNOWN])
    if not served:
        card.notes.append(f"what it scores: no prediction of it was found{cited(health)}")
    if not history.is_read:
        card.notes.append(f"its checks and approvals: no registry answered{cited(history)}")
    return card


def _versions(card: Document, history: Source, health: Source, served: list[dict[str, object]] | list) -> None:  # type: ignore[type-arg]  # rows of JSON
    lines = []
    if history.is_read:
        content = history.content
        lines.append(f"- champion: version {number(content['version'])}{cited(history)}")
        lines += [
            f"- {row['begun']}: {row['kind']}, from {row['version_before']} to {row['version_after']}, "
            f"{row['state']}{cited(history)}"
            for row in rows(history, "moves")
        ]
    for row in served:
        lines += [
            f"- {code(row['entity'])} answers with version {code(one['version'])} for a share of "
            f"{number(one['share_after'])}{cited(health)}"
            for one in row.get("versions") or ()
        ]
    card.say("versions", "Versions", lines or [f"Unknown{cited(history, health)}"])


def _scores(card: Document, health: Source, served: list) -> None:  # type: ignore[type-arg]  # rows of JSON
    lines = []
    for row in served:
        for name, key in (
            ("mean score before", "mean_before"),
            ("mean score now", "mean_after"),
            ("population stability index", "psi"),
            ("share of positive decisions now", "decided_after"),
            ("share without a score now", "unscored_after"),
        ):
            value = row.get(key)
            said = "unknown" if value is None else number(value)
            lines.append(f"- {code(row['entity'])}, {name}: {said}{cited(health)}")
    card.say("performance", "Scores and drift", lines or [f"Unknown{cited(health)}"])
