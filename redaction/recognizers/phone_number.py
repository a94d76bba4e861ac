"""Phone numbers: international with a plus sign, local ones under a key or in a shape nothing else has."""

from __future__ import annotations

import re
from functools import lru_cache

from ..definition import Anchored, Definition, Digits, Hit, Keyed, Pattern, starts_word

_LEAST, _MOST = 8, 15
_LEAST_OF_PARTY = 10
_MEXICAN_MOBILE = "521"
"""Mobile numbers of Mexico had a 1 behind the calling code until 2019; gateways still send it."""
_EXTENSION = re.compile(r" ?(?:x|ext\.?|ramal|r\.) ?[0-9]{1,6}(?![0-9A-Za-z])", re.IGNORECASE)
_GROUP_END = re.compile(r"[0-9](?![0-9])")

KEYS = frozenset(
    "phone phone_number phone_no telephone telephone_number telephone_no tel tel_no mobile mobile_number mobile_no "
    "mobile_num mobile_phone msisdn cell_no "
    "cell cellphone "
    "cell_phone fax whatsapp contact_number contact_no landline "
    "telefone celular fone telefono movil numero_telefono numero_celular portable numero_de_telephone "
    "telefon telefon_numarasi cep_telefonu gsm nomor_telepon no_telepon no_hp nomor_hp hp telepon handphone "
    "mobile_phone_subscriber home_phone_subscriber work_phone_subscriber "
    "simu namba_ya_simu nambari_ya_simu telf telf_no momo momo_number mobile_money mobile_money_number mpesa_number "
    "so_dien_thoai số_điện_thoại dien_thoai điện_thoại sdt sđt телефон 电话 手机 手机号 電話".split()
)


# Words that a number follows in prose, and words that follow a number in signatures and contact lists.
_BEFORE = (
    "phone tel fax mobile celular telefone telefono teléfono whatsapp cellphone handphone ponsel msisdn sms hotline "
    "helpline landline tél whats zap telepon telefon simu sđt मोबाइल फ़ोन फोन মোবাইল ফোন الهاتف هاتف جوال الجوال"
).split()
_CALLS = ("call me", "call us", "ring me", "text me", "reach me", "answering at", "answering on", "dial ", "llamar al",
          "ligar para", "appelez le", "hubungi ", "registered", "mon numéro est", "mi número es", "meu número é",
          "my number", "her number", "his number", "their number", "nomor saya", "no hp", "nomor hp")  # fmt: skip
_AFTER = ("office", "fax", "mobile", "cell", "desk", "whatsapp", "celular", "landline")
_FULL = r"[1-9][0-9]{9,14}(?![0-9A-Za-z.:\-])"
_NUMBER = r"[+(]?[0-9][0-9() .\-/]{5,20}[0-9](?![0-9])"
_SPOKEN_OF = re.compile(
    rf"(?:{'|'.join(_BEFORE)})s?\.?(?: ?(?:number|no|nr|num|numero|número)\b\.?)?(?: (?:is|at|on|es|é))?"
    rf"[\s:=#\-]{{1,4}}(?P<value>{_NUMBER})",
    re.IGNORECASE,
)
_CALLED = re.compile(
    rf"(?:{'|'.join(_CALLS)})(?: (?:at|on|no|al|au|ke|le|el|o|para|number|is)\b){{0,2}} {{0,2}}(?P<value>{_NUMBER})",
    re.IGNORECASE,
)
_DATE = re.compile(
    r"\(?(?:(?:19|20)[0-9]{2}[\-./ ][0-9]{1,2}[\-./ ][0-9]{1,2}|"
    r"[0-9]{1,2}[\-./ ][0-9]{1,2}[\-./ ](?:19|20)[0-9]{2})(?![0-9])"
)
_WORD_AFTER = re.compile(rf"(?:{'|'.join(_AFTER)})(?![A-Za-z])", re.IGNORECASE)
# A number on one line, read backwards from the word behind it.
_NUMBER_BEHIND = r"[ \-,(:]{1,3}(?P<digits>[0-9][0-9() .\-/]{5,20}[0-9(])(?![0-9])"


