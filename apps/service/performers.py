"""Who works off which arrivals in `opswarden serve` and `opswarden worker`; alerts are the service's own."""

from __future__ import annotations

from ..installation import Installation
from .arrivals import Arrival
from .performing import Perform


def _slack(installation: Installation, arrival: Arrival) -> None:
    from ..slack.opening import slack_of  # noqa: PLC0415 - only where it is configured

    slack_of(installation).performer.perform(installation, arrival)


PERFORMERS: dict[tuple[str, str], Perform] = {
    ("slack", kind): _slack for kind in ("mention", "command", "action", "feedback")
}
"""By source and kind. Whoever adds one imports what it needs when it is called."""
