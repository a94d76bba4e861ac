"""The first message of every conversation: the incident, and the evidence as tables, the rows of suspects first."""

from __future__ import annotations

from collections.abc import Sequence

from ...core.tokens import most_tokens
from ...tools.shown import flat, shortened
from .compact import block_of, compact
from .fences import fenced
from .state import TriageState, evidence_of, incident_of
from .statistics import ranking_of
from .types import Incident

_LEADING = 5
_LINE_TOKENS = 200
_DESCRIBES = "incidents.describe"


def opening(
    state: TriageState,
    nonce: str,
    token_limit: int,
    *,
    before: Sequence[str] = (),
    after: Sequence[str] = (),
    named: Sequence[str] = (),
) -> str:
    """What stands before, the evidence, what stands after, within so many tokens.

    Args:
        state: with its evidence.
        nonce: of the fences.
        token_limit: of the whole message, counted by `most_tokens`.
        before: short texts; they and `after` are bounded by who makes them.
        after: the same.
        named: entities whose rows are worth more, beside the suspects.
    """
    incident, ranking = incident_of(state), ranking_of(state)
    favoured = {*named, *(cause.entity for cause in ranking[:_LEADING]), incident.alert_entity or ""} - {""}
    day = incident.start[:10]
    blocks = [block_of(item, day) for item in evidence_of(state) if item.tool != _DESCRIBES]
    head = f"The evidence, {len(blocks)} results. Moments without a date are of {day}, in UTC."
    around = [*before, head, *after]
    room = token_limit - sum(most_tokens(text) + 1 for text in around) - 1
    return "\n".join([*before, head, compact(blocks, nonce, room, favoured), *after])


def incident_text(incident: Incident, nonce: str) -> str:
    """The incident, a line for each thing that is known."""
    quiet = f"{incident.baseline_start} to {incident.baseline_end}" if incident.baseline_start else "none"
    alert = " ".join(
        text
        for text in (incident.alert_name, incident.alert_severity, incident.alert_entity, incident.alert_metric)
        if text
    )
    lines = [
        f"title: {incident.title}",
        f"environment: {incident.environment}",
        f"window: {incident.start} to {incident.end}",
        f"began, by the data: {incident.began}" if incident.began else "",
        f"quiet time: {quiet}",
        f"alert: {alert}" if alert else "",
        f"alert says: {incident.alert_summary}" if incident.alert_summary else "",
        f"not there: {', '.join(incident.missing_tables)}" if incident.missing_tables else "",
        *(f"note: {note}" for note in incident.notes[:_LEADING]),
    ]
    inside = "\n".join(shortened(flat(line), _LINE_TOKENS, " ") for line in lines if line)
    return f"The incident:\n{fenced(inside, nonce)}"
