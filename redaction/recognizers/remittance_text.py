"""What payers write to payees: free text that names people, rents, treatments and accounts."""

from __future__ import annotations

from ..definition import Anchored, Definition, Hit, Keyed
from ..payments.located import each, together
from ..payments.swift_mt import SUBFIELDS, read_remittance, read_statement_texts

_KEYS = frozenset(
    "ustrd addtl_rmt_inf remittance_information remittance_info remittance_text unstructured_remittance "
    "remittance_information_unstructured payment_message payer_message payer_note payee_note info_pagador "
    "solicitacao_pagador mensagem_pagador".split()
)


def _written(text: str, start: int, end: int) -> Hit | None:
    """A text in which somebody wrote something; a mere reference is the diagnosis."""
    value = text[start:end].strip()
    return (start, end, 0.7) if any(map(str.isalpha, value)) else None


REMITTANCE_TEXT = Definition(
    "REMITTANCE_TEXT",
    (
        Keyed(_KEYS, bare=r"[^\n\"'<>]{1,140}", whole=True, check=_written),
        *(
            Anchored((":70:",), after=r"(?:(?<![^\n])|(?<=\\n))(?=:70:)", check=check)
            for check in each(read_remittance, 1, 0.8)
        ),
        Anchored((":86:",), after=SUBFIELDS, several=together(read_statement_texts, 0.8)),
    ),
    name="remittance_text",
)
