"""What a team, an agent role or an environment may use in a day, over all runs on one database.

A day is a day of UTC. Counters are kept in the transaction that reserves, so a reservation costs the same however much
the day has seen. A use counts for the day in which it was reserved. What a crash leaves reserved stays counted until
the day is over: it may have been spent.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, TypeAlias

from pydantic import Field, model_validator

from ..core.clock import to_iso
from ..core.config import Section
from ..core.database import Connection
from ..core.errors import ConfigError
from .types import Deny
from .uses import COLUMNS, Measure, Use, use_of

Scope = Literal["team", "role", "environment"]

SCOPES: tuple[Scope, ...] = ("team", "role", "environment")
MEASURES: tuple[Measure, ...] = ("calls", "prompts", "tokens", "microusd", "rows", "bytes")
ANY = "*"

# Number 2 of the component `budgets`; number 1 is beside the budget of a run.
TABLES = """
    ALTER TABLE budget_use ADD COLUMN rows INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE budget_use ADD COLUMN bytes INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE budget_use ADD COLUMN day TEXT NOT NULL DEFAULT '';
    ALTER TABLE budget_use ADD COLUMN team TEXT NOT NULL DEFAULT '';
    ALTER TABLE budget_use ADD COLUMN role TEXT NOT NULL DEFAULT '';
    ALTER TABLE budget_use ADD COLUMN environment TEXT NOT NULL DEFAULT '';
    CREATE INDEX budget_use_open ON budget_use (day) WHERE is_settled = 0;
    CREATE TABLE budget_day (
        day TEXT NOT NULL,
        scope TEXT NOT NULL,
        name TEXT NOT NULL,
        calls INTEGER NOT NULL,
        prompts INTEGER NOT NULL,
        tells INTEGER NOT NULL,
        tokens_in INTEGER NOT NULL,
        tokens_out INTEGER NOT NULL,
        microusd INTEGER NOT NULL,
        rows INTEGER NOT NULL,
        bytes INTEGER NOT NULL,
        PRIMARY KEY (day, scope, name)
    ) STRICT
"""


_COUNT = (
    f"INSERT INTO budget_day (day, scope, name, {', '.join(COLUMNS)})"  # noqa: S608 - the column names above
    f" VALUES ({', '.join('?' * (3 + len(COLUMNS)))}) ON CONFLICT (day, scope, name) DO UPDATE SET"
    f" {', '.join(f'{column} = budget_day.{column} + excluded.{column}' for column in COLUMNS)}"
    f" RETURNING {', '.join(COLUMNS)}"
)


class DayBudget(Section):
    """What one team, agent role or environment may use in a day; `*` stands for each of them by itself."""

    team: str | None = Field(default=None, min_length=1, max_length=64, description="whose runs it binds")
    role: str | None = Field(default=None, min_length=1, max_length=64, description="the agent role that it binds")
    environment: str | None = Field(
        default=None, min_length=1, max_length=64, description="where the calls of tools act that it binds"
    )
    per: Literal["day"] = Field(default="day", description="a day of UTC")
    calls: int | None = Field(default=None, ge=1, description="tool calls")
    prompts: int | None = Field(default=None, ge=1, description="requests to models")
    tokens: int | None = Field(default=None, ge=1, description="tokens to and from models together")
    microusd: int | None = Field(default=None, ge=1, description="micro-USD for models and tools")
    rows: int | None = Field(default=None, ge=1, description="rows that reads bring")
    bytes: int | None = Field(default=None, ge=1, description="bytes that reads bring")

    @model_validator(mode="after")
    def _binds_something(self) -> DayBudget:
        named = [scope for scope in SCOPES if getattr(self, scope) is not None]
        if len(named) != 1:
            raise ValueError("a budget of a day names a team, a role or an environment, and one of them only")
        if not self.limits:
            raise ValueError("a budget of a day limits something: calls, prompts, tokens, microusd, rows or bytes")
        if self.environment is not None and (self.prompts or self.tokens):
            raise ValueError("requests to models belong to no environment; limit them for a team or a role")
        return self

    @property
    def scope(self) -> Scope:
        """What it names."""
        return next(scope for scope in SCOPES if getattr(self, scope) is not None)

    @property
    def name(self) -> str:
        """Whom it binds."""
        return str(getattr(self, self.scope))

    @property
    def limits(self) -> Mapping[Measure, int]:
        """What it limits."""
        found: dict[Measure, int] = {}
        for measure in MEASURES:
            limit: int | None = getattr(self, measure)
            if limit is not None:
                found[measure] = limit
        return found


Account: TypeAlias = tuple[Scope, str]


@dataclass(frozen=True)
class Accounts:
    """What one use counts against.

    Args:
        day: of UTC, `2026-01-31`; empty for rows of older versions, which count against nothing.
        environment: empty for what acts in none.
    """

    day: str
    team: str
    role: str
    environment: str

    def __iter__(self) -> Iterator[Account]:
        """The accounts that there are."""
        for scope in SCOPES if self.day else ():
            if name := str(getattr(self, scope)):
                yield scope, name


class DayBudgets:
    """The budgets of a day that an operator has set.

    Raises:
        ConfigError: two of them are for the same.
    """

    def __init__(self, budgets: Sequence[DayBudget] = ()) -> None:
        self._budgets: dict[Account, DayBudget] = {(budget.scope, budget.name): budget for budget in budgets}
        if len(self._budgets) < len(budgets):
            raise ConfigError("two of `gate.budgets` are for the same", remedy="join them")

    @property
    def named(self) -> Sequence[Account]:
        """The accounts that a budget names, those of `*` left out."""
        return [(scope, name) for scope, name in self._budgets if name != ANY]

    def limits(self, scope: Scope, name: str) -> Mapping[Measure, int]:
        """What an account may use; a budget of its own goes before that of `*`, limit by limit."""
        found: dict[Measure, int] = {}
        for each in (ANY, name):
            budget = self._budgets.get((scope, each))
            found |= budget.limits if budget is not None else {}
        return found

    def exceeded(self, totals: Mapping[Account, Use], wanted: Use) -> frozenset[str]:
        """The limits that a use draws on and that are used up with it, such as `team-day.microusd`.

        Args:
            totals: what the day has used, this use included.
            wanted: what is reserved for this use.
        """
        return frozenset(
            f"{scope}-day.{measure}"
            for (scope, name), total in totals.items()
            for measure, limit in self.limits(scope, name).items()
            if wanted.of(measure) > 0 and total.of(measure) > limit
        )


def count(connection: Connection, accounts: Accounts, change: Use) -> Mapping[Account, Use]:
    """Add to the day's counters inside the caller's transaction; what they stand at then."""
    found: dict[Account, Use] = {}
    for scope, name in accounts:
        row = connection.execute(_COUNT, (accounts.day, scope, name, *change.amounts)).fetchone()
        found[scope, name] = use_of(row)
    return found


def day_of(moment: datetime) -> str:
    """The day of UTC that a moment lies in: `2026-01-31`."""
    return to_iso(moment)[:10]


def naming_limits(denied: Deny, exceeded: frozenset[str]) -> Deny:
    """The same denial; where a budget is used up, its reason names which."""
    if not exceeded or not any(policy_id.startswith("budget.") for policy_id in denied.policy_ids):
        return denied
    return replace(denied, reason=f"{denied.reason} ({', '.join(sorted(exceeded))})")
