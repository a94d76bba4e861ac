"""High-entropy values under keys that nobody listed, but that have a telling word in them: `xq_secret_v2_blob`."""

from __future__ import annotations

import re

from ..definition import Anchored, Definition, Hit
from ..secrets.random_values import bits_per_character, is_hex, is_identifier, is_mixed, is_random, is_uuid
from ..secrets.secret_values import RUN, SAMPLE, is_nothing, reach
from ..structures.key_names import key_words

# Words that make a key tell of a secret wherever they end one of its words, and others only as a word of their own.
_ANYWHERE = ("secret", "token", "password", "passwd", "credential", "apikey")
_AS_WORD = ("key", "auth")
# Behind the word: its name, its number, its kind, a property of it.
_PROPERTIES = frozenset(
    "id ids uid uuid name names count counts type types kind policy length len size min max ttl expiry expires expired "
    "expiration rotation version rev index idx hash digest sha sha1 sha256 sha512 md5 checksum sum fingerprint "
    "thumbprint etag path file dir url uri endpoint host ref reference arn arns store provider class usage used limit "
    "rate status state error code created updated at time timestamp algorithm alg issuer audience mount volume image "
    "schema table column topic metric label cookie header field prefix suffix format validator manager service".split()
)
# Before the word: a key or a token of another sort.
_OTHER_SORTS = frozenset(
    "public primary foreign partition cache sort row routing idempotency object range shard record message lookup map "
    "unique natural group next page continue continuation cursor prompt completion eos bos pad total max min websocket "
    "socket lock dedup translation feature event order customer index redis kafka s3 bucket cancellation sync".split()
)
_LEAST, _LEAST_OF_KEY = 12, 16
_BITS_SMALL = 3.3
_BEHIND = re.compile(r"[\w.\-]{0,48}")
_KEY_REACH, _VALUE_REACH = 48, 80
_VALUE_START = r"""\\{0,3}["'\]]?[ \t]{0,4}(?:=>|:=|[:=])[ \t]{0,4}+\\{0,3}+["'`]?+"""
_REST = rf"[A-Za-z0-9_.\-]{{0,40}}{_VALUE_START}(?P<value>{RUN}{{{_LEAST},{SAMPLE}}}+)"


def _key_around(text: str, word: str, value_at: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The words of the key up to the telling word, and those behind it."""
    begins = max(0, value_at - _VALUE_REACH)
    at = begins + text[begins:value_at].lower().rfind(word)
    front = _BEHIND.match(text[max(0, at - _KEY_REACH) : at][::-1])
    key = text[at - (front.end() if front else 0) : value_at]
    rest = re.split(r"[^\w.\-]", text[at + len(word) : value_at], maxsplit=1)[0]
    words = key_words(re.split(r"[^\w.\-]", key, maxsplit=1)[0])
    behind = key_words(rest)
    return words[: len(words) - len(behind)], behind


def _is_secret(value: str) -> bool:
    """Drawn at random from letters and digits, from hexadecimal digits, or from small letters and digits."""
    return not is_uuid(value) and (is_random(value) or is_hex(value) or _is_small(value))


def _is_small(value: str) -> bool:
    """Base 32 or base 36, undivided."""
    digits = sum(map(str.isdigit, value))
    return (
        len(value) >= 20
        and value.isalnum()
        and 3 <= digits <= len(value) - 3
        and bits_per_character(value) >= _BITS_SMALL
    )


def _telling(word: str, *, is_strong: bool) -> Anchored:
    def check(text: str, start: int, end: int) -> Hit | None:
        value = text[start:end]
        until, behind = _key_around(text, word, start)
        telling = bool(until) and (until[-1].endswith(word) if is_strong else until[-1] == word)
        if not telling or not _PROPERTIES.isdisjoint(behind) or not _OTHER_SORTS.isdisjoint(until):
            return None
        if is_strong:
            secret = _is_secret(value)
        else:
            secret = len(value) >= _LEAST_OF_KEY and is_mixed(value) and is_random(value) and not is_identifier(value)
        return (*reach(text, start, end), 0.8) if secret and not is_nothing(text, start, end) else None

    return Anchored((word,), after=rf"(?i:{word}){_REST}", check=check)


TELLING_KEY = Definition(
    "SECRET",
    (
        *(_telling(word, is_strong=True) for word in _ANYWHERE),
        *(_telling(word, is_strong=False) for word in _AS_WORD),
    ),
    restorable=False,
    name="telling_key",
)
