"""Names in prose by a list of given names, titles and greetings; honest about what it does not know."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.gazetteers.names import names, plain_name
from opswarden.redaction.recognizers.person_in_prose import PERSON_IN_PROSE

TABLE: list[tuple[str, str, list[str]]] = [
    ("a second given name behind a hyphen", "appel de Jean-Baptiste Vask", ["Jean-Baptiste Vask"]),
    ("words with a hyphen", "Monte-Carlo Simulation, Pre-Auth Hold, Hewlett-Packard Printer", []),
    ("a family name in front", "khách hàng Lê Thị Mai, Nguyen Van Thanh", ["Lê Thị Mai", "Nguyen Van Thanh"]),
    ("what follows a name", "cliente Beatriz Vasklund CPF 1, Elif Vask TC kimlik", ["Beatriz Vasklund", "Elif Vask"]),
    ("a key behind a name", "Nm=Beatriz Vasklund OrgnlTxRef.Id=1", ["Beatriz Vasklund"]),
    ("a family name in capitals", "Beatriz VASKLUND DUPONT", ["Beatriz VASKLUND DUPONT"]),
    ("a given name and a surname", "payout of Beatriz Vasklund failed", ["Beatriz Vasklund"]),
    ("behind what a card's owner is called", "Cardholder Beatriz Vasklund declined", ["Beatriz Vasklund"]),
    ("in quotes behind it, on no list", 'account holder "Xolq Vasklund" not found', ["Xolq Vasklund"]),
    ("a thing behind it", "Cardholder Verification Method and beneficiary Bank Name", []),
    ("a thing in quotes behind it", "account holder 'Ledger Service' is down", []),
    ("three names", "called Thandiwe Grace Mokwena twice", ["Thandiwe Grace Mokwena"]),
    ("a particle", "the account of João da Quill is locked", ["João da Quill"]),
    ("accents do not matter", "Jose Quillon and José Vask", ["Jose Quillon", "José Vask"]),
    ("a hyphen in the given name", "Marie-Claire Vask wrote", ["Marie-Claire Vask"]),
    ("an initial", "Priya K. Vask asked", ["Priya K. Vask"]),
    ("a title before an unknown name", "Dr. Quillvask will call", ["Quillvask"]),
    ("a title in another language", "Sra. Quillvask pediu; Ibu Vaskita juga", ["Quillvask", "Vaskita"]),
    ("a greeting before a given name", "Hi Fatima, your payout", ["Fatima"]),
    ("a signature", "Regards,\nThabo", ["Thabo"]),
    ("a cue of several words", "my name is Nguyen, I", []),
    ("a cue and a known name", "I spoke to Wanjiku yesterday", ["Wanjiku"]),
    ("Spanish", "me llamo Ximena y", ["Ximena"]),
    ("a surname alone is not known", "Vasklund called", []),
    ("small letters are not known", "beatriz vasklund called", []),
    ("a service in two words", "Payments Api and Carlos Service restarted", []),
    ("a class", "MariaDbConnector Maria.Connect failed", []),
    ("a package path", "com.maria.Vask at Maria/Vask", []),
    ("log words", "Task Tracker Received Block Name Node", []),
    ("months and days", "Sun Dec 04 Mon Jan 05", []),
    ("a greeting before a thing", "Hello World", []),
    ("a title of a thing", "Dr. Watson Service", []),
    ("a method", "Paulo Vask(1)", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(PERSON_IN_PROSE, text) == values


def test_the_list_is_plain() -> None:
    listed = names("given_names")
    assert len(listed) > 1_500
    assert all(name == plain_name(name) and name.isalpha() for name in listed)


def test_no_name_of_the_list_is_a_word_of_operations() -> None:
    words = "made may mark will page joy jan jun lan ion java ruby chase grant amber kafka jenkins apollo maven".split()
    assert names("given_names").isdisjoint(words)
