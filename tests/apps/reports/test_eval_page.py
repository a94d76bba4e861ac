"""Results as a page: what it says, that it asks nobody for anything, and that no text in a result can act."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser
from typing import Any

import pytest

from opswarden.apps.reports.eval_page import ShownComparison, ShownResult, render_evaluation
from opswarden.evals.compare import compare
from opswarden.evals.reading import explained, outcome_of
from opswarden.evals.scoring.rca import SUITE
from opswarden.evals.suite import CaseScore, Circumstances, Repeat, SuiteResult
from opswarden.evals.summary import summarise

HOSTILE = "<script>alert(1)</script><img src=//evil.example onerror=x>\u202e\"'`&"


class Reader(HTMLParser):
    """The elements with their attributes, and the text outside of style and script."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self._quiet = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._quiet = tag in ("style", "script")

    def handle_endtag(self, tag: str) -> None:
        self._quiet = False

    def handle_data(self, data: str) -> None:
        if not self._quiet:
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    def cases(self) -> list[dict[str, str | None]]:
        return [attrs for tag, attrs in self.elements if tag == "details" and attrs.get("class") == "case"]


def case(number: int, top1: float, *, ranking: tuple[str, ...] = ("oven", "mixer"), **more: Any) -> CaseScore:
    suspects = [
        {"entity": name, "indicator": "heat", "change": None, "score": 0.5, "evidence": ["E5"], "reasons": ["it rose"]}
        for name in ranking
    ]
    details = {
        "truth": {"causes": [{"entity": "mixer", "indicator": "load"}], "verdict": "cause_found"},
        "verdict": "cause_found",
        "ranking": list(ranking),
        "suspects": suspects,
        "evidence": [{"id": "E5", "tool": "metrics.shifts", "status": "truncated"}],
    }
    fields: dict[str, Any] = {
        "id": f"case-{number:04d}",
        "set_name": "bakery",
        "group": f"bakery/g{number % 2}",
        "metrics": {"top1": top1, "avg5": 0.6},
        "baseline": {"alert": {"top1": 0.25}},
        "cost": {"usd": 0.01, "tokens_in": 100, "tokens_out": 10, "wall_s": 2.0},
        "details": details,
    }
    return CaseScore(**{**fields, **more})


def a_result(*cases: CaseScore) -> SuiteResult:
    return summarise(SUITE, cases or (case(1, 1.0), case(2, 0.0)), seed=4)


def page(result: SuiteResult) -> Reader:
    return Reader(html_of(result))


def html_of(result: SuiteResult) -> str:
    return render_evaluation([ShownResult("after.json", SUITE, result)])


def test_what_stands_on_the_page() -> None:
    found = page(a_result(case(1, 1.0), case(2, 0.0), case(3, 0.5)))
    for words in (
        "Suite rca",
        "1 right",
        "1 wrong",
        "1 partly",
        "a true cause is ranked first",
        "It names oven first; the true cause mixer is at place 2.",
        "it rose",
        "E5 metrics.shifts truncated",
        "bakery › g0",
        "0.0300 USD",
        "300 in, 30 out",
        "Baselines on this case, top1: alert 0.25",
    ):
        assert words in found.text, words
    assert [one["data-outcome"] for one in found.cases()] == ["wrong", "partly", "right"]
    assert {one["data-group"] for one in found.cases()} == {"bakery/g0", "bakery/g1"}


def test_the_page_asks_nobody_for_anything() -> None:
    html = html_of(a_result())
    for reach in ("http:", "https:", "//", "url(", "@import", "src=", "<link", "<form", "<iframe", "style=", "onclick"):
        assert reach not in html, reach
    assert re.findall(r'href="(?!#)', html) == []


