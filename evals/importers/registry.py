"""The raw formats by name, and the one call that imports a data set."""

from __future__ import annotations

from collections.abc import Callable
from difflib import get_close_matches
from pathlib import Path

from ...core.errors import InputError
from . import changerca, nezha, petshop, rcd, rootcausebench
from .publish import Importer, ImportReport, publish

IMPORTERS: dict[str, Importer] = {
    importer.name: importer
    for importer in (petshop.IMPORTER, rcd.IMPORTER, nezha.IMPORTER, changerca.IMPORTER, rootcausebench.IMPORTER)
}


def detect(src: Path) -> str | None:
    """The name of the raw format of a folder, by its structure; None if it is of no format or of several."""
    if not src.is_dir():
        return None
    names = [name for name, importer in IMPORTERS.items() if importer.recognises(src)]
    return names[0] if len(names) == 1 else None


def import_dataset(
    format_name: str,
    src: Path,
    dest: Path,
    *,
    seed: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> ImportReport:
    """Turn the raw data set in `src` into labelled cases below `dest`.

    Args:
        format_name: one of `IMPORTERS`.
        src: folder of the raw set; only read.
        dest: folder for the cases; made if it is missing, and empty otherwise.
        seed: decides which case gets which neutral id; the same seed and set give the same ids.
        progress: called with (cases done, cases found) after every case.

    Returns:
        How many cases were written, and which were left out and why.

    Raises:
        InputError: unknown format, `src` is not of it, `dest` cannot be used, or no case is usable.
    """
    importer = IMPORTERS.get(format_name)
    if importer is None:
        near = get_close_matches(format_name, IMPORTERS, n=1)
        hint = f"did you mean {near[0]}? " if near else ""
        raise InputError("no such data set format", remedy=f"{hint}formats: {', '.join(IMPORTERS)}")
    if not src.is_dir():
        raise InputError("the source is no folder", remedy="give the folder that holds the raw data set")
    if not importer.recognises(src):
        found = detect(src)
        hint = f"it looks like {found}; " if found else ""
        raise InputError(
            f"the source is no {format_name} data set", remedy=f"{hint}{format_name} holds {importer.layout}"
        )
    _make_destination(src, dest)
    return publish(importer, src, dest, seed=seed, progress=progress)


def _make_destination(src: Path, dest: Path) -> None:
    if dest.resolve().is_relative_to(src.resolve()):
        raise InputError("the destination lies in the source", remedy="choose a folder outside of the raw data set")
    try:
        dest.mkdir(parents=True, exist_ok=True)
        is_empty = not any(dest.iterdir())
    except OSError as error:
        raise InputError("the destination cannot be used as a folder", remedy="choose another destination") from error
    if not is_empty:
        raise InputError("the destination is not empty", remedy="choose another destination, or remove what is in it")
