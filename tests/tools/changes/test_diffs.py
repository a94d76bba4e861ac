"""What a diff does, told from its lines: one row per kind, and what must not be taken for it."""

from __future__ import annotations

import pytest

from opswarden.tools.changes.diffs import substance_of

TABLE: list[tuple[str, str, str]] = [
    ("a number in other units", "-  timeout: 5 * time.Second\n+  timeout: 300 * time.Millisecond", "values"),
    ("a limit in a file", "-  max_pool: 64\n+  max_pool: 8", "values"),
    ("a number on a renamed line", "-a = wait(ctx, 5*time.Second)\n+b = wait(ctx, 50*time.Second)", "values"),
    ("a check that is gone", "-\tif order.Note == nil {\n-\t\treturn \"\"\n-\t}\n \treturn order.Note.Text", "removal"),
    ("a constant that is gone", "-const slack = 120 * time.Second\n-x.Add(slack).Before(t)\n+x.Before(t)", "removal"),
    ("a lock that is gone", "-    lock.acquire()\n     total += 1", "removal"),
    ("a query that is new", '+    rows = run("SELECT a FROM loaves WHERE id = :id")', "query"),
    ("a query that stands on both sides", '-fetch("SELECT a FROM b")\n+load("SELECT a FROM b")', "moved"),
    ("code put into a helper", "-if x < -90 || x > 90 {\n-  bad(x)\n+check(x, -90, 90)", "moved"),
    ("checks", "-item, err := f(k)\n-if err != nil { return nil, err }\n-return item, nil\n+return f(k)", "moved"),
    ("a log line", '-log.Printf("got %d", n)\n+logger.Debug("got", "n", n)', "logging"),
    ("a metric", '+var hits = prometheus.NewCounter(Opts{Name: "hits"})\n+hits.Inc()', "logging"),
    ("colours", '-  accent: "#3b82f6",\n+  accent: "#2563eb",', "cosmetic"),
    ("a comment", "-// slow\n+// quick", "nothing"),
    ("an import", "+import os\n+from sys import path", "nothing"),
    ("a patch version", "-\tgithub.com/a/b v1.2.3\n+\tgithub.com/a/b v1.2.4", "patch"),
    ("a major version", "-a==1.2.3\n+a==2.0.0", "version"),
    ("other code", "-return total(net)\n+return rounded(net, places)\n+spare()", "moved"),
    ("a new branch", "+if ready() {\n+  serve(80)\n+}", "code"),
]  # fmt: skip


@pytest.mark.parametrize(("diff", "kind"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_what_a_diff_does(diff: str, kind: str) -> None:
    found = substance_of(diff)
    assert found is not None
    assert found.kind == kind


@pytest.mark.parametrize("text", ["", "no diff at all", "@@ only a header @@\n context", "--- a/x\n+++ b/x"])
def test_without_a_changed_line_there_is_nothing_to_tell(text: str) -> None:
    assert substance_of(text) is None


def test_the_factor_is_that_of_the_largest_change_whatever_the_unit() -> None:
    found = substance_of("-ttl: 15m\n-size: 10\n+ttl: 15s\n+size: 12")
    assert found is not None
    assert found.factor == pytest.approx(60)


def test_words_on_one_side_are_net_and_the_others_stand_around() -> None:
    found = substance_of(" context loaves\n-oven.bake(dough)\n+oven.bakeTwice(dough)")
    assert found is not None
    assert "twice" in found.net
    assert {"oven", "dough", "loave"} <= found.around
    assert not found.net & found.around


def test_a_huge_or_hostile_diff_is_read_in_part() -> None:
    assert substance_of("+" + "(" * 200_000) is not None
    assert substance_of("\n".join(f"+line {number} = {number}" for number in range(50_000))) is not None


def test_a_long_diff_of_numbers_is_read() -> None:
    sides = [f"{sign}  key_{number}: {number + (sign == '+')} ms of {number}" for number in range(300) for sign in "-+"]
    found = substance_of("\n".join(sides))
    assert found is not None
    assert found.kind == "values"
