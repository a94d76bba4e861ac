"""The figures of a result: outcomes at a glance, metrics beside baselines, parts of the data, and the circumstances."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from ...evals.reading import OUTCOMES, outcome_of
from ...evals.suite import Estimate, GroupResult, Metric, Suite, SuiteResult
from ...evals.table import baseline_names, estimate_text
from .cleaning import EMPTY, shown
from .eval_charts import interval_chart, share_bar
from .html_parts import or_dash, row, section, table
from .markup import Child, Markup, element, fragment
from .numbers import quantity

_MOST_PARTS = 60
_MOST_COLUMNS = 4
_MOST_METRICS = 40
_HASH_SHOWN = 12


def summary_section(result: SuiteResult) -> Markup:
    """How many cases came out how, and what it took."""
    counts = Counter(outcome_of(case, result.lower_is_better) for case in result.cases)
    parts = {name: counts[name] for name in ("right", "partly", "wrong", "error", "infrastructure") if counts[name]}
    legend = [
        element("li", element("span", "", class_=f"swatch outcome-{name}"), f"{count:,} {name}")
        for name, count in parts.items()
    ]
    facts = [_fact("Cases scored", f"{result.n:,}")]
    if result.errors:
        facts.append(_fact("Errors", f"{result.errors:,} ({result.infrastructure_errors:,} infrastructure)"))
    if result.repeats > 1:
        lost = f", {result.lost_repeats:,} missing" if result.lost_repeats else ""
        facts.append(_fact("Answers to a case", f"{result.repeats}{lost}"))
    facts.append(_fact("Models", ", ".join(shown(model, 80) for model in result.models) or "none"))
    facts += [_fact(label, text) for label, text in cost_facts(result.cost)]
    return element(
        "div",
        share_bar(parts),
        element("ul", *legend, class_="outcome-legend"),
        element("dl", *facts, class_="facts"),
        class_="glance",
    )


def cost_facts(cost: Mapping[str, float]) -> Iterable[tuple[str, str]]:
    """What was used, in words; what was not used is left out."""
    if cost.get("usd"):
        yield "Cost", f"{cost['usd']:.4f} USD"
    if cost.get("tokens_in") or cost.get("tokens_out"):
        yield "Tokens", f"{cost.get('tokens_in', 0):,.0f} in, {cost.get('tokens_out', 0):,.0f} out"
    if cost.get("model_calls"):
        yield "Requests to a model", f"{cost['model_calls']:,.0f}"
    if cost.get("failed_requests") or cost.get("sent_again"):
        yield "Failed, sent again", f"{cost.get('failed_requests', 0):,.0f}, {cost.get('sent_again', 0):,.0f}"
    if cost.get("wall_s"):
        yield "Time", quantity(cost["wall_s"], "s")


def figures_section(suite: Suite, result: SuiteResult, key: str) -> Markup:
    """Every metric over all cases with its interval, and every baseline of the same run."""
    known = {metric.name: metric for metric in suite.metrics}
    names = [name for name in known if name in result.metrics]
    names += [name for name in result.metrics if name not in known]
    if not names:
        return section(f"{key}-figures", "Figures", element("p", "No case was scored.", class_="empty"))
    beside = baseline_names(result) or tuple(result.baseline)
    heads = [("Metric", "metric"), ("Figure", "value"), ("0 to 1", "plot"), ("n", "count")]
    heads += [("Spread", "count")] if result.spread else []
    heads += [(shown(name.replace("_", " "), 40), "other") for name in beside]
    rows = [row(heads, _metric_cells(known.get(name), name, result, beside)) for name in names[:_MOST_METRICS]]
    unit = "sub-sets" if result.drawn == "group" else "cases"
    caption = (
        f"Over all cases, with 95 % intervals that take {unit} as independent. The dot is ours, ticks are baselines."
    )
    if result.spread:
        caption += " Spread is the standard deviation between answers to one case."
    more = len(names) - _MOST_METRICS
    rest = element("p", f"{more} more figures in the JSON.", class_="more") if more > 0 else None
    notes = [element("li", shown(note)) for note in result.notes]
    return section(
        f"{key}-figures",
        "Figures",
        table(caption, heads, rows, "figures-table"),
        rest,
        element("ul", *notes, class_="plain notes") if notes else None,
    )


def _metric_cells(metric: Metric | None, name: str, result: SuiteResult, beside: tuple[str, ...]) -> list[Child]:
    ours = result.metrics[name]
    others = {other: found[name].value for other in beside if name in (found := result.baseline.get(other, {}))}
    is_share = 0 <= ours.value <= 1
    label = f"{name}: {estimate_text(ours)}"
    cells: list[Child] = [
        fragment(
            [
                element("strong", shown(name, 80)),
                element("span", shown(metric.description), class_="about") if metric else None,
            ]
        ),
        _figure(ours),
        interval_chart(ours, others, label) if is_share else EMPTY,
        f"{ours.n:,}",
    ]
    if result.spread:
        cells.append(f"{result.spread[name]:.2f}" if name in result.spread else element("span", EMPTY, class_="none"))
    cells += [f"{others[other]:.2f}" if other in others else element("span", EMPTY, class_="none") for other in beside]
    return cells


def _figure(estimate: Estimate) -> Markup:
    return fragment(
        [
            element("strong", f"{estimate.value:.2f}"),
            element("span", f" {estimate.low:.2f}–{estimate.high:.2f}", class_="range"),
        ]
    )


def parts_section(suite: Suite, result: SuiteResult, key: str) -> Markup | None:
    """The first metrics per data set and sub-set; nothing where there is one part only."""
    parts = [(name, 0, group) for name, group in _flat(result.groups)]
    if len(parts) < 2:
        return None
    metrics = [metric for metric in suite.metrics if any(metric.name in group.metrics for _, _, group in parts)]
    metrics = metrics[:_MOST_COLUMNS]
    heads = [
        ("Part", "part-name"),
        ("n", "count"),
        ("Errors", "count"),
        *((metric.name, "value") for metric in metrics),
    ]
    rows = [
        row(
            heads,
            [
                or_dash(shown(name, 120)),
                f"{group.n:,}",
                f"{group.errors:,}" if group.errors else element("span", EMPTY, class_="none"),
                *(
                    _figure(group.metrics[metric.name])
                    if metric.name in group.metrics
                    else element("span", EMPTY, class_="none")
                    for metric in metrics
                ),
            ],
        )
        for name, _, group in parts[:_MOST_PARTS]
    ]
    more = len(parts) - _MOST_PARTS
    rest = element("p", f"{more} more parts in the JSON.", class_="more") if more > 0 else None
    return section(f"{key}-parts", "By part of the data", table("", heads, rows, "parts-table"), rest)


def _flat(groups: Mapping[str, GroupResult]) -> Iterable[tuple[str, GroupResult]]:
    for name, group in groups.items():
        yield name, group
        for inner, part in group.groups.items():
            yield f"{name} › {inner.removeprefix(f'{name}/')}", part


def circumstances_section(result: SuiteResult, key: str) -> Markup:
    """Versions, settings, prompts and seed: what makes a result this one."""
    told = result.circumstances
    facts = [_fact("Seed", str(result.seed)), _fact("Result version", str(result.version))]
    if told.started:
        facts.append(_fact("Started", shown(told.started, 40)))
    if told.revision:
        facts.append(_fact("Revision", shown(told.revision, _HASH_SHOWN)))
    if told.configuration:
        facts.append(_fact("Settings", shown(told.configuration[:_HASH_SHOWN])))
    facts += [_fact(f"Prompt {shown(name, 60)}", shown(value[:_HASH_SHOWN])) for name, value in told.prompts.items()]
    facts += [_fact(shown(name, 60), shown(value, 60)) for name, value in told.options.items()]
    versions = ", ".join(f"{shown(name, 60)} {shown(value, 40)}" for name, value in told.versions.items())
    return section(
        f"{key}-circumstances",
        "Circumstances",
        element("dl", *facts, class_="facts"),
        element("p", versions, class_="more") if versions else None,
    )


def _fact(label: str, text: str) -> Markup:
    return element("div", element("dt", label), element("dd", text))


def outcome_names(result: SuiteResult) -> tuple[str, ...]:
    """The outcomes that occur, in the order of reading."""
    found = {outcome_of(case, result.lower_is_better) for case in result.cases}
    return tuple(name for name in OUTCOMES if name in found)
