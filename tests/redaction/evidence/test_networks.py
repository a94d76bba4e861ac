"""Networks of an installation, and what lies in them."""

from __future__ import annotations

import pytest

from opswarden.core.errors import ConfigError
from opswarden.redaction.evidence.networks import DOCUMENTATION, INTERNAL, is_internal, networks

TABLE: list[tuple[str, str, bool]] = [
    ("private", "10.255.0.1", True),
    ("the last private of class B", "172.31.255.255", True),
    ("one further", "172.32.0.0", False),
    ("shared", "100.127.0.1", True),
    ("link-local", "169.254.1.1", True),
    ("link-local with a zone", "fe80::1%eth0", True),
    ("in brackets", "[fd00::1]", True),
    ("unique local", "fd00::1", True),
    ("mapped", "::ffff:192.168.0.1", True),
    ("through NAT64", "64:ff9b::10.0.0.1", True),
    ("leading zeros", "010.000.000.001", True),
    ("a network inside", "10.2.0.0/16", True),
    ("public", "8.8.8.8", False),
    ("an example", "203.0.113.7", False),
    ("no address", "10.0.0.256", False),
    ("nothing", "", False),
]


@pytest.mark.parametrize(("address", "inside"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_is_internal(address: str, inside: bool) -> None:
    assert is_internal(address, INTERNAL) is inside


def test_nothing_is_internal_without_networks() -> None:
    assert not is_internal("10.0.0.1", ())


def test_examples_are_a_group_of_their_own() -> None:
    assert is_internal("2001:db8::1", DOCUMENTATION)


def test_a_network_that_cannot_be_read_is_refused_without_being_shown() -> None:
    with pytest.raises(ConfigError) as caught:
        networks(("10.0.0.0/8", "10.0.0.0/99"))
    assert "99" not in str(caught.value)
