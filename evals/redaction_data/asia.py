"""Identifiers of Asia, and of Turkey.

Check digits: python-stdnum where it calculates them, else `check_digits`, which names its sources. Forms: the issuing
authorities' own.
"""

# ruff: noqa: E501 - the table at the end reads better with one identifier a line
from __future__ import annotations

from stdnum.cn import ric, uscc
from stdnum.in_ import gstin
from stdnum.jp import cn as jp_corporate
from stdnum.jp import in_ as jp_individual
from stdnum.kr import rrn
from stdnum.my import nric
from stdnum.tr import tckimlik, vkn
from stdnum.vn import mst

from .check_digits import luhn_digit, thai_digit, verhoeff_digit
from .draw import DIGITS, LOWER, UPPER, Draw
from .generator import Generator, identifier, punctuated

_NONZERO = "123456789"
_HANDLES = ("okaxis", "oksbi", "okhdfcbank", "okicici", "ybl", "paytm", "upi", "ibl", "axl", "apl")


def _aadhaar(draw: Draw) -> str:
    """UIDAI: twelve digits, the first 2 to 9, the last after Verhoeff."""
    body = draw.digits(11, "23456789")
    return body + verhoeff_digit(body)


def _pan(draw: Draw) -> str:
    """Income Tax Department: five letters, the fourth the kind of holder, four digits, a letter."""
    return draw.text(UPPER, 3) + draw.pick("PCHFAT") + draw.text(UPPER, 1) + draw.digits(4, _NONZERO) + draw.pick(UPPER)


def _gstin(draw: Draw) -> str:
    while True:
        body = f"{draw.number(1, 37):02d}{_pan(draw)}{draw.number(1, 9)}Z"
        found = next((body + last for last in DIGITS + UPPER if gstin.is_valid(body + last)), None)
        if found:
            return found


def _upi(draw: Draw) -> str:
    return f"{draw.text(LOWER, 6)}.{draw.text(LOWER, 5)}{draw.number(1, 99)}@{draw.pick(_HANDLES)}"


def _nik(draw: Draw) -> str:
    """Province, regency and district, date of birth, serial number."""
    place = draw.pick(("317101", "320101", "337401", "357801", "517101"))
    return f"{place}{draw.born('%d%m%y')}{draw.number(1, 999):04d}"


def _npwp(draw: Draw) -> str:
    body = "0" + draw.digits(7, _NONZERO)
    return body + luhn_digit(body) + draw.digits(3) + "000"


def _nric(draw: Draw) -> str:
    while True:
        found = f"{draw.born('%y%m%d')}{draw.number(1, 16):02d}{draw.digits(4)}"
        if nric.is_valid(found):
            return found


def _thai(draw: Draw) -> str:
    body = draw.digits(12, "12345678")
    return body + thai_digit(body)


def _cccd(draw: Draw) -> str:
    """Decree 137/2015: province, century and sex, year, six digits."""
    return f"{draw.pick(('001', '031', '048', '079', '092'))}{draw.number(0, 1)}{draw.number(50, 99)}{draw.digits(6)}"


def _mst(draw: Draw) -> str:
    while True:
        body = draw.pick(("01", "03", "31")) + draw.digits(7)
        digit = str(mst.calc_check_digit(body))
        if digit.isdigit() and len(digit) == 1:
            return body + digit


def _cnic(draw: Draw) -> str:
    return f"{draw.number(1, 7)}{draw.number(1101, 9999)}{draw.digits(7)}{draw.number(1, 9)}"


def _nic_lanka(draw: Draw) -> str:
    """Since 2016 twelve digits: year, day of the year (500 more for women), serial, check."""
    return f"{draw.number(1950, 1999)}{draw.number(1, 365) + draw.pick((0, 500)):03d}{draw.digits(5)}"


def _nic_lanka_old(draw: Draw) -> str:
    return f"{draw.number(50, 99)}{draw.number(1, 365) + draw.pick((0, 500)):03d}{draw.digits(4)}{draw.pick('VX')}"


def _ric(draw: Draw) -> str:
    """GB 11643: division, date of birth, sequence, ISO 7064 MOD 11-2."""
    body = draw.pick(("110101", "310101", "440106", "330106")) + draw.born("%Y%m%d") + draw.digits(3)
    return body + str(ric.calc_check_digit(body + "0"))


def _uscc(draw: Draw) -> str:
    body = "91" + draw.pick(("110108", "310115", "440300")) + "MA" + draw.text("0123456789ABCDEFGHJKLMNPQRTUWXY", 7)
    return body + str(uscc.calc_check_digit(body))


def _my_number(draw: Draw) -> str:
    body = draw.digits(11)
    return body + str(jp_individual.calc_check_digit(body))


def _corporate_japan(draw: Draw) -> str:
    body = draw.digits(12, _NONZERO)
    return str(jp_corporate.calc_check_digit(body)) + body


def _rrn_korea(draw: Draw) -> str:
    body = draw.born("%y%m%d") + draw.pick("12") + draw.digits(5)
    return body + str(rrn.calc_check_digit(body))


