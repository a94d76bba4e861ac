from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from opswarden.policies.words import LIMIT_CHARACTERS, Words

ASKED = (
    "Please roll back payout-scorer to version 11 and tell #fraud-oncall 'scores are back to normal'. "
    "Scale Bob's queue-worker to 12 replicas on May 20th at 10:30, budget 2,500.00; ticket OPS-4711."
)

SAID: list[tuple[str, str, str, bool]] = [
    ("a name", "payout-scorer", "", True),
    ("in other case and width", "Payout-Scorer", "", True),
    ("a quoted text", "scores are back to normal", "", True),
    ("a quoted text with its full stop", "Scores are back to normal.", "", True),
    ("words in a row", "queue-worker to 12 replicas", "", True),
    ("a short name with a capital", "Bob", "", True),
    ("a ticket", "OPS-4711", "", True),
    ("a part of a name is another name", "payout", "", False),
    ("a longer name is another name", "payout-scorer-v2", "", False),
    ("words that are not in a row", "scores normal", "", False),
    ("a short plain word", "back", "", False),
    ("a short name in small letters", "bob", "", False),
    ("a short number beside its name", "11", "version", True),
    ("a short number beside another name", "11", "replicas", False),
    ("a short number alone", "11", "", False),
    ("nothing", "", "", False),
    ("what was never written", "checkout", "", False),
    ("a placeholder that looks like a word", "<ticket>", "", False),
]


@pytest.mark.parametrize(("text", "label", "expected"), [row[1:] for row in SAID], ids=[row[0] for row in SAID])
def test_what_the_person_wrote(text: str, label: str, expected: bool) -> None:
    assert Words(ASKED).say(text, label=label) is expected


def test_numbers_count_by_value_and_beside_their_name() -> None:
    words = Words(ASKED)
    assert words.say_number(Decimal(2500))
    assert words.say_number(Decimal(12), label="replicas")
    assert words.say_number(Decimal(11), label="to_version")
    assert not words.say_number(Decimal(12), label="version")
    assert not words.say_number(Decimal(25))


def test_moments_need_the_day_and_the_time() -> None:
    words = Words(ASKED)
    assert words.say_moment(datetime(2026, 5, 20, 10, 30, tzinfo=UTC))
    assert not words.say_moment(datetime(2026, 5, 20, 11, 30, tzinfo=UTC))
    assert not words.say_moment(datetime(2026, 5, 21, 10, 30, tzinfo=UTC))
    assert words.say_date(date(2026, 5, 20))
    assert not Words("on 2026-05-20").say_date(date(2027, 5, 20))
    assert Words("el 20 de mayo de 2026 a las 16h30").say_moment(datetime(2026, 5, 20, 16, 30, tzinfo=UTC))
    assert Words("on 20 May 2026, 4 pm").say_moment(datetime(2026, 5, 20, 16, 0, tzinfo=UTC))


def test_flags_are_said_by_their_name() -> None:
    assert Words("set up a recurring payment").say_flag(True, "is_recurring")
    assert not Words("set up a payment").say_flag(True, "is_recurring")
    assert Words("set up a payment").say_flag(False, "is_recurring")
    assert not Words("set up a recurring payment").say_flag(False, "is_recurring")


VERBS: list[tuple[str, str, bool]] = [
    ("a command", "please roll back payout-scorer", True),
    ("another form", "go ahead with rolling back? no: roll back payout-scorer", True),
    ("in the second sentence", "It is slow. Roll back payout-scorer.", True),
    ("another verb", "restart payout-scorer", False),
    ("denied", "do not roll back payout-scorer", False),
    ("denied in Spanish", "no roll back payout-scorer", False),
    ("denied for long before", "don't ever roll back payout-scorer", False),
    ("denied in the sentence before", "I would not. Roll back payout-scorer.", True),
    ("asked about", "should we roll back payout-scorer?", False),
    ("told about", "who did roll back payout-scorer?", False),
    ("only quoted", "what does 'roll back payout-scorer' mean", False),
    ("in a block of code", "see:\n```\nroll back payout-scorer\n```\nand explain", False),
    ("in a line that cites somebody", "> roll back payout-scorer\nexplain this", False),
]


@pytest.mark.parametrize(("text", "expected"), [row[1:] for row in VERBS], ids=[row[0] for row in VERBS])
def test_a_verb_asks_only_where_it_is_meant(text: str, expected: bool) -> None:
    assert Words(text).call_for(("roll back",)) is expected


def test_values_in_code_and_cited_lines_are_not_the_persons() -> None:
    words = Words("roll back this:\n```\nservice: payments-core\n```\n> billing-core is down")
    assert not words.say("payments-core")
    assert not words.say("billing-core")


def test_gaps_are_filled_once_and_the_rest_is_the_persons() -> None:
    words = Words("comment 'Rolled back {model} to {version}, {model} is fine.' on the ticket")
    assert words.filled("Rolled back scorer to 11, scorer is fine.") == ("scorer", "11")
    assert words.filled("Rolled back scorer to 11, other is fine.") == ()
    assert words.filled("Rolled back scorer to 11, scorer is fine. And more.") == ()


def test_a_request_beyond_the_limit_is_not_read() -> None:
    assert not Words("x " * LIMIT_CHARACTERS + "payout-scorer").say("payout-scorer")


@pytest.mark.parametrize("text", ["", "''''''", "```", "{" * 5000, "'{a}" * 2000, "\u202e\x00\ud7ff", "9" * 20_000])
def test_garbage_is_nobodys_words(text: str) -> None:
    words = Words(text)
    assert not words.say("payout-scorer")
    assert not words.call_for(("delete",))


ABOUT: list[tuple[str, str, str, bool]] = [
    ("named for another reason", "Find out why payouts fail. Then pause settlements.", "payouts", False),
    ("named beside the verb", "Find out why payouts fail. Then pause settlements.", "settlements", True),
    ("named before the verb", "For settlements, please pause it", "settlements", True),
    ("of another command", "Pause settlements, scale payouts to 3 replicas", "payouts", False),
    ("of another command in between", "Scale payouts to 3, then pause settlements", "payouts", False),
    ("in a sentence behind", "Pause it tonight. The name is settlements.", "settlements", True),
    ("behind a sentence about another thing", "Pause it. Then scale payouts. It is settlements.", "settlements", False),
    ("of a command that was denied", "Do not pause payouts. Pause settlements.", "payouts", False),
    ("several words in a row, wherever they stand", "About payouts of Africa: pause it", "payouts of Africa", True),
]


@pytest.mark.parametrize(("text", "value", "expected"), [row[1:] for row in ABOUT], ids=[row[0] for row in ABOUT])
def test_a_single_word_counts_beside_its_verb(text: str, value: str, expected: bool) -> None:
    assert Words(text).about(("pause",), ("scale", "roll back")).say(value) is expected


def test_a_verb_of_two_words_is_no_other_ones_command() -> None:
    words = Words("Set up a standing order. The account is 4711-ABC.").about(("set up",), ("set", "pay"))
    assert words.say("4711-ABC")
