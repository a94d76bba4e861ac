"""Names that stand for an Argentine account (alias of a CBU or CVU): 6 to 20 letters, digits, dots and hyphens."""

from __future__ import annotations

from ...definition import WORD_START, Anchored, Definition, Keyed

_ALIAS = r"[0-9A-Za-z](?:[0-9A-Za-z.\-]{4,18})[0-9A-Za-z](?![0-9A-Za-z.\-]?[0-9A-Za-z])"
# What banks give out: three words. Small letters under a mere `alias` are as likely a package or a host.
_THREE_WORDS = r"[A-ZÑ]{3,10}\.[A-ZÑ]{3,10}\.[A-ZÑ]{3,10}(?![0-9A-Za-z.])"
_SPOKEN = (
    rf"{WORD_START}(?i:alias)(?: (?i:cbu|cvu|de la cuenta|bancario))?(?: (?i:is|es|no))?[ :\"'=]{{1,3}}"
    rf"(?P<value>{_THREE_WORDS})"
)
# The kind said first, the alias a few words or one field further.
_SAID = (
    rf"{WORD_START}(?i:alias)[ _\-](?i:cbu|cvu|bancario)(?![A-Za-z])"
    rf"[^\n]{{0,40}}?[^0-9A-Za-z.\n](?P<value>{_THREE_WORDS})"
)
_OWN = frozenset(
    "alias_cbu alias_cvu cbu_alias cvu_alias alias_bancario alias_cuenta alias_de_cuenta alias_destino alias_origen "
    "alias_transferencia".split()
)

AR_CBU_ALIAS = Definition(
    "AR_CBU_ALIAS",
    (
        Keyed(_OWN, bare=_ALIAS, score=0.85),
        Keyed(frozenset({"alias"}), bare=_THREE_WORDS, score=0.7),
        Anchored(("alias",), after=_SPOKEN, score=0.7),
        Anchored(("alias",), after=_SAID, score=0.7),
    ),
    country="AR",
)
