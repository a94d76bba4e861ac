from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable
from html.parser import HTMLParser

import pytest

from opswarden.agents.triage.types import Evidence, ModelUse, RankedCause, TriageReport
from opswarden.apps.reports.render import render

Make = Callable[..., TriageReport]


class Outliner(HTMLParser):
    """Collects the headings, and the text of the whole file."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.headings: list[str] = []
        self.words: list[str] = []
        self._tag = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._tag = tag

    def handle_endtag(self, tag: str) -> None:
        self._tag = ""

    def handle_data(self, data: str) -> None:
        if self._tag == "h2":
            self.headings.append(data)
        if self._tag != "style":
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


def html_of(report: TriageReport) -> str:
    return render(report, "html", width=None)


def test_the_order_of_reading(make_report: Make) -> None:
    assert Outliner(html_of(make_report())).headings == [
        "Suspects",
        "How they moved",
        "What was changed",
        "What the model holds",
        "Claims",
        "Actions",
        "Not looked at",
        "Runbooks that fit",
        "Evidence",
        "Cost, and how to check this report",
    ]


def test_the_file_asks_nobody_for_anything(make_report: Make) -> None:
    html = html_of(make_report())
    for reach in ("http:", "https:", "//", "url(", "@import", "src=", "<script", "<link", "<form", "<iframe", "style="):
        assert reach not in html, reach
    assert re.findall(r'href="(?!#)', html) == []


def test_the_policy_allows_exactly_our_style_sheet(make_report: Make) -> None:
    html = html_of(make_report())
    (style,) = re.findall(r"<style>(.*?)</style>", html, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', html)
    assert policy == (
        f"default-src &#39;none&#39;; base-uri &#39;none&#39;; form-action &#39;none&#39;; "
        f"style-src &#39;sha256-{digest}&#39;"
    )
    assert html.index("Content-Security-Policy") < html.index("<style>")


@pytest.mark.parametrize(
    ("verdict", "words"), [("cause_found", "Cause found"), ("inconclusive", "Inconclusive"), ("healthy", "Healthy")]
)
def test_the_verdict_is_in_words(make_report: Make, verdict: str, words: str) -> None:
    text = Outliner(html_of(make_report(verdict=verdict))).text
    assert words in text
    assert text.index(words) < text.index("The data points to") < text.index("Suspects")


def test_citations_lead_to_their_row_or_say_that_it_is_missing(make_report: Make) -> None:
    html = html_of(make_report())
    targets = set(re.findall(r'href="#([^"]+)"', html))
    assert {"E1", "E2", "E5"} <= targets
    assert all(html.count(f'id="{target}"') == 1 for target in targets)
    assert "E9 (missing)" in html


def test_an_evidence_id_that_comes_twice_is_one_anchor(make_report: Make) -> None:
    report = make_report()
    html = html_of(report.model_copy(update={"evidence": (*report.evidence, report.evidence[0])}))
    assert html.count('id="E1"') == 1


def test_charts_have_words_for_those_who_cannot_see_them(make_report: Make) -> None:
    html = html_of(make_report())
    labels = re.findall(r'<svg [^>]*role="img" aria-label="([^"]*)"', html)
    assert len(labels) == 2
    assert labels[0].startswith("latency_seconds of fraud-scorer over time. Median 63.2 ms before, 871 ms during")
    others = re.findall(r"<svg (?![^>]*role=)[^>]*>", html)
    assert all('aria-hidden="true"' in other for other in others)
    tables = re.findall(r"<table.*?</table>", html, re.DOTALL)
    assert len(tables) == 3
    assert all("<caption>" in table and 'scope="col"' in table for table in tables)


def test_the_timeline_puts_the_start_between_the_changes(make_report: Make) -> None:
    text = Outliner(html_of(make_report())).text
    section = text[text.index("What was changed") : text.index("Claims")]
    places = [section.index(word) for word in ("run-03", "card-risk-v42", "The incident starts", "cfg-8849")]
    assert places == sorted(places)
    assert "11 min before" in section
    assert "6 min after" in section
    assert "2 more changes not shown" in section
    assert section.count("suspect") == 1


def test_actions_say_what_was_decided_and_what_to_do(make_report: Make) -> None:
    text = Outliner(html_of(make_report())).text
    assert "models.rollback waits for a person" in text
    assert "opswarden approvals approve apr_7k2" in text
    assert "opswarden resume run_01k" in text
    assert "kubernetes.scale denied" in text
    assert "opswarden policy explain kubernetes.scale" in text


def test_an_id_that_is_no_plain_word_never_gets_into_a_command(make_report: Make) -> None:
    report = make_report(run_id="x; rm -rf ~")
    action = report.actions[0].model_copy(update={"approval_id": "--all $(id)", "tool": "a`b`"})
    refused = report.actions[1].model_copy(update={"tool": "-x"})
    for format_ in ("html", "markdown", "terminal"):
        text = render(report.model_copy(update={"actions": (action, refused)}), format_, width=None)
        commands = re.findall(r"opswarden [^<`\n]*", text)
        assert commands
        assert not any(bad in command for command in commands for bad in ("rm", "--all", "a`b`", "-x"))


def test_claims_carry_their_mark(make_report: Make) -> None:
    text = Outliner(html_of(make_report())).text
    assert "supported latency rose to 0.871 computed E1" in text
    assert "unsupported a rollback mends it A number is not in the cited evidence. language model E5" in text
    assert "1 of 2 could not be supported" in text


def test_gaps_are_never_hidden(make_report: Make) -> None:
    text = Outliner(html_of(make_report())).text
    for gap in ("features.freshness: error", "the snapshot has no table 'slos'", "two time zones were mixed"):
        assert gap in text


def test_costs_and_how_to_verify(make_report: Make) -> None:
    text = Outliner(html_of(make_report())).text
    for words in ("21.4 s", "18,240", "$0.06", "opswarden audit show 2051", "opswarden audit verify", "run_01k"):
        assert words in text


def test_a_report_without_anything(make_report: Make) -> None:
    nothing = {"ranking": (), "claims": (), "actions": (), "evidence": (), "gaps": ()}
    text = Outliner(html_of(make_report(verdict="inconclusive", **nothing))).text
    for words in ("There is nothing to rank.", "No claim was made.", "No action was proposed or taken.",
                  "No tool was called.", "None of this stands in the ledger yet."):  # fmt: skip
        assert words in text
    assert "How they moved" not in text
    healthy = Outliner(html_of(make_report(verdict="healthy", **nothing))).text
    assert "Nothing was out of the ordinary." in healthy


def test_many_suspects_are_cut_and_the_rest_is_counted(make_report: Make) -> None:
    many = tuple(
        RankedCause(entity=f"service-{n}", indicator=None, change=None, score=1 / (n + 1), evidence=())
        for n in range(400)
    )
    text = Outliner(html_of(make_report(ranking=many))).text
    assert "400 suspects" in text
    assert "service-11 " in text
    assert "service-12 " not in text
    assert "388 more" in text


def test_long_names_lose_their_middle_and_keep_it_in_a_tool_tip(make_report: Make) -> None:
    name = "feature-store-" + "x" * 200 + "-7f9c4d"
    cause = RankedCause(entity=name, indicator=None, change=None, score=1.0, evidence=())
    html = html_of(make_report(ranking=(cause,)))
    assert f'title="{name}"' in html
    assert re.search(r">feature-store-x+…x+-7f9c4d<", html)


@pytest.mark.parametrize("score", [1e308, -1e308, float("nan"), float("inf"), 0.0, 5e-324])
def test_absurd_scores(make_report: Make, score: float) -> None:
    cause = RankedCause(entity="a", indicator=None, change=None, score=score, evidence=())
    for format_ in ("html", "markdown", "terminal", "json"):
        text = render(make_report(ranking=(cause, cause)), format_, width=None)
        assert not re.search(r'"-?(nan|inf)', text, re.IGNORECASE)


def test_the_model_and_synthetic_lines(make_report: Make) -> None:
    text = Outliner(html_of(make_report())).text
    assert "Language model: large-model, endpoint eu-hosted; fallbacks: backup." in text
    assert "Synthetic: this incident was made by the sandbox world." in text
    none = make_report(model=ModelUse(used=False, note="the model took no part: no answer"), synthetic=False)
    text = Outliner(html_of(none)).text
    assert "No language model was used. The model took no part: no answer." in text
    assert "Synthetic" not in text


def test_evidence_outside_the_ledger_says_so(make_report: Make) -> None:
    text = Outliner(html_of(make_report())).text
    assert "E6 features.freshness failed group=velocity journal the feature store did not answer" in text


def test_a_huge_summary_does_not_make_a_huge_file(make_report: Make) -> None:
    deep: object = "x"
    for _ in range(200):
        deep = {"a": deep}
    big = Evidence(
        id="E1", tool="logs.search", scope={}, status="ok", summary={"rows": ["y" * 500] * 5_000, "deep": deep}
    )
    assert len(html_of(make_report(evidence=(big,)))) < 80_000


def test_the_first_minute_leads_and_cites(make_report: Make) -> None:
    page = render(make_report(), "html")
    block = page[page.index('class="first-minute"') : page.index('class="facts"')]
    assert block.index("Owner") < block.index("Do first")
    assert '<a href="#E2">E2</a>' in block
    assert "E9 (missing)" in block
    assert "first-minute" not in render(make_report(first_minute=()), "html").partition("<body")[2]
