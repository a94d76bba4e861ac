"""IP addresses, and the versions that look like them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.ip_address import IP_ADDRESS

TABLE: list[tuple[str, str, list[str]]] = [
    ("version 4", "from 10.251.39.209 port 22", ["10.251.39.209"]),
    ("with a port", "dest: /10.250.9.207:50010", ["10.250.9.207"]),
    ("behind a host", "db-1/10.190.173.170:8030", ["10.190.173.170"]),
    ("behind a word", "ip-10.0.0.7", ["10.0.0.7"]),
    ("behind an ellipsis", "from...10.0.0.7", ["10.0.0.7"]),
    ("end of a sentence", "refused by 10.0.0.7.", ["10.0.0.7"]),
    ("with a mask", "10.0.0.0/8", ["10.0.0.0"]),
    ("version 6", "2001:db8:85a3:8d3:1319:8a2e:370:7348 up", ["2001:db8:85a3:8d3:1319:8a2e:370:7348"]),
    ("version 6, shortened", "from 2001:db8::8a2e:370:7334,", ["2001:db8::8a2e:370:7334"]),
    ("version 6 in brackets", "http://[2001:db8::1]:8080/", ["2001:db8::1"]),
    ("version 6 with a zone", "fe80::1%eth0 lost", ["fe80::1%eth0"]),
    ("version 6 without a digit", "dead:beef::cafe", ["dead:beef::cafe"]),
    ("version 4 in version 6", "::ffff:10.0.0.7", ["::ffff:10.0.0.7"]),
    ("followed by a colon", "fe80::1: unreachable", ["fe80::1"]),
    # What names nobody, and what is no address.
    ("this machine", "127.0.0.1 ::1 0.0.0.0 :: 255.255.255.255", []),
    ("a version under its key", "version=1.2.3.4 app_version: 10.2.3.4", []),
    ("a version with its word", "release 1.2.3.4, version 5.6.7.8", []),
    ("a version with its letter", "v1.2.3.4", []),
    ("a package", "libpay-1.2.3.4.jar", []),
    ("five numbers", "1.3.6.1.4.1.311", []),
    ("a number too large", "256.1.1.1 120.0.6099.109", []),
    ("a time", "19:47:41 2026-11-23T19:47:41", []),
    ("a time with more parts", "20171223-22:31:59:618|x", []),
    ("a path of a language", "std::vector core::fmt ab::cd", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(IP_ADDRESS, text) == values


def test_two_ways_to_write_one_address() -> None:
    assert IP_ADDRESS.identity("2001:DB8:0:0:0:0:0:1") == IP_ADDRESS.identity("2001:db8::1")
