"""Two results side by side: what each metric is called, what changed in between, and which cases flipped."""

from __future__ import annotations

from ...evals.compare import Comparison, Difference, Flip
from .cleaning import EMPTY, shown
from .eval_charts import difference_chart
from .html_parts import name, row, section, table
from .markup import Child, Markup, element, fragment

_MOST_FLIPS = 60
_TONES = {"better": "healthy", "worse": "worse", "cannot tell": "inconclusive"}
_MARKS = {"better": "▲", "worse": "▼", "cannot tell": "◇"}
_HEADS = (
    ("Metric", "metric"),
    ("Call", "call"),
    ("Difference", "value"),
    ("Worse to better", "plot"),
    ("Better", "count"),
    ("Worse", "count"),
    ("Pairs", "count"),
    ("p, adjusted", "count"),
)


def comparison_section(before: str, after: str, found: Comparison) -> Markup:
    """One comparison; the second result is the one in question."""
    left_out = [
        f"{count:,} {what}"
        for count, what in ((found.broken, "broke in one of them"), (found.unpaired, "are in one result alone"))
        if count
    ]
    pairs = f"{found.n:,} pairs" + (f"; in no pair: {', '.join(left_out)}" if left_out else "")
    banner = element(
        "div",
        element("p", element("span", _MARKS[found.call], aria_hidden="true"), found.call.capitalize(), class_="word"),
        element("p", name(shown(after, 80)), " against ", name(shown(before, 80)), class_="summary"),
        element("p", pairs, class_="model"),
        class_=f"verdict {_TONES[found.call]}",
    )
    return section(
        "comparison",
        "Comparison",
        banner,
        _differences(found),
        element("p", found.note[:1].upper() + found.note[1:] + ".", class_="more"),
        _changed(found),
        _flips(found),
    )


def _differences(found: Comparison) -> Markup:
    reach = (
        max((max(abs(one.low), abs(one.high), abs(one.value)) for one in found.metrics.values()), default=0.0) or 1.0
    )
    rows = [row(_HEADS, _cells(label, one, reach)) for label, one in found.metrics.items()]
    return table("The second result minus the first, with 95 % intervals.", _HEADS, rows, "comparison-table")


def _cells(label: str, one: Difference, reach: float) -> tuple[Child, ...]:
    # Where lower is better, the drawing is turned round, so that better is always to the right.
    turn = -1.0 if one.lower_is_better else 1.0
    low, high = sorted((turn * one.low, turn * one.high))
    kind = one.call.replace(" ", "-")
    return (
        element("strong", shown(label, 80)),
        element("span", one.call, class_=f"call {kind}"),
        fragment(
            [
                element("strong", f"{one.value:+.2f}"),
                element("span", f" {one.low:+.2f} to {one.high:+.2f}", class_="range"),
            ]
        ),
        difference_chart(turn * one.value, low, high, reach, kind, f"{label}: {one.value:+.2f}, {one.call}"),
        f"{one.better:,}",
        f"{one.worse:,}",
        f"{one.n:,}",
        f"{one.p_adjusted:.3f}" if one.p_adjusted >= 0.001 else "< 0.001",
    )


def _changed(found: Comparison) -> Markup:
    heads = (("What changed", "what"), ("Before", "before"), ("After", "after"))
    if not found.changed:
        return element("p", "No model, prompt, setting or version is known to have changed.", class_="more")
    rows = [
        row(
            heads,
            (shown(item.what, 80), name(shown(item.before or EMPTY, 80)), name(shown(item.after or EMPTY, 80))),
        )
        for item in found.changed
    ]
    costs = ", ".join(f"{shown(kind, 40)} {old:.4g} → {new:.4g}" for kind, (old, new) in found.costs.items())
    return fragment(
        [
            table("", heads, rows, "changed-table"),
            element("p", f"One answer took: {costs}", class_="more") if costs else None,
        ]
    )


def _flips(found: Comparison) -> Markup | None:
    if not found.flips:
        return None
    items = [_flip(flip) for flip in found.flips[:_MOST_FLIPS]]
    more = len(found.flips) - _MOST_FLIPS
    return element(
        "details",
        element("summary", f"{len(found.flips):,} values of cases changed"),
        element("ul", *items, class_="flips"),
        element("p", f"{more:,} more in `eval compare --format json`.", class_="more") if more > 0 else None,
    )


def _flip(flip: Flip) -> Markup:
    kind = "better" if flip.is_better else "worse"
    return element(
        "li",
        element("span", kind, class_=f"call {kind}"),
        name(shown(flip.case, 200)),
        element("span", f"{shown(flip.metric, 60)} {flip.before:.2f} → {flip.after:.2f}", class_="about"),
    )
