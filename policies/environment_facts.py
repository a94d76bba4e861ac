"""Where a call acts and where its run belongs, as facts for the policies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

EnvironmentKind = Literal["development", "staging", "production"]
UNDECLARED = "undeclared"


@dataclass(frozen=True)
class EnvironmentFacts:
    """Where a call acts and where its run belongs, as Cedar sees it among `context.common`.

    Args:
        environment_kind: `development`, `staging`, `production`, or `undeclared`.
        is_writer: whether the run's role is among the environment's writers, or nobody has listed any.
        run_environment: the one that the run was opened for; `None` if for none in particular.
    """

    environment_kind: str = UNDECLARED
    is_writer: bool = True
    run_environment: str | None = None

    def in_cedar(self, namespace: str) -> dict[str, Any]:
        """The facts in Cedar's JSON."""
        found: dict[str, Any] = {"environment_kind": self.environment_kind, "is_writer": self.is_writer}
        if self.run_environment is not None:
            found["run_environment"] = {"__entity": {"type": f"{namespace}::Env", "id": self.run_environment}}
        return found


def environment_facts_of(common: Mapping[str, Any]) -> EnvironmentFacts:
    """The facts of a recorded `context.common`; records of before they were filled in have none.

    Raises:
        KeyError, TypeError: a fact is of another form.
    """
    opened_for = common.get("run_environment")
    return EnvironmentFacts(
        common.get("environment_kind", UNDECLARED),
        common.get("is_writer", True),
        None if opened_for is None else str(opened_for["__entity"]["id"]),
    )