# Who takes part in a payment, call or message: numbers with a calling code and no sign in front, checked.
_PARTIES = frozenset(
    "party_a party_b party_id party_identifier wa_id debit_party credit_party sender_number receiver_number "
    "recipient_number subscriber_number caller caller_id caller_number callee calling_number called_number a_number "
    "b_number ani dnis destination_addr dest_addr source_addr destination_number source_number originating_address "
    "destination_address sender_id recipient_id".split()
)
# Offsets and times run from one to another as well, so there a word for messages has to stand near.
_ENDS = frozenset("from to dst src destination sender recipient recipients receiver".split())
_MESSAGES = re.compile(
    r"(?<![a-z])(?:sms|smpp|whatsapp|msisdn|momo|mpesa|m-pesa|ussd|esme|otp|wamid)(?![a-z])|messaging_product|wa_id"
    r"|submit_sm|deliver_sm",
    re.IGNORECASE,
)
_MESSAGE_REACH = 300


def _digits(text: str) -> str:
    return "".join(part for part in text if part.isdigit())


@lru_cache(maxsize=1)
def _calling_codes() -> frozenset[str]:
    # Loaded with the first candidate: the tables take a while.
    from phonenumbers import COUNTRY_CODE_TO_REGION_CODE  # noqa: PLC0415 - see above

    return frozenset(str(code) for code in COUNTRY_CODE_TO_REGION_CODE)


def _extended(text: str, end: int) -> int:
    """The end of a number with its extension, `x4587`."""
    extension = _EXTENSION.match(text, end)
    return extension.end() if extension else end


def _is_valid(digits: str) -> bool:
    from phonenumbers import NumberParseException, is_valid_number, parse  # noqa: PLC0415 - as above

    try:
        return is_valid_number(parse(f"+{digits}"))
    except NumberParseException:
        return False


def _is_possible(digits: str) -> bool:
    """A calling code that exists and as many digits as its numbers have."""
    if not _LEAST <= len(digits) <= _MOST:
        return False
    if digits[0] in "17":
        return len(digits) == 11
    return digits[:2] in _calling_codes() or digits[:3] in _calling_codes()


def _international(text: str, start: int, end: int) -> Hit | None:
    """The longest stretch of whole groups that is a number; a column of figures may follow it."""
    if not starts_word(text, start):
        return None
    found = text[start:end]
    if _digits(found) == found[1:]:
        return (start, _extended(text, end), 0.8) if _is_possible(found[1:]) else None
    ends = [match.end() for match in _GROUP_END.finditer(found)]
    fitting = [place for place in reversed(ends) if _is_possible(_digits(found[:place]))]
    valid = next((place for place in fitting if _is_valid(_digits(found[:place]))), None)
    if valid is not None:
        return start, _extended(text, start + valid), 0.9
    return (start, _extended(text, start + fitting[0]), 0.6) if fitting else None


def _without_plus(text: str, start: int, end: int) -> Hit | None:
    """`00` as the sign of an international number."""
    if text[start + 2] == "0" or not starts_word(text, start):
        return None
    return (start, end, 0.6) if _is_valid(_digits(text[start:end])[2:]) else None


def _keyed(text: str, start: int, end: int) -> Hit | None:
    return (start, end, 0.85) if 6 <= len(_digits(text[start:end])) <= _MOST + 2 else None


def _party(text: str, start: int, end: int) -> Hit | None:
    """A number of full length with its calling code."""
    digits = _digits(text[start:end])
    if digits.startswith(_MEXICAN_MOBILE) and len(digits) == 13:
        digits = digits[:2] + digits[3:]
    return (start, end, 0.8) if len(digits) >= _LEAST_OF_PARTY and _is_valid(digits) else None


def _end(text: str, start: int, end: int) -> Hit | None:
    first, last = max(0, start - _MESSAGE_REACH), end + _MESSAGE_REACH
    return _party(text, start, end) if _MESSAGES.search(text, first, last) else None


