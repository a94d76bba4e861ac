"""Numbers with dots that are versions, sections or object identifiers and only look like addresses."""

from __future__ import annotations

import re

from ..structures.key_names import ends_with, key_words
from ..structures.key_values import key_behind

_KEYS = frozenset(
    "version versions ver v release build revision rev tag semver oid firmware fw sdk kernel driver_version image "
    "chart hotfix versao versão versión sürüm surum versi".split()
)
_ADDRESS_WORDS = frozenset("ip ips addr address host hosts peer client src source dst dest server node remote".split())
# Read backwards: `version 1.2.3.4`, `v1.2.3.4`, `section 1.2.3.4`.
_WORD_BEHIND = re.compile(
    r"(?:[\s:/\-_=(]{0,3}(?:snoisrev|noisrev|rev|noisivré?r|esaeler|dliub|dio|erawmrif|revird|kds|kdj|xiftoh|hctap"
    r"|noitces|tces|retpahc|esualc|hpargarap|erugif|gif|xidneppa|elcitra|xenna|oãsrev|noisrév|smetsys)|v)(?![A-Za-z])"
    r"|[ \t]{0,2}§",
    re.IGNORECASE,
)
_BETWEEN, _WORD_ENDS = " \t\n\r\x0b\x0c:/-_=(", frozenset("snredkxhtgovSNREDKXHTGOV§")
# `Chrome/120.0.0.0`, read backwards: products of user agents.
_PRODUCT_BEHIND = re.compile(
    r"/(?:emorhc|muimorhc|emorhcsseldaeh|gde|gdeeda|rpo|arepo|xoferif|soirc|soixf|irafas|tikbewelppa|resworbay"
    r"|resworbgnusmas|nortcele|ptthko|lruc|stseuqer-nohtyp|tneilc-ptth-og|kivlad|diordna|xnign|ehcapa|tacmot|avaj"
    r"|edon|revres)(?![A-Za-z])",
    re.IGNORECASE,
)
# `registry.local/team/app:1.2.3.4` and `numpy>=1.2.3.4`, read backwards.
_IMAGE_BEHIND = re.compile(r":[A-Za-z][\w.\-]{0,63}/[\w.\-]{1,64}(?:/|(?![\w.\-]))|:[A-Za-z][\w.\-]{0,63}/[a-z]")
# A `>` that ends a tag is none.
_AT_LEAST_BEHIND = re.compile(r"[ ]?(?:=[<>~]|[<^~]|>(?![\w:.\-\"'= /]{0,80}<))")
_EQUAL_BEHIND = re.compile(r"==([\w\-]{1,64})")
# `upgraded payments from 1.2.3.4 to 1.2.3.5`; private networks begin otherwise.
_MOVE_BEFORE = re.compile(r"(?:upgrad|downgrad|bump)[a-z]{0,4} [^\n]{0,64}(?:from|to) \Z", re.IGNORECASE)
_PRIVATE_STARTS = ("10.", "172.", "192.168.", "100.", "169.254.")
_AFTER = re.compile(
    r"[\-.](?:jar|war|whl|tar|tgz|zip|rpm|deb|exe|msi|so|dll|apk|ipa|gz|SNAPSHOT|RELEASE|Final|GA|alpine|slim|rc|beta"
    r"|alpha|el[0-9]|fc[0-9]|ubuntu|debian|amd64|arm64|x86_64|linux|jre|jdk)",
)
_REACH = 96
_LEAST_OF_ADDRESSES = 10


def is_version(text: str, start: int, end: int) -> bool:
    """Whether the four numbers in [start, end) are rather a version, a section or an object identifier."""
    if text[end : end + 1] in ("-", ".") and _AFTER.match(text, end):
        return True
    key = key_behind(text, start)
    if key is not None and ends_with(key, _KEYS):
        # `v` names a version or any value; few versions begin with as much as addresses do.
        return key not in ("v", "V") or int(text[start : text.index(".", start)]) < _LEAST_OF_ADDRESSES
    behind = text[max(0, start - _REACH) : start][::-1]
    return _says_version(text, start, behind) or _is_object_identifier(text, start, end)


def _says_version(text: str, start: int, behind: str) -> bool:
    """Whether what stands in front, here read backwards, makes the numbers a version."""
    sign = behind[:1]
    if (behind.lstrip(_BETWEEN)[:1] in _WORD_ENDS and _WORD_BEHIND.match(behind)) or (
        sign == "/" and _PRODUCT_BEHIND.match(behind)
    ):
        return True
    if sign in "=<>~^ " and _AT_LEAST_BEHIND.match(behind):
        return True
    moves = ("darg" in behind or "pmub" in behind) and _MOVE_BEFORE.search(text, max(0, start - _REACH), start)
    if moves or (sign == ":" and _IMAGE_BEHIND.match(behind)):
        return not text.startswith(_PRIVATE_STARTS, start)
    equal = _EQUAL_BEHIND.match(behind) if sign == "=" else None
    return equal is not None and _ADDRESS_WORDS.isdisjoint(key_words(equal[1][::-1]))


def _is_object_identifier(text: str, start: int, end: int) -> bool:
    """iso.org.dod.internet, and attributes of certificates (`2.5.4.5=#13…`; X.520)."""
    found = text[start:end]
    return found == "1.3.6.1" or (found.startswith(("2.5.4.", "2.5.29.")) and text[end : end + 1] in {"=", ","})
