"""Card numbers by issuer range, length and check digit."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from stdnum import luhn as luhn_digit

from opswarden.redaction.recognizers.card_ranges import in_range, luhn
from opswarden.redaction.recognizers.credit_card import CREDIT_CARD


def issued(prefix: str, length: int) -> str:
    """A number that begins so, is so long and has the right check digit."""
    body = (prefix + "73920164850127369")[: length - 1]
    return body + luhn_digit.calc_check_digit(body)


VISA, MASTERCARD, MASTERCARD_2 = "4111111111111111", "5555555555554444", "2223003122003222"

TABLE: list[tuple[str, str, list[str]]] = [
    ("a bare number", f"card {VISA} declined", [VISA]),
    ("13 digits", "pan 4222222222222", ["4222222222222"]),
    ("19 digits", "x 4111111111111111110 y", ["4111111111111111110"]),
    ("Mastercard", f"paid with {MASTERCARD}.", [MASTERCARD]),
    ("Mastercard 2-series", f"paid with {MASTERCARD_2}", [MASTERCARD_2]),
    ("American Express in its own groups", "3782 822463 10005", ["3782 822463 10005"]),
    ("Diners Club in its own groups", "3056 930902 5904", ["3056 930902 5904"]),
    ("Diners Club of 14 digits", f"{issued('36', 14)};", [issued("36", 14)]),
    ("JCB", issued("3530", 16), [issued("3530", 16)]),
    ("JCB of 15 digits", issued("2131", 15), [issued("2131", 15)]),
    ("Discover", issued("6011", 16), [issued("6011", 16)]),
    ("UnionPay of 19 digits", f"{issued('621234', 19)} done", [issued("621234", 19)]),
    ("RuPay", issued("608201", 16), [issued("608201", 16)]),
    ("RuPay in the 8s", issued("817201", 16), [issued("817201", 16)]),
    ("Elo", issued("636297", 16), [issued("636297", 16)]),
    ("Hipercard", issued("606282", 16), [issued("606282", 16)]),
    ("Verve of 18 digits", issued("506099", 18), [issued("506099", 18)]),
    ("Maestro of 12 digits", issued("676770", 12), [issued("676770", 12)]),
    ("Mir", issued("220012", 16), [issued("220012", 16)]),
    ("Troy", issued("9792", 16), [issued("9792", 16)]),
    ("spaces", "4111 1111 1111 1111", ["4111 1111 1111 1111"]),
    ("dashes", "4111-1111-1111-1111", ["4111-1111-1111-1111"]),
    ("dots", "4111.1111.1111.1111", ["4111.1111.1111.1111"]),
    ("underscores", "4111_1111_1111_1111", ["4111_1111_1111_1111"]),
    ("a digit at a time", "4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1", ["4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1"]),
    ("broken at the end of a line", "4111 1111\n1111 1111", ["4111 1111\n1111 1111"]),
    ("broken in two halves", "41111111\n11111111\n", ["41111111\n11111111"]),
    ("between underscores", f"pan_{VISA}_x", [VISA]),
    ("between letters", f"x{VISA}y", [VISA]),
    ("behind an escaped line break", rf"first\n{VISA}\nlast", [VISA]),
    ("behind other digits", "1699999999 4111 1111 1111 1111", ["4111 1111 1111 1111"]),
    ("before other digits", "4111 1111 1111 1111 200", ["4111 1111 1111 1111"]),
    ("two in a row", f"{VISA},{MASTERCARD}", [VISA, MASTERCARD]),
    ("groups beat an id's key", "order_id=4111 1111 1111 1111", ["4111 1111 1111 1111"]),
    ("in no range, but called a card", "card number 3598899323053410 is lost", ["3598899323053410"]),
    ("mistyped under a card's key", "card_number=4111111111111112", ["4111111111111112"]),
    ("in any groups under a card's key", '"pan":"411111 11111 11111"', ["411111 11111 11111"]),
    ("under a key in another language", "numero_do_cartao: 4111111111111112", ["4111111111111112"]),
    ("in a query string", f"/pay?card={VISA}&amount=1", [VISA]),
    # What is no card.
    ("check digit wrong", "4111111111111112", []),
    ("no issuer's range", "7992739871300000", []),
    ("range without its length", "41111111111111", []),
    ("an order id that would pass", f"order_id={VISA}", []),
    ("an order id in JSON", f'{{"order_id": "{VISA}"}}', []),
    ("a trace id of 32 hex digits", f"trace 4bf92f{VISA}e0e4736abc", []),
    ("a UUID", "41111111-1111-4111-8111-111111111111", []),
    ("a block id of 19 digits", "blk_-5078186985701364842", []),
    ("epoch milliseconds", "ts=1764000000000 1764000000018", []),
    ("epoch nanoseconds", "1764000000000000000", []),
    ("a timestamp in one piece", "20261123194741123456", []),
    ("columns of figures", "7048 5032 150968 240 4111", []),
    ("a truncated number", "411111******1111", []),
    ("separators that change", "4111-1111 1111.1111", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(CREDIT_CARD, text) == values


def test_key_of_a_json_number(finds: Callable[..., list[str]]) -> None:
    assert finds(CREDIT_CARD, VISA, "payment.card_number") == [VISA]
    assert finds(CREDIT_CARD, VISA, "order.id") == []


def test_card_numbers_never_enter_the_vault() -> None:
    assert not CREDIT_CARD.restorable


@pytest.mark.parametrize("digits", ["79927398713", VISA, "0"])
def test_luhn(digits: str) -> None:
    assert luhn(digits)
    assert not luhn(digits[:-1] + str((int(digits[-1]) + 1) % 10))


@pytest.mark.parametrize(
    ("digits", "expected"),
    [("2221" + "0" * 12, True), ("2220" + "9" * 12, False), ("2720" + "9" * 12, True), ("2721" + "0" * 12, False)],
)
def test_ranges_end_where_the_scheme_says(digits: str, expected: bool) -> None:
    assert in_range(digits) is expected
