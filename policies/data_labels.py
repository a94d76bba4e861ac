"""Which data come from where: the country and the class of what a tool's result brings into a run.

The operator's word comes first and the most exact one counts: a named resource, then a tool, then what the tool itself
declares of its results, then an environment, then a team. What nobody has declared is `unknown`.
"""

from __future__ import annotations

import itertools
import typing
from collections.abc import Iterable, Mapping
from typing import Annotated

from pydantic import Field, StringConstraints, model_validator

from ..core.config import Section
from ..tools.spec import AnyTool, DataClass
from .data_facts import UNKNOWN, DataLabel
from .facts import Target

Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
"""ISO 3166-1 alpha-2."""

PUBLIC: DataClass = "public"
DATA_CLASSES: frozenset[str] = frozenset(typing.get_args(DataClass))


class DataOf(Section):
    """What is declared of the data of one thing; what is left out is looked for at the next, less exact thing."""

    countries: tuple[Country, ...] = Field(default=(), description="ISO 3166 codes of whose data it is")
    classes: tuple[DataClass, ...] = Field(default=(), description="classes of its data")

    @model_validator(mode="after")
    def _says_something(self) -> DataOf:
        if not self.countries and not self.classes:
            raise ValueError("say `countries`, `classes` or both")
        return self


class DataSettings(Section):
    """The section `gate.data`: whose data come from where, and of which class they are."""

    resources: dict[str, DataOf] = Field(default_factory=dict, description="by the name of what a call acts on")
    tools: dict[str, DataOf] = Field(default_factory=dict, description="by the name of the tool")
    environments: dict[str, DataOf] = Field(default_factory=dict, description="by the environment")
    teams: dict[str, DataOf] = Field(default_factory=dict, description="by the team that the target belongs to")

    @property
    def all(self) -> tuple[DataOf, ...]:
        """Every declaration."""
        return tuple(
            itertools.chain(*(each.values() for each in (self.resources, self.tools, self.environments, self.teams)))
        )


def labels_of(settings: DataSettings, tool: AnyTool, target: Target, team: str) -> frozenset[DataLabel]:
    """The labels of what a call may read; none if it is public.

    Args:
        settings: what the operator has declared.
        tool: what is called.
        target: what it acts on.
        team: of the run; counts where the target belongs to nobody in particular.
    """
    exact = [settings.resources.get(target.name), settings.tools.get(tool.name)]
    wide = [settings.environments.get(target.environment), settings.teams.get(target.team or team)]
    countries = _first(each.countries for each in (*exact, *wide) if each is not None)
    classes = (
        _first(each.classes for each in exact if each is not None)
        or tuple(sorted(tool.data_classes or ()))
        or _first(each.classes for each in wide if each is not None)
    )
    return frozenset(
        DataLabel(country, data_class)
        for country in countries or (UNKNOWN,)
        for data_class in classes or (UNKNOWN,)
        if data_class != PUBLIC
    )


def declared_labels(settings: DataSettings, tools: Mapping[str, AnyTool], team: str) -> frozenset[DataLabel]:
    """Every label that these tools can bring in, on the declared resources and on any other."""
    return frozenset(
        label
        for tool in tools.values()
        for name in ("", *settings.resources)
        for owner in (None, *settings.teams)
        for label in labels_of(settings, tool, Target(name, tool.environment, owner), team)
    )


def _first(found: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return next((each for each in found if each), ())
