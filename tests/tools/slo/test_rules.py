"""Rules for Prometheus, read and run by a real promtool: they fire where the burn rate says so, and nowhere else."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from opswarden.tools.slo.backends.types import Slo
from opswarden.tools.slo.rules import slo_rules

DAY_S = 86_400
RATIO = Slo("payouts", "answers", 0.999, 30 * DAY_S, "1 - http_errors_total / http_requests_total")
KINDS = (
    Slo('a b"\\\n{}', "r", 0.99, 28 * DAY_S, 'good_total{code!="5xx", path=~"a|b"} / all_total'),
    Slo("scorer", "share", 0.99, 7 * DAY_S, "1 - error_rate"),
    Slo("scorer", "speed", 0.95, DAY_S, "latency_p99 < 0.25"),
    Slo("scorer", "rate", 0.99, 600, "ok_rate / rate_of_all"),
)


def needs_promtool() -> str:
    found = shutil.which("promtool")
    if found is None:
        pytest.skip("Prometheus is not installed: rules are not read by promtool")
    return found


def promtool(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [needs_promtool(), *arguments], cwd=folder, capture_output=True, text=True, timeout=60, check=False
    )


def written(folder: Path, *slos: Slo) -> Path:
    path = folder / "rules.yaml"
    path.write_text(yaml.safe_dump({"groups": list(slo_rules(slos).groups)}))
    return path


def test_every_kind_of_indicator_and_any_name_becomes_rules_that_prometheus_reads(tmp_path: Path) -> None:
    found = promtool(tmp_path, "check", "rules", str(written(tmp_path, RATIO, *KINDS)))
    assert found.returncode == 0, found.stdout + found.stderr
    assert not slo_rules(KINDS).problems


def fires(folder: Path, errors: str, at: str, *, requests: str = "0+100x10000") -> list[str]:
    """The windows whose alert fires at a moment, by promtool's own evaluation."""
    written(folder, RATIO)
    expectations: list[dict[str, Any]] = []
    test = {
        "rule_files": ["rules.yaml"],
        "evaluation_interval": "15m",
        "tests": [
            {
                "interval": "1m",
                "input_series": [
                    {"series": 'http_errors_total{service="payouts"}', "values": errors},
                    {"series": 'http_requests_total{service="payouts"}', "values": requests},
                ],
                "promql_expr_test": [
                    {"expr": "count by (window) (ALERTS{alertname='ErrorBudgetBurns'})", "eval_time": at,
                     "exp_samples": expectations}
                ],
            }
        ],
    }  # fmt: skip
    (folder / "test.yaml").write_text(json.dumps(test))
    found = promtool(folder, "test", "rules", "test.yaml")
    text = found.stdout + found.stderr
    return [window for window in ("1h", "6h", "3d") if f'window="{window}"' in text]


@pytest.mark.parametrize(
    ("errors", "windows"),
    [
        ("0+0x5760", []),
        ("0+0.09x5760", []),  # 0.9 of the budget's rate for four days
        ("0+0.2x5760", ["3d"]),  # twice the rate: a ticket
        ("0+0x5400 0+0.7x359", ["6h"]),  # seven times for six hours
        ("0+0x5690 0+2x69", ["1h"]),  # twenty times for an hour
        ("0+0x5600 0+2x60 120+0x98", []),  # over for more than an hour
    ],
    ids=["nothing", "within", "slow", "fast", "very fast", "over"],
)
def test_alerts_fire_as_burn_rates_say(tmp_path: Path, errors: str, windows: list[str]) -> None:
    found = fires(tmp_path, errors, "5745m")
    assert [one for one in windows if one not in found] == []
    assert [one for one in found if one not in windows and not (one == "6h" and windows == ["1h"])] == []


def test_what_cannot_be_a_rule_is_named_and_the_rest_is_written() -> None:
    wrong = [
        Slo("x", "share", 1.5, DAY_S, "a / b"),
        Slo("x", "window", 0.9, 0, "a / b"),
        Slo("x", "query", 0.9, DAY_S, "a + b"),
        Slo("x", "metric", 0.9, DAY_S, '"a b" / c'),
    ]
    found = slo_rules([*wrong, RATIO])
    assert [name for _, name, _ in found.problems] == ["share", "window", "query", "metric"]
    assert [group["name"] for group in found.groups] == ["slo-payouts-answers"]
    with pytest.raises(ValueError, match="label"):
        slo_rules([RATIO], 'x"} or vector(1) #')
