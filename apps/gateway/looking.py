"""The gateway's own installation as commands look at it, with the budgets and policies that its contracts are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ...core.errors import ConfigError
from ...policies.day_budgets import DayBudget, DayBudgets
from ...policies.engine import CedarEngine, shared_engine
from ...policies.loading import PolicyFile, builtin_files, folder_files
from ..catalogue import declared_tools
from ..installation import Installation, open_installation
from ..settings import load_settings
from .contracts import read_contracts
from .opening import own_settings


@dataclass(frozen=True)
class Looked:
    """An installation, and what contracts add to what its settings say; of the usual one they add nothing."""

    installation: Installation
    contract_budgets: tuple[DayBudget, ...] = ()
    contract_policies: tuple[PolicyFile, ...] = ()

    @property
    def budgets(self) -> DayBudgets:
        """Everything that is limited by the day, month or hour."""
        gate = self.installation.settings.gate
        return DayBudgets(gate.storm.with_others((*gate.budgets, *self.contract_budgets)))

    def engine(self, environment: str, folders: Sequence[Path] = ()) -> CedarEngine:
        """The built-in policies, those of the contracts, and those of some folders or else of the configured ones.

        Raises:
            ConfigError: a policy is wrong.
        """
        installation = self.installation
        configured = (*installation.registry.policy_folders, *installation.settings.gate.policy_folders)
        files = [file for folder in folders or configured for file in folder_files(folder)]
        return shared_engine(
            declared_tools(installation, environment), (*builtin_files(), *files, *self.contract_policies)
        )


@contextmanager
def look(*, of_gateway: bool) -> Iterator[Looked]:
    """Open the installation that the settings name, or the gateway's.

    Raises:
        ConfigError: the settings, a contract or the state directory cannot be used, or there is no gateway.
    """
    settings = load_settings()
    if not of_gateway:
        with open_installation(settings) as installation:
            yield Looked(installation)
        return
    if settings.gateway.contracts is None:
        raise ConfigError("there is no gateway", remedy="name a folder of contracts in `gateway.contracts`")
    contracts = read_contracts(settings.gateway.contracts).values()
    with open_installation(own_settings(settings)) as installation:
        yield Looked(
            installation,
            tuple(budget for contract in contracts for budget in contract.day_budgets),
            tuple(contract.policy for contract in contracts),
        )
