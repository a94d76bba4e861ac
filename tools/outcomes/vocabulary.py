"""What an outcome counts as, and what a response code says about who declined and why.

Codes of the ISO 8583 field 39 as card networks use them; a scheme's own codes are `other` and shown as they are.
"""

from __future__ import annotations

import re

from .types import CodeGroup, OutcomeClass

_OUTCOMES: tuple[tuple[OutcomeClass, frozenset[str]], ...] = (
    ("chargeback", frozenset("chargeback chargebacks dispute disputed".split())),
    (
        "blocked",
        frozenset("blocked block risk fraud rules rule screened".split()),
    ),
    (
        "error",
        frozenset("error errors failed failure fail timeout timedout unavailable exception".split()),
    ),
    ("declined", frozenset("declined decline refused rejected denied nsf".split())),
    (
        "approved",
        frozenset(
            "approved approve authorised authorized accepted captured success successful succeeded settled paid ok "
            "completed".split()
        ),
    ),
)

_CODES: tuple[tuple[CodeGroup, frozenset[str]], ...] = (
    (
        # The issuer's decision on this payment: account, limits, suspicion, a card that may not be used.
        "business",
        frozenset(
            "01 02 03 04 05 07 14 15 33 34 35 36 37 38 39 40 41 42 43 46 51 52 53 54 56 57 58 59 60 61 62 65 66 67 78 "
            "93".split()
        ),
    ),
    (
        # Somebody on the way could not answer: switch, issuer, link, format.
        "technical",
        frozenset("06 09 19 20 22 25 30 31 68 77 80 90 91 92 94 95 96 98".split()),
    ),
    ("authentication", frozenset("1A 55 63 70 75 81 82 86 88 N7 6P Q1".split())),
)

_REPORTS = frozenset("report reports reported".split())
"""`fraud_report` names the fraud of a payment that was approved, and is no refusal by our rules."""

_GROUP_OF_CLASS: dict[OutcomeClass, CodeGroup] = {"blocked": "rules", "error": "technical"}
_WORD = re.compile(r"[a-z]+")


def class_of(outcome: str) -> OutcomeClass:
    """What an outcome counts as; `other` (a refund, something pending) is no attempt and counts nowhere."""
    words = set(_WORD.findall(outcome.lower().replace("_", " ")))
    if words & {"not", "no", "non"}:
        return "declined" if words & dict(_OUTCOMES)["approved"] else "other"
    if words & _REPORTS:
        return "fraud_report"
    for name, vocabulary in _OUTCOMES:
        if words & vocabulary:
            return name
    return "other"


def group_of(outcome: OutcomeClass, code: str) -> CodeGroup:
    """Who is behind an outcome that is no approval: what was blocked never reached an issuer, whatever its code."""
    if outcome in _GROUP_OF_CLASS:
        return _GROUP_OF_CLASS[outcome]
    normal = code.strip().upper()
    if normal.isdecimal() and len(normal) == 1:
        normal = normal.zfill(2)
    for name, known in _CODES:
        if normal in known:
            return name
    return "other"
