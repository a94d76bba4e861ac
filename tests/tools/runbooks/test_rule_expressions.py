"""What an alerting rule compares, as Prometheus' own grammar reads it."""

from __future__ import annotations

import pytest

from opswarden.tools.runbooks.rule_expressions import read_rule


@pytest.mark.parametrize(
    ("expression", "metrics", "sign", "threshold"),
    [
        ('delay_s{oven="a"} > 0.5', ["delay_s"], ">", 0.5),
        ("0.5 <= rate(x_total[5m]) / y", ["x_total", "y"], ">=", 0.5),
        ("(a > -1) and on(x) b", ["a", "b"], ">", -1.0),
        ("b and (a < (2))", ["b", "a"], "<", 2.0),
        ("sum by (job) (rate(a[5m])) > 1e3 unless c", ["a", "c"], ">", 1000.0),
        ("a > b", ["a", "b"], None, None),
        ("absent(a)", ["a"], None, None),
    ],
)
def test_the_first_comparison_with_a_number(
    expression: str, metrics: list[str], sign: str | None, threshold: float | None
) -> None:
    read = read_rule(expression)
    assert [each.metric for each in read.selectors] == metrics
    found = read.comparison
    assert (found.sign if found else None, found.threshold if found else None) == (sign, threshold)


@pytest.mark.parametrize(
    "expression", ["", "up ==", "a{", "((((", "\x00", "a" * 5_000, "(" * 300 + ")" * 300, "a > 'x"]
)
def test_what_is_none_is_a_problem_and_no_error(expression: str) -> None:
    read = read_rule(expression)
    assert read.problem
    assert read.comparison is None
