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


SUBFIELDS = r"(?:(?<![^\n])|(?<=\\n))(?=:86:)"
"""Where the field for the account owner of a statement begins (MT940, MT942)."""
# German banks part it by `?20`, Dutch ones by `/NAME/` (DFÜ-Abkommen, annex 3; SWIFT for Corporates, MT940 structured).
_QUESTION = re.compile(r"\?([0-9]{2})([^?]{1,140})")
_STROKE = re.compile(r"/(IBAN|NAME|REMI|CNTP)/([^\n]{1,140}?)(?=/[A-Z]{3,5}/|\Z)")
_ACCOUNTS, _NAMES = frozenset({"31", "IBAN"}), frozenset({"32", "33", "NAME"})
_WRITTEN = frozenset({*(str(code) for code in (*range(20, 30), *range(60, 64))), "REMI"})
_REFERENCE = re.compile(r"(?:EREF|KREF|MREF|CRED|DEBT)\+")


def read_statement_accounts(text: str, start: int, end: int) -> list[Field]:
    """Accounts of the other side in a structured field `:86:`."""
    return _subfields(text, start, _ACCOUNTS)


def read_statement_names(text: str, start: int, end: int) -> list[Field]:
    """Names of the other side in a structured field `:86:`."""
    return _subfields(text, start, _NAMES)


def read_statement_texts(text: str, start: int, end: int) -> list[Field]:
    """What the payer wrote in a structured field `:86:`; references of banks stay."""
    return [
        field
        for field in _subfields(text, start, _WRITTEN)
        if not _REFERENCE.match(text, field.start) and any(map(str.isalpha, text[field.start : field.end]))
    ]


def _subfields(text: str, start: int, wanted: frozenset[str]) -> list[Field]:
    rest = _REST.match(text, start + len(":86:"))
    if rest is None:
        return []
    found = []
    for pattern in (_QUESTION, _STROKE):
        for match in pattern.finditer(text, rest.start(), rest.end()):
            value = match[2].rstrip()
            if match[1] in wanted and value and "\x1a" not in value:
                found.append(Field(match[1], match.start(2), match.start(2) + len(value)))
    return found


def _field(text: str, at: int) -> tuple[str, int, int]:
    tag = _TAG.match(text, at)
    if tag is None:
        return "", at, at
    rest = _REST.match(text, tag.end())
    return tag[1], tag.end(), rest.end() if rest else tag.end()
