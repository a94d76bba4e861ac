"""Merchant-presented QR codes: Pix, QRIS, PromptPay, VietQR, DuitNow, QR Ph, Bharat QR and others of EMVCo's format.

A code is a row of two-digit tags, two-digit lengths and values, closed by a CRC. Accounts, proxy keys and what tells
about the payer are personal; category, currency, amount, country, transaction id, terminal and store are the diagnosis.
The merchant's name goes when the merchant may be a person: no category, or an account that is a person's.

Source: EMVCo "QR Code Specification for Payment Systems, Merchant-Presented Mode" 1.1; BCB "Manual de Padrões para
Iniciação do Pix"; the national profiles for their templates.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from ..views.normalise import OPAQUE
from .located import Field

_ACCOUNTS = range(2, 52)
_ACCOUNT_TAGS = frozenset(f"{tag:02d}" for tag in _ACCOUNTS)
_HEAD = re.compile(r"([0-9]{2})([0-9]{2})")
_MERCHANT_NAME, _POSTAL_CODE, _ADDITIONAL = 59, 61, 62
_LANGUAGE_TEMPLATE = 64
# In the additional data: the payer's mobile number, loyalty number and customer label, and the payer's data asked for.
_PAYERS = frozenset({"02", "04", "06", "09"})
_MOST, _FAR = 1024, 256
_PERSON_CATEGORY = frozenset({"0000", ""})
_PLAIN_CODE = re.compile(r"[A-Z]{1,12}\Z|[0-9]{1,6}\Z")
# A scheme names itself by a reversed domain or by the identifier of an application (ISO/IEC 7816-5).
_SCHEME = re.compile(r"[A-Za-z]{2,12}(?:[.\-][A-Za-z0-9\-]{2,20}){1,4}\Z|[AaDd][0-9A-Fa-f]{9,31}\Z|[0-9a-f]{32}\Z")
_LINK = re.compile(r"[\w.\-]{1,60}\.[a-z]{2,10}/")


class Element(NamedTuple):
    """One tag with the place of its value; `end` is past the text when the code was cut off."""

    tag: str
    start: int
    end: int


def elements(text: str, start: int, end: int) -> list[Element]:
    """Tags and values from a place on, up to what is no element any more; the last may have been cut off.

    No tag stands twice on one level, which also keeps digits without end from being read as a code.
    """
    found: list[Element] = []
    seen: set[str] = set()
    place = start
    while (head := _HEAD.match(text, place, end)) is not None:
        tag = head[1]
        if tag in seen:
            break
        seen.add(tag)
        place += 4
        found.append(Element(tag, place, min(place + int(head[2]), end)))
        place += int(head[2])
        if tag == "63":
            break
    return found


def _first_value(text: str, start: int, end: int) -> str | None:
    """The value of the first of `elements`."""
    head = _HEAD.match(text, start, end)
    return None if head is None else text[start + 4 : min(start + 4 + int(head[2]), end)]


def _is_code(text: str, found: list[Element]) -> bool:
    """Whether it has what every code has: an account, and a category or a currency."""
    # Where a placeholder stands already, lengths tell nothing any more: the code was read before.
    if not found or OPAQUE in text[found[0].start : found[-1].end]:
        return False
    if any(element.start == element.end for element in found[:-1]):
        return False
    accounts = [element for element in found if element.tag in _ACCOUNT_TAGS]
    if len(found) >= 4 and accounts and any(element.tag in ("52", "53") for element in found):
        return True
    # Cut off, but its scheme tells.
    inner = (_first_value(text, element.start, element.end) for element in accounts)
    return any(value is not None and _SCHEME.match(value) for value in inner)


def crc_fits(text: str, start: int) -> bool:
    """Whether the code that begins at a place ends in its CRC-16 (polynomial 0x1021, first value 0xFFFF)."""
    found = elements(text, start, min(len(text), start + _MOST))
    if not found or found[-1].tag != "63":
        return False
    check = 0xFFFF
    for byte in text[start : found[-1].start].encode("utf-8"):
        check ^= byte << 8
        for _ in range(8):
            check = (check << 1 ^ 0x1021 if check & 0x8000 else check << 1) & 0xFFFF
    return text[found[-1].start : found[-1].end].upper() == f"{check:04X}"


def read_accounts(text: str, start: int, end: int) -> list[Field]:
    """Accounts, proxy keys and the payer's data of the code at a place; none if there is no code."""
    found = elements(text, start, min(len(text), start + _MOST))
    if not _is_code(text, found):
        return []
    fields: list[Field] = []
    for element in found:
        tag = int(element.tag)
        if 26 <= tag <= 51:
            fields += _account(text, element)
        elif tag in _ACCOUNTS:
            fields.append(Field(element.tag, element.start, element.end))
        elif tag == _ADDITIONAL:
            fields += [
                Field(inner.tag, inner.start, inner.end)
                for inner in elements(text, element.start, element.end)
                if inner.tag in _PAYERS and inner.start < inner.end and text[inner.start : inner.end] != "***"
            ]
    return fields


def read_names(text: str, start: int, end: int) -> list[Field]:
    """Name and postal code of a merchant who may be a person."""
    found = elements(text, start, min(len(text), start + _MOST))
    if not _is_code(text, found):
        return []
    category = next((text[e.start : e.end] for e in found if e.tag == "52"), "")
    if category not in _PERSON_CATEGORY and not _is_persons(text, found):
        return []
    fields: list[Field] = []
    for element in found:
        if int(element.tag) in (_MERCHANT_NAME, _POSTAL_CODE):
            fields.append(Field(element.tag, element.start, element.end))
        elif int(element.tag) == _LANGUAGE_TEMPLATE:
            fields += [
                Field(inner.tag, inner.start, inner.end)
                for inner in elements(text, element.start, element.end)
                if inner.tag == "01"
            ]
    return [field for field in fields if field.start < field.end]


def _account(text: str, template: Element) -> list[Field]:
    """What identifies an account inside a template; its scheme's name, service codes, banks and links stay."""
    inner = elements(text, template.start, template.end)
    if not inner or inner[0].tag != "00":
        return [Field(template.tag, template.start, template.end)]
    fields: list[Field] = []
    for element in inner[1:]:
        value = text[element.start : element.end]
        if _LINK.match(value) or _PLAIN_CODE.match(value):
            continue
        nested = elements(text, element.start, element.end)
        if len(nested) > 1 and nested[-1].end == element.end and nested[0].tag == "00":
            # VietQR: the bank, then the account.
            fields += [Field(each.tag, each.start, each.end) for each in nested[1:] if each.start < each.end]
        elif element.start < element.end:
            fields.append(Field(element.tag, element.start, element.end))
    return fields


def _is_persons(text: str, found: list[Element]) -> bool:
    """Whether the proxy key is an e-mail address, a phone number or a person's number."""
    for element in found:
        if not 26 <= int(element.tag) <= 51:
            continue
        for field in _account(text, element):
            value = text[field.start : field.end]
            if "@" in value or value.startswith(("+", "00")) or re.match(r"[0-9]{11}\Z", value):
                return True
    return False


def holds(text: str, at: int) -> bool:
    """Whether a place lies in an account or key of a code, where digits of other fields touch the value."""
    begin = text.rfind("000201", max(0, at - _FAR), at)
    return begin >= 0 and any(field.start <= at < field.end for field in read_accounts(text, begin, begin + 6))
