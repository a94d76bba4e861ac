"""Queries write nothing to the terminal: a protocol or JSON may be on it."""

from __future__ import annotations

import subprocess
import sys

SLOW = (
    "from opswarden.tools.in_memory import in_memory\n"
    "c = in_memory(1)\n"
    "c.execute('SET progress_bar_time = 1')\n"
    "c.sql('SELECT sum(hash(i) % 7) FROM range(60000000) t(i)').to_arrow_table()\n"
)


def test_a_long_query_draws_nothing_where_python_has_no_file() -> None:
    done = subprocess.run([sys.executable, "-c", SLOW], capture_output=True, text=True, timeout=60, check=True)
    assert (done.stdout, done.stderr) == ("", "")
