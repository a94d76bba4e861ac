"""Results of evaluations as one HTML file: figures beside baselines, every case to open, two results compared.

The file asks nobody for anything. Its one script filters the list of cases; without it the whole list is shown.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files

from ...evals.compare import Comparison
from ...evals.suite import Suite, SuiteResult
from .cleaning import shown
from .eval_cases import cases_section
from .eval_comparison import comparison_section
from .eval_figures import circumstances_section, figures_section, parts_section, summary_section
from .markup import Markup, element, fragment

_CLOSED = "default-src 'none'; base-uri 'none'; form-action 'none'"


@dataclass(frozen=True)
class ShownResult:
    """One result on the page.

    Args:
        name: what to call it: the name of its file.
        suite: names its metrics.
        result: as it was read.
    """

    name: str
    suite: Suite
    result: SuiteResult


@dataclass(frozen=True)
class ShownComparison:
    """Two results of the page, compared."""

    before: str
    after: str
    found: Comparison


def render_evaluation(results: Sequence[ShownResult], comparisons: Sequence[ShownComparison] = ()) -> str:
    """The whole file, UTF-8, ending in a line break.

    Raises:
        ValueError: no result.
    """
    if not results:
        raise ValueError("a page needs a result")
    style, script = _template("report.css") + _template("eval.css"), _template("eval.js")
    policy = f"{_CLOSED}; style-src 'sha256-{_digest(style)}'; script-src 'sha256-{_digest(script)}'"
    suites = ", ".join(dict.fromkeys(shown_.suite.name for shown_ in results))
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=policy),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("meta", name="referrer", content="no-referrer"),
        element("meta", name="robots", content="noindex, nofollow"),
        element("meta", name="format-detection", content="telephone=no, date=no, address=no, email=no, url=no"),
        element("title", f"Evaluation: {suites}"),
        element("style", Markup(style)),
    )
    body = element("body", _body(results, comparisons), element("script", Markup(script)))
    return f"<!DOCTYPE html>\n{element('html', head, body, lang='en')}\n"


def _body(results: Sequence[ShownResult], comparisons: Sequence[ShownComparison]) -> Markup:
    several = len(results) > 1
    parts = [comparison_section(each.before, each.after, each.found) for each in comparisons]
    for place, each in enumerate(results):
        parts.append(_result(each, place, with_heading=several))
    title = "Evaluation" if several else f"Suite {results[0].suite.name}"
    lead = (
        " · ".join(shown(each.name, 80) for each in results)
        if several
        else shown(results[0].suite.description[:1].upper() + results[0].suite.description[1:])
    )
    header = element(
        "header",
        element("p", "Measured on labelled cases", class_="eyebrow"),
        element("h1", title),
        element("p", lead, class_="lead"),
        class_="eval-header",
    )
    return element("div", header, element("main", fragment(parts)), class_="page wide")


def _result(each: ShownResult, place: int, *, with_heading: bool) -> Markup:
    key = f"r{place}"
    heading = element(
        "h2",
        element("span", shown(each.name, 80), class_="name"),
        element("span", f" suite {each.suite.name}", class_="kind"),
        class_="result-name",
    )
    return element(
        "article",
        heading if with_heading else None,
        summary_section(each.result),
        figures_section(each.suite, each.result, key),
        parts_section(each.suite, each.result, key),
        cases_section(each.result, key),
        circumstances_section(each.result, key),
        class_="result",
        id=key,
    )


def _template(name: str) -> str:
    return files(__name__.rpartition(".")[0]).joinpath("templates", name).read_text(encoding="utf-8")


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
