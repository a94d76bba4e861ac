"""An alert as it is handed over: Alertmanager's webhook (version 4), or alerts of its or Prometheus' API, as JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from ...core.errors import InputError

SIZE_LIMIT_BYTES = 2_000_000
_LABEL_LIMIT = 64
_TEXT_LIMIT = 4_096
_NAME_LIMIT = 512
_WORD = re.compile(r'"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\'|`[^`]*`|[a-zA-Z_:][a-zA-Z0-9_:]*|\d[\w.]*|.', re.DOTALL)
_KEYWORDS = frozenset(
    "and or unless by without on ignoring group_left group_right offset bool inf nan start end".split()
)
_LISTING = frozenset(("by", "without", "on", "ignoring", "group_left", "group_right"))


@dataclass(frozen=True)
class Notified:
    """One alert; everything in it can be written by outsiders.

    Args:
        labels: as they are.
        summary: the annotation of that name, or the description.
        runbook_url: where the alert says its page is; empty if it does not.
        metric: the first metric of its expression, if the expression is known.
        began: when it began to fire.
        firing: whether it has not ended.
        fingerprint: what the sender calls this alert, the same whenever it fires; empty if it does not say.
    """

    labels: Mapping[str, str]
    summary: str
    runbook_url: str
    metric: str | None
    began: datetime
    firing: bool
    fingerprint: str = ""

    @property
    def name(self) -> str:
        """The label `alertname`."""
        return self.labels.get("alertname", "")


def read_notification(content: bytes) -> tuple[Notified, ...]:
    """The alerts of a notification, those that fire first, the oldest first.

    Raises:
        InputError: it is too large, no JSON, or holds no alert with a name and a time.
    """
    if len(content) > SIZE_LIMIT_BYTES:
        raise InputError(f"the alert is larger than {SIZE_LIMIT_BYTES} bytes", remedy="hand over one notification")
    try:
        document = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise InputError(
            "the alert is no JSON", remedy="hand over what Alertmanager posts, or one alert of its API"
        ) from error
    found = [alert for item in _alerts_in(document) if (alert := _read(item)) is not None]
    if not found:
        raise InputError(
            "no alert with a name and a time is in it", remedy="an alert has `labels.alertname` and `startsAt`"
        )
    return tuple(sorted(found, key=lambda alert: (not alert.firing, alert.began, alert.name)))


def metric_of(expression: str) -> str | None:
    """The first name in a PromQL expression that is neither a function, a keyword, a label nor text."""
    words: list[str] = [word for word in _WORD.findall(expression[:_TEXT_LIMIT]) if not word.isspace()]
    depth_of_labels, listing = 0, False
    for word, follower in zip(words, [*words[1:], ""], strict=False):
        is_name = word[0].isalpha() or word[0] in "_:"
        if word in "{[":
            depth_of_labels += 1
        elif word in "}]":
            depth_of_labels -= 1
        elif word == ")":
            listing = False
        elif word.lower() in _LISTING and follower == "(":
            listing = True
        elif is_name and depth_of_labels == 0 and not listing and _is_metric(word, follower):
            return word
    return None


def _is_metric(word: str, follower: str) -> bool:
    return word.lower() not in _KEYWORDS and follower != "(" and follower.lower() not in _LISTING


def _alerts_in(document: Any) -> Sequence[Any]:
    if isinstance(document, dict):
        inner = document.get("data", document)
        alerts = inner.get("alerts") if isinstance(inner, dict) else None
        return alerts if isinstance(alerts, list) else [document]
    return document if isinstance(document, list) else []


def _read(alert: Any) -> Notified | None:
    if not isinstance(alert, dict):
        return None
    labels, notes = _texts(alert.get("labels")), _texts(alert.get("annotations"))
    began = _moment(alert.get("startsAt") or alert.get("activeAt"))
    if not labels.get("alertname") or began is None:
        return None
    ended = _moment(alert.get("endsAt"))
    state = alert.get("status", alert.get("state", "firing"))
    is_over = state == "resolved" or (isinstance(state, str) and state == "inactive")
    return Notified(
        labels=labels,
        summary=(notes.get("summary") or notes.get("description") or notes.get("message") or "")[:_TEXT_LIMIT],
        runbook_url=(notes.get("runbook_url") or labels.get("runbook_url") or "")[:_TEXT_LIMIT],
        metric=_expressed(alert.get("generatorURL")),
        began=began,
        firing=not (is_over and (ended is None or ended >= began)),
        fingerprint=_whole(fingerprint)[:_NAME_LIMIT]
        if isinstance(fingerprint := alert.get("fingerprint"), str)
        else "",
    )


def _texts(found: Any) -> dict[str, str]:
    if not isinstance(found, dict):
        return {}
    pairs = ((name, value) for name, value in found.items() if isinstance(name, str) and isinstance(value, str))
    return {_whole(name)[:_NAME_LIMIT]: _whole(value)[:_TEXT_LIMIT] for name, value in list(pairs)[:_LABEL_LIMIT]}


def _whole(text: str) -> str:
    """Without halves of surrogate pairs, which JSON can hold and no store can keep."""
    return text.encode("utf-8", "replace").decode()


def _moment(text: Any) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
        moment = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (TypeError, ValueError, OverflowError):
        return None
    return moment if moment.year > 1970 else None  # Go writes year 1 for no time at all


def _expressed(address: Any) -> str | None:
    """Prometheus hands over the expression inside of the link to its graph."""
    if not isinstance(address, str):
        return None
    try:
        expressions = parse_qs(urlsplit(address).query, max_num_fields=50).get("g0.expr", [])
    except ValueError:
        return None
    return metric_of(_whole(expressions[0])) if expressions else None
