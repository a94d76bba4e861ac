"""`/metrics`: for whoever holds a token, or for this machine alone."""

from __future__ import annotations

import hmac

from ...core.http_exchange import is_this_machine
from ..own_metrics import CONTENT_TYPE
from ..people.callers import bearer, hash_of
from .asked import Asked, Reply

_LOCAL = ("127.0.0.1", "localhost", "[::1]")


def show(asked: Asked) -> Reply:
    """The figures in Prometheus' text format."""
    if not _may(asked):
        return Reply(
            "a token is needed\n",
            401,
            "text/plain; charset=utf-8",
            headers={"www-authenticate": 'Bearer realm="metrics"'},
        )
    return Reply(asked.house.own_metrics.text(), kind=CONTENT_TYPE)


def _may(asked: Asked) -> bool:
    hashes = asked.house.settings.metrics_tokens
    if hashes:
        token = bearer(asked.headers.get("authorization"))
        found = hash_of(token or "")
        return True in [hmac.compare_digest(bytes.fromhex(each.removeprefix("sha256:")), found) for each in hashes]
    # A proxy on this machine asks under the public name.
    host = asked.headers.get("host", "").lower()
    name = host if host in _LOCAL else host.rpartition(":")[0]
    return name in _LOCAL and is_this_machine(asked.address)
