"""The run in which files are proposed: the same for the same files and person, so that an approved call goes on."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from typing import Any

from ...core.canonical import canonical_json
from ...core.errors import InputError
from ...policies.approvals import Approval
from ..installation import Installation

PROPOSE = "propose"
_MOST_ATTEMPTS = 20
_OVER = frozenset({"denied", "expired", "void"})


def resumed_run(installation: Installation, args: Mapping[str, Any], person: str, *, anew: bool = False) -> str:
    """The id of the run that proposes these files for a person: the one that waits or has done it, or else a new one.

    Args:
        installation: whose approvals count.
        args: what is proposed.
        person: who proposes it.
        anew: whether a run that has used its leave is over, whatever came of it.

    Raises:
        InputError: it was refused too often.
    """
    told = canonical_json({"person": person, "args": dict(args)})
    name = hmac.new(installation.keys.secret("proposals"), told, "sha256").hexdigest()[:24]
    for place in range(1, _MOST_ATTEMPTS + 1):
        run_id = f"propose-{name}-{place}"
        states = {record.state for record in installation.approvals.records(run_id=run_id)}
        if not states & (_OVER | {"consumed"} if anew else _OVER):
            return run_id
    raise InputError("this was refused too often", remedy="talk to whoever refused it")


def refused_before(installation: Installation, run_id: str) -> Approval | None:
    """The refusal after which a run of `resumed_run` would ask anew; `None` if nobody refused, or it has asked."""
    start, _, place = run_id.rpartition("-")
    if place == "1" or installation.approvals.records(run_id=run_id):
        return None
    before = installation.approvals.records(run_id=f"{start}-{int(place) - 1}")
    return next((record for record in reversed(before) if record.state == "denied"), None)
