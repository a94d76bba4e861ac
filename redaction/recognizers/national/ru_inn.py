"""Russian taxpayer numbers (ИНН): 12 digits for people, two of them check digits; 10 for companies, one of them."""

from __future__ import annotations

from stdnum.ru import inn

from ...evidence.identifiers import identifier
from .also_alone import also_alone

RU_INN = also_alone(
    identifier(
        "RU_INN",
        country="RU",
        keys="инн inn_number inn_no ru_inn номер_инн идентификационный_номер_налогоплательщика",
        shared_keys="inn tax_id taxpayer_id",
        bare=("0{12}", "0{10}"),
        length=(10, 12),
        valid=inn.is_valid,
        one_in=9,
    ),
    "0{12}",
    valid=inn.is_valid,
    one_in=120,
)
