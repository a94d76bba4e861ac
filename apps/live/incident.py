"""A live incident: what opened it, and the window to look at, kept as a snapshot that holds nothing yet.

A run over live systems reads its incident from a folder like any other run, so that resuming it, asking on and
capturing what it saw need nothing of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import Field

from ...core.config import Section
from ...core.errors import InputError, OpswardenError
from ...core.ids import IdSource
from ...core.state import StateDirectory
from ...tools.alerts.backends.settings import entity_of
from ...tools.snapshots.manifest import MANIFEST_NAME, AlertRef, Manifest, Window
from ...tools.snapshots.store import read_manifest

if TYPE_CHECKING:
    from ...tools.alerts.notification import Notified

SOURCE = "live systems"
_GRID = timedelta(minutes=1)
"""Windows start and end on whole minutes, so that the alerts of one storm ask the same questions."""
_MOST_OPENED = 50
_LONGEST = timedelta(days=7)
_NAME_LIMIT, _TEXT_LIMIT = 256, 4_096
_LIMITS = {"name": _NAME_LIMIT, "entity": 512, "metric": _NAME_LIMIT, "severity": 64, "summary": _TEXT_LIMIT}
"""Of `AlertRef`: a marker can be longer than what it stands for."""


class LiveSettings(Section):
    """Which stretch of time a live triage looks at."""

    before_s: int = Field(default=900, ge=60, le=86_400, description="how long before the alert the window starts")
    after_s: int = Field(default=900, ge=60, le=86_400, description="how long after the alert the window ends at most")
    baseline_s: int = Field(default=21_600, ge=600, le=31 * 86_400, description="how much quiet time before the window")
    entity_labels: tuple[str, ...] = Field(
        default=("service", "app", "job"), min_length=1, description="labels of an alert that name its entity"
    )
    storm_s: int = Field(
        default=300, ge=0, le=3_600, description="how long later alerts look at the first one's window"
    )
    keep: bool = Field(default=False, description="whether what systems answer is kept, for `capture --run`")
    keep_mb: int = Field(default=512, ge=1, le=16_384, description="how much of one run is kept, encrypted")


def window_around(began: datetime, now: datetime, settings: LiveSettings) -> tuple[Window, Window]:
    """The window of an incident that began then, and the quiet time before it.

    Raises:
        InputError: it begins in the future.
    """
    if began > now:
        raise InputError("the incident begins in the future", remedy="check the time, and the clock of this machine")
    start = _down(began - timedelta(seconds=settings.before_s))
    end = max(_down(min(now, began + timedelta(seconds=settings.after_s))), start + 2 * _GRID)
    return Window(start=start, end=end), Window(start=start - timedelta(seconds=settings.baseline_s), end=start)


def incident_of_alert(
    alert: Notified, environment: str, now: datetime, settings: LiveSettings, opened: Sequence[Manifest] = ()
) -> Manifest:
    """The incident that an alert opens.

    Args:
        alert: that fires.
        environment: where.
        now: by our clock.
        settings: how long windows are.
        opened: incidents of the last minutes, the newest first: alerts of one storm look at one window, and so ask the
            same questions.

    Raises:
        InputError: it begins in the future.
    """
    window, baseline = window_around(alert.began, now, settings)
    for other in opened:
        quiet = other.baseline
        if other.environment == environment and quiet is not None and quiet.length == baseline.length:
            # Symptoms come before their alert: some of what was before it has to lie in the window.
            earliest = other.window.start + timedelta(seconds=settings.before_s) / 2
            if earliest <= alert.began < other.window.end:
                window, baseline = other.window, quiet
                break
    reference = AlertRef(
        name=alert.name[:_NAME_LIMIT],
        entity=entity_of(alert.labels, settings.entity_labels) or None,
        metric=alert.metric[:_NAME_LIMIT] if alert.metric else None,
        severity=alert.labels.get("severity", "")[:64] or None,
        summary=alert.summary[:_TEXT_LIMIT],
        ts=alert.began,
    )
    return _manifest(reference.name, environment, window, baseline, reference)


def incident_of_service(
    service: str, environment: str, at: datetime, now: datetime, settings: LiveSettings
) -> Manifest:
    """The incident of a service that somebody worries about, without an alert.

    Raises:
        InputError: it begins in the future.
    """
    window, baseline = window_around(at, now, settings)
    opened = AlertRef(name=f"{service} looked at"[:_NAME_LIMIT], entity=service, ts=at)
    return _manifest(opened.name, environment, window, baseline, opened)


def incident_of_window(
    start: datetime, end: datetime, environment: str, now: datetime, settings: LiveSettings
) -> Manifest:
    """A stretch of time that somebody names themselves, without an alert.

    Raises:
        InputError: it begins in the future, or ends before it starts, or is too long.
    """
    if start > now:
        raise InputError("the window begins in the future", remedy="check the time, and the clock of this machine")
    end = min(_down(end), _down(now))
    start = _down(start)
    if not start < end <= start + _LONGEST:
        raise InputError("the window ends before it starts, or lasts longer than a week", remedy="give --from and --to")
    quiet = Window(start=start - timedelta(seconds=settings.baseline_s), end=start)
    return _manifest("a window", environment, Window(start=start, end=end), quiet, None)


def opened_lately(state: StateDirectory, now: datetime, settings: LiveSettings) -> list[Manifest]:
    """Incidents that live runs opened in the last `storm_s`, the newest first; what cannot be read is left out."""
    found: list[tuple[float, Path]] = []
    with suppress(OSError):
        for path in state.live.glob(f"*/{MANIFEST_NAME}"):
            age_s = now.timestamp() - path.stat().st_mtime
            if age_s + _GRID.total_seconds() >= 0 and age_s <= settings.storm_s:
                found.append((age_s, path))
    opened = []
    for _, path in sorted(found)[:_MOST_OPENED]:
        with suppress(OpswardenError, OSError):
            opened.append(read_manifest(path.parent))
    return opened


def keep_incident(manifest: Manifest, state: StateDirectory, ids: IdSource, scrub: Callable[[str], str]) -> Path:
    """Write the incident into a folder of its own below the state directory, and say where.

    An alert is text from outside, and this file is ours: what `scrub` takes out never reaches the disk.
    """
    if manifest.alert is not None:
        texts = manifest.alert.model_dump(exclude={"ts"}, exclude_none=True)
        cleaned = {name: scrub(text)[: _LIMITS[name]] for name, text in texts.items()}
        manifest = manifest.model_copy(
            update={"title": scrub(manifest.title)[:_NAME_LIMIT], "alert": manifest.alert.model_copy(update=cleaned)}
        )
    state.live.mkdir(mode=0o700, exist_ok=True)
    folder = state.live / ids.new("incident")
    folder.mkdir(mode=0o700)
    (folder / MANIFEST_NAME).write_text(manifest.model_dump_json(indent=2, exclude_none=True), encoding="utf-8")
    return folder


def _manifest(title: str, environment: str, window: Window, baseline: Window, alert: AlertRef | None) -> Manifest:
    return Manifest(
        title=title,
        environment=environment,
        window=window,
        baseline=baseline,
        alert=alert,
        source=SOURCE,
        licence="internal",
    )


def _down(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)
