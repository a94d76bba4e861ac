"""The on-call handbook and the change log of models, made behind the gate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ...agents.writing.change_log import change_log
from ...agents.writing.handbook import handbook
from ...core.errors import InputError
from ...policies.ledger.read import rows as ledger_rows
from ..runbooks.opened import OpenRunbooks
from ..runbooks.platform import Checking, pages_of, platform_of
from .documents import Made, checked, known_for, sources_for

_MOST_ENTITIES = 400
_MOST_MODELS = 20
_MOST_ENTRIES = 12
_TOLD = ("approval.answered", "call.outcome")


def make_handbook(runbooks: OpenRunbooks, out: Path | None) -> Made:
    """Write the on-call handbook.

    Raises:
        InputError: nothing is there to read.
        DraftRefusedError: it says what no source has.
    """
    platform = platform_of(runbooks, [], Checking(makes_calls=False))
    known = known_for(runbooks, platform, out)
    measured = {entity for series in (platform.metrics or {}).values() for entity in series.entities}
    settings, catalogue = runbooks.installation.settings, runbooks.installation.catalogue
    listed = {entry.name for entry in catalogue.entries} if catalogue is not None else set()
    scrub = runbooks.installation.redaction.scrub
    pages: list[Mapping[str, Any]] = [
        {
            "name": scrub(page.runbook.name),
            "title": scrub(page.front.title or page.runbook.title),
            "alerts": [scrub(alert) for alert in page.front.alerts],
            "services": [scrub(service) for service in page.front.services],
            "owner": scrub(page.front.owner or ""),
            "verified": page.front.last_verified.isoformat() if page.front.last_verified else "",
        }
        for page in pages_of(runbooks)
    ]
    rota = [
        {"system": each.system, "schedule": each.schedule, "role": each.role} for each in settings.identity.schedules
    ]
    steps = [
        {"after_minutes": each.after_minutes, "audiences": [*each.audiences], "roles": [*each.roles]}
        for each in settings.gate.escalation
    ]
    document = handbook(known, sorted(measured | listed)[:_MOST_ENTITIES], pages, rota, steps)
    return checked(runbooks, document, out, frozenset(), platform)


def make_change_log(runbooks: OpenRunbooks, models: Sequence[str], out: Path | None) -> Made:
    """Write the change log of models.

    Raises:
        InputError: too many are asked for.
        DraftRefusedError: it says what no source has.
    """
    if len(models) > _MOST_MODELS:
        raise InputError("these are too many models for one change log", remedy=f"name up to {_MOST_MODELS}")
    document = change_log(models, sources_for(runbooks, out), lambda run_id: _recorded(runbooks, run_id))
    return checked(runbooks, document, out, frozenset(models))


def _recorded(runbooks: OpenRunbooks, run_id: str) -> list[dict[str, str]]:
    """What people and policies said of a move, and what came of it."""
    found = [row for row in ledger_rows(runbooks.installation.ledger.of_run(run_id)) if row.kind in _TOLD]
    return [
        {"at": row.ts, "kind": row.kind, "what": row.subject, "outcome": row.finding} for row in found[:_MOST_ENTRIES]
    ]
