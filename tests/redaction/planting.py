"""Made-up values of fifty kinds, the formats in which logs hold them, and the encodings in which they hide.

Values are drawn from a seeded source and put together here, so that no scanner takes them for real ones; check digits
come from python-stdnum.
"""

from __future__ import annotations

import base64
import random
import string
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from stdnum import iban, luhn, verhoeff
from stdnum.ar import cbu, cuit
from stdnum.br import cnpj, cpf
from stdnum.cl import rut
from stdnum.cn import ric
from stdnum.co import nit
from stdnum.in_ import gstin
from stdnum.mx import curp, rfc
from stdnum.th import pin
from stdnum.tr import tckimlik
from stdnum.za import idnr

BASE62 = string.ascii_letters + string.digits
HEX = "0123456789abcdef"
_SYLLABLES = "zuq vex wob jyr kaf nuv pox gweb tiq hux dwo byv".split()


@dataclass(frozen=True)
class Planted:
    """A value and what of it must not come out.

    Args:
        key: a key under which such a value stands; formats write it beside the value.
        telling: the parts to look for: the last digits of a number, halves of the random part of a secret.
    """

    kind: str
    key: str
    value: str
    telling: tuple[str, ...]


Maker = Callable[[random.Random], tuple[str, tuple[str, ...]]]


def letters(rng: random.Random, alphabet: str, length: int) -> str:
    """Random letters, the first and last of them no separators, no digit three times in a row."""
    while True:
        found = "".join(rng.choice(alphabet) for _ in range(length))
        if found[0].isalnum() and found[-1].isalnum() and not any(part * 3 in found for part in string.digits):
            return found


def digits(rng: random.Random, length: int) -> str:
    """Random digits that begin with no zero."""
    return rng.choice("123456789") + letters(rng, string.digits, length - 1)


def word(rng: random.Random) -> str:
    """A word that stands nowhere else."""
    return "".join(rng.sample(_SYLLABLES, 3)).capitalize()


def _number(make: Callable[[random.Random], str]) -> Maker:
    def made(rng: random.Random) -> tuple[str, tuple[str, ...]]:
        value = make(rng)
        return value, (value, "".join(filter(str.isalnum, value))[-10:])

    return made


def _secret(prefix: str, alphabet: str, length: int, suffix: str = "") -> Maker:
    def made(rng: random.Random) -> tuple[str, tuple[str, ...]]:
        drawn = letters(rng, alphabet, length)
        return prefix + drawn + suffix, (drawn[:8], drawn[-8:])

    return made


def _text(make: Callable[[random.Random], tuple[str, ...]], template: str) -> Maker:
    """A template around drawn parts, all of which are telling."""

    def made(rng: random.Random) -> tuple[str, tuple[str, ...]]:
        parts = make(rng)
        halves = [half for part in parts if len(part) >= 16 for half in (part[:8], part[-8:])]
        return template.format(*parts), (*parts, *halves)

    return made


def card(prefix: str, length: int = 16) -> Maker:
    """A card number of a range."""

    def make(rng: random.Random) -> str:
        body = (prefix + letters(rng, string.digits, 20))[: length - 1]
        return body + luhn.calc_check_digit(body)

    return _number(make)


def _valid(shape: Callable[[random.Random], str], is_valid: Callable[[str], bool]) -> Maker:
    def make(rng: random.Random) -> str:
        return next(value for _ in range(200_000) if is_valid(value := shape(rng)))

    return _number(make)


def _born(rng: random.Random) -> str:
    return f"{rng.randrange(60, 99)}{rng.randrange(1, 13):02}{rng.randrange(1, 29):02}"


def _cpf(rng: random.Random) -> str:
    body = digits(rng, 9)
    return body + cpf._calc_check_digits(body)


def _cnpj(rng: random.Random) -> str:
    body = digits(rng, 8) + "0001"
    return body + cnpj.calc_check_digits(body)


def _cuit(rng: random.Random) -> str:
    body = rng.choice(("20", "27", "30")) + digits(rng, 8)
    return body + cuit.calc_check_digit(body)


def _cbu(rng: random.Random) -> str:
    bank, account = "0110" + letters(rng, string.digits, 3), letters(rng, string.digits, 13)
    return bank + cbu.calc_check_digit(bank) + account + cbu.calc_check_digit(account)


