"""Access keys of AWS, the secret keys that go with them, and session tokens."""

from __future__ import annotations

import re

from ..definition import Definition, Hit, Long, Pattern, starts_word
from ..secrets.random_values import is_mixed, is_random, is_restless, is_text

_CONTEXT = re.compile(r"aws|secret|access.?key", re.IGNORECASE)
_HASHES = re.compile(
    r"digest|hash|sha|md5|checksum|etag|integrity|fingerprint|signature|commit|revision", re.IGNORECASE
)
# As in the id of a task behind the name of its cluster.
_ID_IN_PATH = re.compile(r"[0-9a-f]{20}|[0-9]{10}")
_REACH, _REACH_OF_HASH = 100, 24


def _apart(text: str, start: int, end: int) -> Hit | None:
    return (start, end, 1.0) if starts_word(text, start) else None


def _secret_key(text: str, start: int, end: int) -> Hit | None:
    """Forty characters of base64: behind the words that name it, or by their looks and with no hash announced."""
    value = text[start:end]
    if _MORE.match(text, end) or not is_mixed(value) or _ID_IN_PATH.search(value) or _goes_on(text, start):
        return None
    if _CONTEXT.search(text, max(0, start - _REACH), start):
        return start, end, 0.9
    if (
        not (is_random(value) or is_restless(value))
        or is_text(value)
        or _HASHES.search(text, max(0, start - _REACH_OF_HASH), start)
    ):
        return None
    return start, end, 0.7


def _goes_on(text: str, start: int) -> bool:
    """Whether it is the rest of something longer, in front of which a word seems to end."""
    before = text[start - 1 : start]
    return before == "-" or (text[start] in "+/" and before.isalnum() and not starts_word(text, start))


# Padding, or the ending of a file's name.
_MORE = re.compile(r"=|\.[A-Za-z0-9]")

AWS_KEY = Definition(
    "SECRET",
    (
        # Source of the prefixes: AWS IAM user guide, "unique identifiers"; those of users, groups and roles (AIDA,
        # AGPA, AROA …) name somebody and open nothing. A3T is old. They are base32, but no rule that AWS gives says so.
        Pattern(r"A(?:[KS]IA[A-Z0-9]|(?:BIA|CCA|3T[A-Z0-9])[A-Z2-7])[A-Z0-9]{15}(?![A-Za-z0-9])", check=_apart),
        # \b sees no start of a word behind `_`, behind an escaped line break, before `+` and `/`.
        Long(
            r"(?:(?a:\b)|(?<=_)|(?<=\\[nrt])|(?<![A-Za-z0-9+/])(?=[+/]))[A-Za-z0-9+/]{40}(?![A-Za-z0-9+/_-])",
            check=_secret_key,
            least=40,
        ),
        # Session tokens begin with the same bytes.
        Pattern(r"IQoJb3JpZ2lu[A-Za-z0-9+/%]{40,4096}+={0,2}", score=1.0),
        Pattern(r"F[wQ]oGZXIvYXdz[A-Za-z0-9+/%]{40,4096}+={0,2}", score=1.0),
        Pattern(r"ABSK[A-Za-z0-9+/]{60,200}+={0,2}", check=_apart),  # Bedrock
        Pattern(r"amzn\.(?:mws\.[0-9a-f-]{36}|oa2-cs\.v1\.[a-f0-9]{64})"),
    ),
    restorable=False,
    name="aws_key",
)
