"""Expiry dates of cards: with the number they are cardholder data, on their own they are just dates."""

from __future__ import annotations

import re

from ..definition import Anchored, Definition, Digits, Hit, Keyed
from ..payments.card_line import BEHIND_NUMBER, SHAPE, STROKES, expiry
from .card_ranges import in_range, luhn

_OF_CARDS = frozenset(
    "card_exp card_expiry card_expiration card_expire card_exp_date card_expiry_date card_expiration_date cc_exp "
    "cc_expiry exp_date_card expiration_date_card pan_expiry pan_exp validade_cartao validade_do_cartao "
    "vencimiento_tarjeta fecha_vencimiento_tarjeta kart_son_kullanma skt card_valid_thru valid_thru validthru "
    "exp_month_year expmmyy expyymm".split()
)
_OF_MANY_THINGS = frozenset(
    "exp expiry expiration expires exp_date exp_dt expiry_dt expdate expiry_date expiration_date "
    "exp_month exp_year expiry_month "
    "expiry_year expiration_month expiration_year expmonth expyear validade data_validade data_de_validade vencimento "
    "vencimiento fecha_vencimiento fecha_de_vencimiento caducidad fecha_caducidad date_expiration "
    "son_kullanma_tarihi masa_berlaku tanggal_kadaluarsa ngay_het_han valid_until de14 de014 f14 field14 "
    "field_14".split()
)
_DATE = (
    r"(?:(?:0[1-9]|1[0-2])[ ]?[/\-. ]?[ ]?(?:20)?[2-4][0-9]|(?:20)?[2-4][0-9][/\-.]?(?:0[1-9]|1[0-2])"
    r"|[1-9][/\-.](?:20)?[2-4][0-9]|(?:0?[1-9]|1[0-2])|20[2-4][0-9]|[2-4][0-9])(?![0-9A-Za-z:/\-]|\.[0-9])"
)
_SPOKEN = (
    r"(?<![A-Za-z0-9_])(?i:exp\.?|expiry|expires|vence|vencim(?:e|ie)nto|skt) "
    r"(?P<value>(?:0[1-9]|1[0-2])/(?:20)?[2-4][0-9])(?![0-9/])"
)
_REACH = 120
_CONTEXT = re.compile(
    r"(?<![A-Za-z])(?:card|cards|pan|cvv2?|cvc2?|cc|cartao|cartão|tarjeta|carte|kart|kartu|cardholder|visa|mastercard|"
    r"amex|de0?02|f0?2)(?![A-Za-z0-9])|card[_A-Z]|[a-z]Card",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"(?<![0-9])(?:[0-9]{12,19}|[0-9]{4}(?:[ \-][0-9]{4}){3})(?![0-9])")
_COVERED = re.compile(r"[0-9]{4,8}[*xX•.]{3,12}[0-9]{4}|[*•]{4}[ \-]?[0-9]{4}")


def _in_card_context(text: str, start: int, end: int) -> Hit | None:
    """With a card's number, or a word for a card, close to it in the same line."""
    first = max(text.rfind("\n", max(0, start - _REACH), start) + 1, start - _REACH, 0)
    last = text.find("\n", end, end + _REACH)
    beside = text[first:start], text[end : last if last >= 0 else end + _REACH]
    for part in beside:
        if _CONTEXT.search(part) or _COVERED.search(part):
            return start, end, 0.8
        for number in _NUMBER.finditer(part):
            digits = number.group().replace(" ", "").replace("-", "")
            if in_range(digits) and luhn(digits):
                return start, end, 0.8
    return None


CARD_EXPIRY = Definition(
    "CARD_EXPIRY",
    (
        Keyed(_OF_CARDS, bare=_DATE, score=0.85),
        Keyed(_OF_MANY_THINGS, bare=_DATE, check=_in_card_context),
        Anchored(
            ("exp ", "exp. ", "expiry ", "expires ", "vence ", "vencimento ", "vencimiento ", "skt "),
            after=_SPOKEN,
            check=_in_card_context,
        ),
        Digits(SHAPE, least=22, check=expiry),
        Anchored(STROKES, after=BEHIND_NUMBER, check=expiry),
    ),
    restorable=False,
)
