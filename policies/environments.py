"""Environments kept apart: which there are, of which kind, who may change something there, with which credential."""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Mapping, Sequence

from pydantic import Field, SecretStr

from ..core.config import Section
from ..core.errors import ConfigError
from ..tools.spec import OWN_RECORDS, AnyTool
from .environment_facts import UNDECLARED, EnvironmentFacts, EnvironmentKind
from .facts import Resource, Target
from .types import Run

# What a new installation takes for granted; of any other name it knows nothing.
_USUAL: Mapping[str, EnvironmentKind] = {"production": "production", "staging": "staging", "development": "development"}
# The demo's incidents and tools that name no environment act here, and those that keep our own records.
_ALWAYS: Mapping[str, EnvironmentKind] = {
    "sandbox": "development",
    "default": "development",
    OWN_RECORDS: "development",
}


class EnvironmentSettings(Section):
    """One environment, under `gate.environments`."""

    kind: EnvironmentKind = Field(description="`development`, `staging` or `production`")
    writers: frozenset[str] | None = Field(
        default=None, description="roles of agents that may change or send something there; all if absent"
    )


class Environments:
    """The environments of an installation.

    Args:
        declared: name: what the operator says about it. If nothing is declared, any name will do.
    """

    def __init__(self, declared: Mapping[str, EnvironmentSettings] | None = None) -> None:
        self._declared = dict(declared or {})

    @property
    def names(self) -> frozenset[str] | None:
        """Every environment there can be; `None` if any can."""
        return frozenset((*self._declared, *_ALWAYS)) if self._declared else None

    def kind_of(self, name: str) -> str:
        """The kind of an environment; `undeclared` if nobody has said."""
        if name in self._declared:
            return self._declared[name].kind
        usual = _ALWAYS if self._declared else {**_USUAL, **_ALWAYS}
        return usual.get(name, UNDECLARED)

    def around(self, resource: Resource, run: Run) -> EnvironmentFacts:
        """What the policies are told: the environment is that of the credential which the tool uses."""
        if not isinstance(resource, Target):
            return EnvironmentFacts(run_environment=run.environment)
        return self.facts(resource.environment, role=run.principal.role, opened_for=run.environment)

    def facts(self, environment: str, *, role: str, opened_for: str | None = None) -> EnvironmentFacts:
        """The facts of a call in an environment.

        Args:
            environment: of the tool.
            role: the agent's.
            opened_for: the run's environment.
        """
        declared = self._declared.get(environment)
        writers = None if declared is None else declared.writers
        return EnvironmentFacts(self.kind_of(environment), writers is None or role in writers, opened_for)

    def check_names(self, used: Iterable[tuple[str, str]]) -> None:
        """Refuse names of environments that nobody has declared.

        Args:
            used: names, each with where it stands.

        Raises:
            ConfigError: one is unknown.
        """
        names = self.names
        for name, place in used:
            if names is not None and name not in names:
                raise ConfigError(
                    f"{place}: there is no environment {name!r}", remedy="correct it, or add it to `gate.environments`"
                )

    def check_tools(self, tools: Sequence[AnyTool]) -> None:
        """Refuse tools of environments that nobody has declared.

        Raises:
            ConfigError: one is unknown.
        """
        self.check_names((tool.environment, f"tool {tool.name!r}") for tool in tools)


def check_credentials(tools: Sequence[AnyTool], variables: Mapping[str, str]) -> None:
    """Refuse two environments with one credential, by the name of its variable or by what it holds.

    Args:
        tools: whose `credential_env` is looked at.
        variables: the process environment.

    Raises:
        ConfigError: a tool of one environment could act in another one.
    """
    seen: list[tuple[AnyTool, str, bytes]] = []
    for tool in tools:
        if tool.credential_env is None:
            continue
        held = variables.get(tool.credential_env, "").encode()
        for other, name, value in seen:
            is_same = name == tool.credential_env or (held and hmac.compare_digest(held, value))
            if is_same and other.environment != tool.environment:
                raise ConfigError(
                    f"the tools {other.name!r} in {other.environment!r} and {tool.name!r} in {tool.environment!r}"
                    " use one credential",
                    remedy=f"give each environment a credential of its own, instead of {tool.credential_env}",
                )
        seen.append((tool, tool.credential_env, held))


def credentials_of(tools: Sequence[AnyTool], variables: Mapping[str, str]) -> dict[str, SecretStr]:
    """The credentials that the gate lends to tools, by the name of the tool; those whose variable is set."""
    return {
        tool.name: SecretStr(held)
        for tool in tools
        if tool.credential_env is not None and (held := variables.get(tool.credential_env))
    }
