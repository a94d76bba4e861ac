"""A gateway of its own installation: own keys, own ledger, own budgets; the settings of the other one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ...core.errors import ConfigError
from ...policies.engine import CedarEngine, shared_engine
from ...policies.loading import builtin_files, folder_files
from ..boundaries import usual_environment
from ..catalogue import declared_tools
from ..http.guard import Guard
from ..http.server import HttpServer
from ..installation import Installation, open_installation
from ..models import open_transports
from ..people.callers import TokenBook
from ..settings import DatabaseSettings, Settings
from ..wiring import gate_factory
from .contracts import Contract, check_models, read_contracts
from .conversations import Conversations
from .server import Gateway, refusal_body
from .vaults import Vaults

_BODY_S = 60.0
_MOST_OF_A_RUN = 10_000


def own_settings(settings: Settings) -> Settings:
    """The settings of the gateway's own installation: nothing that it keeps lies where another one's lies.

    Raises:
        ConfigError: its state directory is the other one's.
    """
    own = settings.gateway.state_dir or settings.state_dir / "gateway"
    if own.resolve() == settings.state_dir.resolve():
        raise ConfigError("the gateway keeps its own state", remedy="name another folder in `gateway.state_dir`")
    # It calls no tools, so none has a stage here.
    gate = settings.gate.model_copy(update={"stages": {}})
    return settings.model_copy(update={"state_dir": own, "database": DatabaseSettings(), "gate": gate})


@contextmanager
def open_gateway(settings: Settings, host: str, port: int) -> Iterator[HttpServer]:
    """The gateway, serving.

    Raises:
        ConfigError: it is off, a contract or a policy is wrong, or the address cannot be used.
    """
    if settings.gateway.contracts is None:
        raise ConfigError("the gateway is off", remedy="name a folder of contracts in `gateway.contracts`")
    contracts = read_contracts(settings.gateway.contracts)
    known = {endpoint.name for endpoint in settings.models.endpoints}
    for contract in contracts.values():
        check_models(contract, known)
    book = TokenBook({name: contract.hashes for name, contract in contracts.items()})
    book.check()

    def identify(token: str) -> Contract | None:
        name = book.name_of(token)
        return contracts[name] if name is not None else None

    names = sorted({model for contract in contracts.values() for model in contract.models})
    with (
        open_installation(own_settings(settings)) as installation,
        open_transports(settings, names, installation.clock) as transports,
    ):
        conversations = _conversations(installation, contracts, transports)
        own = settings.gateway
        gateway = Gateway(
            conversations,
            {endpoint.name: endpoint.endpoint for endpoint in settings.models.endpoints},
            installation.clock,
            installation.ids,
            at_once=own.requests_at_once,
            of_one=own.requests_of_one,
        )
        guard = Guard(
            gateway.app(),
            identify,
            refuse=refusal_body,
            hosts=own.hosts,
            most_bytes=own.request_kb * 1024,
            body_s=_BODY_S,
        )
        server = HttpServer(
            guard, host, port, plain=own.plain, certificate=own.certificate, key=own.certificate_key, stop_s=10
        )
        try:
            with server:
                yield server
        finally:
            conversations.close()


def contract_engine(installation: Installation, contracts: dict[str, Contract]) -> CedarEngine:
    """The policies of the installation, and those that the contracts are.

    Raises:
        ConfigError: a policy is wrong.
    """
    tools = declared_tools(installation, usual_environment(installation.settings.gate))
    folders = (*installation.registry.policy_folders, *installation.settings.gate.policy_folders)
    files = [file for folder in folders for file in folder_files(folder)]
    own = [contract.policy for contract in contracts.values()]
    return shared_engine(tools, (*builtin_files(), *files, *own))


def _conversations(
    installation: Installation, contracts: dict[str, Contract], transports: tuple[object, ...]
) -> Conversations:
    vaults = Vaults(installation.redaction)
    budgets = [budget for contract in contracts.values() for budget in contract.day_budgets]
    limits = installation.settings.gate.limits
    own = installation.settings.gateway
    factory = gate_factory(
        installation,
        (),
        transports=transports,  # type: ignore[arg-type]  # LiteLLM's, which the type checker is spared
        engine=contract_engine(installation, contracts),
        # What an agent may use is in its contract; a conversation has no end of its own but its idleness.
        limits=limits.model_copy(
            update={
                "prompts": _MOST_OF_A_RUN,
                "tokens": 1_000_000_000,
                "microusd": 1_000_000_000,
                "wall_s": 30 * 86_400,
            }
        ),
        budgets=budgets,
        redact_for=vaults.redactor,
    )
    most, of_one = own.conversations, own.conversations_of_one
    return Conversations(factory, vaults, installation.clock, most=most, of_one=of_one, idle_s=own.idle_s)
