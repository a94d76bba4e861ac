"""What a team, an agent role or an environment may use in a day, a month or any hour, over all runs on one database.

Days and months are those of UTC; the hour is the last sixty minutes, counted in slices of ten, so that at most ten
more count. Counters are kept in the transaction that reserves, so a reservation costs the same however much a period
has seen. A use counts for the time in which it was reserved. What a crash leaves reserved stays counted until the
period is over: it may have been spent.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal, TypeAlias

from pydantic import Field, model_validator

from ..core.clock import to_iso
from ..core.config import Section
from ..core.database import Connection
from ..core.errors import ConfigError
from .types import Deny
from .uses import COLUMNS, SUMS, Measure, Use, use_of

Scope = Literal["team", "role", "environment"]
Period = Literal["hour", "day", "month"]

SCOPES: tuple[Scope, ...] = ("team", "role", "environment")
PERIODS: tuple[Period, ...] = ("hour", "day", "month")
MEASURES: tuple[Measure, ...] = ("calls", "prompts", "tokens", "microusd", "rows", "bytes")
ANY = "*"
_OF_MODELS: frozenset[Measure] = frozenset({"prompts", "tokens", "microusd"})
_SLICE_MINUTES = 10

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

# Number 3: the ten minutes in which a use was reserved. Their counters, and those of months, stand in `budget_day` too,
# under `2026-01-31T13:4` and `2026-01`.
SLICES = "ALTER TABLE budget_use ADD COLUMN slice TEXT NOT NULL DEFAULT ''"

_COUNT = (
    f"INSERT INTO budget_day (day, scope, name, {', '.join(COLUMNS)})"  # noqa: S608 - the column names above
    f" VALUES ({', '.join('?' * (3 + len(COLUMNS)))}) ON CONFLICT (day, scope, name) DO UPDATE SET"
    f" {', '.join(f'{column} = budget_day.{column} + excluded.{column}' for column in COLUMNS)}"
    f" RETURNING {', '.join(COLUMNS)}"
)


class DayBudget(Section):
    """What one team, agent role or environment may use in a period; `*` stands for each of them by itself."""

    team: str | None = Field(default=None, min_length=1, max_length=64, description="whose runs it binds")
    role: str | None = Field(default=None, min_length=1, max_length=64, description="the agent role that it binds")
    environment: str | None = Field(
        default=None, min_length=1, max_length=64, description="where the calls of tools act that it binds"
    )
    per: Period = Field(
        default="day", description="`day` or `month` of UTC, or the last `hour`, which limits what models are asked"
    )
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
            raise ValueError("a budget names a team, a role or an environment, and one of them only")
        if not self.limits:
            raise ValueError("a budget limits something: calls, prompts, tokens, microusd, rows or bytes")
        if self.per == "hour" and (self.environment is not None or not _OF_MODELS.issuperset(self.limits)):
            raise ValueError("a budget of an hour limits prompts, tokens or microusd of a team or a role")
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
        slice: the ten minutes, `2026-01-31T13:4`; empty for rows of older versions, and for what asks no model.
    """

    day: str
    team: str
    role: str
    environment: str
    slice: str = ""

    def __iter__(self) -> Iterator[Account]:
        """The accounts that there are."""
        for scope in SCOPES if self.day else ():
            if name := str(getattr(self, scope)):
                yield scope, name


class DayBudgets:
    """The budgets of periods that an operator has set.

    Raises:
        ConfigError: two of them are for the same.
    """

    def __init__(self, budgets: Sequence[DayBudget] = ()) -> None:
        self._budgets: dict[tuple[Period, Scope, str], DayBudget] = {
            (budget.per, budget.scope, budget.name): budget for budget in budgets
        }
        if len(self._budgets) < len(budgets):
            raise ConfigError("two of `gate.budgets` are for the same", remedy="join them")

    def named(self, per: Period = "day") -> Sequence[Account]:
        """The accounts that a budget of a period names, those of `*` left out."""
        return [(scope, name) for each, scope, name in self._budgets if each == per and name != ANY]

    def limits(self, scope: Scope, name: str, per: Period = "day") -> Mapping[Measure, int]:
        """What an account may use; a budget of its own goes before that of `*`, limit by limit."""
        found: dict[Measure, int] = {}
        for each in (ANY, name):
            budget = self._budgets.get((per, scope, each))
            found |= budget.limits if budget is not None else {}
        return found

    def exceeded(self, connection: Connection, accounts: Accounts, wanted: Use) -> frozenset[str]:
        """Count a use inside the caller's transaction; the limits that it draws on and that are used up with it.

        Args:
            connection: of the transaction.
            accounts: what the use counts against.
            wanted: what is reserved for it.

        Returns:
            Such as `team-day.microusd`.
        """
        totals = count(connection, accounts, wanted)
        found: set[str] = set()
        for (per, scope, name), total in totals.items():
            limits = self.limits(scope, name, per)
            if per == "hour" and limits:
                total = _last_hour(connection, accounts.slice, scope, name)
            found |= {
                f"{scope}-{per}.{measure}"
                for measure, limit in limits.items()
                if wanted.of(measure) > 0 and total.of(measure) > limit
            }
        return frozenset(found)


def count(connection: Connection, accounts: Accounts, change: Use) -> Mapping[tuple[Period, Scope, str], Use]:
    """Add to the counters inside the caller's transaction; what they stand at then, of an hour its last slice."""
    found: dict[tuple[Period, Scope, str], Use] = {}
    for scope, name in accounts:
        keys: dict[Period, str] = {"day": accounts.day, "month": accounts.day[:7]}
        if accounts.slice and scope != "environment":
            keys["hour"] = accounts.slice
        for per, key in keys.items():
            row = connection.execute(_COUNT, (key, scope, name, *change.amounts)).fetchone()
            found[per, scope, name] = use_of(row)
    return found


def _last_hour(connection: Connection, latest: str, scope: Scope, name: str) -> Use:
    keys = slices_to(latest)
    marks = ", ".join("?" * len(keys))
    query = f"SELECT {SUMS} FROM budget_day WHERE scope = ? AND name = ? AND day IN ({marks})"  # noqa: S608 - constants
    return use_of(connection.execute(query, (scope, name, *keys)).fetchone())


def slices_to(latest: str) -> Sequence[str]:
    """The slices that the sixty minutes up to some moment of a slice lie in, that one last."""
    end = datetime.fromisoformat(f"{latest}0")
    return [slice_of(end - timedelta(minutes=_SLICE_MINUTES * back)) for back in range(60 // _SLICE_MINUTES, -1, -1)]


def slice_of(moment: datetime) -> str:
    """The ten minutes of UTC that a moment lies in: `2026-01-31T13:4` from 13:40 to 13:50."""
    return (moment.isoformat() if moment.tzinfo is None else to_iso(moment))[:15]


def day_of(moment: datetime) -> str:
    """The day of UTC that a moment lies in: `2026-01-31`."""
    return to_iso(moment)[:10]


def naming_limits(denied: Deny, exceeded: frozenset[str]) -> Deny:
    """The same denial; where a budget is used up, its reason names which."""
    if not exceeded or not any(policy_id.startswith("budget.") for policy_id in denied.policy_ids):
        return denied
    return replace(denied, reason=f"{denied.reason} ({', '.join(sorted(exceeded))})")
