"""Invented values: valid by somebody else's rules, the same for the same seed, and one generator for every type."""

from __future__ import annotations

import importlib

import pytest

from opswarden.evals.redaction_data.catalogue import GENERATORS, NOT_PLANTED, without_generator, without_recognizer
from opswarden.evals.redaction_data.draw import Draw
from opswarden.evals.redaction_data.generator import Generator
from opswarden.redaction.engine import Redaction

# What python-stdnum says of the values; it has its own reading of the rules.
JUDGES: dict[str, str] = {
    "BR_CPF": "br.cpf", "BR_CNPJ": "br.cnpj", "AR_CUIT": "ar.cuit", "AR_CBU": "ar.cbu", "CL_RUT": "cl.rut",
    "CO_NIT": "co.nit", "MX_CURP": "mx.curp", "MX_RFC": "mx.rfc", "PE_RUC": "pe.ruc", "UY_RUT": "uy.rut",
    "EC_CEDULA": "ec.ci", "EC_RUC": "ec.ruc", "PY_RUC": "py.ruc", "DO_CEDULA": "do.cedula", "DO_RNC": "do.rnc",
    "GT_NIT": "gt.nit", "SV_NIT": "sv.nit", "VE_RIF": "ve.rif", "CR_CEDULA": "cr.cpf", "CR_DIMEX": "cr.cr",
    "IN_AADHAAR": "in_.aadhaar", "IN_PAN": "in_.pan", "IN_GSTIN": "in_.gstin", "ID_NIK": "id.nik", "ID_NPWP": "id.npwp",
    "MY_NRIC": "my.nric", "TH_TNIN": "th.pin", "VN_MST": "vn.mst", "PK_CNIC": "pk.cnic", "CN_USCC": "cn.uscc",
    "JP_MY_NUMBER": "jp.in_", "JP_CORPORATE_NUMBER": "jp.cn", "TR_TCKN": "tr.tckimlik", "TR_VKN": "tr.vkn",
    "ZA_ID_NUMBER": "za.idnr", "ZA_TAX_NUMBER": "za.tin", "GH_TIN": "gh.tin", "MA_ICE": "ma.ice", "KE_PIN": "ke.pin",
    "MZ_NUIT": "mz.nuit", "ES_NIF": "es.nif", "ES_NIE": "es.nie", "IT_FISCAL_CODE": "it.codicefiscale",
    "FR_NIR": "fr.nir",
    "PL_PESEL": "pl.pesel", "PT_CC": "pt.cc", "PT_NIF": "pt.nif", "RO_CNP": "ro.cnp", "RU_INN": "ru.inn",
    "CA_SIN": "ca.sin", "IL_ID_NUMBER": "il.idnr", "SG_UEN": "sg.uen", "IMEI": "imei", "CRYPTO": "bitcoin",
}  # fmt: skip

by_name = pytest.mark.parametrize("generator", GENERATORS, ids=[generator.name for generator in GENERATORS])


def test_every_type_that_is_recognised_has_a_generator() -> None:
    missing = without_generator(Redaction().entity_types)
    assert not missing, f"write generators for: {', '.join(missing)}"


def test_a_type_without_one_is_named() -> None:
    assert without_generator({"BR_CPF", "MARS_ID", *NOT_PLANTED}) == ("MARS_ID",)
    assert "BR_CPF" not in without_recognizer({"BR_CPF"})
    assert "AR_CUIT" in without_recognizer({"BR_CPF"})


def test_names_are_unique() -> None:
    assert len({generator.name for generator in GENERATORS}) == len(GENERATORS)


@by_name
def test_values_follow_from_the_seed(generator: Generator) -> None:
    made = [generator.one(Draw(3, f"x{number}")) for number in range(8)]
    assert made == [generator.one(Draw(3, f"x{number}")) for number in range(8)]
    assert all(one.value.strip() == one.value != "" for one in made)
    assert len(set(made)) > 1
    assert generator.keys
    assert generator.words


@pytest.mark.parametrize(("name", "module"), JUDGES.items())
def test_values_are_valid(name: str, module: str) -> None:
    judge = importlib.import_module(f"stdnum.{module}")
    for generator in GENERATORS:
        if generator.entity_types[0] == name:
            values = [generator.one(Draw(4, f"{generator.name}{number}")).value for number in range(20)]
            assert [value for value in values if not judge.is_valid(value)] == [], generator.name


def test_cards_and_ibans_are_valid() -> None:
    luhn, mod_97 = importlib.import_module("stdnum.luhn"), importlib.import_module("stdnum.iso7064.mod_97_10")
    for generator in GENERATORS:
        for number in range(20):
            value = generator.one(Draw(5, f"{generator.name}{number}")).value.replace(" ", "").replace("-", "")
            if generator.kind == "cards":
                assert luhn.is_valid(value), generator.name
                assert 12 <= len(value) <= 19
            if generator.kind == "iban":
                assert mod_97.is_valid(value[4:] + value[:4]), value[:2]
