"""How far each tool may go, per team and environment."""

from __future__ import annotations

from collections.abc import Mapping

from ..core.errors import ConfigError
from ..tools.spec import AnyTool
from .types import Stage

ANY = "*"

StageConfig = Mapping[str, Mapping[str, Mapping[str, Stage]]]
"""Team, then environment, then tool; `*` stands for any team or environment, tools are named exactly."""


class Stages:
    """Looks up the stage of a tool; whatever nobody has raised stays where a new installation starts.

    A new installation starts with reads at `act` and every write and send at `observe`. The most exact line wins: team
    and environment, then team alone, then environment alone, then `*` for both.

    Args:
        tools: the tools that exist.
        config: what the operator has set.

    Raises:
        ConfigError: a line names a tool that does not exist, or a stage that is none.
    """

    def __init__(self, tools: Mapping[str, AnyTool], config: StageConfig | None = None) -> None:
        self._defaults: dict[str, Stage] = {
            name: "act" if tool.effect == "read" else "observe" for name, tool in tools.items()
        }
        self._set: dict[tuple[str, str, str], Stage] = {}
        for team, environments in (config or {}).items():
            for environment, stages in environments.items():
                for tool, stage in stages.items():
                    self._check(tool, stage)
                    self._set[team, environment, tool] = stage

    def stage_of(self, tool: str, *, team: str, environment: str) -> Stage:
        """The stage; `observe` for a tool that nobody knows."""
        for place in ((team, environment), (team, ANY), (ANY, environment), (ANY, ANY)):
            stage = self._set.get((*place, tool))
            if stage is not None:
                return stage
        return self._defaults.get(tool, "observe")

    def _check(self, tool: str, stage: str) -> None:
        if tool not in self._defaults:
            raise ConfigError(
                f"stages name a tool {tool!r} that does not exist", remedy="correct the name, or remove the line"
            )
        if stage not in ("observe", "recommend", "act"):
            raise ConfigError(f"the stage of {tool!r} is none", remedy="use observe, recommend or act")
