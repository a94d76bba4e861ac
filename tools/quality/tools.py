"""`quality.check`."""

from __future__ import annotations

import math

import pyarrow as pa

from ...core.errors import InputError, ToolFailed
from ..spec import AnyTool, Output, Scope, Tool, ToolContext
from ..summary import first_that_fit, one_line
from .backends.types import QualityBackend
from .naming import Finding, findings
from .rules import TableRules
from .types import CheckArgs, CheckResult, NamedFault

QUALITY_COLUMNS = pa.schema(
    [
        ("fault", pa.string()),
        ("columns", pa.string()),
        ("what", pa.string()),
        ("value", pa.float64()),
        ("usual", pa.float64()),
        ("reach", pa.float64()),
        ("words", pa.string()),
    ]
)
"""Columns of the artifact of `quality.check`: a row per fault, the farthest reaching first."""

_TOKENS = 700


def quality_tools(backend: QualityBackend) -> tuple[AnyTool, ...]:
    """The tools over watched tables."""

    def check(args: CheckArgs, context: ToolContext) -> Output[CheckResult]:
        scope = Scope(environment=backend.environment, filters={"table": args.table})
        try:
            watched = backend.watched(args.table, context.deadline)
        except InputError as error:
            raise ToolFailed(error.message, remedy=error.remedy) from error
        if watched is None:
            return Output("no_data", scope, note="the table has no day to judge")
        named = [_named(each) for each in findings(watched.rules, watched.past, watched.day)]
        shown = first_that_fit(named[: args.limit], _TOKENS)
        result = CheckResult(
            table=one_line(args.table),
            day=one_line(watched.day.name),
            rows=watched.day.rows,
            rules=_count(watched.rules),
            past_days=len(watched.past),
            found=len(named),
            faults=shown,
        )
        rest = len(named) - len(shown)
        note = f"{rest} faults that reach less far are left out" if rest else ""
        table = pa.Table.from_pylist([each.model_dump(mode="json") for each in named], schema=QUALITY_COLUMNS)
        return Output("ok", scope, result, artifact=table, note=note)

    return (
        Tool(
            name="quality.check",
            effect="read",
            description=(
                "What is wrong with the newest day of a table, named: zeros for nulls, another unit or time zone, a "
                "renamed category, a doubled join, a leaking label, swapped columns, values of the day before, …"
            ),
            args=CheckArgs,
            result=CheckResult,
            run=check,
            environment=backend.environment,
            timeout_s=120,
            summary_tokens=1_100,
            data_classes=frozenset({"operational"}),
        ),
    )


def _named(each: Finding) -> NamedFault:
    return NamedFault(
        fault=each.fault,
        columns=one_line(", ".join(each.columns)),
        what=each.text,
        value=_number(each.value),
        usual=_number(each.usual),
        reach=round(each.reach, 4),
        words=one_line(" → ".join(each.words)),
    )


def _number(value: float) -> float | None:
    return None if math.isnan(value) else float(f"{value:.5g}")


def _count(rules: TableRules) -> int:
    table = sum(bound is not None for bound in (rules.rows, rules.duplicated, rules.lag_s, rules.late))
    columns = sum(
        2 + sum(part is not None for part in (rule.nulls, rule.zeros, rule.values, rule.median, rule.categories))
        for rule in rules.columns.values()
    )
    return table + len(rules.orphans) + columns
