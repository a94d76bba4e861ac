"""Arguments and result of `owners.find`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ..spec import Args, DerivedText, OneLine, OutsideText, Result


class FindArgs(Args):
    """Who owns these entities, and how to reach them."""

    entities: tuple[Annotated[str, Field(min_length=1, max_length=512)], ...] = Field(
        min_length=1, max_length=20, strict=False
    )


class Owner(Result):
    """Whose one entity is. Text that the catalogue does not have is empty."""

    asked: Annotated[OutsideText, OneLine(40)]
    entity: Annotated[OutsideText, OneLine(40)] = Field(description="its name in the catalogue")
    matched_by: Literal["name", "alias", "instance"]
    source: Literal["catalogue", "backstage", "labels"]
    owner: Annotated[OutsideText, OneLine(30)]
    on_call: Annotated[OutsideText, OneLine(30)] = Field(description="the rotation that is paged")
    channel: Annotated[OutsideText, OneLine(20)]
    page: Annotated[OutsideText, OneLine(40)] = Field(description="how to page them")
    people: tuple[Annotated[OutsideText, OneLine(20)], ...]
    tier: int | None = Field(description="0 or 1: must never fail")
    system: Annotated[OutsideText, OneLine(20)]
    lifecycle: Annotated[OutsideText, OneLine(10)]
    description: Annotated[OutsideText, OneLine(40)]
    runbooks: tuple[Annotated[OutsideText, OneLine(40)], ...]
    depends_on: tuple[Annotated[OutsideText, OneLine(20)], ...]


class FindResult(Result):
    """The entities that the catalogue knows, in the order asked, and how many it does not."""

    known_entities: int = Field(description="entries of the whole catalogue")
    unknown: tuple[Annotated[OutsideText, OneLine(40)], ...] = Field(description="asked for and not in the catalogue")
    owners: tuple[Owner, ...]
    problems: tuple[DerivedText, ...] = Field(default=(), description="parts of the catalogue that could not be read")
