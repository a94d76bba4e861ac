"""Which addresses are an installation's own: networks by name, and whether an address lies in some of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TypeAlias

from ...core.errors import ConfigError

Address: TypeAlias = IPv4Address | IPv6Address
Network: TypeAlias = IPv4Network | IPv6Network


def networks(texts: Iterable[str]) -> tuple[Network, ...]:
    """Networks from texts such as `10.0.0.0/8`; bits behind the mask are ignored.

    Raises:
        ConfigError: one of them is no network.
    """
    try:
        return tuple(ip_network(text.strip(), strict=False) for text in texts)
    except ValueError:
        raise ConfigError(
            "a network of the redaction settings cannot be read", remedy="write it as 10.0.0.0/8 or fd00::/8"
        ) from None


PRIVATE = networks(("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"))
"""RFC 1918."""
SHARED = networks(("100.64.0.0/10",))
"""Between a provider and its customers, and the pods of some clusters (RFC 6598)."""
UNIQUE_LOCAL = networks(("fc00::/7",))
"""RFC 4193."""
LINK_LOCAL = networks(("169.254.0.0/16", "fe80::/10"))
"""RFC 3927 and RFC 4291; metadata services of clouds live here."""
DOCUMENTATION = networks(
    ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32", "3fff::/20"),
)
"""RFC 5737, RFC 3849 and RFC 9637: examples, nobody's."""
INTERNAL = (*PRIVATE, *SHARED, *UNIQUE_LOCAL, *LINK_LOCAL)
"""What an installation may call its own without knowing more; `DOCUMENTATION` and public ranges are named apart."""

_NAT64 = IPv6Network("64:ff9b::/96")


def parsed(text: str) -> Address | None:
    """An address as people and programs write it: with a zone, a mask, leading zeros; None if it is none."""
    bare = text.strip("[] ").partition("%")[0].partition("/")[0]
    try:
        return unmapped(ip_address(bare))
    except ValueError:
        octets = bare.split(".")
        if len(octets) == 4 and all(octet.isascii() and octet.isdecimal() and int(octet) < 256 for octet in octets):
            return IPv4Address(bytes(map(int, octets)))
        return None


def unmapped(address: Address) -> Address:
    """The version 4 address inside of one of version 6 (RFC 4291 section 2.5.5.2, RFC 6052), or the address itself."""
    if isinstance(address, IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return IPv4Address(int(address) & 0xFFFFFFFF) if address in _NAT64 else address


def is_internal(address: str | Address, internal: Sequence[Network]) -> bool:
    """Whether an address lies in one of the networks; what is no address lies in none."""
    found = parsed(address) if isinstance(address, str) else unmapped(address)
    return found is not None and any(found.version == network.version and found in network for network in internal)
