"""A service catalogue in files of the operator's."""

from __future__ import annotations

from pathlib import Path

from ....core.errors import ConfigError
from ...plain_files import read_plain_text
from ...plain_yaml import SIZE_LIMIT_BYTES, DocumentError
from ..catalogue import Catalogue, merged
from ..reading import read

_MOST_FILES = 2_000
_ENDINGS = (".yaml", ".yml")


def read_catalogue(path: Path) -> Catalogue:
    """The catalogue of a file, or of all YAML files in a folder at any depth, in the order of their paths.

    Raises:
        ConfigError: it does not exist, is too large, or something in it is wrong; names file and line.
    """
    if not path.exists():
        raise ConfigError("the service catalogue does not exist", remedy="correct `catalogue.path`")
    files = [path] if path.is_file() else sorted(file for file in path.rglob("*") if file.suffix in _ENDINGS)
    if len(files) > _MOST_FILES:
        raise ConfigError(f"the service catalogue has more than {_MOST_FILES} files", remedy="join them")
    return merged([_read(file, path) for file in files])


def _read(file: Path, root: Path) -> Catalogue:
    name = file.name if file == root else file.relative_to(root).as_posix()
    # The operator may well keep it behind a link, as Kubernetes does with a mounted ConfigMap.
    text = read_plain_text(str(file.resolve()), SIZE_LIMIT_BYTES)
    if text is None:
        raise ConfigError(
            f"{name} of the service catalogue cannot be read, or is larger than {SIZE_LIMIT_BYTES} bytes",
            remedy="check its permissions, or split it",
        )
    try:
        return read(text)
    except DocumentError as error:
        raise ConfigError(
            f"{name} of the service catalogue: {error}", remedy="docs/first-minute.md shows the form"
        ) from None
