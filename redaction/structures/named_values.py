"""A key and its value as two members of one thing: `{"name": "DB_PASSWORD", "value": "x"}`, and the like in others."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .key_names import KEY_NAMES
from .pairs_found import Pair

_Q = r"""\\{0,7}["']"""
_CAPITALISED = "Field|Column|Parameter|Attribute|Header|Property"
_NAMED = rf"(?:{'|'.join(KEY_NAMES)}|{_CAPITALISED}|metric|label|id|attributeName|paramName)"
_VALUED = r"(?:[a-z]{1,12})?[vV]al(?:ue)?(?:From|Text|String)?"
_TELLS = r"(?P<key>[^\W\d][\w.\-]{0,100}+(?: [\w.\-]{1,40}){0,3})"
# JSON and its relatives, and YAML where the value stands on the next line: first the value, then what is in front.
_VALUE = re.compile(
    rf"alue(?<=[vV]alue)(?:From|Text|String)?(?:{_Q})?[ \t]{{0,4}}[:=][ \t]{{0,4}}"
    r"(?:\{\s{0,40}" + rf"{_Q}\w{{1,30}}{_Q}" + r"\s{0,4}:\s{0,4})?(?=\S)"
)
_IN_FRONT = re.compile(
    rf"(?:{_Q}|(?<![\w.])){_NAMED}(?:{_Q})?[ \t]{{0,4}}[:=][ \t]{{0,4}}(?:{_Q})?{_TELLS}(?:{_Q})?"
    rf"[ \t]{{0,40}}[,;]?\s{{0,80}}"
    # A member of the same thing that says what kind of value follows, as in traces.
    rf"(?:(?:{_Q})?(?:[vV]alue|data)?[tT]ype(?:{_Q})?[ \t]{{0,4}}[:=][ \t]{{0,4}}(?:{_Q})?\w{{1,24}}(?:{_Q})?"
    r"[,;]?\s{0,80})?"
    rf"(?:{_Q})?[a-z]{{0,12}}[vV]\Z"
)
_FRONT = 240
_BACKWARDS = re.compile(
    rf"alue{_Q}[ \t]{{0,4}}:[ \t]{{0,4}}{_Q}(?P<value>[^\"'\\\n]{{1,1024}}+){_Q}\s{{0,40}},\s{{0,40}}"
    rf"{_Q}{_NAMED}{_Q}[ \t]{{0,4}}:[ \t]{{0,4}}{_Q}{_TELLS}{_Q}"
)
# <property name="password" value="x"/>, <entry key="password">x</entry>
_ATTRIBUTE = re.compile(
    rf"<(?<!\\<)[\w:.\-]{{1,64}}\s(?:[\w:.\-]{{1,40}}=[\"'][^<>\"']{{0,100}}[\"']\s){{0,4}}(?:{'|'.join(KEY_NAMES)}|id)"
    rf"\s?=\s?[\"']{_TELLS}[\"']"
    r"(?:\s[^<>\"']{0,40}\bvalue\s?=\s?(?=[\"'])|(?:\s[^<>/]{0,200})?>(?:\s{0,80}<(?:value|string)>)?(?=[^<\s]))"
)
# PHP: s:8:"password";s:7:"hunter2";
_SERIALISED = re.compile(r"\bs:[0-9]{1,3}:(?:\\{0,3}\")(?P<key>[^\"\\]{1,100})\\{0,3}\";[sid]:(?:[0-9]{1,6}:)?(?=\S)")
# Headers and attributes as pairs: ("authorization", "Basic …"), ['x-api-key', '…'].
_TUPLE = re.compile(
    rf"[(\[](?=[\"'b\\\s])\s{{0,8}}b?{_Q}(?P<key>[A-Za-z][\w.\-]{{1,60}}+){_Q}\s{{0,4}},\s{{0,8}}"
    rf"(?=b?{_Q}[^\"'\n]{{1,4096}}+{_Q}\s{{0,4}}[)\]])"
)


# The same, one a line and without brackets, as proxies print headers: 'x-api-key', '…'.
_LINE = re.compile(r"(?m)^[ \t]{0,8}'(?P<key>[a-z][\w.\-]{1,60}+)', ?(?='[^'\n]{1,4096}+'$)")


def named(text: str) -> Iterator[Pair]:
    """Values whose key is the value of a member beside them."""
    if "alue" in text:
        for match in _VALUE.finditer(text):
            front = _IN_FRONT.search(text[max(0, match.start() - _FRONT) : match.start()])
            if front is not None:
                yield Pair(front["key"], match.end())
            backwards = _BACKWARDS.match(text, match.start())
            if backwards is not None:
                yield Pair(backwards["key"], backwards.start("value"), False, backwards.end("value"))
    if "</" in text or "/>" in text:
        for match in _ATTRIBUTE.finditer(text):
            yield Pair(match["key"], match.end(), text[match.end() - 1] == ">")
    if ";" in text and '";' in text and "s:" in text:
        yield from (_pair(match) for match in _SERIALISED.finditer(text))
    if ("'" in text and "', " in text) or ('"' in text and '", ' in text):
        yield from (_pair(match) for match in _TUPLE.finditer(text))
        yield from (_pair(match) for match in _LINE.finditer(text))


def _pair(match: re.Match[str]) -> Pair:
    return Pair(match["key"], match.end())
