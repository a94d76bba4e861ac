"""Card numbers: an issuer's range, the right length and the check digit; the check digit alone makes no card."""

from __future__ import annotations

import re

from ..definition import Definition, Digits, Hit, Keyed, alphanumeric
from ..key_names import ends_with, key_words
from ..key_values import key_behind
from .card_ranges import in_range, luhn

KEYS = frozenset(
    "pan card card_number card_no card_num cc cc_number cc_num ccn credit_card credit_card_number debit_card "
    "debit_card_number primary_account_number account_pan funding_pan dpan fpan cardholder_pan "
    "cartao numero_cartao numero_do_cartao tarjeta numero_tarjeta numero_de_tarjeta carte numero_carte "
    "kart kart_no kart_numarasi kartu nomor_kartu so_the 卡号 номер_карты".split()
)
_CARD_WORDS = frozenset({"pan", "card", "cc", "ccn", "dpan", "fpan", "cartao", "tarjeta", "kart", "kartu", "carte"})
# What such a key holds is a number of its own, whatever its check digit says.
_IDS = frozenset(
    "id ids order txn tx transaction trace span request req ref reference rrn arn stan seq sequence offset position "
    "ts timestamp time epoch millis micros nanos ns us ms nonce block blk job task attempt container application app "
    "session correlation size bytes length len count total sum duration latency elapsed version build revision rev "
    "uid uuid guid hash checksum crc etag digest serial batch file row line lsn xid gtid partition shard message msg "
    "event invoice ticket case tracking imei imsi iccid barcode ean gtin upc sku".split()
)
_SPOKEN_OF = re.compile(
    r"(?<![a-z])(?:card|cartao|cartão|tarjeta|carte|kartu|pan|visa|master ?card|amex|maestro|elo|rupay)(?![a-z])",
    re.IGNORECASE,
)
_SPOKEN_REACH = 32
_TOKEN = re.compile(r"[0-9A-Za-z]{0,128}")
_HEX = re.compile(r"[0-9a-fA-F]+\Z")
_HASH_LENGTHS = frozenset({16, 24, 32, 40, 48, 56, 64, 96, 128})
_UUID_PART = re.compile(r"[0-9a-fA-F\-]{0,36}")
_UUID = re.compile(r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}")
# Numbers this long that hang on a word are block, snowflake and row ids far more often than cards.
_SELDOM = 17


def _in_hash(text: str, start: int, end: int) -> bool:
    """Whether the digits are part of a hash of a usual length, or of a UUID."""
    first, last = _stretch(_TOKEN, text, start, end)
    if last - first > end - start and last - first in _HASH_LENGTHS and _HEX.match(text[first:last]):
        return True
    first, last = _stretch(_UUID_PART, text, start, end)
    return any(match.start() < end and match.end() > start for match in _UUID.finditer(text, first, last))


def _stretch(part: re.Pattern[str], text: str, start: int, end: int) -> tuple[int, int]:
    """How far to both sides the characters of a token go."""
    left, right = part.match(text[max(0, start - 128) : start][::-1]), part.match(text, end)
    return start - (left.end() if left else 0), right.end() if right else end


def _is_card_key(key: str) -> bool:
    return ends_with(key, KEYS) or not _CARD_WORDS.isdisjoint(key_words(key))


def _is_card(digits: str, text: str, start: int) -> bool:
    """The check digit fits, and an issuer's range or a word in front says that it is a card."""
    return luhn(digits) and (
        in_range(digits) or _SPOKEN_OF.search(text, max(0, start - _SPOKEN_REACH), start) is not None
    )


def _bare(text: str, start: int, end: int) -> Hit | None:
    digits = text[start:end]
    if not _is_card(digits, text, start):
        return None
    key = key_behind(text, start)
    if key is not None and not _is_card_key(key):
        touches = text[start - 1] in "_-#"
        if ends_with(key, _IDS) or (touches and len(digits) >= _SELDOM):
            return None
    return None if _in_hash(text, start, end) else (start, end, 1.0)


def _grouped(text: str, start: int, end: int) -> Hit | None:
    digits = "".join(part for part in text[start:end] if part.isdigit())
    if not _is_card(digits, text, start) or _in_hash(text, start, end):
        return None
    return start, end, 1.0


def _wrapped(text: str, start: int, end: int) -> Hit | None:
    """Broken at the end of a line, with nothing else beside it."""
    beside = text[start - 1 : start] if start else "", text[end : end + 1]
    if any(each and not each.isspace() and each not in "\"'=:,;()[]{}<>" for each in beside):
        return None
    return _grouped(text, start, end)


def _keyed(text: str, start: int, end: int) -> Hit | None:
    """Under a card's key any number of that length goes, mistyped ones too."""
    count = sum(part.isdigit() for part in text[start:end])
    return (start, end, 0.9) if 12 <= count <= 19 else None


_SEPARATOR = r"([ \t.\-/_]|\r?\n)"
# A line may end where a separator would be.
_AGAIN = r"(?:\2|\r?\n)"
# As cards are printed, the same separator throughout. Other groupings are columns of figures, unless a key says more.
_GROUPINGS = (
    rf"[0-9]{{4}}{_SEPARATOR}[0-9]{{4}}{_AGAIN}[0-9]{{4}}{_AGAIN}[0-9]{{4}}{_AGAIN}[0-9]{{1,3}}",
    rf"[0-9]{{4}}{_SEPARATOR}[0-9]{{4}}{_AGAIN}[0-9]{{4}}{_AGAIN}[0-9]{{1,4}}",
    rf"[0-9]{{4}}{_SEPARATOR}[0-9]{{6}}{_AGAIN}[0-9]{{4,5}}",
    rf"[0-9]{{4}}{_SEPARATOR}[0-9]{{4}}{_AGAIN}[0-9]{{5}}",
    # Digit by digit, and nothing but the card.
    rf"(?<![0-9][ \t.\-/_])[0-9]{_SEPARATOR}[0-9](?:\2[0-9]){{13,14}}(?!\2[0-9])",
)

CREDIT_CARD = Definition(
    "CREDIT_CARD",
    (
        Digits(r"(?<![0-9])[0-9]{12,19}(?![0-9])", least=12, check=_bare),
        *(Digits(rf"(?<![0-9]){grouping}(?![0-9])", least=14, check=_grouped) for grouping in _GROUPINGS),
        Digits(r"(?<![0-9])[0-9]{4,12}\r?\n[0-9]{4,12}(?![0-9])", least=14, check=_wrapped),
        Keyed(KEYS, bare=r"[0-9](?:[ \t.\-/_]{0,2}[0-9]){11,18}+(?![0-9])", check=_keyed),
    ),
    restorable=False,
    identity=alphanumeric,
)