def _clabe(rng: random.Random) -> str:
    body = "002180" + letters(rng, string.digits, 11)
    return body + str(-sum(int(part) * (3, 7, 1)[at % 3] % 10 for at, part in enumerate(body)) % 10)


def _rut(rng: random.Random) -> str:
    body = "1" + digits(rng, 7)
    return f"{body}-{rut.calc_check_digit(body)}"


def _nit(rng: random.Random) -> str:
    body = "9" + digits(rng, 8)
    return f"{body}-{nit.calc_check_digit(body)}"


def _aadhaar(rng: random.Random) -> str:
    body = rng.choice("23456789") + letters(rng, string.digits, 10)
    return body + verhoeff.calc_check_digit(body)


def _in_pan(rng: random.Random) -> str:
    upper = string.ascii_uppercase
    return letters(rng, upper, 3) + "P" + rng.choice(upper) + digits(rng, 4) + rng.choice(upper)


def _gstin(rng: random.Random) -> str:
    body = f"27{_in_pan(rng)}1Z"
    return next(body + last for last in string.digits + string.ascii_uppercase if gstin.is_valid(body + last))


def _curp(rng: random.Random) -> str:
    body = f"BOXW{_born(rng)}MVZRDN0"
    return body + curp.calc_check_digit(body)


def _rfc(rng: random.Random) -> str:
    body = f"GODE{_born(rng)}" + letters(rng, string.ascii_uppercase, 2)
    return body + rfc.calc_check_digit(body)


def _tckimlik(rng: random.Random) -> str:
    body = digits(rng, 9)
    return body + tckimlik.calc_check_digits(body)


def _thai(rng: random.Random) -> str:
    body = "1" + digits(rng, 11)
    return body + pin.calc_check_digit(body)


def _chinese(rng: random.Random) -> str:
    body = f"110105{rng.randrange(1960, 1999)}{_born(rng)[2:]}" + letters(rng, string.digits, 3)
    return body + ric.calc_check_digit(body + "0")


def _nik(rng: random.Random) -> str:
    return f"317308{rng.randrange(1, 29):02}{rng.randrange(1, 13):02}{rng.randrange(70, 99)}0" + digits(rng, 3)


def _iban(rng: random.Random) -> str:
    body = digits(rng, 18)
    return "DE" + iban.calc_check_digits(f"DE00{body}") + body


def _track1(rng: random.Random) -> tuple[str, tuple[str, ...]]:
    number, name = card("4539")(rng)[0], word(rng).upper()
    return f"%B{number}^{name}/X^3012101{digits(rng, 9)}?", (number, number[-10:], name)


def _track2(rng: random.Random) -> tuple[str, tuple[str, ...]]:
    number = card("4539")(rng)[0]
    return f"{number}=3012101{digits(rng, 9)}", (number, number[-10:])


def _emv(rng: random.Random) -> tuple[str, tuple[str, ...]]:
    number, cryptogram = card("5413")(rng)[0], letters(rng, "0123456789ABCDEF", 16)
    return f"5A08{number}5F24033012319F2608{cryptogram}9F270180", (number, number[-10:], cryptogram)


def _iso8583(rng: random.Random) -> tuple[str, tuple[str, ...]]:
    number, pin_block = card("4539")(rng)[0], letters(rng, "0123456789ABCDEF", 16)
    return f"0200 F2={number} F4=000000010000 F52={pin_block} F37=631814527281", (number, number[-10:], pin_block)


def _pix(rng: random.Random) -> tuple[str, tuple[str, ...]]:
    name, key = word(rng), _cpf(rng)
    account = f"0014br.gov.bcb.pix01{len(key):02}{key}"
    body = (
        f"00020126{len(account):02}{account}52040000530398654041.005802BR59{len(name):02}{name}6008BRASILIA"
        "62070503***6304"
    )
    check = 0xFFFF
    for code in body.encode():
        check ^= code << 8
        for _ in range(8):
            check = (check << 1 ^ (0x1021 if check & 0x8000 else 0)) & 0xFFFF
    return f"{body}{check:04X}", (key, key[-10:], name)


