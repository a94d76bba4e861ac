"""Brazilian branch and account numbers, under their keys or behind their words: every bank counts in its own way."""

from __future__ import annotations

from ...definition import WORD_START, Anchored, Definition, Digits, Keyed, alphanumeric
from ...evidence.identifiers import evidence_words

_ACCOUNT_KEYS = frozenset(
    "conta numero_conta nr_conta num_conta numero_da_conta conta_corrente conta_poupanca conta_poupança conta_bancaria "
    "conta_bancária conta_destino conta_origem conta_pagamento conta_salario conta_number conta_numero conta_digito "
    "conta_favorecido conta_recebedor conta_pagador".split()
)
_BRANCH_KEYS = frozenset(
    "agencia agência numero_agencia nr_agencia num_agencia numero_da_agencia agencia_bancaria agencia_destino "
    "agencia_origem agencia_conta agencia_number agencia_numero".split()
)
_CLOUDS = frozenset({"aws", "gcp", "azure", "cloud"})
_NUMBER_SIGN = r"(?: (?:n[ºo°]?\.?|numero|número))?[ :#]{1,3}"
_ACCOUNT = (
    rf"{WORD_START}(?i:conta)(?: (?:corrente|poupan[cç]a|sal[aá]rio|banc[aá]ria|pagamento))?{_NUMBER_SIGN}"
    r"(?P<value>[0-9]{1,3}(?:\.?[0-9]{2,3}){1,4}-[0-9Xx])(?![0-9A-Za-z])"
)
# Without a check digit behind a hyphen it is any number, so the kind of account has to be said.
_KINDS = evidence_words(
    "conta_corrente conta_poupanca conta_poupança conta_bancaria conta_bancária conta_salario conta_salário"
)
_BRANCH = rf"(?<=[Aa])(?i:g[eê]ncia){_NUMBER_SIGN}(?P<value>[0-9]{{4}}(?:-[0-9Xx])?)(?![0-9A-Za-z])"

BR_BANK_ACCOUNT = Definition(
    "BR_BANK_ACCOUNT",
    (
        Keyed(_ACCOUNT_KEYS, bare=r"[0-9](?:[.\- ]?[0-9]){3,18}(?:-?[Xx])?(?![0-9A-Za-z])", unless=_CLOUDS, score=0.8),
        Keyed(_BRANCH_KEYS, bare=r"[0-9]{3,5}(?:-?[0-9Xx])?(?![0-9A-Za-z])", score=0.8),
        Anchored(("conta",), after=_ACCOUNT, score=0.75),
        Digits(r"(?<![0-9])0{5,12}(?:-0)?(?![0-9])", least=5, evidence=_KINDS),
        Anchored(("gencia", "gência"), after=_BRANCH, score=0.75),
    ),
    identity=alphanumeric,
    country="BR",
)