def _tckn(draw: Draw) -> str:
    body = draw.digits(9, _NONZERO)
    return body + str(tckimlik.calc_check_digits(body))


def _vkn(draw: Draw) -> str:
    body = draw.digits(9)
    return body + str(vkn.calc_check_digit(body))


ASIA: tuple[Generator, ...] = (
    *identifier("IN_AADHAAR", "ids_with_checksum", _aadhaar, "aadhaar aadhaar_number aadhar uidai", "Aadhaar Aadhaar_number", punctuated("#### #### ####")),
    *identifier("IN_PAN", "ids_with_checksum", _pan, "pan_number pan_card permanent_account_number", "PAN PAN_card"),
    *identifier("IN_GSTIN", "ids_with_checksum", _gstin, "gstin gst_number", "GSTIN"),
    *identifier("IN_UPI IN_UPI_ID IN_VPA UPI_ID", "ids_with_context", _upi, "vpa upi_id payer_vpa", "UPI_ID VPA"),
    *identifier("IN_VOTER IN_EPIC", "ids_with_context", lambda draw: draw.text(UPPER, 3) + draw.digits(7), "voter_id epic_number", "voter_ID"),
    *identifier("IN_PASSPORT", "ids_with_context", lambda draw: draw.pick("JKLMNPRSTUVZ") + draw.digits(7, _NONZERO), "passport_number passport_no", "passport_number"),
    *identifier("ID_NIK", "ids_with_context", _nik, "nik no_ktp nomor_ktp nik_nasabah", "NIK KTP"),
    *identifier("ID_NPWP", "ids_with_checksum", _npwp, "npwp no_npwp", "NPWP", punctuated("##.###.###.#-###.###")),
    *identifier("PH_TIN", "ids_with_context", lambda draw: draw.digits(9, _NONZERO) + "000", "tin tin_number", "TIN", punctuated("###-###-###-###")),
    *identifier("PH_PHILSYS PH_PSN PH_PCN", "ids_with_context", lambda draw: draw.digits(16, _NONZERO), "philsys_id psn pcn", "PhilSys_number", punctuated("####-####-####-####")),
    *identifier("PH_UMID PH_CRN", "ids_with_context", lambda draw: "0" + draw.digits(11), "umid umid_crn", "UMID_CRN", punctuated("####-#######-#")),
    *identifier("PH_SSS", "ids_with_context", lambda draw: draw.digits(10), "sss sss_number", "SSS_number", punctuated("##-#######-#")),
    *identifier("MY_NRIC MY_MYKAD", "ids_with_context", _nric, "nric mykad no_kad_pengenalan ic_number", "NRIC MyKad", punctuated("######-##-####")),
    *identifier("TH_TNIN TH_PIN TH_NATIONAL_ID", "ids_with_checksum", _thai, "thai_id citizen_id national_id_th", "Thai_ID citizen_ID", punctuated("#-####-#####-##-#")),
    *identifier("VN_CCCD", "ids_with_context", _cccd, "cccd so_cccd can_cuoc_cong_dan", "CCCD"),
    *identifier("VN_MST VN_TAX_CODE", "ids_with_checksum", _mst, "mst ma_so_thue", "MST mã_số_thuế"),
    *identifier("BD_NID", "ids_with_context", lambda draw: draw.digits(10, _NONZERO), "nid nid_number national_id_bd", "NID"),
    *identifier("PK_CNIC", "ids_with_context", _cnic, "cnic cnic_number nic_no", "CNIC", punctuated("#####-#######-#")),
    *identifier("LK_NIC", "ids_with_context", _nic_lanka, "nic nic_number", "NIC"),
    Generator("LK_NIC before 2016", ("LK_NIC",), "ids_with_context", _nic_lanka_old, ("nic", "nic_no"), ("NIC",)),
    *identifier("CN_RIC CN_ID CN_RESIDENT_ID CN_RESIDENT_IDENTITY_NUMBER", "ids_with_checksum", _ric, "id_card sfz shenfenzheng 身份证号 resident_id", "身份证 resident_identity_card"),
    *identifier("CN_USCC", "ids_with_checksum", _uscc, "uscc credit_code 统一社会信用代码", "统一社会信用代码 social_credit_code"),
    *identifier("JP_MY_NUMBER JP_IN", "ids_with_checksum", _my_number, "my_number mynumber individual_number マイナンバー", "My_Number マイナンバー", punctuated("#### #### ####")),
    *identifier("JP_CORPORATE_NUMBER JP_CN", "ids_with_checksum", _corporate_japan, "corporate_number houjin_bangou 法人番号", "corporate_number 法人番号"),
    *identifier("KR_RRN", "ids_with_checksum", _rrn_korea, "rrn jumin_number 주민등록번호", "RRN 주민등록번호", punctuated("######-#######")),
    *identifier("TR_TCKN TR_NATIONAL_ID TR_TC_KIMLIK", "ids_with_checksum", _tckn, "tckn tc_kimlik_no kimlik_no", "TCKN TC_kimlik_numarası"),
    *identifier("TR_VKN", "ids_with_checksum", _vkn, "vkn vergi_no vergi_kimlik_no", "VKN vergi_numarası"),
)  # fmt: skip
