"""Whether a request comes from whom it says: a bearer token, or a signature over its body.

Sources of the signatures: PagerDuty, "Verifying signatures" of webhooks v3 (`X-PagerDuty-Signature`, one `v1=` per
key); Grafana, "Webhook notifier" (`X-Grafana-Alerting-Signature`, with a time `HMAC(time + ":" + body)`).
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping

from ...core.clock import Clock
from ..people.callers import bearer, hash_of
from .settings import WebhookSettings

_HEADERS = {"pagerduty": "x-pagerduty-signature", "grafana": "x-grafana-alerting-signature"}
_OLDEST_S = 300
"""How far the signed time may be from ours: a request that somebody recorded is of no use later."""


def is_genuine(settings: WebhookSettings, headers: Mapping[str, str], body: bytes, clock: Clock) -> bool:
    """Whether the sender proves to be the one; everything secret is compared in a time that tells nothing.

    Args:
        settings: of the webhook.
        headers: by lower-case names.
        body: as it came.
        clock: tells how old a signed time is.
    """
    if not settings.is_signed:
        token = bearer(headers.get("authorization"))
        shown = hash_of(token or "")
        # Every hash is compared, found or not.
        return token is not None and sum(hmac.compare_digest(known, shown) for known in settings.token_hashes()) > 0
    key = settings.signing_key()
    if key is None:
        return False
    signed = body
    if settings.timestamp_header is not None:
        moment = headers.get(settings.timestamp_header.lower(), "")
        if not _is_fresh(moment, clock):
            return False
        signed = moment.encode("latin-1", "replace") + b":" + body
    wanted = hmac.new(key, signed, hashlib.sha256).hexdigest().encode()
    name = settings.signature_header.lower() if settings.signature_header else _HEADERS.get(settings.kind, "")
    return sum(hmac.compare_digest(wanted, shown) for shown in _signatures(headers.get(name, ""))) > 0


def _signatures(header: str) -> list[bytes]:
    """The signatures in a header; a sender that changes its key signs with both."""
    found = []
    for part in header[:2_000].split(","):
        _, _, digits = part.strip().rpartition("=")
        found.append(digits.strip().lower().encode("latin-1", "replace"))
    return found


def _is_fresh(moment: str, clock: Clock) -> bool:
    if not (moment.isascii() and moment.isdigit() and len(moment) <= 12):
        return False
    return abs(clock.now().timestamp() - int(moment)) <= _OLDEST_S
