"""Who works off which arrivals in `opswarden serve` and `opswarden worker`; alerts are the service's own."""

from __future__ import annotations

from .performing import Perform

PERFORMERS: dict[tuple[str, str], Perform] = {}
"""By source and kind. Whoever adds one imports what it needs when it is called."""
