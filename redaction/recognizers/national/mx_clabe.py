"""Mexican account numbers (CLABE): bank, place, account, and a check digit; 18 digits."""

from __future__ import annotations

from ...definition import Digits
from ...evidence.identifiers import evidence_words, identifier
from .also_alone import also_alone, with_rules
from .american_keys import ACCOUNT_KEYS
from .weighted_sum import weighted_sum

# Participants of SPEI with their codes (Banco de México, Catálogo de instituciones): banks below 200, brokers and
# others from 600, wallets and popular finance from 700, systems from 900.
_BANKS = frozenset(
    "002 006 009 012 014 019 021 030 032 036 037 042 044 058 059 060 062 072 102 103 106 108 110 112 113 116 124 126 "
    "127 128 129 130 131 132 133 134 135 136 137 138 139 140 141 143 145 147 148 150 151 152 154 155 156 157 158 160 "
    "166 167 168 170 600 601 602 605 606 607 608 610 613 614 615 616 617 618 619 620 621 622 623 626 627 628 629 630 "
    "631 632 633 634 636 637 638 640 642 646 647 648 649 651 652 653 655 656 659 661 670 677 679 680 683 684 685 686 "
    "689 699 703 706 710 714 715 720 722 723 725 728 729 730 732 734 738 902 903".split()
)


def _valid(number: str) -> bool:
    """Weights 3, 7, 1, each product modulo ten (Asociación de Bancos de México)."""
    return (10 - weighted_sum(number[:17], (3, 7, 1) * 6) % 10) % 10 == int(number[17])


def _of_a_bank(number: str) -> bool:
    return number[:3] in _BANKS and _valid(number)


def _leading_zero(number: str) -> bool:
    """Counters and time-ordered ids of 18 digits do not begin with a zero; the large banks do."""
    return number[0] == "0" and _of_a_bank(number)


_OWN = identifier(
    "MX_CLABE",
    country="MX",
    keys=(
        "clabe clabe_interbancaria cuenta_clabe clabe_cuenta nro_clabe num_clabe numero_clabe clabe_number "
        "clabe_destino clabe_origen clabe_beneficiario clabe_ordenante clave_bancaria_estandarizada"
    ),
    shared_keys=ACCOUNT_KEYS,
    bare=("0{18}", "0{3}[ -]0{3}[ -]0{11}[ -]0"),
    length=(18, 18),
    valid=_valid,
    words="spei interbancaria",
    zeros=18,
)
# Behind its own word a mistyped one is still somebody's; nothing else of 18 digits stands there.
_MISTYPED = Digits(r"(?<![0-9])[0-9]{18}(?![0-9])", least=18, score=0.75, evidence=evidence_words("clabe"))
# With no key at all one of eighty ids of a message or a post would pass: there it must begin with a zero.
MX_CLABE = also_alone(
    also_alone(with_rules(_OWN, _MISTYPED), "0{18}", valid=_of_a_bank, one_in=49),
    "0{18}",
    "0{3}[ -]0{3}[ -]0{11}[ -]0",
    valid=_leading_zero,
    one_in=500,
)
