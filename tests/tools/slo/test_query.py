"""The forms of a query, and what is none."""

from __future__ import annotations

import pytest

from opswarden.tools.slo.query import Matcher, Measure, Ratio, Share, Threshold, UnreadableQueryError, parse

P95 = Measure("bake_ms", (Matcher("quantile", "=", "0.95"),))


@pytest.mark.parametrize(
    ("query", "indicator"),
    [
        ("fresh_share", Share(Measure("fresh_share"), is_bad=False)),
        ("1 - burnt_share", Share(Measure("burnt_share"), is_bad=True)),
        ("1-burnt_share", Share(Measure("burnt_share"), is_bad=True)),
        ("good_total / all_total", Ratio(Measure("good_total"), Measure("all_total"), is_bad=False)),
        ("1 - bad-total/all.total", Ratio(Measure("bad-total"), Measure("all.total"), is_bad=True)),
        ("bake_ms{quantile=0.95} < 250", Threshold(P95, "<", 250.0)),
        ('bake_ms{quantile="0.95",} <= 2.5e2', Threshold(P95, "<=", 250.0)),
        ('"oven heat" > -3', Threshold(Measure("oven heat"), ">", -3.0)),
        ("5xx_share", Share(Measure("5xx_share"), is_bad=False)),
        (
            'sum(rate(loaves_total{code!~"5..", shop=~"a|b"}[5m])) / sum(rate(loaves_total[5m]))',
            Ratio(
                Measure("loaves_total", (Matcher("code", "!~", "5.."), Matcher("shop", "=~", "a|b"))),
                Measure("loaves_total"),
                is_bad=False,
            ),
        ),
        ('bake_bucket{le="0.25"} / bake_count', Ratio(
            Measure("bake_bucket", (Matcher("le", "=", "0.25"),)), Measure("bake_count"), is_bad=False)),
        (r'x{a="say \"hi\""}', Share(Measure("x", (Matcher("a", "=", 'say "hi"'),)), is_bad=False)),
    ],
)  # fmt: skip
def test_forms(query: str, indicator: object) -> None:
    assert parse(query) == indicator


@pytest.mark.parametrize(
    "query",
    [
        "", "   ", "1", "1 -", "x <", "x < y", "x < nan", "x < inf", "x / ", "x / y / z", "x y", "a - b", "a + b",
        "x{", "x{a", "x{a=1", "x{a=1 b=2}", "x{=1}", "1 - x < 3",
        "sum(x", "sum by (a) (x)", "histogram_quantile(0.9, x)",
        "x; drop table metrics", "x % 2", "x{" + ",".join(f"l{n}=1" for n in range(30)) + "}", "x" * 2_000, "é",
    ],
)  # fmt: skip
def test_what_is_no_query_is_an_error(query: str) -> None:
    with pytest.raises(UnreadableQueryError) as caught:
        parse(query)
    assert "drop table" not in str(caught.value)
