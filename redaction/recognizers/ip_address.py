"""IP addresses, version 4 and 6, in any dress. Addresses of nobody pass, and so do those of the networks given.

Loopback, unspecified, multicast and reserved addresses (0/8, 127/8, 224/3: RFC 6890, RFC 5771) name no machine.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from ipaddress import IPv4Address, IPv6Address

from ..definition import Anchored, Definition, Hit, Keyed, Pattern, starts_word
from ..evidence.networks import Address, Network, is_internal, parsed
from ..evidence.version_numbers import is_version

_SCORE = 0.95
_HEX_COLONS = re.compile(r"[0-9A-Fa-f:]{0,39}")
_KEYS = frozenset(
    "ip ip_address ip_addr ipaddr ipaddress ipv4 ipv4_address ip_v4 ip_int ip_long ip_num ip_decimal ip_hex "
    "remote_addr client_addr peer_addr source_address endereco_ip endereço_ip direccion_ip dirección_ip adresse_ip "
    "ip_adresi alamat_ip dia_chi_ip".split()
)
_OCTET = "[0-9]{1,3}"
_OCTET_BEHIND = re.compile(rf"{_OCTET}(?![0-9]|\.[0-9])")
_DASHED = f"{_OCTET}-{_OCTET}-{_OCTET}-{_OCTET}"
# Names that clouds and providers make of an address: ip-10-0-12-34.ec2.internal, ec2-…, host-…
_PREFIXES = ("ip-", "ec2-", "host-", "node-", "static-", "dyn-", "dhcp-", "dsl-", "pool-", "cpe-")
_SURE_PREFIXES = ("ip-", "ec2-")


def _is_nobody(address: Address) -> bool:
    if isinstance(address, IPv4Address):
        first = address.packed[0]
        return first in {0, 127} or first >= 224
    return address.is_loopback or address.is_unspecified or address.is_multicast


def _version_4(text: str, start: int, end: int) -> tuple[int, int, Address] | None:
    """From the first dot on; the octet before it is read backwards."""
    octet = _OCTET_BEHIND.match(text[max(0, start - 5) : start][::-1])
    if octet is None:
        return None
    start -= octet.end()
    octets = [int(part) for part in text[start:end].split(".")]
    if max(octets) > 255 or octets[0] == 127 or is_version(text, start, end):
        return None
    if text.startswith(".in-addr.arpa", end):  # read backwards, RFC 1035 section 3.5
        octets.reverse()
    return start, end, IPv4Address(bytes(octets))


_TIME_OF_ERLANG = re.compile(r"(?:19|20)[0-9]{2}::[0-2]?[0-9]:[0-5]?[0-9]:[0-5]?[0-9]\Z")


def _version_6(text: str, start: int, end: int) -> tuple[int, int, Address] | None:
    front = _HEX_COLONS.match(text[max(0, start - 39) : start][::-1])
    start -= front.end() if front else 0
    if not starts_word(text, start) or (start and text[start - 1] in ":._"):
        return None
    if text[end - 1] == ":" and text[end - 2] != ":":
        end -= 1  # what follows is a port or a sentence
    found = text[start:end]
    try:
        address = IPv6Address(found.partition("%")[0])
    except ValueError:
        return None
    groups = found.split(":")
    # `ab::cd` is a path in some languages; eight pairs are a hardware address or a time.
    if not any(part.isdigit() for part in found) and sum(map(bool, groups)) < 3:
        return None
    # `4-Mar-2026::10:11:12` is how Erlang reports a time.
    if text[start - 1 : start] == "-" and _TIME_OF_ERLANG.match(found):
        return None
    if len(groups) == 8 and all(len(group) == 2 for group in groups):
        return None
    return None if text[end : end + 1].isalnum() else (start, end, address)


def _dashed(text: str, start: int, end: int) -> tuple[int, int, Address] | None:
    """`10-0-12-34` in a host name, with or without a word in front."""
    sure = text[start:end].lower().startswith(_SURE_PREFIXES) or text[start].isdigit()
    if not starts_word(text, start):
        return None
    while not text[start].isdigit() or text[start : start + 2] == "2-":  # the 2 of ec2
        start += 1
    end = start
    while end < len(text) and (text[end].isdigit() or text[end] == "-"):
        end += 1
    end -= text[end - 1] == "-"
    address = parsed(text[start:end].replace("-", "."))
    if address is None or (not sure and address.packed[0] < 10):
        return None
    return start, end, address


def _number(text: str, start: int, end: int) -> Address | None:
    """One number under a key of addresses: decimal, hexadecimal, or octets in octal."""
    found = text[start:end]
    if "." in found:
        octets = [int(octet, 8) for octet in found.split(".")]
        return IPv4Address(bytes(octets)) if max(octets) < 256 else None
    number = int(found, 16) if found[:2].lower() == "0x" else int(found)
    return IPv4Address(number) if 1 << 24 <= number < 1 << 32 else None


def _nibbles(text: str, start: int, end: int) -> tuple[int, int, Address] | None:
    """A reversed name of version 6 (RFC 3596); a part of one stands for its network."""
    end = text.rfind(".", start, end - 5)
    digits = text[start:end].replace(".", "")[::-1]
    return start, end, IPv6Address(int(digits.ljust(32, "0"), 16))


def _identity(value: str) -> str:
    """`10.0.0.7`, `10-0-0-7` and `::ffff:10.0.0.7` are one address."""
    address = parsed(value) or parsed(value.replace("-", "."))
    return str(address) if address is not None else value.casefold()


def ip_address(internal: Sequence[Network] = ()) -> Definition:
    """The recognizer; addresses inside of `internal` pass, and host names that are made of them."""

    def check(find: Callable[[str, int, int], Address | tuple[int, int, Address] | None]) -> Callable[..., Hit | None]:
        def found(text: str, start: int, end: int) -> Hit | None:
            result = find(text, start, end)
            if isinstance(result, tuple):
                start, end, address = result
            elif result is None:
                return None
            else:
                address = result
            if _is_nobody(address) or (internal and is_internal(address, internal)):
                return None
            return start, end, _SCORE

        return found

    return Definition(
        "IP_ADDRESS",
        (
            # Beginning with the dot makes it cheap to look for.
            Pattern(rf"\.{_OCTET}\.{_OCTET}\.{_OCTET}(?![0-9]|\.[0-9])", check=check(_version_4)),
            Anchored(
                ("::",),
                after=r"::[0-9A-Fa-f:]{0,39}(?:(?<=[0-9])(?:\.[0-9]{1,3}){3})?(?:%[0-9A-Za-z]{1,16})?",
                check=check(_version_6),
            ),
            # Written out in full; beginning with a colon makes it cheap to look for.
            Pattern(
                r":[0-9A-Fa-f]{1,4}:[0-9A-Fa-f]{1,4}:[0-9A-Fa-f:]{8,39}(?:%[0-9A-Za-z]{1,16})?",
                check=check(_version_6),
            ),
            Anchored(_PREFIXES, after=rf"(?:ec2|[A-Za-z]{{2,6}})-{_DASHED}(?![0-9\-])", check=check(_dashed)),
            # Pods of Kubernetes have a name in its DNS: 10-0-12-34.payments.pod.cluster.local.
            Anchored(
                (".pod.",),
                after=r"\.pod\.",
                before=rf"(?:[a-z0-9\-]{{1,63}}\.)?{_DASHED}(?![0-9A-Za-z\-])",
                reach=80,
                check=check(_dashed),
            ),
            Anchored(
                (".ip6.arpa",),
                after=r"\.ip6\.arpa",
                before=r"(?:[0-9A-Fa-f]\.){7,31}[0-9A-Fa-f](?![0-9A-Za-z.])",
                check=check(_nibbles),
            ),
            Keyed(
                _KEYS,
                bare=r"0[xX][0-9A-Fa-f]{8}(?![0-9A-Za-z])|0[0-7]{1,3}(?:\.0[0-7]{1,3}){3}(?![0-9.])"
                r"|[0-9]{8,10}(?![0-9A-Za-z.:\-])",
                check=check(_number),
            ),
        ),
        identity=_identity,
    )


IP_ADDRESS = ip_address()
