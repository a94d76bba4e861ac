"""A model that hangs costs one limit: its text is withheld, the next ones at once, and the process still ends."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Iterator, Sequence
from types import SimpleNamespace
from typing import Any

import pytest

from opswarden.redaction.engine import Redaction
from opswarden.redaction.memory_vault import MemoryVault
from opswarden.redaction.nlp import NamedEntities
from opswarden.redaction.patience import OutOfTimeError, Patience
from opswarden.redaction.types import TextWithheld

HANGS = "quillon hangs"


class Engine:
    """Finds one name, and hangs over one text until it is let go."""

    def __init__(self) -> None:
        self.go_on = threading.Event()
        self.seen: list[str] = []

    def get_supported_languages(self) -> list[str]:
        return ["en", "pt"]

    def process_text(self, text: str, language: str) -> Any:
        self.seen.append(language)
        if HANGS in text:
            self.go_on.wait(30)
        at = text.find("Vask")
        found: Sequence[Any] = [SimpleNamespace(start_char=at, end_char=at + 4, label_="PERSON")] if at >= 0 else []
        return SimpleNamespace(entities=found, scores=[0.9] * len(found))


@pytest.fixture
def engine() -> Iterator[Engine]:
    made = Engine()
    yield made
    made.go_on.set()


@pytest.fixture
def redaction(engine: Engine) -> Redaction:
    # Long enough for a busy machine, since what does not hang has to be found.
    return Redaction([NamedEntities(engine, ("PERSON",), time_limit_s=1.0)])  # type: ignore[arg-type]  # what is used of one


def withheld(redaction: Redaction, text: str) -> TextWithheld:
    with pytest.raises(TextWithheld) as caught:
        redaction.scrub(text)
    assert caught.value.reason == "recognizer-failed"
    assert HANGS not in f"{caught.value} {caught.value.remedy}"
    return caught.value


def test_its_text_is_withheld_and_the_next_ones_at_once_until_it_is_done(redaction: Redaction, engine: Engine) -> None:
    assert redaction.scrub("Vask called") == "<PERSON> called"
    engine.seen.clear()
    assert "out of time" in withheld(redaction, HANGS).message
    for number in range(50):
        withheld(redaction, f"text {number}")
    assert engine.seen == ["en"], "nothing else was begun"
    engine.go_on.set()
    until = time.monotonic() + 10
    while time.monotonic() < until:
        try:
            assert redaction.scrub("Vask is back") == "<PERSON> is back"
            break
        except TextWithheld:
            time.sleep(0.01)
    else:
        raise AssertionError("it never came back")
    assert engine.seen == ["en", "en", "pt"], "what nobody waited for was not gone on with"


def test_a_run_goes_on_without_the_text(redaction: Redaction, engine: Engine) -> None:
    run = redaction.for_run("run_1", vault=MemoryVault())
    found = run.value_salvaged({"a": HANGS, "b": 3})
    assert HANGS not in repr(found)
    assert "withheld: recognizer-failed" in repr(found)


def test_whoever_comes_meanwhile_waits_their_turn(engine: Engine) -> None:
    patience, order = Patience("t"), list[int]()

    def work(number: int) -> None:
        patience.run(lambda _is_over: (time.sleep(0.01), order.append(number)), 5)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sorted(order) == list(range(8))


def test_what_fails_is_told_to_whoever_waits() -> None:
    def fails(_is_over: object) -> None:
        raise KeyError("x")

    patience = Patience("t")
    with pytest.raises(KeyError):
        patience.run(fails, 5)
    assert patience.run(lambda _is_over: 3, 5) == 3


def test_a_forked_process_has_a_thread_of_its_own() -> None:
    patience = Patience("t")
    assert patience.run(lambda _is_over: 1, 5) == 1
    with pytest.raises(OutOfTimeError):
        patience.run(lambda _is_over: time.sleep(0.5), 0.01)
    with warnings.catch_warnings():
        # Since 3.12 Python warns of a fork where there are threads, which is what is tried here.
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        os._exit(0 if patience.run(lambda _is_over: 2, 5) == 2 else 1)
    assert os.waitpid(child, 0)[1] == 0


def test_a_process_ends_although_it_hangs() -> None:
    code = (
        "import time\nfrom opswarden.redaction.patience import OutOfTimeError, Patience\n"
        "try:\n    Patience('t').run(lambda _: time.sleep(600), 0.05)\nexcept OutOfTimeError:\n    print('withheld')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "withheld\n"
