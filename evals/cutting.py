"""Another incident out of a snapshot: what was known at an earlier moment, or a quiet time as if somebody had asked.

What lies after the cut is not in the new folder at all, so nothing can read it by mistake.
"""

from __future__ import annotations

import hashlib
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from ..core.errors import InputError
from ..tools.plain_yaml import DocumentError, documents
from ..tools.snapshots.manifest import MANIFEST_NAME, AlertRef, Manifest, Window
from ..tools.snapshots.schema import TABLES, TIME_COLUMN, TableName
from ..tools.snapshots.store import SnapshotStore
from ..tools.snapshots.writer import SnapshotWriter
from .cases import SNAPSHOT_FOLDER, Case, Truth, write_truth

if TYPE_CHECKING:
    import pyarrow as pa

QUIET_FAULT = "quiet time"
"""The `fault` in the label of an incident that was cut out of a quiet time."""

_LEAST_BASELINE = 3
"""A quiet time is cut only from a baseline this many times as long: one part to explain, two to compare with."""
_MOVED_STARTS = {"@start-2m": timedelta(minutes=-2), "@start+2m": timedelta(minutes=2)}
"""The ends of the ids of such cases: in the order of ids they come after the incident itself."""
_TITLE = "Incident under investigation"
_POSTMORTEM_KEYS = frozenset({"cause", "causes", "verdict", "root_cause"})
_FRONT_MATTER = "---"
_END_US = timedelta(microseconds=1)


def cut(store: SnapshotStore, dest: Path, manifest: Manifest, until: datetime) -> None:
    """Write what was recorded up to a moment as a snapshot of its own.

    A span is recorded when it ends, so one that ends later is left out; every other row counts by its time. Tables
    without times (call graph, SLOs) stay whole, and so do runbooks, but for pages whose front matter names a cause:
    these are postmortems.

    Args:
        store: the whole snapshot.
        dest: the new folder; must not exist.
        manifest: of the new snapshot.
        until: the last moment that may be seen.

    Raises:
        InputError: the folder exists, or nothing was recorded by then.
        BackendError: the snapshot cannot be read.
    """
    with SnapshotWriter(dest, manifest) as writer:
        is_empty = True
        for table in TABLES:
            if table in store.missing or not store.has(table):
                continue
            rows = store.query(_select(table), {"until": until.astimezone(UTC)} if table in TIME_COLUMN else {})
            is_empty = is_empty and not (len(rows) and table in ("metrics", "logs", "spans"))
            writer.write(table, rows)
        for name, text in store.runbooks():
            if not _is_postmortem(text):
                writer.write_runbook(name, text)
        if is_empty:
            raise InputError("nothing was recorded before the cut", remedy="take a later cut")
    for missing in store.missing:
        (dest / f"{missing}.parquet").unlink(missing_ok=True)  # what was never known is not known to be empty


def at_alert(store: SnapshotStore, minutes: float) -> tuple[Manifest, datetime] | None:
    """The incident as it could be seen so many minutes after its alert, and the last moment of it.

    Title and source are replaced, because people write the cause into them afterwards.

    Returns:
        `None` if nothing of the incident's window lies before that moment.

    Raises:
        InputError: the snapshot does not say when the alert fired.
    """
    manifest = store.manifest
    if manifest.alert is None or manifest.alert.ts is None:
        raise InputError(
            "the snapshot does not say when its alert fired",
            remedy="add `alert.ts` to snapshot.json; see docs/snapshots.md",
        )
    until = manifest.alert.ts + timedelta(minutes=minutes)
    if until <= manifest.window.start:
        return None
    window = Window(start=manifest.window.start, end=min(manifest.window.end, until + _END_US))
    baseline = manifest.baseline
    if baseline is not None and baseline.end > until:
        # A quiet time after the incident was not there yet.
        baseline = Window(start=baseline.start, end=until) if baseline.start < until else None
    return _plain(manifest, window, baseline, manifest.alert), until


def quiet_case(case: Case, folder: Path) -> Case | None:
    """A case with nothing to find: a part of the incident's own quiet time, as if its alert had fired then.

    Where in the quiet time follows from a hash of the case's id, because incidents may share one; the data before it
    are the new baseline, at least twice as long as the window, and those after it are left out.

    Args:
        case: an incident with a baseline.
        folder: of the new case; must not exist, its parent must.

    Returns:
        `None` if the baseline is shorter than three times the window: too little would be left to compare with.

    Raises:
        InputError: the snapshot cannot be used.
    """
    store = SnapshotStore(case.snapshot)
    try:
        quiet, window = store.baseline(), store.manifest.window
        if quiet is None or quiet.length < _LEAST_BASELINE * window.length:
            return None
        earliest, latest = quiet.start + (_LEAST_BASELINE - 1) * window.length, quiet.end - window.length
        start = earliest + _draw(case.id) * (latest - earliest)
        end = start + window.length
        alert = store.manifest.alert
        if alert is not None and alert.ts is not None:
            alert = alert.model_copy(update={"ts": min(alert.ts - window.start + start, end)})
        manifest = _plain(store.manifest, Window(start=start, end=end), Window(start=quiet.start, end=start), alert)
        folder.mkdir()
        cut(store, folder / SNAPSHOT_FOLDER, manifest, end - _END_US)
    finally:
        store.close()
    write_truth(folder, Truth(verdict="healthy", fault=QUIET_FAULT, group=case.set_name))
    return Case(id=f"{case.id}@quiet", folder=folder, set_name=f"{case.set_name} (quiet time)")


