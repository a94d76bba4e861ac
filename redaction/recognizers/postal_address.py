"""Postal addresses: whatever stands under a key that holds one, and streets with house numbers in prose."""

from __future__ import annotations

import re

from ..definition import Anchored, Definition, Hit, Keyed, starts_word

_KEYS = frozenset(
    "address addresses street_address home_address billing_address shipping_address delivery_address postal_address "
    "residential_address mailing_address permanent_address current_address customer_address address_line address_line1 "
    "address_line2 address_line_1 address_line_2 addr_line addr_line1 addr1 addr2 street street_name street_line "
    "adrline strtnm "
    # Portuguese, Spanish, French, Italian, German
    "endereco endereco_completo endereco_residencial logradouro rua bairro direccion domicilio direccion_completa "
    "direccion_residencia calle colonia adresse adresse_postale adresse_complete rue indirizzo via anschrift strasse "
    "wohnort "
    # Turkish, Indonesian and Malay, Vietnamese, Swahili, Filipino, Thai, Arabic, Hindi, Russian, Chinese, Japanese
    "adres adresi ev_adresi alamat alamat_rumah alamat_lengkap alamat_ktp dia_chi diachi anwani tirahan "
    "ที่อยู่ عنوان العنوان पता адрес улица 地址 住址 住所".split()
)
_ZIPS = frozenset(
    "zip zip_code zipcode postal_code postalcode postcode post_code cep codigo_postal cp code_postal plz kode_pos "
    "posta_kodu pincode pin_code pstcd".split()
)
# Machines have addresses, too.
_MACHINES = frozenset(
    "ip mac email mail e wallet crypto btc eth bitcoin host server peer remote local bind listen broker bootstrap "
    "network gateway proxy memory mem virtual physical base cluster node pod service contract token deposit url "
    "client source src dest destination dst socket lb dns rpc grpc http https kafka redis zk zookeeper worker master "
    "leader advertised target upstream endpoint page bus i2c pci register return load bound from to reply web".split()
)
_NOT_ONE = re.compile(
    # An object that is printed: its members have keys of their own.
    r"[A-Z]\w{0,40} ?[({] ?\w{1,40} ?=[^\n]*\Z"
    r"|(?:null|none|nil|n/?a|unknown|true|false|-+|\*+|x{3,}|0x[0-9a-fA-F]+|[\[(]?[0-9a-fA-F.:]{3,45}[\])]?(?:[:/][0-9]{1,5})?"
    r"|(?:[\w\-]+\.)+[\w\-]+(?::[0-9]{1,5})?(?:/\S*)?|[\w\-]+:[0-9]{1,5}|\w+://\S*|\S+@\S+|[0-9]+)\Z",
    re.IGNORECASE,
)
_LONGEST = 200
_SMALL = frozenset("da das de del do dos la las los el le les des du".split())
# Words for a street that stand in front of its name, and those that stand behind it.
_IN_FRONT = (
    "rua", "avenida", "av.", "alameda", "travessa", "rodovia", "calle", "carrera", "cra.", "kra.",
    "jirón", "jiron", "jr.",
    "pasaje", "diagonal", "transversal", "rue", "boulevard", "jalan", "jln.", "jl.", "lorong", "đường", "ngõ",
    "mtaa wa",
)  # fmt: skip
_BEHIND = (
    "street", "st.", "road", "rd.", "avenue", "ave.", "boulevard", "blvd.", "lane", "drive", "court", "close",
    "crescent",
    "terrace", "parkway", "caddesi", "cad.", "sokak", "sok.", "bulvarı", "straße", "strasse", "nagar", "marg",
)  # fmt: skip
# Of these, the ones that are seldom anything else, so that the number may stand last.
_BEHIND_SURELY = (
    "street", "road", "avenue", "boulevard", "caddesi", "cad.", "sokak", "sok.", "bulvarı", "straße", "strasse",
)  # fmt: skip
# French: the number first, then a word of small letters, a small word or two, and a name.
_FRENCH = (" rue ", " avenue ", " boulevard ", " impasse ", " allée ", " chemin ", " quai ", " ruelle ")
_FRENCH_STREET = (
    rf"(?i:{'|'.join(_FRENCH)})(?:(?:de|du|des|la|le|les) |de la |de l['’]|d['’]|l['’])*"
    r"[A-ZÀ-ÖØ-Þ][\w'’\-]{1,30}(?:[ ](?:(?:de|du|des|la) )?[A-ZÀ-ÖØ-Þ][\w'’\-]{1,30}){0,3}"
)
_NUMBER = r"(?:,? ?(?:n[ºo°.]{0,2}|no\.?:?|#|km) ?|,? )[0-9]{1,5}[A-Za-z]?(?![0-9A-Za-z])"
_NAME = r"[^\W\d_][\w'’.\-]{0,30}"
_NAMED_STREET = re.compile(
    rf"(?:(?=[^\W\d_a-zß-ÿ]){_NAME} ){{1,3}}?(?i:{'|'.join(map(re.escape, _BEHIND_SURELY))})(?!\w)"
)
_STREET_FIRST = re.compile(
    rf"(?:{'|'.join(map(re.escape, _IN_FRONT))})[ ]{{1,2}}(?:{_NAME} ){{0,4}}?{_NAME}{_NUMBER}"
    r"(?: ?[#\-] ?[0-9]{1,4}(?: ?\- ?[0-9]{1,4})?)?"
    r"|(?:calle|carrera|cra\.|kra\.|diagonal|transversal|avenida|av\.) [0-9]{1,3}[A-Za-z]? ?"
    r"(?:#|n[ºo°.]{1,2}) ?[0-9]{1,3}[A-Za-z]? ?\- ?[0-9]{1,3}"
    r"|(?:calle|carrera|cra\.|kra\.|diagonal|transversal) [0-9]{1,3}[A-Za-z]? (?:sur|norte|este|oeste|bis) [0-9]{1,4}"
    r"(?![0-9A-Za-z])",
    re.IGNORECASE,
)
_UNIT_AFTER = re.compile(
    r",? ?(?:apt|apto|apartment|suite|unit|flat|bloco|casa|piso|depto|dpto|int|daire|kat|room|rm)\.? ?"
    r"[0-9A-Za-z]{1,6}\b",
    re.IGNORECASE,
)


