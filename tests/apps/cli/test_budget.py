"""`opswarden budget show`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from opswarden.apps.installation import open_installation
from opswarden.policies import budgets
from opswarden.policies.budgets import Limits, RunBudget, Use
from opswarden.policies.day_budgets import DayBudgets
from opswarden.policies.group_commit import GroupCommit
from opswarden.policies.types import Principal
from opswarden.tests.apps.conftest import Cli

SETTINGS = 'version = 1\n[[gate.budgets]]\nteam = "payments"\ncalls = 10\n[[gate.budgets]]\nrole = "*"\ncalls = 100\n'
PAYMENTS = Principal("triage", "person:ann", "payments")


def use(*, run_id: str = "run_1", calls: int, open_calls: int, principal: Principal = PAYMENTS) -> None:
    with open_installation() as installation:
        installation.database.migrate("budgets", budgets.MIGRATIONS)
        limits, days = Limits(), DayBudgets(installation.settings.gate.budgets)
        mine = RunBudget(
            installation.database,
            installation.clock,
            run_id,
            limits,
            GroupCommit(installation.database, installation.ledger),
            days,
            principal,
        )
        for n in range(calls + open_calls):
            kept = mine.reserve("call", str(n), Use(calls=1), may_degrade=False, environment="production")
            if n < calls:
                with installation.database.transaction() as connection:
                    mine.settle(connection, kept, Use(calls=1, rows=20))


def figures(found: Any) -> dict[tuple[str, str, str], tuple[int, int, int | None, int | None]]:
    return {
        (item["scope"], item["name"], item["measure"]): (item["used"], item["reserved"], item["limit"], item["left"])
        for item in found["budgets"]
    }


def test_used_reserved_and_left_per_scope(cli: Cli, write_settings: Callable[[str], Path]) -> None:
    write_settings(SETTINGS)
    use(calls=4, open_calls=3)
    use(run_id="run_2", calls=1, open_calls=0, principal=Principal("platform", "person:ann", "search"))
    found = cli("budget", "show", "--format", "json").json
    assert found["day"] == datetime.now(UTC).date().isoformat()
    assert figures(found) == {
        ("team", "payments", "calls"): (4, 3, 10, 3),
        ("team", "payments", "rows"): (80, 0, None, None),
        ("team", "search", "calls"): (1, 0, None, None),
        ("team", "search", "rows"): (20, 0, None, None),
        ("role", "platform", "calls"): (1, 0, 100, 99),
        ("role", "platform", "rows"): (20, 0, None, None),
        ("role", "triage", "calls"): (4, 3, 100, 93),
        ("role", "triage", "rows"): (80, 0, None, None),
        ("environment", "production", "calls"): (5, 3, None, None),
        ("environment", "production", "rows"): (100, 0, None, None),
    }
    assert set(figures(cli("budget", "show", "--team", "payments", "--format", "json").json)) == {
        ("team", "payments", "calls"),
        ("team", "payments", "rows"),
    }
    run = figures(cli("budget", "show", "--run", "run_1", "--format", "json").json)
    assert run["run", "run_1", "calls"] == (4, 3, 200, 193)


def test_bars_in_the_terminal(cli: Cli, write_settings: Callable[[str], Path]) -> None:
    write_settings(SETTINGS)
    use(calls=5, open_calls=5)
    said = cli("budget", "show", "--team", "payments")
    (line,) = [line for line in said.out.splitlines() if "calls" in line]
    assert "█" * 12 + "▒" * 12 + " 100%" in line


def test_a_named_budget_is_shown_before_anything_is_used(cli: Cli, write_settings: Callable[[str], Path]) -> None:
    write_settings(SETTINGS)
    found = figures(cli("budget", "show", "--format", "json").json)
    assert found == {("team", "payments", "calls"): (0, 0, 10, 10)}
    assert figures(cli("budget", "show", "--day", "2026-01-31", "--format", "json").json) == found


def test_nothing_at_all_is_said_so(cli: Cli) -> None:
    said = cli("budget", "show", "--day", "2026-01-31")
    assert (said.code, said.out) == (0, "nothing was used on 2026-01-31, and nothing is limited by `gate.budgets`\n")


def test_what_is_no_day_is_refused(cli: Cli) -> None:
    for words in (("--day", "yesterday"), ("--day", "2026-1-3"), ("--run", "r", "--team", "t")):
        said = cli("budget", "show", *words)
        assert said.code == 2
        assert "fix:" in said.err


def test_two_budgets_for_the_same_stop_the_start(cli: Cli, write_settings: Callable[[str], Path]) -> None:
    write_settings(SETTINGS + '[[gate.budgets]]\nteam = "payments"\nrows = 1\n')
    assert cli("budget", "show").code == 2


def test_a_triage_is_counted(cli: Cli, triaged: Any) -> None:
    found = figures(cli("budget", "show", "--format", "json").json)
    calls = found["role", "triage", "calls"]
    assert calls[:2] == (found["team", "platform", "calls"][0], 0)
    assert calls[0] > 5
    assert found["team", "platform", "rows"][0] > 100