def _jwt(rng: random.Random) -> tuple[str, tuple[str, ...]]:
    claims = base64.urlsafe_b64encode(b'{"sub":"%s"}' % letters(rng, BASE62, 14).encode()).decode().rstrip("=")
    signature = letters(rng, BASE62, 43)
    return f"eyJhbGciOiJIUzI1NiJ9.{claims}.{signature}", (claims, signature[:8], signature[-8:])


def _private_key(rng: random.Random) -> tuple[str, tuple[str, ...]]:
    lines = [letters(rng, BASE62, 64) for _ in range(4)]
    body = "\n".join(lines)
    return f"-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----", tuple(line[:12] for line in lines)


def _kubernetes_secret(rng: random.Random) -> tuple[str, tuple[str, ...]]:
    drawn = letters(rng, BASE62, 24)
    encoded = base64.b64encode(drawn.encode()).decode()
    return (
        f"apiVersion: v1\nkind: Secret\nmetadata:\n  name: db\ntype: Opaque\ndata:\n  frob: {encoded}\n",
        (drawn[:8], drawn[-8:], encoded[:8], encoded[-8:]),
    )


def _basic(rng: random.Random) -> tuple[str, tuple[str, ...]]:
    drawn = letters(rng, BASE62, 18)
    encoded = base64.b64encode(f"svc:{drawn}".encode()).decode()
    return f"Basic {encoded}", (drawn[:8], drawn[-8:], encoded[8:16])


def _one(alphabet: str, length: int) -> Callable[[random.Random], tuple[str, ...]]:
    return lambda rng: (letters(rng, alphabet, length),)


