"""Canonical JSON: one text for one value, so that it can be hashed and signed.

Source: RFC 8785 (JSON Canonicalization Scheme); numbers as ECMAScript writes them (ECMA-262, Number::toString).
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from typing import TypeAlias

JsonValue: TypeAlias = "bool | int | float | str | Sequence[JsonValue] | Mapping[str, JsonValue] | None"

_SAFE_INTEGER = 2**53
_quoted = json.encoder.encode_basestring  # what `json.dumps` writes for a text, without making an encoder each time


def canonical_json(value: JsonValue) -> bytes:
    """The canonical bytes of a JSON value, UTF-8.

    Raises:
        ValueError: NaN, an infinity, a lone surrogate, or an integer that a double cannot hold exactly.
        TypeError: a value or a key that JSON does not know.
    """
    parts: list[str] = []
    _write(value, parts)
    try:
        return "".join(parts).encode("utf-8")
    except UnicodeEncodeError as error:
        raise ValueError("a text holds a lone surrogate") from error


def digest(value: JsonValue) -> str:
    """SHA-256 of the canonical bytes, in hex. Not for values that are easy to guess: use a keyed hash there."""
    return hashlib.sha256(canonical_json(value)).hexdigest()


def _write(value: JsonValue, parts: list[str]) -> None:
    if isinstance(value, str):  # most values are, and the question after a Mapping is a dear one
        parts.append(_quoted(value))
    elif isinstance(value, dict):
        _write_object(value, parts)
    elif value is None:
        parts.append("null")
    elif isinstance(value, bool):
        parts.append("true" if value else "false")
    elif isinstance(value, int):
        parts.append(_integer(value))
    elif isinstance(value, float):
        parts.append(_number(value))
    elif isinstance(value, Mapping):
        _write_object(value, parts)
    elif isinstance(value, (list, tuple)):
        parts.append("[")
        for place, item in enumerate(value):
            if place:
                parts.append(",")
            _write(item, parts)
        parts.append("]")
    else:
        raise TypeError(f"{type(value).__name__} is no JSON value")


def _write_object(value: Mapping[str, JsonValue], parts: list[str]) -> None:
    for key in value:
        if not isinstance(key, str):
            raise TypeError(f"{type(key).__name__} is no JSON key")
    # RFC 8785 sorts by UTF-16 code units, which differs from code points beyond the basic plane.
    order = None if all(map(str.isascii, value)) else _utf_16
    before = "{"
    for key in sorted(value, key=order):
        parts.append(f"{before}{_quoted(key)}:")
        _write(value[key], parts)
        before = ","
    parts.append("}" if value else "{}")


def _utf_16(text: str) -> bytes:
    return text.encode("utf-16-be", "surrogatepass")


def _integer(value: int) -> str:
    """An integer; beyond 2**53 only one that is how its double prints, so that what was written can be read back."""
    text = str(value)
    if abs(value) > _SAFE_INTEGER and (len(text) > 22 or _number(float(value)) != text):
        raise ValueError("an integer beyond 2**53 has no exact double; write it as a text")
    return text


def _number(value: float) -> str:
    """A double as ECMAScript prints it; Python's repr gives the same shortest digits in another dress."""
    if not math.isfinite(value):
        raise ValueError("NaN and infinities are no JSON numbers")
    if value == 0:
        return "0"
    sign = "-" if value < 0 else ""
    mantissa, _, exponent_text = f"{abs(value)!r}".partition("e")
    whole, _, fraction = mantissa.partition(".")
    if fraction == "0":
        fraction = ""
    digits = (whole + fraction).lstrip("0")
    # `point` is the place of the decimal point counted from the first significant digit.
    point = len(whole) + int(exponent_text or 0) - (len(whole + fraction) - len(digits))
    digits = digits.rstrip("0") or "0"
    count = len(digits)
    if count <= point <= 21:
        return sign + digits + "0" * (point - count)
    if 0 < point <= 21:
        return sign + digits[:point] + "." + digits[point:]
    if -6 < point <= 0:
        return sign + "0." + "0" * -point + digits
    exponent = point - 1
    power = f"e{'+' if exponent > 0 else '-'}{abs(exponent)}"
    return sign + digits[0] + ("." + digits[1:] if count > 1 else "") + power
