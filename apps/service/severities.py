"""How bad an incident can be, worst first, as people say it."""

from __future__ import annotations

SEVERITIES = ("critical", "high", "warning", "info")
