"""How people and machines are reached and found: mail, phones, addresses, places, names.

Mail uses domains reserved for documentation (RFC 2606) beside made-up company ones, addresses the networks of RFC 5737
and RFC 3849 and private ones, phones numbers of the countries' published plans; names are strung together.
"""

# ruff: noqa: E501 - tables read better with one thing a line
from __future__ import annotations

import hashlib

from .check_digits import luhn_digit
from .draw import HEX, LOWER, Draw
from .generator import Generator, split

_FIRST = "Ana João Lucía Mateo Aylin Emre Budi Siti Nguyen Linh Chinedu Amina Wanjiru Sipho Fatou Moussa Rajesh Priya Somchai Olga".split()
_LAST = "Souza Gonçalves Fernández Quispe Yılmaz Kaya Santoso Wijaya Tran Pham Okafor Bello Kamau Dlamini Diop Traoré Sharma Iyer Saetang Petrova".split()
_DOMAINS = (
    "example.com",
    "example.org",
    "example.co",
    "mail.example.com.br",
    "pagos.example.mx",
    "corp.example.net",
    "payments.corp",
)
# International prefix and the digits after it, as mobile numbers are given out.
_PHONES: tuple[tuple[str, str], ...] = (
    ("+55", "11 9####-####"), ("+54", "9 11 4###-####"), ("+52", "55 1### ####"), ("+57", "310 ### ####"),
    ("+56", "9 8### ####"), ("+51", "987 ### ###"), ("+593", "99 ### ####"), ("+591", "7#######"),
    ("+91", "98### #####"), ("+62", "812-####-####"), ("+63", "917 ### ####"), ("+60", "12-### ####"),
    ("+66", "81 ### ####"), ("+84", "91 ### ## ##"), ("+880", "1712-######"), ("+92", "300 #######"),
    ("+234", "803 ### ####"), ("+254", "712 ######"), ("+27", "82 ### ####"), ("+233", "24 ### ####"),
    ("+20", "100 ### ####"), ("+212", "612-######"), ("+90", "532 ### ## ##"), ("+225", "07 ## ## ## ##"),
    ("+221", "77 ### ## ##"), ("+255", "754 ### ###"), ("+256", "772 ######"), ("+250", "788 ### ###"),
    ("+260", "977 ######"), ("+237", "6 77 ## ## ##"), ("+86", "138 #### ####"), ("+81", "90-####-####"),
)  # fmt: skip
_PHONE_KEYS = tuple(
    "phone phone_number msisdn telefone celular telefono movil telefon no_hp so_dien_thoai whatsapp mobile".split()
)
_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_STREETS = (
    "Rua das Palmeiras",
    "Avenida Insurgentes Sur",
    "Calle 45 Sur",
    "Jalan Merdeka",
    "Atatürk Caddesi",
    "Moi Avenue",
)


def _email(draw: Draw) -> str:
    local = f"{draw.text(LOWER, 5)}{draw.pick('._-+')}{draw.text(LOWER, 6)}{draw.pick(('', str(draw.number(1, 99))))}"
    return f"{local}@{draw.pick(_DOMAINS)}"


def _filled(mask: str, draw: Draw) -> str:
    return "".join(draw.text("123456789", 1) if sign == "#" else sign for sign in mask)


def _phone(draw: Draw) -> str:
    prefix, mask = draw.pick(_PHONES)
    number = _filled(mask, draw)
    if draw.share() < 0.5:
        return prefix + "".join(filter(str.isdigit, number))
    return f"{prefix} {number}"


def _phone_local(draw: Draw) -> str:
    _, mask = draw.pick(_PHONES)
    return _filled(mask, draw)


def _ipv4(draw: Draw) -> str:
    network = draw.pick(("203.0.113", "198.51.100", "192.0.2", "10.12.7", "172.20.3", "192.168.4"))
    return f"{network}.{draw.number(2, 254)}"


def _ipv6(draw: Draw) -> str:
    return "2001:db8:" + ":".join(format(draw.number(1, 65_535), "x") for _ in range(6))


