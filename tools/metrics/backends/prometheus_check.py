"""What a Prometheus-compatible system says about itself, and whether it answers as the documentation says.

API: Prometheus documentation, "HTTP API": `status/buildinfo`, `status/flags`, `query`, `query_range`. Thanos, Mimir and
VictoriaMetrics answer the same questions and leave some of the first two out.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from ....core.clock import Clock, Deadline
from ....core.errors import BackendError
from ....core.systems.checks import (
    Checked,
    clock_of,
    conforms,
    deviates,
    fresh,
    looked_at,
    plain_version,
    share_without_entity,
    version_found,
)
from ....core.systems.client import Params, SystemClient, json_of
from .promql import Matcher, selector
from .settings import PrometheusSettings

_LEAST = "2.24"
"""Older ones do not take a selector for the values of a label."""
_WRITING_FLAGS = {
    "web.enable-admin-api": "delete its series",
    "web.enable-remote-write-receiver": "write samples",
    "web.enable-lifecycle": "reload or stop it",
}
_LARGEST = 20
"""Metrics that are looked at to see how old the newest sample is."""
_STALE_SCRAPES = 10
_LEAST_STALE_S = 300.0
_BACK_S = 900


class PrometheusCheck:
    """Implements `SystemCheck`.

    Args:
        client: asks the system.
        settings: of the system.
        clock: ours.
    """

    def __init__(self, client: SystemClient, settings: PrometheusSettings, clock: Clock) -> None:
        self._client = client
        self._settings = settings
        self._clock = clock
        self._scope = tuple(Matcher(name, "=", value) for name, value in sorted(settings.scope.items()))
        left_out = "|".join(f"{beginning}.*" for beginning in settings.leave_out)
        self._read = (
            *self._scope,
            Matcher("__name__", "!=", ""),
            *((Matcher("__name__", "!~", left_out),) if left_out else ()),
        )
        self._version = ""

    @property
    def version(self) -> str:
        """As `status/buildinfo` tells it."""
        return self._version

    def look(self, deadline: Deadline) -> Sequence[Checked]:
        """Reach and clock, version, rights, size, labels, freshness."""
        return looked_at(
            (
                ("reach", lambda: self._reach(deadline)),
                ("version", lambda: self._told_version(deadline)),
                ("rights", lambda: self._rights(deadline)),
                ("size", lambda: self._size(deadline)),
                ("freshness", lambda: self._freshness(deadline)),
            )
        )

    def conformance(self, deadline: Deadline) -> Sequence[Checked]:
        """Nothing is no error, an error is not nothing, and a window says the same in one piece and in two."""
        self._version = self._version or self._asked_version(deadline)
        return looked_at(
            (
                ("conformance", lambda: self._says_nothing(deadline)),
                ("conformance", lambda: self._refuses(deadline)),
                ("conformance", lambda: self._agrees_with_itself(deadline)),
                ("conformance", lambda: self._reads_raw(deadline)),
            )
        )

    def _reach(self, deadline: Deadline) -> Iterable[Checked]:
        answer = self._client.get("/api/v1/query", [("query", "1")], deadline)
        document = json_of(self._client, answer)
        if not isinstance(document, dict) or document.get("status") != "success":
            raise BackendError(f"{self._client.name} is no Prometheus API", remedy="check its `url`")
        yield Checked("reach", "ok", "it answers, and takes the credential")
        yield clock_of(answer, self._clock)

    def _told_version(self, deadline: Deadline) -> Iterable[Checked]:
        self._version = self._asked_version(deadline)
        yield version_found(self._version, _LEAST)

    def _asked_version(self, deadline: Deadline) -> str:
        answer = self._client.get("/api/v1/status/buildinfo", [], deadline)
        if answer.status >= 300:
            return ""
        told = json_of(self._client, answer)
        found = told.get("data") if isinstance(told, dict) else None
        return plain_version(found.get("version")) if isinstance(found, dict) else ""

    def _rights(self, deadline: Deadline) -> Iterable[Checked]:
        answer = self._client.get("/api/v1/status/flags", [], deadline)
        if answer.status >= 300:
            yield Checked("rights", "ok", "it does not tell what else it takes (no `status/flags`)")
            return
        told = json_of(self._client, answer)
        flags = told.get("data") if isinstance(told, dict) else None
        found = [
            what
            for flag, what in _WRITING_FLAGS.items()
            if isinstance(flags, dict) and str(flags.get(flag)).lower() == "true"
        ]
        if found:
            yield Checked(
                "rights",
                "warning",
                f"whoever reaches it can {' and '.join(found)}; reading is enough for us",
                "turn that off, or put a proxy before it that lets only queries through",
            )
        else:
            yield Checked("rights", "ok", "nothing can be written or stopped through its API")

    def _size(self, deadline: Deadline) -> Iterable[Checked]:
        all_of_them = int(self._number(f"count({selector(self._read)})", deadline) or 0)
        most = self._settings.most_series
        if not all_of_them:
            yield Checked(
                "size", "failed", "no series of the last five minutes matches", "check `scope` and `leave_out`"
            )
            return
        if all_of_them > most:
            yield Checked(
                "size",
                "failed",
                f"{all_of_them} series match, and more than {most} are not read",
                "narrow `scope`, lengthen `leave_out`, or raise `most_series`",
            )
        elif all_of_them > most * 0.8:
            yield Checked(
                "size", "warning", f"{all_of_them} series match, of at most {most}", "narrow `scope` or raise it"
            )
        else:
            yield Checked("size", "ok", f"{all_of_them} series match, of at most {most}")
        nameless = (*self._read, *(Matcher(label, "=", "") for label in self._settings.entity_labels))
        without = int(self._number(f"count({selector(nameless)})", deadline) or 0)
        now = ", ".join(self._settings.entity_labels)
        yield share_without_entity(
            without, all_of_them, "series", f"set `entity_labels` to labels that they have (now {now})"
        )

    def _freshness(self, deadline: Deadline) -> Iterable[Checked]:
        newest = self._newest(deadline)
        limit_s = max(_STALE_SCRAPES * self._settings.resolution_s, _LEAST_STALE_S)
        moment = None if newest is None else datetime.fromtimestamp(newest, UTC)
        yield fresh(moment, self._clock, limit_s, "sample")

    def _newest(self, deadline: Deadline) -> float | None:
        """When the newest sample of the largest metrics was written.

        `timestamp` takes the names away, and what is left of several metrics may be the same: each is asked by itself.
        """
        largest = f"topk({_LARGEST}, count by (__name__) ({selector(self._read)}))"
        rows = self._result("/api/v1/query", [("query", largest)], deadline)
        names = sorted({str(row.get("metric", {}).get("__name__", "")) for row in rows} - {""})
        selects = [selector((*self._read, Matcher("__name__", "=", name))) for name in names]
        each = [f'label_replace(max(timestamp({select})),"n","{place}","","")' for place, select in enumerate(selects)]
        return self._number(f"max({' or '.join(each)})", deadline) if each else None

    def _says_nothing(self, deadline: Deadline) -> Iterable[Checked]:
        nobody = selector((*self._read, Matcher("opswarden_conformance", "=", "nobody has this")))
        if self._result("/api/v1/query", [("query", nobody)], deadline):
            yield deviates("a label that nothing has is answered with samples")
        else:
            yield conforms("what matches nothing is no data, and no error")

    def _refuses(self, deadline: Deadline) -> Iterable[Checked]:
        answer = self._client.get("/api/v1/query", [("query", "sum(")], deadline)
        try:
            refused = json.loads(answer.content).get("errorType") == "bad_data"
        except (ValueError, RecursionError, AttributeError):
            refused = False
        if answer.status == 400 and refused:
            yield conforms("a query that is none is an error, and not no data")
        else:
            yield deviates(f"a query that is none is answered with status {answer.status}, as something else")

    def _agrees_with_itself(self, deadline: Deadline) -> Iterable[Checked]:
        end = int(self._clock.now().timestamp()) // 60 * 60 - 60
        middle, start = end - _BACK_S // 2, end - _BACK_S
        whole = self._steps(start, end, deadline)
        halves = self._steps(start, middle, deadline) | self._steps(middle, end, deadline)
        if whole != halves:
            yield deviates("the same window says something else in one piece and in two")
        else:
            yield conforms(f"a window says the same in one piece and in two ({len(whole)} steps)")

    def _reads_raw(self, deadline: Deadline) -> Iterable[Checked]:
        end = int(self._clock.now().timestamp()) - 60
        select = f"topk(1, count by (__name__) ({selector(self._read)}))"
        names = self._result("/api/v1/query", [("query", select)], deadline)
        name = names[0].get("metric", {}).get("__name__", "") if names else ""
        raw = f"{selector((*self._scope, Matcher('__name__', '=', str(name))))}[{_BACK_S}s]"
        rows = self._result("/api/v1/query", [("query", raw), ("time", str(end))], deadline) if name else []
        times = [[float(pair[0]) for pair in row.get("values", ())] for row in rows]
        if any(moments != sorted(set(moments)) or moments[0] < end - _BACK_S or moments[-1] > end for moments in times):
            yield deviates("samples of a window lie outside of it or in no order")
        else:
            yield conforms(f"samples of a window lie in it, in order ({sum(map(len, times))} samples)")

    def _steps(self, start: int, end: int, deadline: Deadline) -> set[tuple[float, str]]:
        params = [("query", f"count({selector(self._read)})"), ("start", str(start)), ("end", str(end)), ("step", "30")]
        rows = self._result("/api/v1/query_range", params, deadline)
        return {(float(time), str(value)) for row in rows for time, value in row.get("values", ())}

    def _number(self, query: str, deadline: Deadline) -> float | None:
        rows = self._result("/api/v1/query", [("query", query)], deadline)
        try:
            return float(rows[0]["value"][1]) if rows else None
        except (KeyError, IndexError, TypeError, ValueError) as error:
            raise BackendError(f"{self._client.name} answered no number", remedy="check its version") from error

    def _result(self, path: str, params: Params, deadline: Deadline) -> list[dict[str, Any]]:
        document = json_of(self._client, self._client.post_form(path, params, deadline))
        data = document.get("data") if isinstance(document, dict) else None
        rows = data.get("result") if isinstance(data, dict) else None
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise BackendError(f"{self._client.name} is no Prometheus API", remedy="check its `url`")
        return rows
