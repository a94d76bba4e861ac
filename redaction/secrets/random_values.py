"""Telling what was drawn at random from what people and programs call things."""

from __future__ import annotations

import base64
import binascii
import math
import re
from collections import Counter
from itertools import pairwise

_CHANGES_OFTEN = 0.4
_BITS = 3.0
# Digits, small letters and capitals, and no space.
_MIXED = re.compile(r"(?=[^0-9 ]*[0-9])(?=[^a-z ]*[a-z])(?=[^A-Z ]*[A-Z])[^ ]*\Z")
_LONG_STRETCH = re.compile(r"[A-Za-z0-9]{16,}+")
_HEX = re.compile(r"[0-9a-f]{32,256}\Z|[0-9A-F]{32,256}\Z")
_IDENTIFIER = re.compile(
    r"[\w.\-]{1,64}(?::[\w.\-]{1,64}){1,8}\Z"
    # A column of a query plan, an object that is printed.
    r"|[A-Za-z_]\w{0,60}#[0-9]{1,9}L?\Z|[A-Z][A-Za-z]{2,40}[({][A-Za-z_]"
    r"|(?:ord|order|cus|cust|customer|usr|user|ch|py|pi|pm|pay|payment|tx|txn|trx|tr|evt|event|inv|sub|acct|account|prod|price"
    r"|req|run|job|mrc|merchant|mer|ter|term|card|ref|refund|disp|dp|po|batch|file|msg|doc|item|model|feat)[_\-][A-Za-z0-9]{4,40}\Z"
)
_LETTERS = re.compile(r"(?=([A-Za-z]{2}))")
_LEAST_PAIRS = 5
_WORDS = 0.65
# The most frequent pairs of letters in English, Spanish and Portuguese words and in what programmers shorten them to.
_COMMON_PAIRS = frozenset(
    "th he in er an re nd at on nt ha es st en ed to it ou ea hi is or ti as te et ng of al de se le sa si ar ve "
    "ra ld ur ro ri io ic ne me li co ce ll be ma la el ta ns na di ch om no ec ca us ot tr pe ac ge pr id ad ss "
    "so ai il ol em am ct un lo ke ey ay im ty ut up po pa mp do da ul os ab ag ap av ee ei ep ew fi fo ie if ig "
    "iv ir iz mi mo ob od og op ow pl pt qu rt rs sc sh sp su tu um vi wo ys ck bl cl cr cu ds ex ff gi go ho ki "
    "ku ls ms my ok oo rd rn ru sk tt ub ud ue ug va wa we wi xt ya".split()
)
_HAS_KINDS = re.compile(r"(?=[^\s]*[0-9]|[^\s]*[a-z][^\s]*[A-Z]|[^\s]*[A-Z][^\s]*[a-z])[^\s]*\Z")
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\Z", re.IGNORECASE)


def is_mixed(value: str) -> bool:
    """Whether digits, small letters and capitals stand in it, and no space."""
    return _MIXED.match(value) is not None


def is_hex(value: str) -> bool:
    """Whether it is 32 or more hexadecimal digits in one case, and not few of them over and over."""
    return _HEX.match(value) is not None and bits_per_character(value) >= _BITS


def is_uuid(value: str) -> bool:
    """Whether it has the form of a UUID."""
    return _UUID.match(value) is not None


def is_identifier(value: str) -> bool:
    """Whether it is a key of a store or the id of a business object: `user:9f3kQ2:cart`, `ord_9fQ2xLm8RtY4vBz1`."""
    return _IDENTIFIER.match(value) is not None


def is_words(value: str) -> bool:
    """Whether it is made of words, as names of classes, files and objects are: `JwtTokenValidatorV2Impl`.

    Four in five neighbouring letters of words are among the pairs listed here, and one in four of random letters.
    """
    pairs = [pair.group(1).lower() for pair in _LETTERS.finditer(value)]
    return len(pairs) >= _LEAST_PAIRS and sum(pair in _COMMON_PAIRS for pair in pairs) >= _WORDS * len(pairs)


def is_text(value: str) -> bool:
    """Whether it is base64 of readable ASCII."""
    try:
        decoded = base64.b64decode(value + "=" * (-len(value) % 4), altchars=b"-_" if set(value) & set("-_") else None)
    except binascii.Error:
        return False
    return decoded.isascii() and decoded.decode("ascii").isprintable()


def is_random(value: str) -> bool:
    """Whether it looks drawn at random: digits or both kinds of letters, no words, many different characters."""
    return _HAS_KINDS.match(value) is not None and bits_per_character(value) >= _BITS and not is_words(value)


def is_drawn(value: str) -> bool:
    """Whether a token may look so: all kinds of letters, or a long stretch without a sign that has digits in it.

    Names with dashes have short stretches of one kind: `learn-inference-7d9f8b6c5d-x2x9z`.
    """
    return is_mixed(value) or any(
        any(map(str.isdigit, part.group())) and any(map(str.isalpha, part.group()))
        for part in _LONG_STRETCH.finditer(value)
    )


def is_restless(value: str) -> bool:
    """Whether its kind of letter changes as often as in something drawn at random from letters and digits.

    Names in CamelCase and paths change seldom.
    """
    return is_mixed(value) and restlessness(value) >= _CHANGES_OFTEN and bits_per_character(value) >= _BITS


def bits_per_character(value: str) -> float:
    """Shannon entropy of the characters of one value."""
    return -sum(n / len(value) * math.log2(n / len(value)) for n in Counter(value).values())


def restlessness(value: str) -> float:
    """How often neighbours differ in kind (digit, capital, small letter): about 0.6 for base 62 drawn at random."""
    kinds = ["0" if one.isdigit() else "A" if one.isupper() else "a" for one in value]
    return sum(one != other for one, other in pairwise(kinds)) / len(kinds)
