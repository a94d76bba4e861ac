"""The backends of a pull, made from its sources and the systems of the configuration."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ..core.errors import ConfigError, InputError
from ..tools.plain_files import read_plain_text
from ..tools.plain_yaml import DocumentError, documents
from ..tools.usage.backends.settings import CloudwatchSource, FileSource, PrometheusSource, Sources
from ..tools.usage.backends.types import UsageBackend

if TYPE_CHECKING:
    from .installation import Installation

_SIZE_LIMIT_BYTES = 1_000_000


def read_sources(path: Path) -> Sources:
    """What a file says of where a fleet is read from.

    Raises:
        InputError: it cannot be read, or says something else; the line is named.
    """
    text = read_plain_text(str(path), _SIZE_LIMIT_BYTES)
    if text is None:
        raise InputError(f"{path.name} cannot be read", remedy="give a YAML file; see docs/finops-data.md")
    try:
        found = documents(text)
        if len(found) != 1:
            raise DocumentError("it holds more or less than one document")
        return found[0].as_model(Sources)
    except DocumentError as error:
        raise InputError(f"{path.name} cannot be used: {error}", remedy="see docs/finops-data.md") from error


@contextmanager
def usage_backends(sources: Sources, folder: Path, installation: Installation) -> Iterator[tuple[UsageBackend, ...]]:
    """One backend per source; paths begin in `folder`.

    Raises:
        ConfigError: a source names a system that is not configured, or of another kind.
        InputError: files are missing or of another form.
    """
    with ExitStack() as opened:
        yield tuple(_made(source, sources.environment, folder, installation, opened) for source in sources.sources)


def _made(
    source: FileSource | PrometheusSource | CloudwatchSource,
    environment: str,
    folder: Path,
    installation: Installation,
    opened: ExitStack,
) -> UsageBackend:
    if isinstance(source, FileSource):
        from ..tools.usage.backends.files import FilesUsage  # noqa: PLC0415 - only what is used is loaded

        files = FilesUsage(source, folder, environment)
        opened.callback(files.close)
        return files
    if isinstance(source, CloudwatchSource):
        from ..tools.usage.backends.cloudwatch import CloudwatchUsage  # noqa: PLC0415 - the same

        return CloudwatchUsage.connect(source, environment)
    from ..tools.metrics.backends.prometheus_api import PrometheusApi  # noqa: PLC0415 - the same
    from ..tools.metrics.backends.settings import PrometheusSettings  # noqa: PLC0415 - the same
    from ..tools.usage.backends.prometheus import PrometheusUsage  # noqa: PLC0415 - the same
    from .systems import client_of, surroundings_of  # noqa: PLC0415 - the same

    settings = installation.settings.systems.get(source.system)
    if not isinstance(settings, PrometheusSettings):
        raise ConfigError(
            f"there is no Prometheus system {source.system!r}", remedy=f"configure [systems.{source.system}]"
        )
    client = client_of(source.system, settings, surroundings_of(installation))
    return PrometheusUsage(PrometheusApi(client), source, settings.environment)
