"""The suites by name."""

from __future__ import annotations

from difflib import get_close_matches

from ..core.errors import InputError
from .scoring.changes import SUITE as CHANGES
from .scoring.drift import SUITE as DRIFT
from .scoring.features import SUITE as FEATURES
from .scoring.finops import SUITE as FINOPS
from .scoring.fleets import SUITE as FLEETS
from .scoring.fraud import SUITE as FRAUD
from .scoring.logs import SUITE as LOGS
from .scoring.pipelines import SUITE as PIPELINES
from .scoring.quality import SUITE as QUALITY
from .scoring.rca import SUITE as RCA
from .scoring.redaction import SUITE as REDACTION
from .scoring.rollouts import SUITE as ROLLOUTS
from .scoring.runbooks import SUITE as RUNBOOKS
from .scoring.world import SUITE as WORLD
from .suite import Suite
from .suites.injection import SUITE as INJECTION
from .suites.past import SUITE as PAST

_ALL = (
    RCA,
    WORLD,
    PAST,
    CHANGES,
    LOGS,
    RUNBOOKS,
    DRIFT,
    QUALITY,
    ROLLOUTS,
    FEATURES,
    PIPELINES,
    FRAUD,
    FLEETS,
    FINOPS,
    REDACTION,
    INJECTION,
)
SUITES: dict[str, Suite] = {suite.name: suite for suite in _ALL}


def suite_named(name: str) -> Suite:
    """The suite of that name.

    Raises:
        InputError: there is none.
    """
    suite = SUITES.get(name)
    if suite is None:
        near = get_close_matches(name, SUITES, n=1)
        hint = f"did you mean {near[0]}? " if near else ""
        raise InputError("no such suite", remedy=f"{hint}suites: {', '.join(SUITES)}")
    return suite