def moved_cases(cases: tuple[Case, ...], folder: Path) -> tuple[Case, ...]:
    """Every incident twice more, its start told two minutes too early and too late; the same data.

    A window that would be gone, or an incident without a quiet time, has none.

    Args:
        cases: incidents.
        folder: where to write them; is made.
    """
    folder.mkdir(parents=True)
    found = []
    for place, case in enumerate(cases):
        for name, by in _MOVED_STARTS.items():
            dest = folder / f"case-{place:06d}{name}"
            try:
                is_made = not case.problem and _write_moved(case, dest, by)
            except (InputError, OSError):
                # As above.
                shutil.rmtree(dest, ignore_errors=True)
                continue
            if is_made:
                found.append(Case(id=f"{case.id}{name}", folder=dest, set_name=f"{case.set_name} (start moved)"))
    return tuple(found)


def moved_from(case: Case) -> str | None:
    """The id of the incident whose start was moved in this case; `None` if nobody moved it."""
    name = next((name for name in _MOVED_STARTS if case.id.endswith(name)), None)
    return case.id.removesuffix(name) if name is not None else None


def _write_moved(case: Case, dest: Path, by: timedelta) -> bool:
    store = SnapshotStore(case.snapshot)
    try:
        quiet, window, manifest = store.baseline(), store.manifest.window, store.manifest
    finally:
        store.close()
    start = window.start + by
    if quiet is None or start >= window.end or start <= quiet.start:
        return False
    # A quiet time that went up to the start goes up to the start that is told.
    quiet_end = start if quiet.end == window.start else min(quiet.end, start)
    moved = manifest.model_copy(
        update={
            "window": Window(start=start, end=window.end),
            "baseline": Window(start=quiet.start, end=quiet_end),
        }
    )
    shutil.copytree(case.snapshot, dest / SNAPSHOT_FOLDER)
    (dest / SNAPSHOT_FOLDER / MANIFEST_NAME).write_text(moved.model_dump_json(indent=2) + "\n", encoding="utf-8")
    write_truth(dest, case.truth())
    return True


def quiet_cases(cases: tuple[Case, ...], folder: Path) -> tuple[tuple[Case, ...], int]:
    """The quiet case of every case that has one, and how many have none.

    Args:
        cases: incidents.
        folder: where to write them; is made.
    """
    folder.mkdir(parents=True)
    found, without = [], 0
    for place, case in enumerate(cases):
        if case.problem:
            continue
        try:
            made = quiet_case(case, folder / f"case-{place:06d}")
        except InputError:
            # The case itself breaks for the same reason when it is run, and is counted there.
            shutil.rmtree(folder / f"case-{place:06d}", ignore_errors=True)
            continue
        if made is None:
            without += 1
        else:
            found.append(made)
    return tuple(found), without


def _draw(case_id: str) -> float:
    """A number in [0, 1) that is always the same for an id."""
    return int.from_bytes(hashlib.blake2b(case_id.encode(), digest_size=6).digest(), "big") / (1 << 48)


def _plain(manifest: Manifest, window: Window, baseline: Window | None, alert: AlertRef | None) -> Manifest:
    on = f": alert on {alert.entity}" if alert is not None and alert.entity else ""
    return manifest.model_copy(
        update={
            "title": f"{_TITLE}{on}"[:256],
            "window": window,
            "baseline": baseline,
            "alert": alert,
            "source": "cut from a recorded incident",
        }
    )


def _select(table: TableName) -> str:
    columns = ", ".join(f'"{field.name}"' for field in _fields(table))
    if table == "spans":
        when = 'WHERE "start" + to_microseconds(coalesce(duration_us, 0)) <= $until'
    elif table in TIME_COLUMN:
        when = f'WHERE "{TIME_COLUMN[table]}" <= $until'
    else:
        when = ""
    return f"SELECT {columns} FROM {table} {when}"  # noqa: S608 - all names are of our schema


def _fields(table: TableName) -> list[pa.Field]:
    return list(TABLES[table])


def _is_postmortem(text: str) -> bool:
    return bool(_POSTMORTEM_KEYS & {str(key).lower() for key in front_matter(text)})


def front_matter(text: str) -> dict[str, object]:
    """The YAML between the first two `---` lines of a page; empty where there is none that can be read."""
    lines = text.splitlines()
    if not lines or lines[0].strip() != _FRONT_MATTER:
        return {}
    try:
        end = next(place for place, line in enumerate(lines[1:], start=1) if line.strip() == _FRONT_MATTER)
        found = documents("\n".join(lines[1:end]))
    except (StopIteration, DocumentError):
        return {}
    front = found[0].value if found else None
    return dict(front) if isinstance(front, dict) else {}
