"""Phone numbers of the markets."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.phone_number import PHONE_NUMBER

TABLE: list[tuple[str, str, list[str]]] = [
    ("keys with a number's sign", '{"mobileNo":"09171234567","cellNo":"0724445566"}', ["09171234567", "0724445566"]),
    ("whose it is", "her number 0803 555 1212, no hp 0813 1234 5678", ["0803 555 1212", "0813 1234 5678"]),
    ("how often it is", "error number 0803, number 08035551212", []),
    ("India, behind a name", "cust Priya (98200 12345) and (12345 67890), rows 98200 12345", ["98200 12345"]),
    ("Hindi", "मोबाइल 98765 43210, त्रुटि", ["98765 43210"]),
    ("French, whose it is", "mon numéro est le 07 08 12 34 56 depuis hier", ["07 08 12 34 56"]),
    ("a wallet's", "'momo': '0244123456', 'momo_tries': 12345678", ["0244123456"]),
    ("the parties of M-Pesa", '"PartyA":"254708374149","PartyB":"174379"', ["254708374149"]),
    ("the payer of MoMo", '"partyIdType":"MSISDN","partyId":"256774290781"', ["256774290781"]),
    ("of WhatsApp", '{"wa_id":"233241234567","from":"233241234567"}', ["233241234567", "233241234567"]),
    ("Mexico as gateways still write it", "SMPP submit_sm src=PAYCO dst=5215512345678", ["5215512345678"]),
    ("ends of a range", "offsets from=233241234567 to=233241234599", []),
    ("a time in a message", "sms batch from=20260304101511 to=1771234567123", []),
    ("a party that is no number", "party_id=123456789012 caller=main.go:33", []),
    ("Turkey, behind its word", "müşteri cep 0532 123 45 67, concept 0532 123 45 67", ["0532 123 45 67"]),
    ("Brazil", "call +5511987654321 now", ["+5511987654321"]),
    ("Brazil in groups", "to +55 11 98765-4321", ["+55 11 98765-4321"]),
    ("Kenya, in Swahili", "namba ya simu 0754 123 456, ameshindwa", ["0754 123 456"]),
    ("Vietnam", "SĐT: 0987 654 321, lỗi 51", ["0987 654 321"]),
    ("a 3-D Secure request", '"mobilePhone":{"cc":"976","subscriber":"99112233"}', ["99112233"]),
    ("a column of Indonesia", "id;hp\n1;081234567890", ["081234567890"]),
    ("India", "+91 98765 43210,", ["+91 98765 43210"]),
    ("Nigeria", "msisdn +2348031234567", ["+2348031234567"]),
    ("United States with brackets", "+1 (212) 555-0123", ["+1 (212) 555-0123"]),
    ("with an extension", "+1-212-555-0123x42", ["+1-212-555-0123x42"]),
    ("a status after it", "+55 11 98765-4321 200 OK", ["+55 11 98765-4321"]),
    ("00 for plus", "from 005511987654321 to", ["005511987654321"]),
    ("local with brackets", "(11) 98765-4321", ["(11) 98765-4321"]),
    ("North American with dashes", "212-555-0123", ["212-555-0123"]),
    ("under a key", "phone=11987654321 x", ["11987654321"]),
    ("under a key in JSON", '"telefone": "(11) 98765-4321"', ["(11) 98765-4321"]),
    ("under a key of two words", "customer.phoneNumber: 98765 43210", ["98765 43210"]),
    ("under a Turkish key", '"cep_telefonu":"0532 123 45 67"', ["0532 123 45 67"]),
    ("spoken of", "phone number is 467 3395", ["467 3395"]),
    ("on the line after the word", "Fax:\n259.735.7502x459", ["259.735.7502x459"]),
    # What is no number of a phone.
    ("a time zone", "2026-11-23T10:00:00+05:30 +0530", []),
    ("a difference", "delta=+12345678 diff +99999999", []),
    ("an exponent", "1e+1234567890", []),
    ("an order id", "order 20261123194741", []),
    ("a date and a number", "2026-11-23 1234567", []),
    ("an id with dashes", "req-212-555-0123-x", []),
    ("zeros in front", "0000123456789012", []),
    ("a hotel", "hotel 1234567", []),
    ("a key that ends otherwise", "phone_verification_ms=1234567", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(PHONE_NUMBER, text) == values


def test_separators_make_no_other_number() -> None:
    assert PHONE_NUMBER.identity("+55 (11) 98765-4321") == PHONE_NUMBER.identity("005511987654321")
