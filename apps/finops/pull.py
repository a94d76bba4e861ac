"""The backends of a pull, made from its sources and the systems of the configuration."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from ...core.canonical import JsonValue
from ...core.errors import ConfigError, InputError
from ...tools.plain_files import read_plain_text
from ...tools.plain_yaml import DocumentError, documents
from ...tools.usage.backends.settings import CloudwatchSource, FileSource, PrometheusSource, Sources
from ...tools.usage.backends.types import UsageBackend
from ..installation import Installation, current_person

if TYPE_CHECKING:
    from ...tools.usage.pulling import Pull, Pulled

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


def pull_recorded(installation: Installation, pull: Pull, first: date, last: date) -> Pulled:
    """Let a fleet grow by a call that is decided and recorded; what it says of systems comes out redacted.

    Raises:
        BackendError: a system or a file failed; what was read whole is there.
        CallDenied: policies do not let it.
    """
    from ...tools.usage.pull_tool import PullResult, pull_tool  # noqa: PLC0415 - as below
    from ..single_call import called_once  # noqa: PLC0415 - the same

    done: list[Pulled] = []

    def run(start: date, end: date) -> Pulled:
        done.append(pull.run(start, end))
        return done[-1]

    tool = pull_tool(run, pull.environment)
    args: dict[str, JsonValue] = {"first": first.isoformat(), "last": last.isoformat()}
    told = called_once(
        installation,
        (tool,),
        tool.name,
        args,
        by=f"person:{current_person()}",
        environment=pull.environment,
        role="finops",
        wall_s=int(tool.timeout_s),
    )
    # Days and counts are numbers of ours; words of systems are those that the gate let through.
    return replace(done[-1], notes=PullResult.model_validate(told).notes)


def _made(
    source: FileSource | PrometheusSource | CloudwatchSource,
    environment: str,
    folder: Path,
    installation: Installation,
    opened: ExitStack,
) -> UsageBackend:
    if isinstance(source, FileSource):
        from ...tools.usage.backends.files import FilesUsage  # noqa: PLC0415 - only what is used is loaded

        files = FilesUsage(source, folder, environment)
        opened.callback(files.close)
        return files
    if isinstance(source, CloudwatchSource):
        from ...tools.usage.backends.cloudwatch import CloudwatchUsage  # noqa: PLC0415 - the same

        return CloudwatchUsage.connect(source, environment)
    from ...tools.metrics.backends.prometheus_api import PrometheusApi  # noqa: PLC0415 - the same
    from ...tools.metrics.backends.settings import PrometheusSettings  # noqa: PLC0415 - the same
    from ...tools.usage.backends.prometheus import PrometheusUsage  # noqa: PLC0415 - the same
    from ..live.systems import client_of, surroundings_of  # noqa: PLC0415 - the same

    settings = installation.settings.systems.get(source.system)
    if not isinstance(settings, PrometheusSettings):
        raise ConfigError(
            f"there is no Prometheus system {source.system!r}", remedy=f"configure [systems.{source.system}]"
        )
    client = client_of(source.system, settings, surroundings_of(installation))
    return PrometheusUsage(PrometheusApi(client), source, settings.environment)
