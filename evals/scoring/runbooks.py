"""How well the page that an alert names is found by what the alert says, its name hidden; and the suite `runbooks`.

A page of the same name in another place counts as right: copies of one page are one page to whoever reads it.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..suite import Metric, Suite


def _metric(name: str, description: str, *, kind: str = "proportion", lower: bool = False) -> Metric:
    return Metric.model_validate({"name": name, "kind": kind, "description": description, "lower_is_better": lower})


SUITE = Suite(
    name="runbooks",
    description="the runbook of an alert by what it says, beside BM25 of SQLite on the same pages",
    metrics=(
        _metric("recall_1", "alerts whose page comes first, by summary and description without the alert's name"),
        _metric("recall_3", "alerts whose page is among the first three"),
        _metric("mrr", "one over the place of the page, nothing beyond ten", kind="mean"),
        _metric("masked_recall_1", "the same where pages have lost the alert's name and their title"),
        _metric("masked_recall_3", "the same among the first three"),
        _metric("expressed_recall_1", "as recall_1, where the rule's expression is given as well"),
        _metric("expressed_masked_recall_1", "as masked_recall_1, where the rule's expression is given as well"),
        _metric("expressed_masked_recall_3", "the same among the first three"),
        _metric("freely_recall_1", "alerts worded freely whose page comes first"),
        _metric("translated_recall_1", "alerts worded in Spanish or Portuguese whose page comes first", kind="mean"),
        _metric("said_recall_1", "as recall_1, on the alerts that are worded in other ways as well"),
        _metric("refused_wrongly", "alerts with a page of which it was said that there is none", lower=True),
        _metric("refused_rightly", "questions that no page answers of which it was said that there is none"),
        _metric(
            "asked_refused_wrongly",
            "other wordings, asked as people search, said to have no page",
            kind="mean",
            lower=True,
        ),
        _metric("asked_refused_rightly", "as refused_rightly, asked as people search"),
        _metric("rot_found", "planted kinds of rot that a check of the page finds"),
        _metric("fresh_clean", "fresh pages on which a check finds nothing"),
        _metric("left_out_refused", "alerts of which it was said that there is none once their page was taken away"),
        _metric("left_out_named_refused", "the same where the rule files say which page bears another alert's name"),
        _metric("named_recall_1", "as recall_1, where the rule files say the same"),
        _metric("named_refused_wrongly", "as refused_wrongly, where the rule files say the same", lower=True),
        _metric("known_right", "alerts whose page a triage has, which knows their names, without rule files"),
        _metric("known_refused_wrongly", "those of which it says that there is none", lower=True),
        _metric("known_left_out_refused", "the same once their page was taken away"),
    ),
)
PLACES = 10


def place_of(found: Sequence[str], wanted: str) -> int | None:
    """The place, from 1, of the first page of a name; the name is the file's without folder and ending."""
    names = list(dict.fromkeys(stem_of(name) for name in found))
    return names.index(stem_of(wanted)) + 1 if stem_of(wanted) in names else None


def stem_of(name: str) -> str:
    """A page's name without folder and ending, without case and signs."""
    stem = name.rpartition("/")[2]
    stem = stem.rpartition(".")[0] or stem
    return "".join(char for char in stem if char.isalnum()).casefold()


def score_place(place: int | None, prefix: str = "") -> dict[str, float]:
    """Recall at 1 and at 3, and without a prefix the reciprocal of the place."""
    found = {f"{prefix}recall_1": float(place == 1), f"{prefix}recall_3": float(place is not None and place <= 3)}
    return found if prefix else {**found, "mrr": 1 / place if place is not None and place <= PLACES else 0.0}
