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
    ("Napas", f"paid with {issued('9704', 19)}", [issued("9704", 19)]),
    ("UnionPay without check digit, called a card", "card 6212345678901234 declined", ["6212345678901234"]),
    ("UATP, called a card", f"uatp card {issued('1', 15)}", [issued("1", 15)]),
    ("Maestro of 12 digits in groups", "6767 7392 0167", ["6767 7392 0167"]),
    (
        "UnionPay in 6 and 13",
        f"{issued('621234', 19)[:6]} {issued('621234', 19)[6:]}",
        [f"{issued('621234', 19)[:6]} {issued('621234', 19)[6:]}"],
    ),
    ("as languages print large numbers", "n=4.111111111111111E15", ["4.111111111111111E15"]),
    ("as hex digits of its characters", "34" + "31" * 15, ["34" + "31" * 15]),
    ("in Vietnamese", "số thẻ 9704000000000018", ["9704000000000018"]),
    ("under a Russian key", "номер_карты=4111111111111112", ["4111111111111112"]),
    ("under a Chinese key", "卡号: 4111111111111112", ["4111111111111112"]),
    ("inside an order's key that says card", f"order_card={VISA}", [VISA]),
    ("an id's value with a card in it", f"order_id=ab12 pan={VISA}", [VISA]),
    ("first 6 and last 6", "411111****111111", ["411111****111111"]),
    ("first 10 and last 4", "4111111111**1111", ["4111111111**1111"]),
    ("first 10 in groups", "4111-1111-11**-1111", ["4111-1111-11**-1111"]),
    ("first 8 of American Express", "37828224***0005", ["37828224***0005"]),
    ("last 8 of a card", "card ********11111111", ["********11111111"]),
    # What is no card.
    ("first 6 and last 4", "411111******1111", []),
    ("first 8 and last 4 of 16", "41111111****1111", []),
    ("first 6 in groups", "4111 11XX XXXX 1111", []),
    ("last 4", "card ****1111, ending in 1111, **** **** **** 1111", []),
    ("first 6 and last 4, dots", "411111...1111", []),
    ("first 6 and last 4 of American Express", "378282*****0005", []),
    ("bin and last four", "bin=41111111 iin=411111 last4=1111", []),
    ("dotted lines", "chunk 12345678...12345678 of 4111111111...", []),
    ("a multiplication", "4111111111**2 and 0xx1111", []),
    ("a fraction", "score=0.4539578763621486", []),
    ("a list of orders", '"order_ids":[4111111111111111,5555555555554444]', []),
    ("a boleto's line", "34191.79001 01043.510047 91020.150008 5 84410026000", []),
    ("a boleto's line in one piece", "34191790010104351004791020150008584410026000", []),
    ("an end-to-end id", "EndToEndId=E2E-4111111111111111", []),
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
    ("two figures each, with hyphens", "saw 45-39-57-87-63-62-14-86 ok", ["45-39-57-87-63-62-14-86"]),
    ("two figures each, of a card", "card 45 39 57 87 63 62 14 86 ok", ["45 39 57 87 63 62 14 86"]),
    ("columns of two figures", "row 45 39 57 87 63 62 14 86 ok", []),
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