def _apart(text: str, start: int, end: int) -> Hit | None:
    """Not part of a longer word or number."""
    if not starts_word(text, start) or (start and text[start - 1] in "-._+"):
        return None
    end = _extended(text, end)
    return None if text[end : end + 1].isalnum() or text[end : end + 1] == "-" else (start, end, 0.6)


def _north_american(text: str, start: int, end: int) -> Hit | None:
    """Area and exchange begin with 2 to 9 (NANPA numbering plan)."""
    return _apart(text, start, end) if text[start] > "1" and text[start + 4] > "1" else None


def _spoken_of(text: str, start: int, end: int) -> Hit | None:
    """`phone number is 467 3395`: the word says what the figures alone do not."""
    word = _SPOKEN_OF.match(text, start) or _CALLED.match(text, start)
    if word is None or not (starts_word(text, start) or text.startswith(("phone", "Phone"), start)):
        return None
    value = word.span("value")
    number = text[slice(*value)]
    if not 7 <= len(_digits(number)) <= _MOST or _DATE.match(number):
        return None
    if word.re is _CALLED and number.isdigit() and len(number) < _LEAST + 1:
        return None
    return value[0], _extended(text, value[1]), 0.65


def _in_brackets(text: str, start: int, end: int) -> Hit | None:
    """`(98200 12345)`: mobile numbers of India, as people put them behind a name."""
    is_alone = text[start - 1 : start] == "(" and text[end : end + 1] == ")"
    return (start, end, 0.6) if is_alone and text[start] in "6789" else None


def _followed_by_word(text: str, start: int, end: int) -> Hit | None:
    """`467 3395-Office`, as signatures and lists of contacts have it."""
    word = _WORD_AFTER.match(text, end - 1)
    found = text[start : end - 1].rstrip(" -,(:")
    first = start + len(found) - len(found.lstrip(" .-/)"))
    last = start + len(found)
    if word is None or not 7 <= len(_digits(text[first:last])) <= _MOST or text[first:last].isdigit():
        return None
    if _DATE.match(text, first):
        return None
    return (first, last, 0.6) if starts_word(text, first) else None


PHONE_NUMBER = Definition(
    "PHONE_NUMBER",
    (
        Anchored(("+",), after=r"\+ ?\(?[1-9](?:[ .\-()/]{0,2}[0-9]){7,16}(?![0-9])", check=_international),
        Digits(r"(?<![0-9])[0-9]{3}(?:[ .\-]?[0-9]){8,13}(?![0-9])", least=11, check=_without_plus, begins="00"),
        Digits(r"(?<![0-9])[0-9]{3}([.\-])[0-9]{3}\2[0-9]{4}(?![0-9])", least=12, check=_north_american),
        Pattern(r"\(0?[1-9][0-9]{1,3}\) ?[0-9]{3,5}[ .\-][0-9]{3,4}(?:[ .\-][0-9]{2,4})?(?![0-9])", check=_apart),
        Anchored((*_BEFORE, *_CALLS), after=r"\w", check=_spoken_of),
        Digits(r"(?<![0-9])[0-9]{5}[ \-][0-9]{5}(?![0-9])", least=11, check=_in_brackets),
        Anchored(_AFTER, after=r"[A-Za-z]", before=_NUMBER_BEHIND, reach=28, check=_followed_by_word),
        Keyed(KEYS, bare=r"[+(]?[0-9](?:[0-9() .\-/]{0,22}[0-9])?", check=_keyed),
        Keyed(_PARTIES, bare=rf"{_FULL}", check=_party),
        Keyed(_ENDS, bare=rf"{_FULL}", alone=True, check=_end),
        Anchored(
            ("cep ", "cep:"),
            after=r"(?i:(?<![^\W\d_])cep)(?: ?(?i:tel|telefonu|no))?[ :.]{1,3}"
            r"(?P<value>0?5[0-9]{2}[ \-]?[0-9]{3}[ \-]?[0-9]{2}[ \-]?[0-9]{2})(?![0-9])",
            score=0.65,
        ),
    ),
    identity=lambda value: _digits(value).lstrip("0"),
)
