"""Finding diagnostic tokens in real text: the definition by which `wrongly masked` is counted there."""

from __future__ import annotations

import re
from collections.abc import Iterator

# What may rightly be masked: an address with its parts, a mailbox, user@host.
EXEMPT = re.compile(
    r"(?:[0-9]{1,3}\.){3}[0-9]{1,3}"
    r"|(?<![\w:])(?:[0-9A-Fa-f]{1,4}:){5,7}[0-9A-Fa-f]{1,4}(?![\w:])"
    r"|(?<![\w:])(?:[0-9A-Fa-f]{1,4}:){1,7}:(?:[0-9A-Fa-f]{1,4}:){0,7}(?:[0-9A-Fa-f]{1,4})?(?![\w:])"
    r"|[\w.+\-]{1,64}@[\w.\-]{1,255}"
)

_TOKEN = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ][0-9:.,]+(?:Z|[+\-][0-9]{2}:?[0-9]{2})?)?"  # dates and times
    r"|[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?(?:[.,][0-9]+)?"
    r"|[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"  # UUIDs
    r"|\b(?=[a-f0-9]*[0-9])(?=[a-f0-9]*[a-f])[a-f0-9]{7,128}\b"  # hashes and ids in hexadecimal
    r"|[\w$]+(?:[.\-:/_$][\w$]+)+"  # names with parts: pods, classes, paths, versions, identifiers
    r"|\b[A-Za-z]*[0-9][\w%]*\b"  # numbers, with units, and words with digits in them
    r"|\b[a-z]+[A-Z]\w*|\b[A-Z][a-z]+[A-Z]\w*"  # camelCase, CamelCase
    r"|\b[A-Z][A-Z0-9]*_[A-Z0-9_]+\b",  # CONSTANTS
    re.ASCII,
)


def is_exempt(line: str) -> bool:
    """Whether a line holds an IP address, an e-mail address or user@host."""
    return EXEMPT.search(line) is not None


def diagnostic_tokens(line: str) -> Iterator[tuple[int, int]]:
    """Where the tokens of a line lie, outside of what may rightly be masked."""
    blanked = EXEMPT.sub(lambda match: " " * len(match.group()), line)
    return (match.span() for match in _TOKEN.finditer(blanked))
