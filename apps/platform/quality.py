"""What is wrong with a day of a table, asked through the gate."""

from __future__ import annotations

from pathlib import Path

from ...core.canonical import JsonValue
from ...core.errors import InputError
from ...tools.quality.backends.files import FileTables, WatchedFiles
from ...tools.quality.tools import quality_tools
from ...tools.quality.types import CheckResult
from ..boundaries import usual_environment
from ..installation import Installation, current_person, open_installation
from ..single_call import called_once

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
    environment = usual_environment(installation.settings.gate)
    tools = quality_tools(FileTables({_TABLE: WatchedFiles(book, day)}, environment))
    args: dict[str, JsonValue] = {"table": _TABLE, "limit": 100}
    found = called_once(installation, tools, "quality.check", args, by=by, environment=environment)
    if found is None:
        raise InputError("the day has no row", remedy="name another file")
    return CheckResult.model_validate(found)


def check_table(book: Path, day: Path) -> bool:
    """For pipelines (Airflow, CI): whether a day keeps the rules of its table; recorded like any other call.

    Raises:
        OpswardenError: it could not be judged. That is no pass.
    """
    with open_installation() as installation:
        return quality_now(installation, book, day, by=f"person:{current_person()}").found == 0
