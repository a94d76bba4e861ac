"""Five levels out of whatever a logger writes; and words that speak of trouble where no level is given."""

from __future__ import annotations

import re
from typing import Literal

Level = Literal["error", "warning", "info", "debug", "unknown"]

SPELLINGS: dict[Level, frozenset[str]] = {
    "error": frozenset(
        "ERROR ERR E ERROR2 ERROR3 ERROR4 FATAL FATAL2 FATAL3 FATAL4 F CRITICAL CRIT C ALERT EMERG EMERGENCY SEVERE "
        "PANIC DPANIC FAILURE".split()
    ),
    "warning": frozenset("WARN WARNING W WARN2 WARN3 WARN4".split()),
    "info": frozenset("INFO I INFO2 INFO3 INFO4 INFORMATION INFORMATIONAL NOTICE N LOG CONFIG".split()),
    "debug": frozenset("DEBUG D DEBUG2 DEBUG3 DEBUG4 TRACE T TRACE2 TRACE3 TRACE4 VERBOSE V FINE FINER FINEST".split()),
}
"""Upper-case spellings of each level: syslog, OpenTelemetry, Java, Python, Go, Android."""

_LEVELS: dict[str, Level] = {spelling: level for level, spellings in SPELLINGS.items() for spelling in spellings}

_TROUBLE = re.compile(
    r"(?i)(?:error|exception|fail|fatal|panic|traceback|refus|denied|timed? ?-?out|unavailable|abort|crash|reject"
    r"|killed|unreachable|exhaust|exceed|corrupt|invalid|cannot|can't|could not|unable|broken|5xx|out of memory"
    r"|\boom\b)"
)


def level_of(text: str | None) -> Level:
    """The level a spelling stands for; `unknown` if there is none."""
    return _LEVELS.get((text or "").strip().upper(), "unknown")


def speaks_of_trouble(text: str) -> bool:
    """Whether a message uses a word of failure."""
    return _TROUBLE.search(text) is not None
