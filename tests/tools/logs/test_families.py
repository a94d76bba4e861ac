"""What kind of failure a line speaks of."""

from __future__ import annotations

import time

import pytest

from opswarden.tools.logs.families import family_of

TABLE = [
    ("dial tcp 10.0.0.1:5432: connect: connection refused", "refused"),
    ("java.net.ConnectException: Connection refused", "refused"),
    ("read ECONNRESET", "reset"),
    ("write: broken pipe", "reset"),
    ("rpc error: code = DeadlineExceeded desc = context deadline exceeded", "timeout"),
    ("HikariPool-1 - Connection is not available, request timed out after 30000ms", "timeout"),
    ("rpc error: code = ResourceExhausted", "exhausted"),
    ("FATAL: sorry, too many clients already", "exhausted"),
    ("rpc error: code = Unavailable", "unavailable"),
    ("upstream returned status: 5xx", "http_5xx"),
    ("answered HTTP/1.1 500 in 3 ms", "http_5xx"),
    ("status=404 for the loaf", "not_found"),
    ("status=422 for the loaf", "http_4xx"),
    ("getaddrinfo ENOTFOUND mill", "name_resolution"),
    ("java.lang.OutOfMemoryError: Java heap space", "out_of_memory"),
    ("Memory cgroup out of memory: Killed process 17 (oven)", "out_of_memory"),
    ("write /data/wal: no space left on device", "disk_full"),
    ("x509: certificate has expired", "tls"),
    ("Too Many Requests", "rate_limited"),
    ("open /etc/oven: permission denied", "permission"),
    ("ERROR: deadlock detected", "deadlock"),
    ("duplicate key value violates unique constraint", "conflict"),
    ("java.lang.NullPointerException", "null_reference"),
    ("'NoneType' object has no attribute 'loaf'", "null_reference"),
    ("panic: index out of range [3]", "crash"),
    ("org.bakery.BurntException: too hot", "exception"),
    ("baked a loaf", None),
    ("internal oven warmed", None),
    ("", None),
]


@pytest.mark.parametrize(("text", "family"), TABLE, ids=[text[:30] or "empty" for text, _ in TABLE])
def test_families(text: str, family: str | None) -> None:
    assert family_of(text) == family


def test_a_long_line_does_not_take_for_ever() -> None:
    begin = time.process_time()
    family_of("a " * 500_000)
    family_of("no" + " " * 500_000)
    assert time.process_time() - begin < 2
