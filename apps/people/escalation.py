"""Escalation over one installation: the gate, the senders of this machine and those of the listed packages."""

from __future__ import annotations

from collections.abc import Callable

from ...core.errors import ConfigError
from ...policies.escalation import Escalation
from ...policies.types import Sender
from ..catalogue import declared_tools
from ..installation import Installation
from ..wiring import gate_factory
from .notices import LineSender


def open_escalation(installation: Installation, write: Callable[[str], None]) -> Escalation:
    """What `opswarden approvals escalate` runs.

    Args:
        installation: its settings name the steps.
        write: takes the lines for audiences of the kind `terminal`.

    Raises:
        ConfigError: a step tells an audience that nothing reaches, or a policy is wrong.
    """
    settings = installation.settings
    lines = LineSender(write)
    senders: dict[str, Sender] = {"terminal": lines, "file": lines, **installation.registry.senders}
    for step in settings.gate.escalation:
        for audience in step.audiences:
            kind = audience.partition("/")[0]
            if kind not in senders:
                raise ConfigError(
                    f"`gate.escalation` tells an audience of the kind {kind!r}, which nothing reaches",
                    remedy=f"kinds: {', '.join(sorted(senders))}; packages add others with `add_sender`",
                )
    factory = gate_factory(installation, declared_tools(installation, settings.environment), senders=senders)
    return Escalation(
        settings.gate.escalation,
        installation.approvals,
        installation.database,
        installation.ledger,
        installation.clock,
        factory.open_run,
    )
