"""Arguments and result of `incidents.describe`."""

from __future__ import annotations

from pydantic import AwareDatetime, Field

from ..spec import Args, OutsideText, Result


class DescribeArgs(Args):
    """Nothing to choose: a run has one incident."""


class IncidentDescription(Result):
    """The incident: its window, the quiet time to compare with, the alert that opened it, and what data there is."""

    title: OutsideText
    environment: OutsideText
    start: AwareDatetime
    end: AwareDatetime
    baseline_start: AwareDatetime | None
    baseline_end: AwareDatetime | None
    alert_name: OutsideText | None
    alert_entity: OutsideText | None
    alert_metric: OutsideText | None
    alert_severity: OutsideText | None
    alert_summary: OutsideText
    source: OutsideText
    rows: dict[str, int]
    missing_tables: tuple[OutsideText, ...]
    asked_tables: tuple[OutsideText, ...] = Field(default=(), description="held by systems that are asked instead")
    is_live: bool = False
    warnings: tuple[OutsideText, ...]