def test_the_policy_allows_exactly_our_style_and_script() -> None:
    html = html_of(a_result())
    (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', html)
    for tag in ("style", "script"):
        (text,) = re.findall(rf"<{tag}>(.*?)</{tag}>", html, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{tag}-src &#39;sha256-{digest}&#39;" in policy
    assert "default-src &#39;none&#39;" in policy


def test_no_text_of_a_result_acts() -> None:
    bad = case(1, 0.0, ranking=(HOSTILE,), id=HOSTILE, group=HOSTILE, set_name=HOSTILE)
    details = {
        **bad.details,
        "truth": {"causes": [{"entity": HOSTILE, "indicator": HOSTILE}], "verdict": HOSTILE, "fault": HOSTILE},
        "suspects": [{"entity": HOSTILE, "score": "NaN", "reasons": [HOSTILE], "evidence": [HOSTILE]}, 7, None],
        "evidence": [{"id": HOSTILE, "tool": HOSTILE, "status": HOSTILE}, "x"],
        "summary": HOSTILE,
        "gaps": [HOSTILE],
        HOSTILE: {HOSTILE: HOSTILE},
    }
    broken = CaseScore(id="b", error=HOSTILE, repeats=(Repeat(error=HOSTILE), Repeat(details={"ranking": [HOSTILE]})))
    told = Circumstances(versions={HOSTILE: HOSTILE}, prompts={HOSTILE: HOSTILE}, options={HOSTILE: HOSTILE})
    result = a_result(bad.model_copy(update={"details": details}), broken).model_copy(
        update={"circumstances": told, "models": (HOSTILE,), "notes": (HOSTILE,)}
    )
    shown = ShownResult(HOSTILE, SUITE, result)
    html = render_evaluation([shown, shown], [ShownComparison(HOSTILE, HOSTILE, compare(result, result))])
    found = Reader(html)
    assert [tag for tag, _ in found.elements if tag in ("img", "iframe", "a")] == []
    assert sum(tag == "script" for tag, _ in found.elements) == 1
    assert not any(name.startswith("on") for _, attrs in found.elements for name in attrs)
    assert "\u202e" not in html
    assert "alert(1)" in found.text


def test_details_of_no_known_shape_are_shown_and_break_nothing() -> None:
    odd = case(1, 0.0).model_copy(
        update={"details": {"truth": 3, "ranking": "oven", "suspects": {}, "stopped": {"a": 1}}}
    )
    assert '"stopped"' in page(a_result(odd)).text


def test_errors_and_repeats_are_told_apart() -> None:
    answers = (
        Repeat(metrics={"top1": 1.0}, details={"ranking": ["mixer"]}, cost={"usd": 0.02}),
        Repeat(error="Unanswered: endpoint 'house' did not answer in time", is_infrastructure=True),
    )
    found = page(
        a_result(
            case(1, 1.0, repeats=answers),
            CaseScore(id="case-0002", error="InputError: logs.parquet is damaged"),
            CaseScore(id="case-0003", error="Unanswered: down", is_infrastructure=True),
        )
    )
    assert [one["data-outcome"] for one in found.cases()] == ["error", "infrastructure", "right"]
    assert "2 (1 infrastructure)" in found.text
    assert "2 answers to this case." in found.text
    assert "infrastructure: Unanswered: endpoint 'house' did not answer in time" in found.text


def test_two_results_are_compared() -> None:
    before, after = (a_result(*(case(number, value) for number in range(9))) for value in (0.0, 1.0))
    compared = ShownComparison("before.json", "after.json", compare(before, after))
    html = render_evaluation(
        [ShownResult("before.json", SUITE, before), ShownResult("after.json", SUITE, after)], [compared]
    )
    text = Reader(html).text
    assert "Better after.json against before.json 9 pairs" in text
    assert "No model, prompt, setting or version is known to have changed." in text
    assert "9 values of cases changed" in text
    assert len(Reader(html).cases()) == 18


def test_many_cases_are_cut_after_the_wrong_ones() -> None:
    found = page(a_result(*(case(number, float(number > 3)) for number in range(1, 1_600))))
    assert len(found.cases()) == 1_500
    assert [one["data-outcome"] for one in found.cases()][:4] == ["wrong", "wrong", "wrong", "right"]
    assert "99 more cases in the JSON, all right." in found.text


def test_nothing_scored_is_a_page_too() -> None:
    only = CaseScore(id="case-0001", error="InputError: damaged")
    empty = SuiteResult(suite="rca", n=0, errors=1, metrics={}, baseline={}, cases=(only,), seed=0)
    assert "No case was scored." in page(empty).text
    with pytest.raises(ValueError, match="needs a result"):
        render_evaluation([])


READINGS = [
    ("right", case(1, 1.0), (), "right"),
    ("between", case(1, 0.4), (), "partly"),
    ("wrong", case(1, 0.0), (), "wrong"),
    ("0 is right where lower is better", case(1, 0.0), ("top1",), "right"),
    ("a case without a metric is no right one", case(1, 0.0, metrics={}), (), "error"),
    ("broken", CaseScore(id="x", error="InputError: no"), (), "error"),
    ("not asked", CaseScore(id="x", error="Unanswered: no", is_infrastructure=True), (), "infrastructure"),
]


@pytest.mark.parametrize(("one", "lower", "outcome"), [row[1:] for row in READINGS], ids=[row[0] for row in READINGS])
def test_outcomes(one: CaseScore, lower: tuple[str, ...], outcome: str) -> None:
    assert outcome_of(one, lower) == outcome


def test_why_it_is_wrong() -> None:
    assert explained(case(1, 0.0, ranking=("oven",)))[0] == (
        "It names oven; no true cause is among the 1 it names here."
    )
    assert explained(case(1, 1.0, ranking=("mixer",))) == (
        "The entity is right; the indicator is load, and it names heat.",
    )
    calm = {"truth": {"verdict": "healthy"}, "verdict": "cause_found", "ranking": ["oven"]}
    assert explained(case(1, 0.0, details=calm)) == ("It says cause found; the label says healthy.",)
    unsure = {**case(1, 0.0).details, "verdict": "inconclusive", "ranking": [], "suspects": []}
    assert explained(case(1, 0.0, details=unsure)) == (
        "It names nobody.",
        "It says inconclusive, although there is a cause.",
    )
