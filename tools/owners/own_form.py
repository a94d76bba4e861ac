"""A catalogue in our own form of YAML: `entities` and `teams`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from ..plain_yaml import Document, DocumentError
from ..slo.backends.types import Slo
from .catalogue import Catalogue, Entry, Team

_Name = Annotated[str, StringConstraints(min_length=1, max_length=256, strip_whitespace=True)]
_Line = Annotated[str, StringConstraints(max_length=512, strip_whitespace=True)]
_Names = Annotated[tuple[_Name, ...], Field(max_length=200)]


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SloForm(_Form):
    """A promise about an entity, as `slos.parquet` has it."""

    name: _Name = Field(description="what is promised")
    objective: float = Field(gt=0, lt=1, description="share of good")
    window_s: int = Field(gt=0, description="seconds over which it is promised")
    query: _Line = Field(min_length=1, description="how the share is read from metrics")


class EntityForm(_Form):
    """What the catalogue says of an entity."""

    owner: _Name | None = Field(default=None, description="name of the team that owns it")
    tier: int | None = Field(default=None, ge=0, le=9, description="0 or 1: must never fail; larger: less critical")
    system: _Name | None = Field(default=None, description="what it is a part of")
    lifecycle: _Name | None = Field(default=None, description="such as `production` or `deprecated`")
    description: _Line = Field(default="", description="one line")
    channel: _Name | None = Field(default=None, description="where to write about it; else the team's")
    on_call: _Name | None = Field(default=None, description="rotation that is paged for it; else the team's")
    aliases: _Names = Field(default=(), description="other names that telemetry uses for it")
    depends_on: _Names = Field(default=(), description="entities that it needs")
    runbooks: _Names = Field(default=(), description="names or addresses of runbooks, the most fitting first")
    slos: tuple[SloForm, ...] = Field(default=(), max_length=50, description="promises, beside those of the snapshot")


class TeamForm(_Form):
    """What the catalogue says of a team."""

    people: _Names = Field(default=(), description="members; redacted like any other name of a person")
    on_call: _Name | None = Field(default=None, description="rotation that is paged")
    channel: _Name | None = Field(default=None, description="where they talk")
    page: _Name | None = Field(default=None, description="how to page them: a command or a link")


class CatalogueForm(_Form):
    """The whole document."""

    version: Literal[1] = 1
    entities: dict[_Name, EntityForm] = Field(default_factory=dict, max_length=20_000)
    teams: dict[_Name, TeamForm] = Field(default_factory=dict, max_length=5_000)


def is_own(document: Document) -> bool:
    """Whether a document has our form."""
    return isinstance(document.value, dict) and bool({"entities", "teams"} & set(document.value))


def read(document: Document) -> Catalogue:
    """The catalogue of a document.

    Raises:
        DocumentError: something in it is wrong; names the line.
    """
    form = document.as_model(CatalogueForm)
    for name, entity in form.entities.items():
        if entity.owner is not None and form.teams and entity.owner not in form.teams:
            line = document.line_of(("entities", name, "owner"))
            raise DocumentError(f"line {line}: owner: no team of this name stands under `teams`")
    entries = tuple(
        Entry(
            name=name,
            source="catalogue",
            owner=entity.owner or "",
            system=entity.system or "",
            tier=entity.tier,
            lifecycle=entity.lifecycle or "",
            description=entity.description,
            channel=entity.channel or "",
            on_call=entity.on_call or "",
            aliases=entity.aliases,
            depends_on=entity.depends_on,
            runbooks=entity.runbooks,
            slos=tuple(Slo(name, slo.name, slo.objective, slo.window_s, slo.query) for slo in entity.slos),
        )
        for name, entity in form.entities.items()
    )
    teams = tuple(
        Team(name, team.people, team.on_call or "", team.channel or "", team.page or "")
        for name, team in form.teams.items()
    )
    return Catalogue(entries, teams)
