"""SWIFT MT messages: fields `:50K:` to `:72:` that hold people, their accounts and what they wrote.

Source: SWIFT User Handbook, Category 1: 50a ordering customer, 59a beneficiary, 70 remittance information. An account
stands in the first line behind a slash; option A has the BIC of a bank behind it, options F, K and none name and
address.
"""

from __future__ import annotations

import re

from .located import Field

_TAG = re.compile(r":(50[AFKH]|59[AF]?|70|77[BT]|72):")
BREAK = r"(?:\r?\n|(?:\\r)?\\n|\\r)"
PARTY = r"(?:(?<![^\n])|(?<=\\n))(?=:(?:50[AFKH]|59[AF]?):)"
"""Where such a field begins: at the start of a line. `10:59:12` is a time."""
_REST = re.compile(rf"(?:(?!{BREAK}(?::[0-9]{{2}}[A-Z]?:|-\}}|-\Z)|-\}}|[\"'<>]).){{0,700}}", re.DOTALL)
_ACCOUNT = re.compile(rf"[ ]?(/{{1,2}}(?:[A-Z]/)?)(?P<account>[0-9A-Za-z /.\-]{{1,34}}?)(?={BREAK}|\Z|[\"'<])")


def read_accounts(text: str, start: int, end: int) -> list[Field]:
    """The account in the party field at a place."""
    tag, value_at, _ = _field(text, start)
    if not tag.startswith(("50", "59")):
        return []
    account = _ACCOUNT.match(text, value_at)
    return [Field(tag, *account.span("account"))] if account else []


def read_people(text: str, start: int, end: int) -> list[Field]:
    """Name and address in the party field at a place."""
    tag, value_at, value_end = _field(text, start)
    if tag not in {"50F", "50K", "50H", "59", "59F"}:
        return []
    account = _ACCOUNT.match(text, value_at)
    first = account.end() if account else value_at
    while first < value_end and (text[first].isspace() or text[first : first + 2] in ("\\n", "\\r")):
        first += 1 if text[first].isspace() else 2
    return [Field(tag, first, value_end)] if first < value_end else []


def read_remittance(text: str, start: int, end: int) -> list[Field]:
    """What the payer wrote for the beneficiary, in the field at a place."""
    tag, value_at, value_end = _field(text, start)
    return [Field(tag, value_at, value_end)] if tag in {"70", "77B", "77T"} and value_at < value_end else []


def _field(text: str, at: int) -> tuple[str, int, int]:
    tag = _TAG.match(text, at)
    if tag is None:
        return "", at, at
    rest = _REST.match(text, tag.end())
    return tag[1], tag.end(), rest.end() if rest else tag.end()
