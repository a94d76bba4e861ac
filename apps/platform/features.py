"""Feature stores as they are configured, and what is asked of them through the gate."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from ...core.canonical import JsonValue
from ...core.errors import BackendError, CallDenied
from ...policies.types import Principal, Run
from ...tools.backfills.book import BackfillBook
from ...tools.backfills.tools import BackfillPlace, backfill_tools
from ...tools.features.skew_tool import skew_tool
from ...tools.features.store_tools import StorePlace, store_tools, views_tool
from .. import installation as house
from ..catalogue import with_the_rest
from ..chosen import Choice
from ..wiring import gate_factory
from .models import ROLE, Asked

if TYPE_CHECKING:
    from ...tools.features.backends.settings import StoreSettings
    from ...tools.features.backends.store import FeatureStore


_STORES = Choice(
    "no feature store is configured",
    "list one under `[feature_stores.NAME]`",
    "there is no feature store of this name",
    "there are several feature stores",
    "--store",
)


def store_name(installation: house.Installation, named: str | None) -> str:
    """The store that a person means: the one they name, or the only one.

    Raises:
        ConfigError: there is none, or it has to be chosen.
    """
    return _STORES.of(installation.settings.feature_stores, named)


def store_place(installation: house.Installation, name: str) -> StorePlace:
    """Where a configured store is."""
    settings = installation.settings.feature_stores[name]

    @cache
    def opened() -> FeatureStore:
        return _store(settings)

    return StorePlace(settings.environment, opened, settings.logs)


def view_names(installation: house.Installation, name: str) -> tuple[str, ...]:
    """The views of a store, for a check of all of them, as a recorded call tells them.

    Raises:
        BackendError: the store did not answer, or is configured wrongly.
        CallDenied: policies do not let it.
    """
    place, team = store_place(installation, name), installation.settings.team
    run = Run(
        id=installation.ids.new("run"),
        principal=Principal(ROLE, f"person:{house.current_person()}", team),
        trigger="cli",
        environment=place.environment,
        audience_team=team,
    )
    gate = gate_factory(installation, (views_tool(place),)).open_run(run)
    found = gate.call("features.views", {}, call_id="views")
    gate.end("answered")
    if found.status == "denied":
        raise CallDenied(found.message, code=found.code)
    if found.artifact_id is None:
        raise BackendError(found.message or "the views of the store cannot be told")
    table = installation.artifacts.read(found.artifact_id, run_id=run.id, team=team)
    return tuple(table["view"].to_pylist())


def backfill_place(installation: house.Installation, name: str) -> BackfillPlace:
    """Where the views of a store are backfilled."""
    settings = installation.settings.feature_stores[name]

    def book() -> BackfillBook:
        return BackfillBook(installation.database, installation.clock)

    return BackfillPlace(store_place(installation, name), book, settings.cost_per_hour)


def ask_features(
    installation: house.Installation,
    store: str,
    tool: str,
    args: Mapping[str, JsonValue],
    run_id: str | None = None,
) -> Asked:
    """One call of a feature or backfill tool on behalf of whoever is at the keyboard.

    Args:
        installation: whose stores.
        store: its name.
        tool: its name.
        args: of the tool.
        run_id: of a run that waited for a person, to go on with the very same call.
    """
    place = store_place(installation, store)
    run = Run(
        id=run_id or installation.ids.new("run"),
        principal=Principal(ROLE, f"person:{house.current_person()}", installation.settings.team),
        trigger="cli",
        environment=place.environment,
        audience_team=installation.settings.team,
    )
    own = (*store_tools(place), skew_tool(place), *backfill_tools(backfill_place(installation, store)))
    gate = gate_factory(installation, with_the_rest(installation, place.environment, own)).open_run(run)
    result = gate.call(tool, dict(args), call_id="asked")
    if not result.approval_id:
        gate.end("reported" if result.status in ("ok", "no_data", "truncated") else "failed")
    return Asked(run.id, result)


def summary_of(asked: Asked) -> Mapping[str, Any] | None:
    """The answer of a call, or `None` where there is no data.

    Raises:
        BackendError: the store failed.
        CallDenied: policies do not let it.
    """
    result = asked.result
    if result.status == "denied":
        raise CallDenied(result.message, code=result.code)
    if result.status == "no_data":
        return None
    if not isinstance(result.summary, Mapping):
        raise BackendError(result.message or "the feature store gave no answer")
    return result.summary


def check_view(check: str, view: str, store: str | None = None, **args: JsonValue) -> bool:
    """For pipelines (Airflow, CI): whether a view is fresh, or both its sides agree; recorded like any other call.

    Args:
        check: `freshness`, `parity` or `skew`.
        view: its name.
        store: its store; may be left out if there is only one.
        args: more arguments of the tool: `confidence`, `share`, `seed`.

    Raises:
        OpswardenError: it could not be checked. That is no pass.
    """
    with house.open_installation() as installation:
        asked = ask_features(installation, store_name(installation, store), f"features.{check}", {"view": view, **args})
    found = summary_of(asked)
    return found is not None and found.get("is_fresh" if check == "freshness" else "agrees") is True


def _store(settings: StoreSettings) -> FeatureStore:
    if settings.kind == "feast":
        from ...tools.features.backends.feast_repository import FeastStore  # noqa: PLC0415 - eight seconds of imports

        return FeastStore.open(settings.repository, settings.environment)
    from ...tools.features.backends.files import FileStore  # noqa: PLC0415 - only where one is configured

    return FileStore(settings.views, settings.environment)
