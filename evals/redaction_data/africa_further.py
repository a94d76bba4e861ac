"""More identifiers of Africa; the check digits of most are not published."""

# ruff: noqa: E501 - the table at the end reads better with one identifier a line
from __future__ import annotations

from .draw import UPPER, Draw
from .generator import Generator, digits, identifier, punctuated

_BANKS = ("044", "058", "033", "011", "057")


def _bi(draw: Draw) -> str:
    return f"{draw.digits(9, '0')}{draw.pick(('LA', 'BE', 'HA', 'UE'))}{draw.digits(3, '0')}"


def _nuban(draw: Draw) -> str:
    """Central Bank of Nigeria: weights 3, 7, 3 over the bank's code and the serial, modulo 10."""
    serial = draw.digits(9, "0123")
    total = sum(int(digit) * (3, 7, 3)[place % 3] for place, digit in enumerate(draw.pick(_BANKS) + serial))
    return f"{serial}{-total % 10}"


AFRICA_FURTHER: tuple[Generator, ...] = (
    *identifier("AO_BI", "ids_with_context", _bi, "numero_bi bilhete_de_identidade", "bilhete_de_identidade BI"),
    *identifier("AO_NIF", "ids_with_context", digits(10, "5"), "nif_angola ao_nif", "NIF"),
    *identifier("CM_NIU", "ids_with_context", lambda draw: f"{draw.pick('MP')}{draw.digits(12, '0')}{draw.pick(UPPER)}", "niu numero_niu", "NIU"),
    *identifier("DZ_NIF", "ids_with_context", digits(15, "0"), "nif_dz numero_identification_fiscale", "NIF"),
    *identifier("DZ_NIN", "ids_with_context", digits(18, "1"), "nin_dz numero_identification_national", "NIN"),
    *identifier("EG_TAX_NUMBER", "ids_with_context", digits(9), "tax_registration_number eg_tax_number", "tax_registration_number", punctuated("###-###-###")),
    *identifier("ET_FAYDA", "ids_with_context", digits(12), "fayda fayda_number", "Fayda"),
    *identifier("ET_TIN", "ids_with_context", digits(10, "0"), "et_tin ethiopia_tin", "TIN"),
    *identifier("GH_SSNIT", "ids_with_context", lambda draw: draw.pick("CEF") + draw.digits(12), "ssnit ssnit_number", "SSNIT"),
    *identifier("NG_NUBAN", "ids_with_context", _nuban, "nuban account_number", "NUBAN"),
    *identifier("NG_TIN", "ids_with_context", lambda draw: f"{draw.digits(8)}-0001", "jtb_tin firs_tin", "TIN"),
    *identifier("TZ_TIN", "ids_with_context", digits(9, "1"), "tra_tin tz_tin", "TIN", punctuated("###-###-###")),
    *identifier("UG_TIN", "ids_with_context", lambda draw: "10" + draw.digits(8), "ura_tin ug_tin", "TIN"),
    *identifier("ZA_PASSPORT", "ids_with_context", lambda draw: draw.pick("AMT") + draw.digits(8), "sa_passport passport_number", "passport_number"),
    *identifier("ZM_TPIN", "ids_with_context", lambda draw: "10" + draw.digits(8), "tpin tpin_number", "TPIN"),
)  # fmt: skip