KINDS: Mapping[str, tuple[str, Maker]] = {
    # cards and what belongs to them
    "card visa": ("pan", card("4539")),
    "card mastercard": ("card_number", card("5413")),
    "card mastercard 2": ("cardNumber", card("2223")),
    "card amex": ("cartao", card("3714", 15)),
    "card unionpay": ("tarjeta", card("6214")),
    "card rupay": ("numero_cartao", card("6521")),
    "card jcb": ("kart_no", card("3530")),
    "card elo": ("card", card("506699")),
    "card hipercard": ("nomor_kartu", card("606282")),
    "card verve": ("account", card("506118")),
    "track 1": ("track1", _track1),
    "track 2": ("track2", _track2),
    "pin block": ("pin_block", _number(lambda rng: letters(rng, "0123456789ABCDEF", 16))),
    "emv": ("emv", _emv),
    "iso 8583": ("dump", _iso8583),
    "pix code": ("qr", _pix),
    "iban": ("iban", _number(_iban)),
    # people
    "email": ("contact", _text(lambda rng: (f"{word(rng)}.{word(rng)}".lower(),), "{0}@example.com")),
    "phone br": ("telefone", _number(lambda rng: f"+55 11 9{digits(rng, 4)}-{digits(rng, 4)}")),
    "phone in": ("mobile", _number(lambda rng: f"+91 98{digits(rng, 8)}")),
    "phone ng": ("msisdn", _number(lambda rng: f"+234803{digits(rng, 7)}")),
    "phone id": ("nomor_hp", _number(lambda rng: f"+62812{digits(rng, 8)}")),
    "phone tr": ("telefon", _number(lambda rng: f"+90532{digits(rng, 7)}")),
    "name en": ("customer_name", _text(lambda rng: (word(rng), word(rng)), "{0} {1}")),
    "name pt": ("nome_titular", _text(lambda rng: (word(rng), word(rng)), "{0} da {1}")),
    "name es": ("nombre_cliente", _text(lambda rng: (word(rng), word(rng)), "{0} {1}")),
    "name fr": ("nom_client", _text(lambda rng: (word(rng), word(rng)), "{0} {1}")),
    "name tr": ("musteri_adi", _text(lambda rng: (word(rng), word(rng)), "{0} {1}")),
    "name id": ("nama_nasabah", _text(lambda rng: (word(rng), word(rng)), "{0} {1}")),
    "name vi": ("ho_ten", _text(lambda rng: (word(rng), word(rng)), "{0} {1}")),
    "address": ("billing_address", _text(lambda rng: (f"Rua {word(rng)}",), "{0} 1713")),
    "coordinates": ("location", _text(lambda rng: (f"-23.{digits(rng, 6)}", f"-46.{digits(rng, 6)}"), "{0},{1}")),
    "mac": ("device", _text(lambda rng: (":".join(letters(rng, HEX, 2) for _ in range(5)),), "0a:{0}")),
    "ip": ("client_ip", _text(lambda rng: (f"203.0.113.{rng.randrange(100, 255)}",), "{0}")),
    # national ids, tax ids, bank keys
    "cpf": ("cpf", _number(_cpf)),
    "cnpj": ("cnpj", _number(_cnpj)),
    "cuit": ("cuit", _number(_cuit)),
    "cbu": ("cbu", _number(_cbu)),
    "rut": ("rut", _number(_rut)),
    "nit": ("nit", _number(_nit)),
    "curp": ("curp", _number(_curp)),
    "rfc": ("rfc", _number(_rfc)),
    "clabe": ("clabe", _number(_clabe)),
    "aadhaar": ("aadhaar", _number(_aadhaar)),
    "pan in": ("pan_number", _number(_in_pan)),
    "gstin": ("gstin", _number(_gstin)),
    "nik": ("nik", _number(_nik)),
    "thai id": ("national_id", _number(_thai)),
    "tckn": ("tckn", _number(_tckimlik)),
    "za id": ("id_number", _valid(lambda rng: f"{_born(rng)}{digits(rng, 4)}08{rng.randrange(10)}", idnr.is_valid)),
    "cn id": ("id_card", _number(_chinese)),
    "bvn": ("bvn", _number(lambda rng: "22" + digits(rng, 9))),
    "nin": ("nin", _number(lambda rng: digits(rng, 11))),
    "dni ar": ("dni", _number(lambda rng: "3" + digits(rng, 7))),
    # secrets
    "jwt": ("token", _jwt),
    "aws key id": ("key_id", _secret("AK" + "IA", string.ascii_uppercase + "234567", 16)),
    "aws secret": ("aws_secret_access_key", _secret("", BASE62, 40)),
    "gcp key": ("key", _secret("AI" + "za", BASE62, 35)),
    "azure key": ("AccountKey", _secret("", BASE62, 86, "==")),
    "github": ("github_token", _secret("gh" + "p_", BASE62, 36)),
    "slack": ("slack", _secret("xo" + "xb-" + "1234567890-", BASE62, 24)),
    "openai": ("openai", _secret("s" + "k-proj-", BASE62, 48)),
    "stripe": ("stripe", _secret("sk" + "_live_", BASE62, 24)),
    "password": ("senha", _secret("", BASE62, 14)),
    "private key": ("pem", _private_key),
    "dsn": ("dsn", _text(_one(BASE62, 16), "postgres://svc:{0}@db.example.com/pay")),
    "basic auth": ("Authorization", _basic),
    "bearer": ("authorization", _text(_one(BASE62, 32), "Bearer {0}")),
    "cookie": ("Cookie", _text(_one(BASE62, 32), "session={0}; theme=dark")),
    "signed url": (
        "url",
        _text(_one(HEX, 64), "https://b.example.com/o?X-Amz-Date=20261129T000000Z&X-Amz-Signature={0}"),
    ),
    "k8s secret": ("manifest", _kubernetes_secret),
}
SELF_EVIDENT = frozenset(
    (
        "track 1",
        "emv",
        "iso 8583",
        "pix code",
        "iban",
        "email",
        "phone in",
        "phone ng",
        "phone id",
        "phone tr",
        "mac",
        "ip",
    )
) | frozenset(("dsn", *tuple(KINDS)[list(KINDS).index("jwt") :])) - {"aws secret", "azure key", "password"}
"""Kinds that need no key beside them, wherever they stand."""
WITHOUT_KEY = ("cpf", "cnpj", "cbu", "rut", "curp", "rfc", "clabe", "aadhaar", "gstin", "tckn", "za id", "cn id")
"""Those whose check digits or shape are enough under keys that say nothing."""


def plant(kind: str, seed: int | str, key: str | None = None) -> Planted:
    """The value of a kind and a seed, under the kind's key or another one."""
    usual, make = KINDS[kind]
    value, telling = make(random.Random(f"{kind} {seed}"))
    return Planted(kind, key or usual, value, telling)


def survivors(telling: tuple[str, ...], cleaned: str) -> list[str]:
    """Which telling parts came out, upper and lower case alike."""
    low = cleaned.casefold()
    return [part for part in telling if part.casefold() in low]
