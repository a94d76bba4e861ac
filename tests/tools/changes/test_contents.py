from __future__ import annotations

import pytest

from opswarden.tools.changes.contents import content_of
from opswarden.tools.changes.quantities import factor_between, quantities_of
from opswarden.tools.changes.words import words_of_text


@pytest.mark.parametrize(
    ("files", "what"),
    [
        ("docs/runbook.md", "documentation"),
        ("README", "documentation"),
        ("src/oven/heat_test.go\nsrc/oven/testdata/loaf.json", "tests"),
        (".github/workflows/build.yml", "the build"),
        ("web/theme.css", "the look of pages"),
        ("deploy/staging/limits.yaml", "another environment"),
        ("docs/a.md\nweb/b.svg", "documentation and the look of pages"),
    ],
)
def test_files_that_alter_no_behaviour_rule_a_change_out(files: str, what: str) -> None:
    found = content_of("commit", "tidy", {"files": files})
    assert found.is_harmless
    assert found.notes == (f"touches only {what}",)


@pytest.mark.parametrize(
    "files", ["src/oven/heat.go", "docs/a.md\nsrc/heat.go", "protest/march.py", "src/latest/x.py", ""]
)
def test_other_files_do_not(files: str) -> None:
    assert not content_of("commit", "tidy", {"files": files}).is_harmless


def test_a_number_cut_by_a_large_factor_weighs_more_than_one_cut_a_little() -> None:
    weights = [
        content_of("config", "c", {"diff": f"-limit: 512Mi\n+limit: {new}"}).weight
        for new in ("512Mi", "384Mi", "8Mi", "1Ki")
    ]
    assert weights == sorted(weights)
    assert weights[-1] == 8.0


def test_a_description_alone_tells_a_factor_too() -> None:
    found = content_of("config", "oven: client pool 64 to 16", {})
    assert found.weight == pytest.approx(3.0)
    assert not found.is_open
    assert content_of("config", "moved to 16 ovens", {}).weight == 1.0


def test_who_takes_a_change_back_says_so() -> None:
    assert content_of("deploy", 'Revert "hotter oven"', {}).is_reversal
    assert content_of("rollback", "v3 to v2", {}).is_reversal
    assert not content_of("deploy", "hotter oven, backfilled", {}).is_reversal


@pytest.mark.parametrize(
    ("one", "other", "factor"),
    [
        ("15m", "15 * time.Second", 60),
        ("1_000ms", "1s", 1),
        ("2Gi", "512Mi", 4),
        ("5s", "5Mi", 1),
        ("0", "4", 1e6),
        ("80%", "8%", 10),
    ],
)
def test_numbers_are_compared_in_the_same_unit(one: str, other: str, factor: float) -> None:
    first, second = quantities_of(one)[0], quantities_of(other)[0]
    assert factor_between(first, second) == pytest.approx(factor)
    assert factor_between(second, first) == pytest.approx(factor)


def test_a_version_and_a_colour_are_no_numbers() -> None:
    assert quantities_of("v1.22.3 of #19a974") == ()


def test_words_are_identifiers_and_their_parts() -> None:
    words = words_of_text("loadFavorites(dashboard_favorites) took 1500 ms, the error")
    assert {"loadfavorites", "favor", "dashboardfavorites", "dashb", "1500"} <= words
    assert not words & {"the", "error"}
    assert words_of_text("expiry") == words_of_text("expired")
    assert words_of_text("") == frozenset()
