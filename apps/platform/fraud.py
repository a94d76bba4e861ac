"""What goes on among payments: of a snapshot, with what else bears on it, and of months, with what came back."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from ...core.canonical import JsonValue
from ...core.clock import to_iso
from ...core.errors import BackendError, InputError
from ...policies.types import Principal, Run
from ...tools.plain_files import read_plain_text
from ...tools.spec import AnyTool
from .. import installation as house
from ..boundaries import usual_environment
from ..catalogue import with_the_rest
from ..chosen import Choice
from ..single_call import called_once
from ..wiring import gate_factory, names_of, tools_of
from .models import ROLE, Asked

_PAYMENTS = Choice(
    "no payments of months are configured",
    "list them under `[platform.payments.NAME]`",
    "no payments have this name",
    "there are several",
    "--payments",
)
_MOST_BOOK_BYTES = 200_000

_BESIDE = (
    ("features", "features", "features.health"),
    ("models", "predictions", "models.health"),
    ("notices", "events", "changes.notices"),
)
"""Argument of `outcomes.explain`, the table that it needs, and the tool whose artifact it is."""


def explain_payments(installation: house.Installation, snapshot: Path) -> Asked:
    """Compare the window of a snapshot with its quiet time.

    Raises:
        InputError: it is no snapshot, or it has no quiet time or no payments.
    """
    from ...tools.snapshots.store import SnapshotStore  # noqa: PLC0415 - DuckDB, which only this needs

    with closing(SnapshotStore(snapshot)) as store:
        window, quiet = store.manifest.window, store.baseline()
        if quiet is None:
            raise InputError("the snapshot has no quiet time to compare with", remedy="name a `baseline` in it")
        if not store.has("outcomes"):
            raise InputError("the snapshot holds no payments", remedy="docs/snapshots.md says what `outcomes` is")
        run = Run(
            id=installation.ids.new("run"),
            principal=Principal(ROLE, f"person:{house.current_person()}", installation.settings.team),
            trigger="cli",
            known_names=names_of(installation, store),
            environment=store.manifest.environment,
            audience_team=installation.settings.team,
        )
        gate = gate_factory(installation, tools_of(installation, store)).open_run(run)
        compared: dict[str, Any] = {
            "start": to_iso(window.start),
            "end": to_iso(window.end),
            "baseline_start": to_iso(quiet.start),
            "baseline_end": to_iso(quiet.end),
        }
        args = dict(compared)
        for name, table, tool in _BESIDE:
            if store.has(table):  # type: ignore[arg-type]  # the names above are tables
                given = {key: compared[key] for key in ("start", "end")} if name == "notices" else compared
                found = gate.call(tool, given, call_id=name)
                if found.artifact_id is not None:
                    args[name] = found.artifact_id
        result = gate.call("outcomes.explain", args, call_id="explain")
        gate.end("reported" if result.status in ("ok", "no_data", "truncated") else "failed")
    return Asked(run.id, result)


def payments_name(installation: house.Installation, named: str | None) -> str:
    """The payments that a person means: those they name, or the only ones.

    Raises:
        ConfigError: there are none, or they have to be chosen.
    """
    return _PAYMENTS.of(installation.settings.platform.payments, named)


def payments_place(installation: house.Installation, name: str) -> tuple[str, tuple[AnyTool, ...]]:
    """The environment of some payments, and the tools about what came back of them.

    Raises:
        BackendError: the rows or the programmes cannot be read.
    """
    from ...tools.outcomes.backends.returns import FileReturns  # noqa: PLC0415 - DuckDB, which only this needs
    from ...tools.outcomes.programme_book import read_programmes  # noqa: PLC0415 - only where payments are watched
    from ...tools.outcomes.return_tools import return_tools  # noqa: PLC0415 - the same

    watch = installation.settings.platform.payments[name]
    environment = watch.environment or usual_environment(installation.settings.gate)
    try:
        if watch.programmes is None:
            return environment, return_tools(FileReturns(watch.rows, environment))
        text = read_plain_text(str(watch.programmes), _MOST_BOOK_BYTES)
        if text is None:
            raise InputError("the file of programmes cannot be read", remedy="a plain file of some kilobytes")
        return environment, return_tools(FileReturns(watch.rows, environment), read_programmes(text).programmes)
    except InputError as error:
        raise BackendError(error.message, remedy=error.remedy) from error


def ask_payments(
    installation: house.Installation, named: str | None, tool: str, args: Mapping[str, JsonValue]
) -> Mapping[str, Any] | None:
    """One recorded call about what came back of payments; `None` where there is no data.

    Args:
        installation: whose payments.
        named: which of them; may be left out if there are no others.
        tool: `outcomes.chargebacks` or `outcomes.programmes`.
        args: of the tool, without the moment, which is now unless given.

    Raises:
        OpswardenError: they could not be asked.
    """
    environment, tools = payments_place(installation, payments_name(installation, named))
    given = {"until": to_iso(installation.clock.now()), **args}
    by = f"person:{house.current_person()}"
    return called_once(
        installation, with_the_rest(installation, environment, tools), tool, given, by=by, environment=environment
    )


def check_payments(named: str | None = None) -> bool:
    """For pipelines (Airflow, CI): whether no week is worse than earlier ones, and no programme is at risk.

    Raises:
        OpswardenError: it could not be told. That is no pass.
    """
    with house.open_installation() as installation:
        cohorts = ask_payments(installation, named, "outcomes.chargebacks", {})
        watch = installation.settings.platform.payments[payments_name(installation, named)]
        breaches = ask_payments(installation, named, "outcomes.programmes", {}) if watch.programmes else None
    if cohorts is None or not cohorts["judged_weeks"] or (watch.programmes is not None and breaches is None):
        raise BackendError("too few weeks of payments to compare", remedy="name rows of months")
    if breaches is not None and breaches["unknown"]:
        raise BackendError("a programme could not be foretold", remedy="`opswarden platform fraud programmes` says why")
    return cohorts["worse_weeks"] == 0 and (breaches is None or breaches["in_trouble"] == 0)