def _keyed(text: str, start: int, end: int) -> Hit | None:
    value = text[start : min(end, start + _LONGEST)].strip()
    if len(value) < 4 or _NOT_ONE.match(value) or not any(map(str.isalpha, value)):
        return None
    # One word of small letters, digits and signs is the address of a service.
    if value.isascii() and " " not in value and "," not in value:
        return None
    return start, end, 0.65


def _zip(text: str, start: int, end: int) -> Hit | None:
    return (start, end, 0.6) if any(map(str.isdigit, text[start:end])) else None


def _with_unit(text: str, end: int) -> int:
    unit = _UNIT_AFTER.match(text, end)
    return unit.end() if unit else end


def _street_first(text: str, start: int, end: int) -> Hit | None:
    """`Rua das Flores, 12`: the word, a name, a number."""
    match = _STREET_FIRST.match(text, start)
    if match is None or not starts_word(text, start):
        return None
    name = text[start : match.end()].split()[1]
    if name[0].islower() and name not in _SMALL:
        return None
    return start, _with_unit(text, match.end()), 0.6


def _street_last(text: str, start: int, end: int) -> Hit | None:
    """`12 Main Street`: a number, a capitalised name, the word."""
    found = text[start:end]
    number = re.match(r"[0-9]{1,5}[A-Za-z]?,? ", found)
    if number is None or not starts_word(text, start) or (start and text[start - 1] in ".-:/_#"):
        return None
    name = found[number.end() :].split()
    if not name or not all(word[0].isupper() or word.casefold() in {"of", "the", "de"} for word in name):
        return None
    return start, _with_unit(text, end), 0.6


def _number_last(text: str, start: int, end: int) -> Hit | None:
    """`Moi Avenue 304`: capitalised names, the word, a number."""
    first = start
    while not (text[first].isupper() and _NAMED_STREET.match(text, first, end)):
        first = text.find(" ", first, end) + 1
        if not first:
            return None
    return (first, _with_unit(text, end), 0.6) if starts_word(text, first) else None


def _surely_behind(word: str) -> Anchored:
    return Anchored(
        (f" {word}",),
        after=rf"(?i: {re.escape(word)}{_NUMBER})",
        before=r"[\w'’.\-]{1,24}(?: [\w'’.\-]{1,24}){0,2}",
        reach=80,
        check=_number_last,
    )


def _behind(word: str) -> Anchored:
    return Anchored(
        (f" {word}",),
        after=rf"(?i: {re.escape(word)})(?!\w)",
        before=r"(?:[\w'’.\-]{1,24} ){1,3}?,?[A-Za-z]?[0-9]{1,5}(?![0-9])",
        reach=80,
        check=_street_last,
    )


POSTAL_ADDRESS = Definition(
    "STREET_ADDRESS",
    (
        Keyed(_KEYS, bare=r"[^\s,;|&\"'][^\n,;|&\"']{3,120}", whole=True, unless=_MACHINES, check=_keyed),
        Keyed(_ZIPS, bare=r"[0-9A-Za-z][0-9A-Za-z\- ]{2,8}[0-9A-Za-z](?![0-9A-Za-z])", unless=_MACHINES, check=_zip),
        *(Anchored((word,), after=r"[^\n]", check=_street_first) for word in _IN_FRONT),
        Anchored(
            _FRENCH,
            after=_FRENCH_STREET,
            before=r"(?:ret|sib|retauq)? ?,?[0-9]{1,4}(?![0-9A-Za-z.:\-/_#])",
            reach=12,
            score=0.6,
        ),
        *map(_behind, _BEHIND),
        *map(_surely_behind, _BEHIND_SURELY),
        Anchored(("p.o. box", "po box", "caixa postal", "apartado postal"), after=r"[^\n]{6,15} [0-9]{1,6}(?![0-9])"),
    ),
    name="postal_address",
)
