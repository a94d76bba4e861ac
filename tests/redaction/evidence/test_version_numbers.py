"""Four numbers with dots: versions, sections, object identifiers, or an address."""

from __future__ import annotations

import pytest

from opswarden.redaction.evidence.version_numbers import is_version

TABLE: list[tuple[str, str, bool]] = [
    ("under its key", "app_version=<1.2.3.4>", True),
    ("under a key of another language", "versao: <1.2.3.4>", True),
    ("behind its word", "release <1.2.3.4>", True),
    ("behind its letter", "v<1.2.3.4>", True),
    ("a letter that ends a word", "srv<1.2.3.4>", False),
    ("a product of a user agent", "Chrome/<120.0.0.0>", True),
    ("a host and its address", "db-1/<10.190.173.170>", False),
    ("at least", "numpy>=<1.2.3.4>", True),
    ("exactly", "numpy==<1.2.3.4>", True),
    ("an address compared", "src_ip==<1.2.3.4>", False),
    ("the tag of an image", "registry.local/team/app:<1.2.3.4>", True),
    ("a private address behind a path", "svc/db:<10.2.3.4>", False),
    ("a scheme", "http://<1.2.3.4>", False),
    ("from one to another", "bumped agent from <1.2.3.4> to 1.2.3.5", True),
    ("private addresses from one to another", "upgraded db from <10.2.3.4> to 10.2.3.5", False),
    ("a package", "libpay-<1.2.3.4>.jar", True),
    ("a base image", "python <3.11.7.1>-slim", True),
    ("a section", "section <1.2.3.4>", True),
    ("the internet as an object", "<1.3.6.1>", True),
    ("an attribute of a certificate", "<2.5.4.5>=#1306", True),
    ("an address alike", "<2.5.4.5> refused", False),
    ("an address", "peer <1.2.3.4> refused", False),
]


@pytest.mark.parametrize(("text", "is_one"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_is_version(text: str, is_one: bool) -> None:
    end = text.rindex(">")
    start = text.rindex("<", 0, end)
    plain = text[:start] + text[start + 1 : end] + text[end + 1 :]
    assert is_version(plain, start, end - 1) is is_one
