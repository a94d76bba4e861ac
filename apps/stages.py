"""Stages of an installation: what the configuration says and what was recorded, and the steps between."""

from __future__ import annotations

from collections.abc import Mapping

from ..policies.fingerprints import Fingerprints, tool_hash
from ..policies.stage_records import RecordedStages, StageBook
from ..policies.stage_steps import StageSteps
from ..policies.stages import Stages
from ..tools.spec import AnyTool
from .catalogue import declared_tools
from .installation import Installation
from .wiring import policy_engine, recorded_stages


def declared_stages(installation: Installation, environment: str) -> RecordedStages:
    """The stages of every declared tool.

    Raises:
        ConfigError: a stage in the configuration is wrong.
    """
    return recorded_stages(installation, _named(installation, environment))


def stage_steps(installation: Installation, environment: str) -> StageSteps:
    """Steps between stages, for every declared tool.

    Args:
        installation: whose stages.
        environment: of the places; our own tools act where their data come from.

    Raises:
        ConfigError: a policy or a stage is wrong.
    """
    tools = _named(installation, environment)
    settings = installation.settings.gate
    return StageSteps(
        recorded_stages(installation, tools),
        StageBook(installation.database, installation.keys),
        installation.approvals,
        installation.ledger,
        installation.database,
        Fingerprints(installation.keys),
        installation.clock,
        installation.ids,
        installation.redaction.scrub,
        owners=settings.stage_owners,
        least_judged=settings.raise_after,
        tool_hashes={name: tool_hash(tool) for name, tool in tools.items()},
        policy_hash=policy_engine(installation, tuple(tools.values())).policy_hash,
    )


def raised_by_configuration(installation: Installation) -> tuple[str, ...]:
    """The lines that let a write or send act without a recorded step.

    Raises:
        ConfigError: a stage in the configuration is wrong.
    """
    return Stages(_named(installation, "production"), installation.settings.gate.stages).raised


def _named(installation: Installation, environment: str) -> Mapping[str, AnyTool]:
    return {tool.name: tool for tool in declared_tools(installation, environment)}
