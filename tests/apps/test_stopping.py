from __future__ import annotations

import signal
import subprocess
import sys

import pytest

_WAITS = """
import signal, threading, time
from opswarden.apps.stopping import Stop

stop = Stop()
with stop.on_signals():
    print("waiting", flush=True)
    {}
    assert stop.wait()
print("ended")
"""
# The system may hand a signal of a process to any of its threads.
_TO_ANOTHER_THREAD = """
    hand_over = lambda: (time.sleep(0.2), signal.pthread_kill(threading.get_ident(), signal.{}), time.sleep(60))
    threading.Thread(target=hand_over, daemon=True).start()
"""
# Both threads are in and out of the wait all the time, wherever the signal meets them.
_WHILE_OTHERS_WAIT = """
    threading.Thread(target=lambda: [stop.wait(0.0001) for _ in range(10**9)], daemon=True).start()
    while not stop.wait(0.0001):
        pass
"""


def waiting(more: str = "") -> subprocess.Popen[str]:
    """A process that waits until it is asked to stop."""
    script = _WAITS.format(more.strip())
    process = subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "waiting\n"
    return process


def ended(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    try:
        out, err = process.communicate(timeout=20)
    finally:
        process.kill()
    return process.returncode, out, err


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["term", "int"])
def test_a_signal_that_another_thread_gets_ends_the_wait(number: signal.Signals) -> None:
    assert ended(waiting(_TO_ANOTHER_THREAD.format(number.name))) == (0, "ended\n", "")


@pytest.mark.parametrize("more", ["", _WHILE_OTHERS_WAIT], ids=["alone", "while others wait"])
def test_a_signal_ends_the_wait(more: str) -> None:
    process = waiting(more)
    process.send_signal(signal.SIGTERM)
    assert ended(process) == (0, "ended\n", "")


def test_a_second_signal_ends_the_process_at_once() -> None:
    process = waiting("import os; os.kill(os.getpid(), signal.SIGTERM); time.sleep(60)")
    process.send_signal(signal.SIGTERM)
    assert ended(process)[0] == -signal.SIGTERM
