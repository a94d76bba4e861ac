"""IP addresses, and the versions that look like them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.evidence.networks import INTERNAL
from opswarden.redaction.recognizers.ip_address import IP_ADDRESS, ip_address
from opswarden.redaction.scanning.scan import Scan, Work

TABLE: list[tuple[str, str, list[str]]] = [
    ("a time of Erlang", "=ERROR REPORT==== 4-Mar-2026::10:11:12 === x", []),
    ("version 4", "from 10.251.39.209 port 22", ["10.251.39.209"]),
    ("with a port", "dest: /10.250.9.207:50010", ["10.250.9.207"]),
    ("behind a host", "db-1/10.190.173.170:8030", ["10.190.173.170"]),
    ("behind a word", "ip-10.0.0.7", ["10.0.0.7"]),
    ("behind an ellipsis", "from...10.0.0.7", ["10.0.0.7"]),
    ("end of a sentence", "refused by 10.0.0.7.", ["10.0.0.7"]),
    ("under the key of a version or any value", "v=192.168.4.98 v: 10.12.7.22", ["192.168.4.98", "10.12.7.22"]),
    ("a version under it", "v=2.14.0.3", []),
    ("with a mask", "10.0.0.0/8", ["10.0.0.0"]),
    ("version 6", "2001:db8:85a3:8d3:1319:8a2e:370:7348 up", ["2001:db8:85a3:8d3:1319:8a2e:370:7348"]),
    ("version 6, shortened", "from 2001:db8::8a2e:370:7334,", ["2001:db8::8a2e:370:7334"]),
    ("version 6 in brackets", "http://[2001:db8::1]:8080/", ["2001:db8::1"]),
    ("version 6 with a zone", "fe80::1%eth0 lost", ["fe80::1%eth0"]),
    ("version 6 without a digit", "dead:beef::cafe", ["dead:beef::cafe"]),
    ("version 4 in version 6", "::ffff:10.0.0.7", ["::ffff:10.0.0.7"]),
    ("followed by a colon", "fe80::1: unreachable", ["fe80::1"]),
    ("a list of forwarders", "X-Forwarded-For: 203.0.113.7, 10.0.0.9", ["203.0.113.7", "10.0.0.9"]),
    ("behind a mail-like name", "ssh ops@10.0.0.7", ["10.0.0.7"]),
    ("leading zeros", "from 010.001.002.003", ["010.001.002.003"]),
    ("compared with", "src_ip==10.0.0.7", ["10.0.0.7"]),
    ("hosts that moved", "upgraded db from 10.0.0.7 to 10.0.0.8", ["10.0.0.7", "10.0.0.8"]),
    ("a host name of a cloud", "ip-10-0-12-34.ec2.internal", ["10-0-12-34"]),
    ("a public host name of a cloud", "ec2-54-12-34-56.compute-1.amazonaws.com", ["54-12-34-56"]),
    ("a host name of a provider", "dsl-189-12-34-56.example.net", ["189-12-34-56"]),
    ("a pod by its address", "10-0-12-34.pod.cluster.local", ["10-0-12-34"]),
    ("a pod by its address and namespace", "10-0-12-34.payments.pod.cluster.local", ["10-0-12-34"]),
    ("read backwards in DNS", "4.3.2.10.in-addr.arpa", ["4.3.2.10"]),
    ("version 6 read backwards in DNS", "8.b.d.0.1.0.0.2.ip6.arpa", ["8.b.d.0.1.0.0.2"]),
    ("one decimal number", "client_ip=167772167", ["167772167"]),
    ("one hexadecimal number", '"ip": "0x0A000007"', ["0x0A000007"]),
    ("octets in octal", "ip=0300.0250.0001.0001", ["0300.0250.0001.0001"]),
    ("version 4 in version 6, hexadecimal", "::ffff:a00:7", ["::ffff:a00:7"]),
    # What names nobody, and what is no address.
    ("groups and masks", "224.0.0.251 239.255.255.250 mask 255.255.240.0 0.1.2.3 ff02::1", []),
    ("products of a user agent", "Chrome/120.0.0.0 Edg/120.1.2.3 nginx/1.25.3.1", []),
    ("requirements", "numpy>=1.2.3.4 torch~=2.1.0.5 pandas==2.1.3.4", []),
    ("the tag of an image", "pull registry.local/team/app:1.2.3.4", []),
    ("versions that moved", "upgraded payments from 1.2.3.4 to 1.2.3.5", []),
    ("sections", "see section 1.2.3.4 and § 4.5.6.7", []),
    ("object identifiers", "oid 2.5.29.17, 2.5.4.5=#1306, 1.3.6.1", []),
    ("a build of a distribution", "glibc 2.28.0.1-alpine", []),
    ("eight pairs", "00:11:22:33:44:55:66:77", []),
    ("a pod with numbers in its name", "node-1-2-3-4 ready", []),
    ("a date with dashes", "backup-23-11-26-19", []),
    ("another number under another key", "ipc=167772167", []),
    ("a small number under the key", "ip=10000001", []),
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


INTERNAL_TABLE: list[tuple[str, str, list[str]]] = [
    ("private", "10.0.0.7:9100 172.31.0.1 192.168.1.1", []),
    ("shared", "100.64.0.9", []),
    ("link-local", "169.254.169.254 fe80::1%eth0", []),
    ("unique local", "fd12:3456:789a::1", []),
    ("version 4 in version 6", "::ffff:10.0.0.7 ::ffff:a00:7", []),
    ("host names made of them", "ip-10-0-12-34.ec2.internal 10-0-12-34.pod.cluster.local", []),
    ("read backwards in DNS", "4.3.2.10.in-addr.arpa", []),
    ("one number", "ip=167772167", []),
    ("a network", "10.0.0.0/8", []),
    ("public ones do not pass", "8.8.8.8 2606:4700::1111", ["8.8.8.8", "2606:4700::1111"]),
    ("nor examples", "203.0.113.7", ["203.0.113.7"]),
    ("nor what is internal only backwards", "10.3.2.4.in-addr.arpa", ["10.3.2.4"]),
    ("nor a host name of a public one", "ec2-54-12-34-56.amazonaws.com", ["54-12-34-56"]),
]


@pytest.mark.parametrize(
    ("text", "values"), [row[1:] for row in INTERNAL_TABLE], ids=[row[0] for row in INTERNAL_TABLE]
)
def test_internal_networks(text: str, values: list[str]) -> None:
    spans = Scan((ip_address(INTERNAL),)).find(text, Work(1_000))
    assert sorted(text[span.start : span.end] for span in spans) == sorted(values)


def test_three_ways_to_write_one_address() -> None:
    assert len({IP_ADDRESS.identity(each) for each in ("10.0.0.7", "10-0-0-7", "::ffff:10.0.0.7", "010.0.0.07")}) == 1


def test_two_ways_to_write_one_address() -> None:
    assert IP_ADDRESS.identity("2001:DB8:0:0:0:0:0:1") == IP_ADDRESS.identity("2001:db8::1")
