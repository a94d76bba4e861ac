"""Access keys of AWS, and the secret keys that go with them."""

from __future__ import annotations

import re

from ..definition import WORD_START, Anchored, Definition, Hit, Pattern, starts_word

_CONTEXT = re.compile(r"aws|secret|access.?key", re.IGNORECASE)
_REACH = 100


def _apart(text: str, start: int, end: int) -> Hit | None:
    return (start, end, 1.0) if starts_word(text, start) else None


def _secret_key(text: str, start: int, end: int) -> Hit | None:
    """Forty characters of base64 are a hash as often; the words in front decide."""
    value = text[start:end]
    mixed = any(map(str.isdigit, value)) and any(map(str.islower, value)) and any(map(str.isupper, value))
    return (start, end, 0.9) if mixed and _CONTEXT.search(text, max(0, start - _REACH), start) else None


AWS_KEY = Definition(
    "SECRET",
    (
        # Source of the prefixes: AWS IAM user guide, "unique identifiers".
        Anchored(
            ("akia", "asia", "abia", "acca", "aroa", "aida", "agpa", "aipa", "anpa", "anva"),
            after=r"(?:A(?:KIA|SIA|BIA|CCA|ROA|IDA|GPA|IPA|NPA|NVA))[A-Z2-7]{16}(?![A-Za-z0-9])",
            check=_apart,
        ),
        Pattern(
            WORD_START + r"(?<![+/])[A-Za-z0-9+/]{40}(?![A-Za-z0-9+/=])",
            needs=("aws", "secret", "access"),
            check=_secret_key,
        ),
    ),
    restorable=False,
    name="aws_key",
)
