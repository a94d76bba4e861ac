"""What drift did to a model, asked through the gate."""

from __future__ import annotations

from datetime import UTC, datetime

from ...core.canonical import JsonValue
from ...core.clock import to_iso
from ...core.errors import InputError
from ...tools.drift.backends.files import FileRows, ScoredFiles
from ...tools.drift.tools import drift_tools
from ...tools.drift.types import CompareResult
from ..boundaries import usual_environment
from ..installation import Installation, current_person, open_installation
from ..single_call import called_once

_MODEL = "model"


def drift_now(
    installation: Installation,
    files: ScoredFiles,
    window: tuple[datetime | None, datetime | None],
    *,
    margin: float,
    limit: int,
    by: str,
) -> CompareResult:
    """Compare the rows of some files, in one recorded call.

    Args:
        installation: whose gate.
        files: reference and window.
        window: start and end in UTC, where only a part is wanted.
        margin: a fall of the AUC that people care about.
        limit: features in the result.
        by: who asks, `person:<name>`.

    Raises:
        BackendError: files could not be read in time.
        CallDenied: policies do not let it.
        InputError: the files do not hold what is said of them, or too little.
    """
    environment = usual_environment(installation.settings.gate)
    start, end = ((each.replace(tzinfo=UTC) if each is not None else None) for each in window)
    args: dict[str, JsonValue] = {
        "model": _MODEL,
        "margin": margin,
        "limit": limit,
        **({"start": to_iso(start)} if start is not None else {}),
        **({"end": to_iso(end)} if end is not None else {}),
    }
    tools = drift_tools(FileRows({_MODEL: files}, environment))
    found = called_once(installation, tools, "drift.compare", args, by=by, environment=environment)
    if found is None:
        raise InputError("the window holds no row", remedy="name other files or another time")
    return CompareResult.model_validate(found)


def check_drift(files: ScoredFiles, *, margin: float = 0.01) -> bool:
    """For pipelines (Airflow, CI): whether the model did not fall and no feature alarms; recorded like any other call.

    Raises:
        OpswardenError: it could not be compared. That is no pass.
    """
    with open_installation() as installation:
        by = f"person:{current_person()}"
        found = drift_now(installation, files, (None, None), margin=margin, limit=1, by=by)
    return not found.falls and not found.alarms
