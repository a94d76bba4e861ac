"""What is kept of a table: rules in YAML that people read and change, and profiles of its past days in JSON."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from ...core.errors import InputError
from ..plain_yaml import DocumentError, only_document
from .profile import PartitionProfile
from .rules import TableRules

_PAST = TypeAdapter(tuple[PartitionProfile, ...])
MOST_BYTES = 20_000_000
MOST_DAYS = 90


class RolesRecord(BaseModel):
    """What columns of the table are; files of references beside the name of their column."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: tuple[str, ...] = ()
    event: str | None = None
    arrival: str | None = None
    label: str | None = None
    references: dict[str, str] = Field(default_factory=dict, description="column: file whose first column it refers to")


class QualityBook(BaseModel):
    """What people keep in one YAML file: what columns are, and the rules."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    roles: RolesRecord
    rules: TableRules


def read_book(text: str) -> QualityBook:
    """The book in a text.

    Raises:
        InputError: it is none.
    """
    try:
        return only_document(text, QualityBook)
    except DocumentError as error:
        raise InputError(
            f"this is no quality file: {error}", remedy="`opswarden platform quality learn` writes one"
        ) from error


def write_book(book: QualityBook) -> str:
    """The book as YAML."""
    plain = book.model_dump(mode="json", exclude_none=True)
    return str(yaml.safe_dump(plain, sort_keys=False, allow_unicode=True, width=120))


def read_past(text: str) -> tuple[PartitionProfile, ...]:
    """Profiles of past days.

    Raises:
        InputError: they are not what was written.
    """
    try:
        found = _PAST.validate_python(json.loads(text))
    except (ValidationError, ValueError) as error:
        raise InputError("the past days of the table are damaged", remedy="learn the rules anew") from error
    if not found:
        raise InputError("the table has no past day", remedy="learn the rules anew")
    return found


def write_past(past: Sequence[PartitionProfile]) -> str:
    """The newest `MOST_DAYS` days as JSON."""
    return json.dumps([_plain(dataclasses.asdict(day)) for day in past[-MOST_DAYS:]], separators=(",", ":"))


def _plain(value: Any) -> Any:
    """Rounded, so that people can read it and a text holds it."""
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    return float(f"{value:.9g}") if isinstance(value, float) else value
