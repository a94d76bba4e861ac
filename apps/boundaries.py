"""What an installation declares about data, destinations and environments, checked before anything runs."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import SecretStr

from ..policies.environments import Environments, check_credentials, credentials_of
from ..policies.run_data import Residency
from ..policies.settings import GateSettings
from ..tools.spec import AnyTool
from .catalogue import declared_tools
from .installation import Installation


@dataclass(frozen=True)
class Boundaries:
    """Which data may go where, which environments there are, and what tools are lent there."""

    residency: Residency
    environments: Environments
    credentials: Mapping[str, SecretStr]


def declared_boundaries(installation: Installation) -> Boundaries:
    """The boundaries over every tool there is, for checking and explaining them.

    Raises:
        ConfigError: as `boundaries_of`.
    """
    return boundaries_of(installation, declared_tools(installation, usual_environment(installation.settings.gate)))


def residency_of(settings: GateSettings) -> Residency:
    """What the operator has declared about data and destinations."""
    return Residency(settings.data, settings.residency, settings.destinations, settings.local_audiences)


def boundaries_of(
    installation: Installation, tools: Sequence[AnyTool], variables: Mapping[str, str] = os.environ
) -> Boundaries:
    """The boundaries of an installation over a set of tools.

    Args:
        installation: whose settings and packages count.
        tools: that can be called.
        variables: the process environment, where the credentials of tools are.

    Raises:
        ConfigError: an environment or a tool is named that does not exist, two environments share a credential, or the
            state lies where declared data may not be kept.
    """
    gate = installation.settings.gate
    environments = Environments(gate.environments)
    environments.check_tools(tools)
    environments.check_names(_named_environments(gate))
    check_credentials(tools, variables)
    residency = residency_of(gate)
    # Not every run has every tool; a line is wrong only if no run can have its tool.
    residency.check_tools({tool.name: tool for tool in (*declared_tools(installation, "default"), *tools)})
    residency.check_stores({tool.name: tool for tool in tools}, installation.settings.team)
    return Boundaries(residency, environments, credentials_of(tools, variables))


def usual_environment(gate: GateSettings) -> str:
    """Where tools act that go wherever their data come from, for checks and explanations: in production."""
    declared = sorted(gate.environments)
    production = [name for name in declared if gate.environments[name].kind == "production"]
    return next(iter((*production, *declared)), "production")


def _named_environments(gate: GateSettings) -> list[tuple[str, str]]:
    """Every environment that the configuration names, with the setting that does."""
    found = [(name, "`gate.data.environments`") for name in gate.data.environments]
    found += [(name, "`gate.stages`") for team in gate.stages.values() for name in team if name != "*"]
    found += [(name, f"freeze {freeze.name!r}") for freeze in gate.freezes for name in freeze.environments]
    return found
