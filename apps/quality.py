"""What is wrong with a day of a table, asked through the gate."""

from __future__ import annotations

from pathlib import Path

from ..core.errors import BackendError, CallDenied, InputError
from ..policies.types import Principal, Run
from ..tools.quality.backends.files import FileTables, WatchedFiles
from ..tools.quality.tools import quality_tools
from ..tools.quality.types import CheckResult
from .boundaries import usual_environment
from .installation import Installation
from .wiring import gate_factory

_TABLE = "table"


def quality_now(installation: Installation, book: Path, day: Path, *, by: str) -> CheckResult:
    """Judge a day by the rules of its table, in one recorded call.

    Args:
        installation: whose gate.
        book: the quality file.
        day: a file or a folder of them.
        by: who asks, `person:<name>`.

    Raises:
        BackendError: the day could not be read in time.
        CallDenied: policies do not let it.
        InputError: one of the files cannot be used, or the day has no row.
    """
    environment, team = usual_environment(installation.settings.gate), installation.settings.team
    run = Run(
        id=installation.ids.new("run"),
        principal=Principal("platform", by, team),
        trigger="cli",
        environment=environment,
        audience_team=team,
    )
    backend = FileTables({_TABLE: WatchedFiles(book, day)}, environment)
    gate = gate_factory(installation, quality_tools(backend)).open_run(run)
    found = gate.call("quality.check", {"table": _TABLE, "limit": 100}, call_id="quality")
    gate.end("answered")
    if found.status == "denied":
        raise CallDenied(found.message, code=found.code)
    if found.status == "no_data":
        raise InputError("the day has no row", remedy="name another file")
    if found.status == "error":
        raise BackendError(found.message)
    return CheckResult.model_validate(found.summary)
