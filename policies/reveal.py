"""Showing a person one value from the vault: a recorded act, by somebody whose role allows it, for a reason.

The record is durable before the value is handed out, and so are the records of those who asked in vain. It names the
placeholder, the person and the reason, never the value.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal, NoReturn

from ..core.canonical import JsonValue
from ..core.errors import CallDenied, InputError
from ..redaction.placeholders import Placeholder
from ..redaction.vault import Vault
from .ledger.types import Ledger, LedgerEntry

_REASON_LIMIT = 500

Outcome = Literal["shown", "denied", "not-restorable", "foreign", "unknown", "expired"]


@dataclass(frozen=True)
class Request:
    """Who wants to see what, and why.

    Args:
        run_id: the run that issued the placeholder.
        placeholder: its nonce may be empty where the run alone was named.
        person: `person:<name>`, as the surface has established it.
        roles: the roles this person holds.
        reason: as typed; cleaned before it is stored.
    """

    run_id: str
    placeholder: Placeholder
    person: str
    roles: frozenset[str]
    reason: str


class Reveals:
    """Decides, records, and only then hands out.

    Args:
        is_restorable: whether an entity type is kept in the vault at all.
        scrub: cleans what a person typed.
        team: runs of other teams are denied.
        roles: one of them is needed; with none, nobody is shown anything.
    """

    def __init__(
        self,
        ledger: Ledger,
        vault: Vault,
        is_restorable: Callable[[str], bool],
        scrub: Callable[[str], str],
        *,
        team: str,
        roles: frozenset[str],
    ) -> None:
        self._ledger = ledger
        self._vault = vault
        self._is_restorable = is_restorable
        self._scrub = scrub
        self._team = team
        self._roles = roles

    def reveal(self, request: Request) -> str:
        """The value behind a placeholder, recorded as shown.

        Raises:
            InputError: no such run, no such placeholder, nothing kept for its type, expired, or no reason given.
            CallDenied: `reveal-role` (no sufficient role) or `reveal-team` (another team's run).
            LedgerError: it could not be recorded; nothing is shown.
            RedactionError: the reason could not be cleaned, or the vault cannot be opened; nothing is shown.
        """
        reason = request.reason.strip()
        if not reason or len(reason) > _REASON_LIMIT:
            raise InputError(
                "revealing needs a reason", remedy=f"say why in one sentence of at most {_REASON_LIMIT} characters"
            )
        clean = self._scrub(reason)
        team = self._team_of(request.run_id)
        if not self._roles & request.roles:
            self._record(request, clean, "denied", "reveal-role")
            needed = ", ".join(sorted(self._roles)) or "nobody is allowed to (`reveal.roles` is empty)"
            raise CallDenied(
                "revealing a value needs another role",
                code="reveal-role",
                remedy=f"one of: {needed}; roles are given under `people` in opswarden.toml",
            )
        if team != self._team:
            self._record(request, clean, "denied", "reveal-team")
            raise CallDenied("the run belongs to another team", code="reveal-team", remedy="ask somebody of that team")
        value = self._value(request, clean)
        self._record(request, clean, "shown", "reveal")
        return value

    def _team_of(self, run_id: str) -> object:
        for entry in self._ledger.of_run(run_id):
            if entry.kind == "run.started":
                return entry.body.get("team")
        raise InputError("the ledger knows no run of this id", remedy="`opswarden audit tail` shows the newest runs")

    def _value(self, request: Request, reason: str) -> str:
        asked = request.placeholder
        entity_type, number = asked.entity_type, asked.number
        if number is None or not self._is_restorable(entity_type):
            self._refuse(
                request,
                reason,
                "not-restorable",
                "nothing is kept for this placeholder: secrets, card numbers and what authenticates are never stored",
                "look at the source system",
            )
        if asked.nonce and asked.nonce != self._vault.nonce(request.run_id):
            self._refuse(
                request, reason, "foreign", "the placeholder belongs to another run", "name the run that shows it"
            )
        if not self._vault.issued(request.run_id, {(entity_type, number)}):
            self._refuse(
                request, reason, "unknown", "the run never issued this placeholder", "copy it as the run shows it"
            )
        value = self._vault.value(request.run_id, entity_type, number)
        if value is None:
            self._refuse(
                request,
                reason,
                "expired",
                "the value has expired and is no longer kept",
                "look at the source system; `redaction.vault_ttl_s` says how long values are kept",
            )
        return value

    def _refuse(self, request: Request, reason: str, outcome: Outcome, message: str, remedy: str) -> NoReturn:
        self._record(request, reason, outcome, outcome)
        raise InputError(message, remedy=remedy)

    def _record(self, request: Request, reason: str, outcome: Outcome, code: str) -> None:
        typed = request.placeholder
        whole = replace(typed, nonce=typed.nonce or self._vault.nonce(request.run_id))
        body: dict[str, JsonValue] = {
            # A person typed it: what is no entity type could be anything.
            "placeholder": self._scrub(str(whole)),
            "outcome": outcome,
            "code": code,
            "by": request.person,
            "roles": sorted(request.roles),
            "reason": reason,
        }
        self._ledger.append([LedgerEntry("vault.revealed", request.run_id, body)])
