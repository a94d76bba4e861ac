"""Private keys in PEM and PGP armour (whole, cut off, indented, line breaks escaped, behind the prefixes of a log),
of PuTTY and age, and as JSON, XML or bare base64.
"""

from __future__ import annotations

import re

from ..definition import Anchored, Definition, Hit, Keyed, Pattern
from ..secrets.random_values import is_mixed

_GAP = r"(?:\\{1,2}[nrt]|[\s\"',+>|])*+"
# Lines of base64 and headers such as Proc-Type; words of prose are too short to be taken for one.
_HEADER = r"(?:Proc-Type|DEK-Info|Version|Comment|Charset|Hash):[^\n\\]{0,100}+"
# Behind a timestamp and the name of a stream only whole lines of 60 and more count, up to the end of the line.
_BEHIND_PREFIX = r"(?:[^\n]{0,120}?[ \t|:\]>\"'])[A-Za-z0-9+/]{60,}+={0,2}[ \t\"',\\}]{0,4}(?=\n|\Z)"
_LINES = rf"(?:{_GAP}(?:{_HEADER}|[A-Za-z0-9+/=]{{16,}}+)|\n{_BEHIND_PREFIX})*+"
_CUT_OFF = re.compile(_LINES)
_END = re.compile(r"-----END[A-Z0-9 ]{0,60}-----|---- END[A-Z0-9 ]{0,60} ----")
_PUBLIC = re.compile(r"-----BEGIN (?:[A-Z0-9]{1,8} )?(?:PUBLIC KEY|CERTIFICATE(?: REQUEST)?)-----")
_LONGEST = 16_384


def _armoured(text: str, start: int, end: int) -> Hit | None:
    """Up to the end of the armour, or as far as lines of a key go. No key has dashes inside."""
    dashes = text.find("----", end, end + _LONGEST)
    closing = _END.match(text, dashes) if dashes >= 0 else None
    if closing is not None:
        return start, closing.end(), 1.0
    lines = _CUT_OFF.match(text, end)
    return start, lines.end() if lines else end, 1.0


def _bare(text: str, start: int, end: int) -> Hit | None:
    """Not inside the armour of something that is public."""
    armour = text.rfind("-----BEGIN ", max(0, start - _LONGEST), start)
    if armour >= 0 and _PUBLIC.match(text, armour) and "-----END" not in text[armour:start]:
        return None
    return start, end, 1.0


def _lines(text: str, start: int, end: int) -> Hit | None:
    """Something must be left there: a mark may stand in place of the lines."""
    return (start, end, 1.0) if start < end else None


def _number(text: str, start: int, end: int) -> Hit | None:
    return (start, end, 0.9) if is_mixed(text[start:end]) else None


PRIVATE_KEY = Definition(
    "SECRET",
    (
        Pattern(r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----", check=_armoured),
        Pattern(r"---- BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY ----", check=_armoured),  # SSH.com
        Anchored(
            ("private-lines:",),
            after=rf"Private-Lines: [0-9]{{1,4}}(?P<value>{_LINES}(?:{_GAP}Private-(?:MAC|Hash): [a-f0-9]{{40,64}})?)",
            check=_lines,
        ),
        Pattern(r"AGE-SECRET-KEY-(?:PQ-)?1[A-Z0-9]{50,120}+", score=1.0),
        # DER in base64 without armour: PKCS#8 and PKCS#1 of RSA, PKCS#8 and SEC1 of elliptic curves, OpenSSH.
        Pattern(r"MII[A-Za-z0-9+/]{2,4}(?:IBADANBgkqhkiG9w0|IBAAKC)[A-Za-z0-9+/=]{40,8192}+", check=_bare),
        Pattern(r"M(?:IG[A-Za-z0-9+/]AgEAMB[AM]GByqGSM49|HcCAQEEI|IGkAgEBBD|C4CAQAwBQYDK2Vw)[A-Za-z0-9+/=]{30,512}+"),
        Pattern(r"b3BlbnNzaC1rZXktdjE[A-Za-z0-9+/=]{40,8192}+", score=1.0),
        # The private numbers of a key in JSON (RFC 7518, 6.2.2, 6.3.2, 6.4.1) and in XML (RFC 4050 and .NET).
        Keyed(
            frozenset({"d", "p", "q", "dp", "dq", "qi", "k"}),
            bare=r"[A-Za-z0-9_\-]{43,1024}+",
            alone=True,
            check=_number,
        ),
        Pattern(r"<(?:D|P|Q|DP|DQ|InverseQ)>[A-Za-z0-9+/=\s]{40,1024}+(?=</)"),
    ),
    restorable=False,
    name="private_key",
)
