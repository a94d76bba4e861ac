"""How far each tool may go, per team and environment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from ..core.errors import ConfigError
from ..tools.spec import OWN_RECORDS, AnyTool, Effect
from .types import Stage

ANY = "*"

StageConfig = Mapping[str, Mapping[str, Mapping[str, Stage]]]
"""Team, then environment, then tool; `*` stands for any team or environment, tools are named exactly."""


class StageSource(Protocol):
    """Where the gate learns how far a tool may go."""

    def stage_of(self, tool: str, *, team: str, environment: str) -> Stage:
        """The stage in force; `observe` for a tool that nobody knows."""
        ...


class Stages:
    """Looks up the stage of a tool; whatever nobody has raised stays where a new installation starts.

    A new installation starts with reads at `act` and every write and send at `observe`, but for those that write into
    our own records alone (`spec.OWN_RECORDS`): they have no effect that could be watched. The most exact line wins:
    team and environment, then team alone, then environment alone, then `*` for both.

    Args:
        tools: the tools that exist.
        config: what the operator has set.
        only_recorded: whether a line may not raise a write or send to `act`, because that takes a recorded step.

    Raises:
        ConfigError: a line names a tool that does not exist, a stage that is none, or one that takes a recorded step.
    """

    def __init__(
        self, tools: Mapping[str, AnyTool], config: StageConfig | None = None, *, only_recorded: bool = False
    ) -> None:
        self._effects: dict[str, Effect] = {name: tool.effect for name, tool in tools.items()}
        self._defaults: dict[str, Stage] = {
            name: "act" if _starts_at_act(tool) else "observe" for name, tool in tools.items()
        }
        self._set: dict[tuple[str, str, str], Stage] = {}
        for team, environments in (config or {}).items():
            for environment, stages in environments.items():
                for tool, stage in stages.items():
                    self._check(tool, stage)
                    self._set[team, environment, tool] = stage
        if only_recorded and self.raised:
            raise ConfigError(
                f"the configuration raises {self.raised[0]} to act, and `gate.raise_stages` is `recorded`",
                remedy="take the line out, and raise it with `opswarden stages propose`",
            )

    @property
    def tools(self) -> tuple[str, ...]:
        """The names of the tools that exist."""
        return tuple(sorted(self._effects))

    @property
    def raised(self) -> tuple[str, ...]:
        """The lines that let a write or send act by configuration alone, as `tool (team, environment)`."""
        return tuple(
            f"{tool} ({team}, {environment})"
            for (team, environment, tool), stage in sorted(self._set.items())
            if stage == "act" and self._effects.get(tool) != "read"
        )

    def exact_places(self) -> tuple[tuple[str, str, str], ...]:
        """Tool, team and environment of every line without a `*`."""
        return tuple((tool, team, where) for team, where, tool in self._set if ANY not in (team, where))

    def effect_of(self, tool: str) -> Effect | None:
        """What a tool does; `None` for one that nobody knows."""
        return self._effects.get(tool)

    def is_set(self, tool: str, *, team: str, environment: str) -> bool:
        """Whether some line speaks of the tool there."""
        return self._line(tool, team, environment) is not None

    def stage_of(self, tool: str, *, team: str, environment: str) -> Stage:
        """The stage; `observe` for a tool that nobody knows."""
        return self._line(tool, team, environment) or self._defaults.get(tool, "observe")

    def _line(self, tool: str, team: str, environment: str) -> Stage | None:
        places = ((team, environment), (team, ANY), (ANY, environment), (ANY, ANY))
        return next((stage for place in places if (stage := self._set.get((*place, tool))) is not None), None)

    def _check(self, tool: str, stage: str) -> None:
        if tool not in self._defaults:
            raise ConfigError(
                f"stages name a tool {tool!r} that does not exist", remedy="correct the name, or remove the line"
            )
        if stage not in ("observe", "recommend", "act"):
            raise ConfigError(f"the stage of {tool!r} is none", remedy="use observe, recommend or act")


def _starts_at_act(tool: AnyTool) -> bool:
    return tool.effect == "read" or (tool.effect == "write" and tool.environment == OWN_RECORDS)
