"""Write raw cases under neutral ids: `DEST/case-0001/snapshot/` beside `DEST/case-0001/truth.json`.

Raw sets name the root cause in folders, files and row orders. What is written carries none of that: ids are counted
along an order that a keyed hash of the source id gives, titles name the alerting entity at most, and the order of rows
follows names and times, never the order of the raw file.
"""

from __future__ import annotations

import csv
import errno
import hashlib
import json
import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from ...core.errors import InputError
from ...tools.snapshots.manifest import AlertRef, Manifest, Window
from ...tools.snapshots.writer import SnapshotWriter
from ..cases import SNAPSHOT_FOLDER, Truth, write_truth

ENVIRONMENT = "imported"
"""The environment of every imported incident; it is nobody's production."""

MOVED_NOTE = "Quiet data recorded elsewhere in time were moved before the incident."
"""Said in `source` when the set's fault-free data do not lie before the incident by themselves."""


class DamagedCase(ValueError):
    """One case of a set cannot be used; it is counted with this reason and the others go on."""


DAMAGE = (OSError, ValueError, OverflowError, csv.Error)
"""What reading damaged raw data raises: files, JSON, pydantic and Arrow values, numbers, CSV."""


class Skipped(BaseModel):
    """A case that was not imported. `source` is its place in the raw set, for whoever imports; agents never see it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    source: str
    reason: str


class ImportReport(BaseModel):
    """What an import wrote and what it left out."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: str
    n_cases: int
    skipped: tuple[Skipped, ...] = ()
    licence: str
    warnings: tuple[str, ...] = ()


@dataclass
class Notes:
    """Oddities met while reading, each said once with how often it was met."""

    counts: Counter[str] = field(default_factory=Counter)

    def add(self, text: str, times: int = 1) -> None:
        """Count an oddity; `text` must not quote the raw data."""
        if times:
            self.counts[text] += times

    def lines(self) -> tuple[str, ...]:
        """One sentence per oddity."""
        return tuple(f"{text} ({count}x)" for text, count in sorted(self.counts.items()))


@dataclass(frozen=True)
class CaseDraft:
    """A case ready to be written; `write` streams the tables into the snapshot."""

    manifest: Manifest
    truth: Truth
    write: Callable[[SnapshotWriter], None]


@dataclass(frozen=True)
class RawCase:
    """A case as it lies in the raw set; nothing is read until `read` is called."""

    source_id: str
    read: Callable[[], CaseDraft]


@dataclass(frozen=True)
class Listing:
    """The cases of a raw set, and those that can be ruled out without reading them."""

    cases: tuple[RawCase, ...]
    skipped: tuple[Skipped, ...] = ()


@dataclass(frozen=True)
class Importer:
    """One raw format.

    Args:
        name: what the user types.
        source: the data set's name, written into every manifest.
        licence: of the data, as its publisher states it.
        layout: what a folder of this format holds, for the error message.
        recognises: whether a folder has the structure of this format.
        list_cases: finds the cases of a folder.
    """

    name: str
    source: str
    licence: str
    layout: str
    recognises: Callable[[Path], bool]
    list_cases: Callable[[Path, Notes], Listing]

    def manifest(
        self, window: Window, *, baseline: Window | None = None, alert: AlertRef | None = None, moved: bool = False
    ) -> Manifest:
        """The manifest of a case; `moved` says that quiet data were moved in time."""
        entity = alert.entity if alert is not None else None
        title = "Incident under investigation" + (f": alert on {entity}" if entity else "")
        return Manifest(
            title=title[:256],
            environment=ENVIRONMENT,
            window=window,
            baseline=baseline,
            alert=alert,
            source=f"{self.source}. {MOVED_NOTE}" if moved else self.source,
            licence=self.licence,
        )


def shuffled(cases: tuple[RawCase, ...], seed: int) -> tuple[RawCase, ...]:
    """The cases in the order of a hash of their source id keyed with the seed; ties keep the source order."""
    key = f"opswarden-import-{seed}".encode()[:64]
    return tuple(
        sorted(cases, key=lambda case: hashlib.blake2b(case.source_id.encode(), key=key, digest_size=16).digest())
    )


def publish(
    importer: Importer, src: Path, dest: Path, *, seed: int, progress: Callable[[int, int], None] | None
) -> ImportReport:
    """Import every usable case of `src` into the empty folder `dest`.

    Raises:
        InputError: no case could be used, or the destination cannot be written.
    """
    notes = Notes()
    listing = importer.list_cases(src, notes)
    skipped = list(listing.skipped)
    order = shuffled(listing.cases, seed)
    digits = max(4, len(str(len(order))))
    n_cases = 0
    for done, raw in enumerate(order, start=1):
        try:
            _write_case(raw, dest, f"case-{n_cases + 1:0{digits}d}")
        except DAMAGE as error:
            skipped.append(Skipped(source=raw.source_id, reason=reason_of(error)))
        else:
            n_cases += 1
        if progress is not None:
            progress(done, len(order))
    if not n_cases:
        first = f"; the first reason: {skipped[0].reason}" if skipped else ""
        raise InputError(
            f"no case of this {importer.name} data set could be imported{first}", remedy=f"it needs {importer.layout}"
        )
    return ImportReport(
        format=importer.name,
        n_cases=n_cases,
        skipped=tuple(sorted(skipped, key=lambda case: case.source)),
        licence=importer.licence,
        warnings=notes.lines(),
    )


def _write_case(raw: RawCase, dest: Path, case_id: str) -> None:
    """Write one case; its folder appears under its id only when it is whole."""
    draft_folder = dest / f".{case_id}.draft"
    try:
        draft = raw.read()
        draft_folder.mkdir()
        with SnapshotWriter(draft_folder / SNAPSHOT_FOLDER, draft.manifest) as writer:
            draft.write(writer)
            if draft.manifest.alert is not None:
                writer.write("alerts", _alert_row(draft.manifest.alert, draft.manifest.window))
        write_truth(draft_folder, draft.truth)
        draft_folder.rename(dest / case_id)
    finally:
        shutil.rmtree(draft_folder, ignore_errors=True)


def _alert_row(alert: AlertRef, window: Window) -> dict[str, list[object]]:
    return {
        "ts": [alert.ts or window.start],
        "name": [alert.name],
        "entity": [alert.entity],
        "severity": [alert.severity],
        "state": ["firing"],
        "summary": [alert.summary],
        "labels": [[("metric", alert.metric)] if alert.metric else []],
    }


def reason_of(error: BaseException) -> str:
    """Why a case was left out (an error of `DAMAGE`), without quoting the raw data.

    Raises:
        InputError: not the case is damaged, the destination cannot be written.
    """
    if isinstance(error, OSError):
        if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EROFS}:
            raise InputError(
                "the destination cannot be written", remedy="choose a place that has space and may be written to"
            ) from error
        return "a file cannot be read"
    if isinstance(error, DamagedCase):
        return str(error)
    if isinstance(error, ValidationError):
        return "a label or context file does not have the fields of this format"
    if isinstance(error, json.JSONDecodeError):
        return "a JSON file is damaged"
    if isinstance(error, UnicodeDecodeError):
        return "a file is not UTF-8 text"
    return "a value cannot be read"
