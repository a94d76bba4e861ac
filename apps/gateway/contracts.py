"""What an agent built elsewhere may have of the gateway: a file of its own, reviewed like code."""

from __future__ import annotations

import tomllib
from collections.abc import Collection
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, ValidationError, model_validator

from ...core.config import Section
from ...core.config_problems import worded
from ...core.errors import ConfigError
from ...policies.data_facts import DataLabel, label_of
from ...policies.day_budgets import DayBudget, Period
from ...policies.loading import PolicyFile
from ..people.callers import Name, TokenSettings

EndpointName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._/:-]{0,63}$")]
ToolName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
Label = Annotated[
    str, StringConstraints(pattern=r"^(?:[A-Z]{2}|unknown)/(?:card|personal|financial|credential|operational)$")
]
_SIZE_LIMIT_BYTES = 100_000
_MOST_CONTRACTS = 1_000


class ContractBudget(Section):
    """What an agent may use in a period."""

    requests: int | None = Field(default=None, ge=1, description="requests to models")
    tokens: int | None = Field(default=None, ge=1, description="tokens to and from models together")
    microusd: int | None = Field(default=None, ge=1, description="micro-USD for models")


class ContractBudgets(Section):
    """Budgets of an agent."""

    hour: ContractBudget = ContractBudget()
    day: ContractBudget = ContractBudget()


class Contract(TokenSettings):
    """One agent."""

    version: Literal[1] = 1
    name: Name = Field(description="as the file is called")
    team: str = Field(min_length=1, max_length=64, description="whose agent it is")
    environment: str = Field(min_length=1, max_length=64, description="where it works")
    models: tuple[EndpointName, ...] = Field(min_length=1, max_length=50, description="endpoints that it may ask")
    tools: tuple[ToolName, ...] = Field(default=(), max_length=500, description="tools that a model may ask it for")
    data: tuple[Label, ...] = Field(default=(), max_length=100, description="labels of what it sends: `BR/personal`")
    budgets: ContractBudgets = ContractBudgets()

    @model_validator(mode="after")
    def _is_bounded(self) -> Self:
        if not any((self.budgets.day.requests, self.budgets.day.tokens, self.budgets.day.microusd)):
            raise ValueError("`budgets.day` sets no limit: set `requests`, `tokens` or `microusd`")
        return self

    @property
    def role(self) -> str:
        """As policies and budgets speak of the agent."""
        return f"gateway-{self.name}"

    @property
    def labels(self) -> frozenset[DataLabel]:
        """Of the data that its requests hold."""
        return frozenset(map(label_of, self.data))

    @property
    def policy(self) -> PolicyFile:
        """What the contract permits, as policies: nothing but its models, and only through the gateway."""
        rules = [
            f'@id("contract.{self.name}.{place}") @reason("the contract of {self.name} lists this model")\n'
            f'permit (principal in Ops::Role::"{self.role}", action == Ops::Action::"model.prompt", '
            f'resource == Ops::Endpoint::"{model}")\nwhen {{ context.common.trigger == "gateway" }};\n'
            for place, model in enumerate(self.models)
        ]
        return PolicyFile(f"contract-{self.name}.cedar", "\n".join(rules))

    @property
    def day_budgets(self) -> tuple[DayBudget, ...]:
        """Its budgets, as the gate counts them."""
        periods: tuple[tuple[Period, ContractBudget], ...] = (("hour", self.budgets.hour), ("day", self.budgets.day))
        return tuple(
            DayBudget(role=self.role, per=per, prompts=each.requests, tokens=each.tokens, microusd=each.microusd)
            for per, each in periods
            if any((each.requests, each.tokens, each.microusd))
        )


def read_contract(path: Path) -> Contract:
    """The contract in a file.

    Raises:
        ConfigError: it cannot be read, or something in it is wrong.
    """
    try:
        with path.open("rb") as file:
            content = file.read(_SIZE_LIMIT_BYTES + 1)
        if len(content) > _SIZE_LIMIT_BYTES:
            raise ConfigError(f"contract {path.name!r} is too large", remedy=f"at most {_SIZE_LIMIT_BYTES} bytes")
        values = tomllib.loads(content.decode("utf-8"))
    except OSError as error:
        raise ConfigError(f"contract {path.name!r} cannot be read: {error.strerror}", remedy="check it") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ConfigError(f"contract {path.name!r} is no valid TOML", remedy="mend it") from error
    try:
        contract = Contract.model_validate(values)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(map(str, first["loc"])) or "the whole"
        raise ConfigError(f"contract {path.name!r}: {place}: {worded(first)}", remedy="mend it") from error
    if contract.name != path.stem:
        raise ConfigError(f"contract {path.name!r} names another agent", remedy="its `name` is that of the file")
    return contract


def read_contracts(folder: Path) -> dict[str, Contract]:
    """Every contract of a folder, by name.

    Raises:
        ConfigError: the folder holds none, or one of them is wrong.
    """
    paths = sorted(folder.glob("*.toml")) if folder.is_dir() else []
    if not paths or len(paths) > _MOST_CONTRACTS:
        raise ConfigError(f"{folder} holds no contracts, or too many", remedy="write one `NAME.toml` for each agent")
    return {path.stem: read_contract(path) for path in paths}


def check_models(contract: Contract, known: Collection[str]) -> None:
    """Refuse a contract that names a model which is not configured.

    Raises:
        ConfigError: it does.
    """
    for model in contract.models:
        if model not in known:
            raise ConfigError(
                f"contract {contract.name!r} lists a model {model!r} that is not configured",
                remedy="declare it under `models.endpoints`, or correct the contract",
            )
