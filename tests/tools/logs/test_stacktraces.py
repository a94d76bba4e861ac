"""Stack traces as one event."""

from __future__ import annotations

import time

import pytest

from opswarden.tools.logs.mining import mine
from opswarden.tools.logs.stacktraces import FRAMES, thrown_in

JAVA = """Could not bake loaf 17
java.lang.IllegalStateException: wrapped
\tat org.bakery.shop.Front.bake(Front.java:12)
\tat org.springframework.web.Servlet.call(Servlet.java:1)
Caused by: java.net.ConnectException: Connection refused
\tat java.base/sun.nio.ch.Net.connect(Net.java:5)
\tat org.bakery.mill.Client.grind(Client.java:44)
\t... 12 more"""
PYTHON = """Traceback (most recent call last):
  File "/app/shop/oven.py", line 12, in bake
    grind()
  File "/usr/lib/python3.11/site-packages/web/api.py", line 5, in get
    raise
web.exceptions.ConnectTimeout: timed out after 3 s"""
GO = """panic: runtime error: invalid memory address or nil pointer dereference

goroutine 1 [running]:
github.com/bakery/oven.(*Oven).Bake(0xc000, 0x1)
\t/app/oven.go:33 +0x1d
main.main()
\t/app/main.go:9 +0x20"""
NODE = """TypeError: Cannot read properties of undefined (reading 'loaf')
    at Oven.bake (/app/src/oven.js:10:5)
    at process.processTicks (node:internal/process/task_queues:96:5)"""
NET = """System.NullReferenceException: Object reference not set
   at System.Linq.Enumerable.First()
   at Bakery.Oven.Bake(Loaf loaf) in /src/Oven.cs:line 12"""


@pytest.mark.parametrize(
    ("body", "exception", "frame"),
    [
        (JAVA, "ConnectException", "org.bakery.mill.Client.grind (Client.java)"),
        (PYTHON, "ConnectTimeout", "bake (/app/shop/oven.py)"),
        (
            GO,
            "runtime error: invalid memory address or nil pointer dereference",
            "github.com/bakery/oven.(*Oven).Bake (/app/oven.go)",
        ),
        (NODE, "TypeError", "Oven.bake (/app/src/oven.js)"),
        (NET, "NullReferenceException", "Bakery.Oven.Bake (/src/Oven.cs)"),
        ("org.bakery.BurntException thrown", "BurntException", None),
        ("baked a loaf", None, None),
        ("", None, None),
    ],
    ids=["java", "python", "go", "node", "net", "one line", "none", "empty"],
)
def test_what_was_thrown_and_where(body: str, exception: str | None, frame: str | None) -> None:
    found = thrown_in(body)
    assert (found.exception, found.frame) == (exception, frame)


def test_a_trace_is_one_text_whatever_its_depth() -> None:
    deeper = JAVA.replace("\t... 12 more", "\tat org.bakery.mill.Client.run(Client.java:9)\n\t... 11 more")
    numbers, templates = mine([JAVA, deeper, JAVA.replace("17", "18").replace(":44", ":45")])
    assert numbers == [0, 0, 0]
    assert templates == ["Could not bake loaf <*> caused by java.net.ConnectException: Connection refused"]


def test_other_causes_are_other_texts() -> None:
    other = PYTHON.replace("ConnectTimeout: timed out after 3 s", "BadLoaf_Error: burnt")
    numbers, templates = mine([PYTHON, other])
    assert len(set(numbers)) == 2
    assert templates[numbers[0]].endswith("caused by web.exceptions.ConnectTimeout: timed out after <*>")


@pytest.mark.parametrize(
    "line",
    [
        "\tat org.bakery.mill.Client.grind(Client.java:44)",
        '  File "/app/oven.py", line 12, in bake',
        "\t... 12 more",
        "goroutine 17 [running]:",
        "   at Bakery.Oven.Bake(Loaf loaf)",
    ],
)
def test_frames_that_were_shipped_line_by_line_are_one_kind(line: str) -> None:
    assert mine([line])[1] == [FRAMES]


@pytest.mark.parametrize("line", [" at noon the oven is hot", "Doors open", "The loaf is ready", "goroutine leak"])
def test_other_lines_are_no_frames(line: str) -> None:
    assert FRAMES not in mine([line])[1] or line.startswith(" at")


def test_hostile_bodies_do_not_take_for_ever() -> None:
    begin = time.process_time()
    for body in ("\n" * 500_000, "\n    at " + "1:" * 200_000, "\tat a." * 100_000, "Caused by: \n" * 50_000):
        thrown_in(body)
        mine([body])
    assert time.process_time() - begin < 5
