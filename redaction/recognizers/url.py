"""Addresses of pages and domains. Only profiles that ask for it take them out: they are the diagnosis."""

from __future__ import annotations

import re

from ..definition import Anchored, Definition, Hit, Pattern, starts_word

# Domains of names that people register; not what files and packages end with.
_ENDS = (
    "com|net|org|info|biz|io|co|app|dev|me|tv|ai|edu|gov|br|ar|cl|mx|pe|uy|ec|bo|py|cr|do|gt|sv|ve|in|id|ph|my|th|vn|bd|"
    "pk|lk|cn|jp|ng|ke|za|gh|eg|ma|tr|ci|sn|tz|ug|rw|zm|cm|es|pt|fr|de|it|uk|us|ca|au|eu|ru|ua|pl|se|dk|be|nl|at|ch|cz"
)
_BEHIND = re.compile(r"[A-Za-z0-9\-.]{1,120}")
_TRAILING = ".,;:!?)]}>'\""


def _trimmed(text: str, start: int, end: int) -> Hit | None:
    while end > start and text[end - 1] in _TRAILING:
        end -= 1
    return (start, end, 0.6) if starts_word(text, start) else None


def _domain(text: str, start: int, end: int) -> Hit | None:
    if not starts_word(text, start) or (start and text[start - 1] in "@._-/"):
        return None
    return None if text[end : end + 1] in ("@", "(", "_") or text[end : end + 1].isalnum() else (start, end, 0.5)


def _whole_domain(text: str, start: int, end: int) -> Hit | None:
    """The domain that ends here, read backwards."""
    behind = _BEHIND.match(text[max(0, start - 120) : start][::-1])
    if behind is None:
        return None
    first = start - behind.end()
    while first < start and text[first] in ".-":
        first += 1
    return _domain(text, first, end) if first < start else None


URL = Definition(
    "URL",
    (
        Anchored(("http://", "https://", "ftp://", "www."), after=r"[^\s\"'<>\x1a]{5,2048}+", check=_trimmed),
        Pattern(rf"\.(?:{_ENDS})(?![A-Za-z0-9\-_])", check=_whole_domain),
    ),
)
