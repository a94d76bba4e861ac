"""Prometheus' HTTP API: its answers, its errors, and the samples in them.

API: Prometheus documentation, "HTTP API" (v1).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from ....core.clock import Deadline
from ....core.errors import BackendError
from ....core.systems.client import Params, SystemClient, json_of, refusal
from ...windows import to_us
from ..series import Floats, Times

_ERROR_TYPES = {
    "timeout": "did not finish in time",
    "canceled": "did not finish in time",
    "execution": "could not carry out the question; it may ask for too many samples",
    "bad_data": "does not accept the question",
    "unavailable": "is not ready",
    "too_many_requests": "has had too many questions",
}
"""The error types that Prometheus documents; what else it wrote is not repeated."""


@dataclass(frozen=True)
class AskedWindow:
    """What is asked for, and how densely."""

    start: datetime
    end: datetime
    step_s: float | None

    @property
    def length_s(self) -> float:
        return (self.end - self.start).total_seconds()


class PrometheusApi:
    """Asks one system, and tells its errors apart.

    Args:
        client: asks the system.
    """

    def __init__(self, client: SystemClient) -> None:
        self.client = client

    def matrix(self, path: str, params: Params, deadline: Deadline) -> Mapping[str, Any]:
        """The samples of several series.

        Raises:
            BackendError: it did not answer samples, or not before the deadline.
        """
        # Thanos answers in part when a store is down, unless it is told not to: half of the data is no data.
        data = self.data(path, (*params, ("partial_response", "false")), deadline)
        if not isinstance(data, dict) or data.get("resultType") != "matrix":
            raise BackendError(f"{self.client.name} answered something else than samples", remedy="check its `url`")
        return data

    def data(self, path: str, params: Params, deadline: Deadline, *, get: bool = False) -> Any:
        """What an answer holds.

        Raises:
            BackendError: it refused, failed, or is no such API.
        """
        # Windows lie in the past, and names hardly change: the triages of one storm read them once.
        ask = self.client.get if get else self.client.post_form
        answer = ask(path, params, deadline, is_lasting=True)
        if answer.status in (400, 422, 503):
            raise self._refused(answer.status, answer.content)
        document = json_of(self.client, answer)
        if not isinstance(document, dict) or document.get("status") != "success":
            raise BackendError(f"{self.client.name} is no Prometheus API", remedy="check its `url`")
        return document.get("data")

    def _refused(self, status: int, content: bytes) -> BackendError:
        from json import loads  # noqa: PLC0415 - only a refusal needs it

        try:
            kind = loads(content)["errorType"]
        except (ValueError, RecursionError, TypeError, KeyError):
            return refusal(self.client.name, status)
        told = _ERROR_TYPES.get(kind if isinstance(kind, str) else "", "refused the question")
        return BackendError(f"{self.client.name} {told} ({status})", remedy="ask for less, or narrow its `scope`")


def range_params(query: str, window: AskedWindow) -> list[tuple[str, str]]:
    """Parameters of `query_range`; its end is within the range, ours is not."""
    return [
        ("query", query),
        ("start", seconds_of(window.start)),
        ("end", f"{to_us(window.end) / 1e6 - 0.001:.3f}"),
        ("step", f"{window.step_s:.3f}"),
    ]


def samples_of(rows: Sequence[Sequence[Any]], window: AskedWindow) -> tuple[Times, Floats]:
    """Finite samples inside of the window."""
    try:
        times = np.rint(np.array([row[0] for row in rows], np.float64) * 1e3).astype(np.int64) * 1_000
        values = np.array([float(row[1]) for row in rows], np.float64)
    except (TypeError, ValueError, IndexError, OverflowError) as error:
        raise BackendError("a sample is no number", remedy="check the version of the system") from error
    kept = np.isfinite(values) & (times >= to_us(window.start)) & (times < to_us(window.end))
    return times[kept], values[kept]


def seconds_of(moment: datetime) -> str:
    """A moment as the API writes it: seconds since the epoch."""
    return f"{to_us(moment) / 1e6:.3f}"
