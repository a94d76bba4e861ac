"""`opswarden eval run fraud`."""

from __future__ import annotations

from collections import Counter

import click

from ...evals.suite import Suite, SuiteResult
from ...evals.suites.fraud import run_fraud
from .eval_made import made, show_made


def _show(suite: Suite, result: SuiteResult) -> None:
    """What was said of each kind, then the cases that went wrong and the figures."""
    said: dict[str, Counter[str]] = {}
    for case in result.cases:
        if "situations" not in case.details:
            continue
        found = case.details["situations"]
        said.setdefault(case.group, Counter())[f"{case.details['verdict']}: {found[0][0] if found else '-'}"] += 1
    for group, counts in said.items():
        click.echo(f"  {group:24}{', '.join(f'{name} {count}' for name, count in counts.most_common())}")
    show_made(suite, result)


COMMAND = made(run_fraud, "payments", 10, _show)
"""What `eval run` and `eval all` do with it."""
