"""Brazilian taxpayer numbers of persons (CPF): 11 digits, two of them check digits."""

from __future__ import annotations

from stdnum.br import cpf

from ...evidence.identifiers import identifier
from .american_keys import CHECKED_DOCUMENT_KEYS, TAX_KEYS

BR_CPF = identifier(
    "BR_CPF",
    country="BR",
    keys="cpf nr_cpf num_cpf numero_cpf numero_do_cpf cpf_number cpf_cliente cpf_titular",
    shared_keys=f"cpf_cnpj cpfcnpj cnpj_cpf chave_pix pix_key pix chave {CHECKED_DOCUMENT_KEYS} {TAX_KEYS}",
    bare=("0{11}", "0{9}-00"),
    length=(11, 11),
    written=(r"0{3}\.0{3}\.0{3}[\-/.]00",),
    valid=cpf.is_valid,
    one_in=100,
    zeros=11,
)
