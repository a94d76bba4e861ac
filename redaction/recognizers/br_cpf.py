"""Brazilian taxpayer numbers of persons (CPF): 11 digits, two of them check digits."""

from __future__ import annotations

import re

from stdnum.br import cpf

from ..definition import Definition, Digits, Hit, Keyed, alphanumeric

_KEYS = frozenset(
    "cpf cpf_cnpj cpfcnpj cnpj_cpf nr_cpf num_cpf numero_cpf cpf_number documento documento_cliente "
    "tax_id taxpayer_id".split()
)
_CONTEXT = re.compile(r"(?<![A-Za-z])cpf(?![A-Za-z])", re.IGNORECASE)
_CONTEXT_REACH = 40


def _valid(text: str, start: int, end: int) -> Hit | None:
    # A number in JSON has lost the zeros in front.
    digits = alphanumeric(text[start:end]).zfill(11)
    # The same digit eleven times passes the sum and is nobody's.
    return (start, end, 1.0) if len(set(digits)) > 1 and cpf.is_valid(digits) else None


def _in_context(text: str, start: int, end: int) -> Hit | None:
    """One of a hundred bare numbers passes the check digits, so the word has to stand before it."""
    return _valid(text, start, end) if _CONTEXT.search(text, max(0, start - _CONTEXT_REACH), start) else None


BR_CPF = Definition(
    "BR_CPF",
    (
        Digits(r"(?<![0-9])[0-9]{3}\.[0-9]{3}\.[0-9]{3}[\-/.][0-9]{2}(?![0-9])", least=14, check=_valid),
        Digits(r"(?<![0-9])[0-9]{9}-?[0-9]{2}(?![0-9])", least=11, check=_in_context),
        Keyed(
            _KEYS,
            bare=r"(?:[0-9]{3}[ .\-]?[0-9]{3}[ .\-]?[0-9]{3}[ .\-/]?[0-9]{2}|[0-9]{9,10})(?![0-9])",
            check=_valid,
        ),
        # Under its own name a mistyped one is still somebody's.
        Keyed(frozenset({"cpf"}), bare=r"(?:[0-9]{3}\.[0-9]{3}\.[0-9]{3}-|[0-9]{7,9})[0-9]{2}(?![0-9])", score=0.75),
    ),
    identity=alphanumeric,
)
