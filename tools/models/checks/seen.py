"""What the checks look at, read once: the run, scored rows, signatures, files. What is not there is None."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Protocol, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ....core.clock import Deadline
from ....core.errors import BackendError, InputError
from ...parquet_tables import flat_table
from ...slo.conditions import Budgets
from ..backends.registry import ArtifactFile, ArtifactReader, ModelVersion, RunFacts
from ..signatures import FILE, LIMIT_BYTES, Signature, read_signature
from .types import CheckFile

T = TypeVar("T")
Floats = npt.NDArray[np.float64]
_SCORED_BYTES = 256_000_000
_MOST_ROWS = 5_000_000
_MOST_CELLS = 50_000_000
_TEXT_CHARS = 64


class SignOffs(Protocol):
    """Who has signed a version off."""

    def of(self, environment: str, model: str, version: int) -> Mapping[str, datetime]:
        """By role: when somebody who held it signed this version off last."""
        ...


@dataclass(frozen=True)
class Scored:
    """The scored rows: labels of 0 and 1, scores, and the text columns that make segments."""

    label: Floats
    score: Floats
    champion: Floats | None
    columns: Mapping[str, npt.NDArray[np.str_]]


@dataclass(frozen=True)
class Seen:
    """One version and its surroundings, read as far as a check asks.

    Args:
        file: the check file.
        version: in the environment that it comes from.
        champion: the version that it is compared with, in the environment that it is to go to.
        reader: of artefacts where the version is; `champion_reader` where the champion is.
        frozen: names of the change freezes that bind now.
        budgets: error budgets of entities; `None` where nothing here holds metrics.
        entity: what serves the model.
    """

    file: CheckFile
    version: ModelVersion
    champion: ModelVersion | None
    environment: str
    source_environment: str
    reader: ArtifactReader
    champion_reader: ArtifactReader
    sign_offs: SignOffs
    frozen: Callable[[], tuple[str, ...]]
    now: datetime
    deadline: Deadline
    hashes: dict[str, str] = field(default_factory=dict)
    budgets: Budgets | None = None
    entity: str = ""

    @cached_property
    def run(self) -> RunFacts | None:
        """The run that made the version."""
        return self._or_none(lambda: self.reader.run(self.version.run_id, self.deadline))

    def other_run(self, run_id: str) -> RunFacts | None:
        """Another run."""
        return self._or_none(lambda: self.reader.run(run_id, self.deadline))

    @cached_property
    def files(self) -> tuple[ArtifactFile, ...] | None:
        """The files of the artefact."""
        return self._or_none(lambda: self.reader.files(self.version, self.deadline))

    def read(self, path: str, limit_bytes: int) -> bytes | None:
        """A file of the artefact; its hash becomes part of what was seen."""
        content = self._or_none(lambda: self.reader.read(self.version, path, limit_bytes, self.deadline))
        if content is not None:
            self.hashes[path] = hashlib.sha256(content).hexdigest()
        return content

    @cached_property
    def signature(self) -> Signature | None:
        """What the version wants to be fed."""
        content = self.read(FILE, LIMIT_BYTES)
        return read_signature(content) if content is not None else None

    @cached_property
    def champion_signature(self) -> Signature | None:
        """What the champion is fed."""
        champion = self.champion
        if champion is None:
            return None
        content = self._or_none(lambda: self.champion_reader.read(champion, FILE, LIMIT_BYTES, self.deadline))
        return read_signature(content) if content is not None else None

    @cached_property
    def scored(self) -> Scored | None:
        """The scored rows, where they are sound: labels of 0 and 1, finite scores."""
        content = self.read(self.file.scored, _SCORED_BYTES)
        if content is None:
            return None
        try:
            table = flat_table(content, most_rows=_MOST_ROWS, most_cells=_MOST_CELLS)
        except (InputError, pa.ArrowException, OSError, ValueError):
            return None
        return _scored(table, self.file)

    @property
    def is_against_champion(self) -> bool:
        """Whether the rows hold scores of the champion of now, rather than of one before it."""
        tags = {**(self.run.tags if self.run is not None else {}), **self.version.tags}
        named = f"{self.file.against_tag}.{self.environment}"
        told = tags.get(named) or tags.get(self.file.against_tag)
        return self.champion is not None and told == str(self.champion.version)

    def _or_none(self, ask: Callable[[], T]) -> T | None:
        try:
            return ask()
        except BackendError:
            return None


def _scored(table: pa.Table, file: CheckFile) -> Scored | None:
    names = set(table.column_names)
    if not {file.label, file.score} <= names or not 0 < table.num_rows <= _MOST_ROWS:
        return None
    try:
        label, score = (_numbers(table[name]) for name in (file.label, file.score))
        champion = _numbers(table[file.champion_score]) if file.champion_score in names else None
    except (pa.ArrowException, ValueError, TypeError):
        return None
    if not np.isin(label, (0.0, 1.0)).all() or not np.isfinite(score).all():
        return None
    if champion is not None and not np.isfinite(champion).all():
        champion = None
    own = {file.label, file.score, file.champion_score}
    texts = {
        name: _texts(table[name])
        for name in table.column_names
        if name not in own and (pa.types.is_string(table[name].type) or pa.types.is_dictionary(table[name].type))
    }
    return Scored(label, score, champion, texts)


def _texts(column: pa.ChunkedArray) -> npt.NDArray[np.str_]:
    """The beginning of each text; whatever stands in many rows is cut once."""
    array = column.combine_chunks()
    if not pa.types.is_dictionary(array.type):
        array = array.dictionary_encode()
    values = [("" if value is None else str(value))[:_TEXT_CHARS] for value in array.dictionary.to_pylist()]
    places = array.indices.fill_null(len(values)).to_numpy(zero_copy_only=False)
    found: npt.NDArray[np.str_] = np.asarray([*values, ""])[places]
    return found


def _numbers(column: pa.ChunkedArray) -> Floats:
    """Nulls become NaN, which no check lets through."""
    found: Floats = column.cast(pa.float64()).to_numpy(zero_copy_only=False).astype(np.float64)
    return found
