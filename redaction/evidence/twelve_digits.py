"""What twelve digits are when they are nobody's: accounts of AWS, projects of Google Cloud, references of transfers.

AWS numbers accounts and Google projects with twelve digits; the reference of a UPI or IMPS transfer (RRN, UTR) has
twelve too (NPCI). One check digit takes one of ten of them for an identity, and engineers need them.
"""

from __future__ import annotations

from ..definition import Definition
from ..structures.key_names import key_words
from ..structures.key_values import key_behind
from .timestamps import is_timestamp
from .unnamed import refused_unless_named

_OTHERS = frozenset(
    "aws arn iam amazon gcp google azure cloud account accounts project projects owner principal billing "
    "subscription tenant registry repository bucket sender "
    "utr upi imps neft rtgs npci bankref custref ref rrn "
    "mem rss heap".split()
)


def unless_others(definition: Definition) -> Definition:
    """The definition of an identifier of twelve digits, without what reads as a time or stands under such a key."""
    return refused_unless_named(definition, _is_other)


def _is_other(text: str, start: int, end: int) -> bool:
    if is_timestamp(text[start:end]):
        return True
    key = key_behind(text, start)
    return key is not None and not _OTHERS.isdisjoint(key_words(key))
