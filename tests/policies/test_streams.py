"""Pieces of an answer: together the cleaned whole, and never more than the whole shows."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opswarden.policies.streams import CleanStream
from opswarden.redaction.engine import Redaction
from opswarden.redaction.memory_vault import MemoryVault
from opswarden.redaction.run import RunRedactor
from opswarden.redaction.types import Cleaned, TextWithheld

REDACTION = Redaction()
FILLER = "the baker opened the oven\n\n" * 150
NAME = "Zuqbyvdwo Jyrgwebkaf"
SECRETS: dict[str, tuple[str, tuple[str, ...]]] = {
    "a card on two lines": ("the card is 4539 3771\n3616 8550 ok\n\n", ("3771", "8550")),
    "rows of a table": (f"ts,customer_name,state\n1,{NAME},ok\n2,{NAME},ok\n\n", ("Zuqb", "Jyrg")),
    "a manifest whose kind comes last": (
        f"apiVersion: v1\ndata:\n  frob: eDlLcUxtMlB6Ujd0\n{'  x: y' * 600}\nkind: Secret\n\n",
        ("eDlL",),
    ),
    "a manifest between fences": (
        "```yaml\nkind: Secret\n\ndata:\n  frob: eDlLcUxtMlB6Ujd0VmJZdzNOY0Q=\n```\n\n",
        ("eDlL",),
    ),
    "a name and its value": ('{\n  "name": "DB_PASSWORD",\n  "value": "zQ9kLm2PzRzz"\n}\n\n', ("zQ9k",)),
    "a key with an empty line in it": (
        "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\n"
        f"{'MIIEvQIBADANBgkqhkiG9w0BAQEFAASC' * 20}\n-----END RSA PRIVATE KEY-----\n\n",
        ("MIIE",),
    ),
    "a private key": (f"-----BEGIN PRIVATE KEY-----\n{'MIIEvQIBADANBgkqhkiG9w0BAQEFAASC' * 80}\n\n", ("MIIE",)),
}


def run(redaction: Redaction = REDACTION) -> RunRedactor:
    return redaction.for_run("run_1", vault=MemoryVault(b"fixed for the tests, 32 bytes ok"))


def told(stream: CleanStream, text: str, piece: int) -> Iterator[str]:
    for at in range(0, len(text), piece):
        yield stream.more(text[at : at + piece])
    yield stream.rest()


@pytest.mark.parametrize("piece", [1, 7, 61, 100_000])
@pytest.mark.parametrize(("text", "parts"), SECRETS.values(), ids=list(SECRETS))
def test_a_secret_in_a_long_answer_is_never_told(text: str, parts: tuple[str, ...], piece: int) -> None:
    whole = FILLER + text + FILLER + text
    pieces = list(told(CleanStream(run()), whole, piece))
    assert "".join(pieces) == run().clean_ours(whole).text
    assert not any(part in "".join(pieces) for part in parts)
    assert piece > 1_000 or sum(map(bool, pieces)) > 3, "a long answer does not wait for its end"


@given(st.lists(st.sampled_from([*(text for text, _ in SECRETS.values()), FILLER[:540], "a\n", "\n"]), max_size=12))
def test_the_pieces_are_the_whole(parts: list[str]) -> None:
    whole = "".join(parts)
    assert "".join(told(CleanStream(run()), whole, 97)) == run().clean_ours(whole).text


def test_of_a_value_nothing_is_kept_before_all_of_it_has_come() -> None:
    vault = MemoryVault(b"fixed for the tests, 32 bytes ok")
    stream = CleanStream(REDACTION.for_run("run_1", vault=vault))
    text = FILLER + "write to ana.maria.lopez@example.com.br today\n\n" + FILLER
    "".join(told(stream, text, 3))
    assert vault.value("run_1", "EMAIL_ADDRESS", 1) == "ana.maria.lopez@example.com.br"
    assert vault.value("run_1", "EMAIL_ADDRESS", 2) is None


class Turning:
    """A redactor that finds something at the beginning once the end is there."""

    def clean_ours(self, text: str) -> Cleaned:
        return Cleaned(text.replace("first", "<X>") if "last" in text else text, ())


def test_an_end_that_changes_the_beginning_is_withheld() -> None:
    stream = CleanStream(Turning())  # type: ignore[arg-type]
    assert stream.more("first\n\n" + FILLER)
    stream.more("last")
    with pytest.raises(TextWithheld) as withheld:
        stream.rest()
    assert (withheld.value.reason, "first" in str(withheld.value)) == ("unstable", False)


@pytest.mark.parametrize("between", ["short\n\n" * 200, f"{'long' * 100}\n\n" * 7], ids=["characters", "lines"])
def test_what_tells_of_a_value_may_come_some_way_behind_it(between: str) -> None:
    stream = CleanStream(Turning())  # type: ignore[arg-type]
    pieces = list(told(stream, f"{FILLER}first\n\n{between}last\n\n{FILLER}", 9))
    assert "".join(pieces) == f"{FILLER}<X>\n\n{between}last\n\n{FILLER}"
    assert sum(map(bool, pieces)) > 3


def test_a_long_answer_is_cleaned_a_few_times_only() -> None:
    class Counting:
        cleaned = 0

        def clean_ours(self, text: str) -> Cleaned:
            self.cleaned += len(text)
            return Cleaned(text, ())

    counting = Counting()
    whole = FILLER * 4
    "".join(told(CleanStream(counting), whole, 2))  # type: ignore[arg-type]
    assert counting.cleaned < len(whole) * 40
