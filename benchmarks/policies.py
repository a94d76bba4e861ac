"""How long a decision takes with 24 and with 200 policies, its JSON included, beside the engine's bare call."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from typing import Any

from opswarden.policies.engine import CedarEngine
from opswarden.policies.facts import BudgetFacts, CommonFacts, DecisionInput, Target, cedar_entities, cedar_request
from opswarden.policies.loading import PolicyFile, builtin_files
from opswarden.policies.types import Principal
from opswarden.tools.spec import Args, Output, Result, Tool

from .measuring import Figure

_BOUND_US = 700.0
_REPEAT = 400


class _Query(Args):
    service: str
    limit: int = 10


class _Nothing(Result):
    pass


def _run(_args: Any, _context: Any) -> Output[Any]:
    raise AssertionError


def _engine(total: int) -> CedarEngine:
    """The built-in policies and so many more that there are `total`; each speaks of one of twenty tools."""
    tools = [Tool(f"demo.read{n}", "read", "", _Query, _Nothing, _run) for n in range(20)]
    tools += [Tool("demo.write", "write", "", _Query, _Nothing, _run)]
    builtin = builtin_files()
    count = total - len(CedarEngine(tools, builtin).notes)
    more = "\n".join(
        f'@id("more.p{n}") @reason("r") forbid (principal, action == Ops::Action::"demo.read{n % 20}", resource)'
        f' when {{ context.args.service == "service-{n}" && context.args.limit > {n} }};'
        for n in range(count)
    )
    return CedarEngine(tools, (*builtin, PolicyFile("more.cedar", more)))


def _asked(action: str) -> DecisionInput:
    facts = CommonFacts("h", datetime(2026, 1, 1, tzinfo=UTC), "act", "cli", BudgetFacts(*(1 for _ in range(12))))
    return DecisionInput(
        Principal("triage", "person:ann", "payments"),
        action,
        Target("web", "production"),
        facts,
        {"service": "checkout", "limit": 10},
    )


def _wall_us(work: Callable[[], object]) -> tuple[float, ...]:
    for _ in range(20):
        work()
    found = []
    for _ in range(_REPEAT):
        before = time.perf_counter()
        work()
        found.append((time.perf_counter() - before) * 1e6)
    return tuple(found)


def figures() -> Iterator[Figure]:
    """Microseconds of wall time, one decision at a time."""
    read, write = _asked("demo.read3"), _asked("demo.write")
    for total in (24, 200):
        decide = _engine(total).decide
        yield Figure(f"a read, allowed, {total} policies", _wall_us(partial(decide, read)), "us", bound=_BOUND_US)
        # An ask takes several questions: as it stands, with everybody's leave, and with that of each role.
        yield Figure(f"a write, asked about, {total} policies", _wall_us(partial(decide, write)), "us")
    yield Figure(
        "the JSON of question and entities alone",
        _wall_us(lambda: (json.dumps(cedar_request(read)), json.dumps(cedar_entities(read.principal, read.resource)))),
        "us",
    )
