"""Whether an agent could be served as its contract says, with the settings as they are."""

from __future__ import annotations

from ...core.errors import ConfigError
from ...policies.run_data import model_destination
from ..boundaries import residency_of
from ..people.callers import TokenBook
from ..settings import Settings
from .contracts import Contract, read_contracts


def checked(contract: Contract, settings: Settings) -> list[str]:
    """What stands in the way, in words; empty if nothing does."""
    problems: list[str] = []
    endpoints = {each.name: each.endpoint for each in settings.models.endpoints}
    residency = residency_of(settings.gate)
    for model in contract.models:
        endpoint = endpoints.get(model)
        if endpoint is None:
            problems.append(f"the model {model!r} is not configured under `models.endpoints`")
            continue
        gaps = residency.rules.gaps(contract.labels, model_destination(endpoint))
        problems += [
            f"{label} may not go to {model!r}: no line of `gate.residency` allows it" for label in sorted(gaps)
        ]
        if contract.tools and "tools" not in endpoint.abilities:
            problems.append(f"the model {model!r} cannot ask for tools")
        priced = endpoint.input_microusd_per_mtok or endpoint.output_microusd_per_mtok
        if contract.budgets.day.microusd and not priced and not endpoint.is_self_hosted:
            problems.append(f"the model {model!r} has no price, so the budget in micro-USD does not bind it")
    if settings.gate.environments and contract.environment not in settings.gate.environments:
        problems.append(f"the environment {contract.environment!r} is not declared under `gate.environments`")
    if not contract.hashes():
        problems.append("it has no usable token")
    return problems + _shared_tokens(contract, settings)


def _shared_tokens(contract: Contract, settings: Settings) -> list[str]:
    if settings.gateway.contracts is None:
        return []
    try:
        others = {**read_contracts(settings.gateway.contracts), contract.name: contract}
        TokenBook({name: each.hashes for name, each in others.items()}).check()
    except ConfigError as error:
        return [error.message]
    return []
