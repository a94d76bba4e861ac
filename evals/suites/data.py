"""Find the cases in whatever folder was given: imported cases, a raw public data set, or a folder with several of both.

Raw sets are imported into a working folder first. What was found, what was left out and why is told in text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ...core.errors import InputError
from ..cases import SNAPSHOT_FOLDER, TRUTH_NAME, Case, case_at, is_hidden
from ..importers.registry import IMPORTERS, detect, import_dataset

MAX_DEPTH = 3
"""Sets may lie so many folders below the one that was given."""

IMPORT_SEED = 0
"""Fixed, so that a case has the same id in every run whatever the run's seed is, and results can be compared."""

_SHOWN_LINES = 20


@dataclass(frozen=True)
class _Set:
    """Cases of one data set, and what to tell about it."""

    name: str
    cases: tuple[Case, ...]
    lines: tuple[str, ...]
    folders: tuple[Path, ...]


def resolve_cases(
    root: Path, workdir: Path, *, progress: Callable[[int, int], None] | None = None
) -> tuple[tuple[Case, ...], str]:
    """The cases in `root`, and a text of several lines that says what was detected.

    A set is named after its folder, and a case after its place: `SET/case-0001`, without the set where `root` itself is
    the set. Cases that cannot be used (damaged in a raw set, no label, no snapshot) are among the result with their
    `problem`, so that they are counted as errors and do not vanish.

    Args:
        root: a folder; only read.
        workdir: where raw sets are imported to; must be new or empty, and outside of `root`.
        progress: called with (cases done, cases found) while a raw set is imported.

    Raises:
        InputError: nothing was recognised, or the only set that was found cannot be imported.
    """
    if not root.is_dir():
        raise InputError("the data folder does not exist", remedy="give a folder with cases or a raw data set")
    if workdir.resolve().is_relative_to(root.resolve()):
        raise InputError("the working folder lies in the data folder", remedy="choose one outside of it")
    raw = list(_raw_sets(root, root, 0))
    sets = _labelled_sets(root)
    is_only = len(raw) + len(sets) == 1
    for place, (format_name, folder) in enumerate(raw):
        dest = workdir / f"set-{place + 1:02d}"
        sets.append(_import(format_name, root, folder, dest, is_only=is_only, progress=progress))
    if not sets:
        raise InputError(
            "the data folder holds no labelled case and no raw data set of a known format",
            remedy=f"a case is truth.json beside snapshot/; the raw formats are {', '.join(IMPORTERS)}",
        )
    sets.sort(key=lambda found: found.name)
    lines = [line for found in sets for line in found.lines]
    unknown = _unrecognised(root, [folder for found in sets for folder in found.folders])
    if unknown:
        shown = ", ".join(unknown[:_SHOWN_LINES]) + (", …" if len(unknown) > _SHOWN_LINES else "")
        lines.append(f"not recognised, left out: {shown}")
    cases = tuple(sorted((case for found in sets for case in found.cases), key=lambda case: case.id))
    return cases, "\n".join(lines)


def _raw_sets(root: Path, folder: Path, depth: int) -> Iterator[tuple[str, Path]]:
    """Format and folder of every raw set; where a folder is of no single format, the folders in it are looked at."""
    format_name = detect(folder)
    if format_name is not None:
        yield format_name, folder
    elif depth < MAX_DEPTH:
        for below in _subfolders(folder):
            if not _is_case_folder(below):
                yield from _raw_sets(root, below, depth + 1)


def _labelled_sets(root: Path) -> list[_Set]:
    """The sets of cases that were imported or made before, with those that lost their label or snapshot."""
    by_name: dict[str, list[Case]] = {}
    labels = {path.parent for path in root.rglob(TRUTH_NAME)}
    snapshots = {path.parent.parent for path in root.rglob(f"{SNAPSHOT_FOLDER}/snapshot.json")}
    for folder in sorted(labels | snapshots):
        if is_hidden(root, folder):
            continue
        problem = ""
        if not (folder / SNAPSHOT_FOLDER).is_dir():
            if not _is_label(folder):
                continue  # somebody else's truth.json
            problem = f"the case has no {SNAPSHOT_FOLDER} folder"
        elif folder not in labels:
            problem = f"the case has no {TRUTH_NAME}"
        case = case_at(root, folder, problem=problem)
        by_name.setdefault(case.set_name, []).append(case)
    return [
        _Set(name, tuple(cases), tuple(_labelled_lines(name, cases)), tuple(case.folder for case in cases))
        for name, cases in by_name.items()
    ]


def _labelled_lines(name: str, cases: list[Case]) -> Iterator[str]:
    broken = [case for case in cases if case.problem]
    yield f"{name}: {_count(len(cases) - len(broken))}, labelled"
    yield from (f"  unusable: {case.id}: {case.problem}" for case in broken[:_SHOWN_LINES])


def _import(
    format_name: str,
    root: Path,
    folder: Path,
    dest: Path,
    *,
    is_only: bool,
    progress: Callable[[int, int], None] | None,
) -> _Set:
    if folder == root:
        # Beside other sets the root needs a name of its own, for their cases may bear the same numbers.
        name, prefix = (root.resolve().name, "") if is_only else (format_name, f"{format_name}/")
    else:
        name = folder.relative_to(root).as_posix()
        prefix = f"{name}/"
    try:
        report = import_dataset(format_name, folder, dest, seed=IMPORT_SEED, progress=progress)
    except InputError as error:
        if is_only:
            raise
        case = Case(id=name, folder=folder, set_name=name, problem=f"the set cannot be imported: {error.message}")
        return _Set(name, (case,), (f"{name}: raw {format_name} data set, {case.problem}",), (folder,))
    cases = [
        Case(id=f"{prefix}{below.name}", folder=below, set_name=name)
        for below in _subfolders(dest)
        if _is_case_folder(below)
    ]
    cases += [
        Case(id=f"{prefix}source:{skipped.source}", folder=folder, set_name=name, problem=skipped.reason)
        for skipped in report.skipped
    ]
    lines = [f"{name}: raw {format_name} data set, {_count(report.n_cases)} imported; licence: {report.licence}"]
    lines += [f"  unusable: {skipped.source}: {skipped.reason}" for skipped in report.skipped[:_SHOWN_LINES]]
    lines += [f"  note: {warning}" for warning in report.warnings[:_SHOWN_LINES]]
    return _Set(name, tuple(cases), tuple(lines), (folder,))


def _unrecognised(root: Path, known: list[Path]) -> list[str]:
    """Folders right below `root` that neither are a set, nor hold one, nor lie in one."""
    if root in known:
        return []
    return [folder.name for folder in _subfolders(root) if not any(place.is_relative_to(folder) for place in known)]


def _is_label(folder: Path) -> bool:
    try:
        Case(id=folder.name, folder=folder).truth()
    except InputError:
        return False
    return True


def _subfolders(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))


def _is_case_folder(folder: Path) -> bool:
    return (folder / TRUTH_NAME).is_file() or (folder / SNAPSHOT_FOLDER / "snapshot.json").is_file()


def _count(n: int) -> str:
    return "1 case" if n == 1 else f"{n} cases"