def _mac(draw: Draw) -> str:
    return draw.pick(":-").join(draw.text(HEX, 2) for _ in range(6))


def _imei(draw: Draw) -> str:
    """3GPP TS 23.003: an allocation code, a serial number, Luhn."""
    body = "35" + draw.digits(12)
    return body + luhn_digit(body)


def _bitcoin(draw: Draw) -> str:
    """Base58Check of version 0 and twenty bytes."""
    content = bytes(1) + bytes(draw.number(0, 255) for _ in range(20))
    whole = content + hashlib.sha256(hashlib.sha256(content).digest()).digest()[:4]
    number, letters = int.from_bytes(whole, "big"), ""
    while number:
        number, rest = divmod(number, 58)
        letters = _BASE58[rest] + letters
    return "1" + letters


def _name(draw: Draw) -> str:
    return f"{draw.pick(_FIRST)} {draw.pick(_LAST)}"


def _coordinates(draw: Draw) -> str:
    return f"{draw.number(-34, 40)}.{draw.digits(6)}"


def _birth(draw: Draw) -> str:
    return draw.born(draw.pick(("%Y-%m-%d", "%d/%m/%Y")))


def _street(draw: Draw) -> str:
    return f"{draw.pick(_STREETS)} {draw.number(2, 980)}"


CONTACT: tuple[Generator, ...] = (
    Generator(
        "EMAIL_ADDRESS",
        ("EMAIL_ADDRESS",),
        "email",
        _email,
        tuple("email e_mail correo email_address eposta surel thu_dien_tu customer.email".split()),
        split("e-mail email"),
    ),
    Generator("PHONE_NUMBER", ("PHONE_NUMBER",), "phones", _phone, _PHONE_KEYS, split("phone telefone")),
    Generator(
        "PHONE_NUMBER without prefix", ("PHONE_NUMBER",), "phones", _phone_local, _PHONE_KEYS, split("phone telefone"),
        ("telling keys", "prose"),
    ),
    Generator("IP_ADDRESS", ("IP_ADDRESS",), "network", _ipv4, tuple("ip client_ip remote_addr".split()), split("address")),
    Generator("IP_ADDRESS version 6", ("IP_ADDRESS",), "network", _ipv6, tuple("ip peer".split()), split("address")),
    Generator("MAC_ADDRESS", ("MAC_ADDRESS",), "network", _mac, tuple("mac hwaddr".split()), split("MAC_address")),
    Generator("IMEI", ("IMEI",), "ids_with_checksum", _imei, tuple("imei device_imei".split()), split("IMEI")),
    Generator("CRYPTO", ("CRYPTO",), "ids_with_checksum", _bitcoin, tuple("wallet btc_address".split()), split("wallet")),
    Generator(
        "PERSON", ("PERSON",), "names", _name,
        tuple("customer_name cardholder titular nombre_completo nome_cliente nama_lengkap ho_ten ad_soyad nom_client".split()),
        split("customer cliente"), ("telling keys", "prose"),
    ),
    Generator(
        "COORDINATES", ("COORDINATES",), "details", _coordinates, tuple("latitude longitude geo_lat".split()), split("latitude"),
        ("telling keys",),
    ),
    Generator(
        "STREET_ADDRESS", ("STREET_ADDRESS", "POSTAL_ADDRESS", "ADDRESS", "LOCATION"), "details", _street,
        tuple("street_address endereco direccion alamat adres billing_address".split()), split("address"), ("telling keys", "prose"),
    ),
    Generator(
        "DATE_OF_BIRTH", ("DATE_OF_BIRTH",), "details", _birth,
        tuple("date_of_birth birth_date dob data_nascimento fecha_nacimiento date_naissance dogum_tarihi tanggal_lahir".split()),
        split("date_of_birth"), ("telling keys",),
    ),
    Generator(
        "REMITTANCE_TEXT", ("REMITTANCE_TEXT",), "details", lambda draw: f"rent of {_name(draw)} for May",
        tuple("Ustrd remittance_information remittanceInformationUnstructured".split()), split("remittance"), ("telling keys",),
    ),
)  # fmt: skip
