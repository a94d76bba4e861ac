"""What somebody writes in PromQL is confined, or refused with a reason; nothing gets past the labels that do it."""

from __future__ import annotations

from datetime import timedelta

import promql_parser
import pytest
from hypothesis import given
from hypothesis import strategies as st

from opswarden.core.errors import ToolRetry
from opswarden.tools.metrics.backends.promql import Matcher
from opswarden.tools.metrics.expressions import ExpressionRules, compiled

TENANT = Matcher("tenant", "=", 'o"u}r\\s')
CONFINED = 'tenant="o\\"u}r\\\\s"'
RULES = ExpressionRules(
    (TENANT,), ("cakes", "oven_*", "up"), hidden_labels=frozenset({"baker"}), longest=timedelta(days=1)
)
MINUTE = timedelta(minutes=1)


def sent(text: str) -> str:
    return " ".join(compiled(text, RULES, MINUTE).text.split())


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("cakes", f"cakes{{{CONFINED}}}"),
        ('cakes{a="1"}', f'cakes{{a="1",{CONFINED}}}'),
        ("cakes{a=`1`}", f'cakes{{a="1",{CONFINED}}}'),
        ('cakes{a=~"x|y\\\\."}[5m] offset 1h', None),
        ("rate(cakes[5m] offset -1h)", f"rate(cakes{{{CONFINED}}}[5m] offset -1h)"),
        (
            "sum by (a) (rate(oven_heat[5m])) / on (a) group_left (b) max_over_time(up[1h:30s]) > bool 3",
            f"sum by (a) (rate(oven_heat{{{CONFINED}}}[5m])) / on (a) group_left (b) "
            f"max_over_time(up{{{CONFINED}}}[1h:30s]) > bool 3",
        ),
        ("-cakes ^ 2", f"-cakes{{{CONFINED}}} ^ 2"),
        ("(-cakes) ^ 2", f"(-cakes{{{CONFINED}}}) ^ 2"),
        ("cakes and on () up unless up", f"cakes{{{CONFINED}}} and on () up{{{CONFINED}}} unless up{{{CONFINED}}}"),
        ("absent(cakes)", f"absent(cakes{{{CONFINED}}})"),
        ('{__name__="cakes"}', f"cakes{{{CONFINED}}}"),
        ("sum(up) without (a)", f"sum without (a) (up{{{CONFINED}}})"),
        ("1 + time()", "1 + time()"),
    ],
)
def test_every_selector_is_confined(written: str, expected: str | None) -> None:
    if expected is None:
        with pytest.raises(ToolRetry, match="no numbers over time"):
            sent(written)
    else:
        assert sent(written) == expected


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("cakes{", "no PromQL"),
        ('cakes{tenant="theirs"}', "tenant is set for you"),
        ('cakes{tenant!=""}', "tenant is set for you"),
        ('cakes{tenant="o\\"u}r\\\\s"}', "tenant is set for you"),
        ("sum by (tenant) (cakes)", "tenant is set for you"),
        ("cakes * on (tenant) up", "tenant is set for you"),
        ("cakes * on (a) group_left (tenant) up", "tenant is set for you"),
        ('label_replace(cakes,"tenant","$1","a","(.*)")', "tenant is set for you"),
        ("sum by (baker) (cakes)", "hidden"),
        ('cakes{baker="ana"}', "hidden"),
        ('label_join(cakes,"who","","baker")', "hidden"),
        ('count_values("baker", cakes)', "hidden"),
        ("secrets", "may not be read"),
        ('{__name__=~"cakes"}', "does not name its metric"),
        ('{a="1"}', "does not name its metric"),
        ('{__name__!="cakes",a="1"}', "does not name its metric"),
        ('{"cakes.eaten"}', "may not be read"),
        ("info(cakes)", "function info"),
        ("cakes @ end()", "`@`"),
        ("rate(cakes[5m] @ 1700000000)", "`@`"),
        ('cakes{a="1" or b="2"}', "`or` between labels"),
        ("rate(cakes[30d])", "range is too long"),
        ("max_over_time(cakes[2d:1m])", "range is too long"),
        ("cakes offset 2d", "offset is too long"),
        ("cakes offset -2d", "offset is too long"),
        ('"text"', "no numbers over time"),
        ("cakes[5m:]", "no numbers over time"),
        ("(" * 30 + "cakes" + ")" * 30, "nested too deeply"),
        ("+".join(["cakes"] * 13), "more than 12 selectors"),
        ("+".join(["1"] * 300), "too many parts"),
        ("cakes" + " " * 4_000, "too long"),
        ('cakes{a="\u202e"}', "not printed"),
    ],
)
def test_what_is_not_allowed_is_refused_with_the_reason(written: str, reason: str) -> None:
    with pytest.raises(ToolRetry, match=reason):
        sent(written)


def test_a_subquery_counts_as_often_as_it_evaluates() -> None:
    readings = compiled("max_over_time(rate(cakes[10m])[1h:1m]) + up", RULES, MINUTE).readings
    assert [(reading.reach, reading.evaluations) for reading in readings] == [(600, 60), (0, 1)]


_NAMES = st.sampled_from(["cakes", "up", "oven_heat"])
_PIECES = st.one_of(
    st.text(st.characters(categories=("L", "N", "P", "S", "Zs")), max_size=8),
    st.sampled_from(['"', "\\", "`", "}", "{", "or", "unless", "secrets", " # ", "[5m]", ",", "=~", ")", "(", "$1"]),
)
_TEXTS = st.lists(_PIECES, max_size=6).map("".join)


@given(_NAMES, _TEXTS, st.sampled_from(["=", "!=", "=~", "!~"]), _TEXTS)
def test_whatever_is_written_only_confined_selectors_are_sent(name: str, value: str, operator: str, tail: str) -> None:
    literal = value.replace("\\", "\\\\").replace('"', '\\"')
    for written in (f'{name}{{a{operator}"{literal}"}}', f"{name}{{a{operator}'{value}'}} {tail}", f"{name} {tail}"):
        try:
            text = compiled(written, RULES, MINUTE).text
        except ToolRetry:
            continue
        for found in selectors(promql_parser.parse(text)):
            assert found.name in ("cakes", "up", "oven_heat")
            assert [m.value for m in found.matchers.matchers if m.name == "tenant"] == [TENANT.value]
            assert not found.matchers.or_matchers


def selectors(tree: promql_parser.Expr) -> list[promql_parser.VectorSelector]:
    found: list[promql_parser.VectorSelector] = []

    def collect(node: promql_parser.Expr) -> None:
        if isinstance(node, promql_parser.VectorSelector):
            found.append(node)
        elif isinstance(node, promql_parser.MatrixSelector):
            found.append(node.vector_selector)

    promql_parser.walk(tree, collect)
    return found
