"""Every case of a result, to be opened: the answer beside the truth, why it is wrong, what it cost, the repeats."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ...evals.reading import OUTCOMES, Outcome, explained, outcome_of
from ...evals.suite import CaseScore, SuiteResult
from .charts import score_bar
from .cleaning import EMPTY, middle, shown
from .eval_figures import cost_facts, outcome_names
from .html_parts import name as name_of
from .html_parts import or_dash, row, section, table
from .markup import Child, Markup, element, fragment
from .numbers import finite, quantity

MOST_CASES = 1_500
_MOST_SUSPECTS = 5
_MOST_TEXT = 6_000
_KNOWN_DETAILS = frozenset(
    {"truth", "verdict", "ranking", "run_id", "summary", "suspects", "evidence", "gaps", "model", "model_note"}
)
_RANK_HEADS = (("#", "place"), ("Suspect", "who"), ("Indicator", "indicator"), ("Change", "change"),
               ("Score", "score-cell"), ("Evidence", "proof"))  # fmt: skip


def cases_section(result: SuiteResult, key: str) -> Markup:
    """The list of cases with its filters, what went wrong first."""
    ranked = sorted(
        enumerate(result.cases), key=lambda pair: (OUTCOMES.index(outcome_of(pair[1], result.lower_is_better)), pair[0])
    )
    rows = [_case(case, result, f"{key}-c{place}") for place, case in ranked[:MOST_CASES]]
    more = len(ranked) - MOST_CASES
    rest = element("p", f"{more:,} more cases in the JSON, all {_outcome_of_rest(ranked, result)}.", class_="more")
    return section(
        f"{key}-cases",
        "Cases",
        _filters(result),
        element("div", *rows, class_="cases"),
        rest if more > 0 else None,
    )


def _outcome_of_rest(ranked: Sequence[tuple[int, CaseScore]], result: SuiteResult) -> str:
    names = dict.fromkeys(outcome_of(case, result.lower_is_better) for _, case in ranked[MOST_CASES:])
    return " or ".join(names)


def _filters(result: SuiteResult) -> Markup:
    """Hidden until the script shows it: without the script it would do nothing."""
    outcomes = [
        element("button", name, type="button", data_outcome=name, aria_pressed="true", class_=f"filter {name}")
        for name in outcome_names(result)
    ]
    groups = sorted({shown(case.group or case.set_name, 120) for case in result.cases})
    options = [element("option", "all parts", value=""), *(element("option", group, value=group) for group in groups)]
    return element(
        "div",
        element("span", *outcomes, class_="outcome-filters", role="group", aria_label="Outcomes to show"),
        element("select", *options, aria_label="Part of the data") if len(groups) > 1 else None,
        element("span", "", class_="shown-count", role="status"),
        class_="filters",
        hidden=True,
    )


def _case(case: CaseScore, result: SuiteResult, anchor: str) -> Markup:
    outcome = outcome_of(case, result.lower_is_better)
    group = shown(case.group or case.set_name, 120)
    summary = element(
        "summary",
        element("span", outcome, class_=f"outcome {outcome}"),
        element("span", middle(shown(case.id, 200), 46), class_="name", title=shown(case.id, 200)),
        element("span", middle(group, 34), class_="group"),
        element("span", _short_answer(case, outcome), class_="answer"),
    )
    return element(
        "details",
        summary,
        element("div", fragment(_body(case, outcome)), class_="case-body"),
        class_="case",
        id=anchor,
        data_outcome=outcome,
        data_group=group,
    )


def _short_answer(case: CaseScore, outcome: Outcome) -> str:
    if outcome in ("error", "infrastructure"):
        return shown(case.error, 140)
    ranking = case.details.get("ranking")
    first = shown(str(ranking[0]), 60) if isinstance(ranking, (list, tuple)) and ranking else ""
    verdict = case.details.get("verdict")
    words = [first, str(verdict).replace("_", " ") if verdict else ""]
    return " · ".join(word for word in words if word) or ", ".join(_metric_texts(case.metrics, 3))


def _body(case: CaseScore, outcome: Outcome) -> Iterable[Child]:
    reasons = [element("li", shown(reason)) for reason in explained(case)]
    if reasons and outcome != "right":
        yield element("ul", *reasons, class_="why")
    yield element("dl", *_facts(case), class_="facts")
    suspects = case.details.get("suspects")
    if isinstance(suspects, (list, tuple)) and suspects:
        yield _ranking(suspects, _true_names(case))
    yield _evidence(case)
    yield _repeats(case)
    yield _beside(case)
    more = {name: value for name, value in case.details.items() if name not in _KNOWN_DETAILS and value}
    if more:
        text = json.dumps(more, ensure_ascii=False, indent=2, default=str)[:_MOST_TEXT]
        yield element("details", element("summary", "details"), element("pre", _lines(text), tabindex="0"))


def _facts(case: CaseScore) -> Iterable[Markup]:
    truth = case.details.get("truth")
    if isinstance(truth, Mapping):
        yield _fact("Truth", _truth_text(truth))
    if case.details.get("summary"):
        yield _fact("Answer", shown(str(case.details["summary"])))
    elif case.details.get("verdict"):
        yield _fact("Verdict", shown(str(case.details["verdict"]).replace("_", " ")))
    if case.metrics:
        yield _fact("Figures", ", ".join(_metric_texts(case.metrics, 12)))
    for label, text in cost_facts(case.cost):
        yield _fact(label, text)
    if case.details.get("model"):
        yield _fact("Model", shown(str(case.details["model"]), 120))
    if case.details.get("model_note"):
        yield _fact("About the model", shown(str(case.details["model_note"])))
    gaps = case.details.get("gaps")
    if isinstance(gaps, (list, tuple)) and gaps:
        yield _fact("Not looked at", "; ".join(shown(str(gap), 240) for gap in gaps))


def _truth_text(truth: Mapping[str, Any]) -> str:
    causes = truth.get("causes")
    named = []
    for cause in causes if isinstance(causes, (list, tuple)) else ():
        if isinstance(cause, Mapping):
            parts = [cause.get(part) for part in ("entity", "indicator", "change")]
            named.append(" / ".join(shown(str(part), 160) for part in parts if part))
    verdict = shown(str(truth.get("verdict") or "")).replace("_", " ")
    fault = f" ({shown(str(truth['fault']), 80)})" if truth.get("fault") else ""
    return (", ".join(named) or verdict) + fault


def _true_names(case: CaseScore) -> frozenset[str]:
    truth = case.details.get("truth")
    causes = truth.get("causes") if isinstance(truth, Mapping) else None
    found = causes if isinstance(causes, (list, tuple)) else ()
    return frozenset(str(cause.get("entity")) for cause in found if isinstance(cause, Mapping))


def _ranking(suspects: Sequence[Any], true: frozenset[str]) -> Markup:
    usable = [suspect for suspect in suspects if isinstance(suspect, Mapping)][:_MOST_SUSPECTS]
    best = max((finite(suspect.get("score")) or 0.0 for suspect in usable), default=0.0)
    rows: list[Markup] = []
    for place, suspect in enumerate(usable, start=1):
        score = finite(suspect.get("score"))
        entity = str(suspect.get("entity") or "")
        is_true = entity in true
        cells: tuple[Child, ...] = (
            str(place),
            fragment(
                [
                    or_dash(shown(entity)),
                    element("span", " true cause", class_="true-mark") if is_true else None,
                ]
            ),
            or_dash(shown(_text(suspect.get("indicator")))),
            or_dash(shown(_text(suspect.get("change")))),
            EMPTY
            if score is None
            else fragment([score_bar(score, best), element("span", quantity(score), class_="number")]),
            ", ".join(shown(str(one), 12) for one in _list(suspect.get("evidence"))) or EMPTY,
        )
        reasons = [element("li", shown(str(reason))) for reason in _list(suspect.get("reasons"))]
        classes = " ".join(kind for kind, is_so in (("explained", reasons), ("true", is_true)) if is_so)
        rows.append(row(_RANK_HEADS, cells, class_=classes or None))
        if reasons:
            why = element("td", element("ul", *reasons), colspan=str(len(_RANK_HEADS) - 1), class_="reasons")
            rows.append(element("tr", element("td"), why, class_="why"))
    return table("The ranking, most likely first.", _RANK_HEADS, rows, "ranking-table")


def _evidence(case: CaseScore) -> Markup | None:
    items = [item for item in _list(case.details.get("evidence")) if isinstance(item, Mapping)]
    if not items:
        return None
    return element("ul", *map(_evidence_item, items), class_="evidence-list")


def _evidence_item(item: Mapping[str, Any]) -> Markup:
    status = shown(_text(item.get("status")), 20)
    mark = (
        None
        if status == "ok"
        else element("span", f" {status.replace('_', ' ')}", class_=f"status {status.replace('_', '-')}")
    )
    name = element("strong", shown(_text(item.get("id")), 12))
    return element("li", name, f" {shown(_text(item.get('tool')), 60)}", mark)


def _repeats(case: CaseScore) -> Markup | None:
    if len(case.repeats) < 2:
        return None
    heads = (("Answer", "place"), ("Named first", "who"), ("Figures", "figures"), ("Cost", "cost"))
    rows = []
    for place, repeat in enumerate(case.repeats, start=1):
        ranking = _list(repeat.details.get("ranking"))
        told = ", ".join(_metric_texts(repeat.metrics, 5))
        if repeat.error is not None:
            kind = "infrastructure" if repeat.is_infrastructure else "error"
            told = f"{kind}: {shown(repeat.error, 200)}"
        cost = ", ".join(text for _, text in cost_facts(repeat.cost)) or EMPTY
        rows.append(row(heads, (str(place), name_of(shown(str(ranking[0]))) if ranking else EMPTY, told, cost)))
    return table(f"{len(case.repeats)} answers to this case.", heads, rows, "repeats-table")


def _beside(case: CaseScore) -> Markup | None:
    """What the baselines made of the same case."""
    told = [
        f"{shown(name.replace('_', ' '), 40)} {next(iter(values.values())):.2f}"
        for name, values in case.baseline.items()
        if values
    ]
    if not told:
        return None
    leading = next(iter(case.metrics), "the first metric")
    return element("p", f"Baselines on this case, {shown(leading, 60)}: {', '.join(told)}", class_="more")


def _metric_texts(metrics: Mapping[str, float], most: int) -> list[str]:
    return [f"{shown(name, 60)} {value:.2f}".replace(".00", "") for name, value in list(metrics.items())[:most]]


def _lines(text: str) -> str:
    return "\n".join(shown(line) if line.strip() else "" for line in text.split("\n"))


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, (list, tuple)) else []


def _fact(label: str, text: str) -> Markup:
    return element("div", element("dt", label), element("dd", text))
