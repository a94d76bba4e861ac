"""Recognizers from a YAML file: tried on their own examples, limited in time, and never trusted with an error text."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from opswarden.core.errors import ConfigError
from opswarden.redaction.declared import load_declared
from opswarden.redaction.engine import Redaction
from opswarden.redaction.memory_vault import MemoryVault
from opswarden.redaction.settings import RedactionSettings, redaction_of
from opswarden.redaction.types import TextWithheld

BADGE = """
recognizers:
  - name: badge
    entity_type: BADGE
    pattern: 'BDG-[0-9]{4}'
    keys: [badge_no]
    found: ['gate opened by BDG-1234', 'badge_no=77']
    untouched: ['BDG-12 is no badge']
"""


@pytest.fixture
def written(tmp_path: Path) -> Path:
    return tmp_path / "recognizers.yaml"


def test_pattern_and_keys_find(written: Path) -> None:
    written.write_text(BADGE)
    redaction = Redaction(load_declared(written))
    assert (
        redaction.scrub('BDG-1234 and {"badgeNo": "x7"} and ＢＤＧ-１２３４')
        == '<BADGE> and {"badgeNo": "<BADGE>"} and <BADGE>'
    )
    assert [span.rule for span in redaction.analyze("BDG-1234")] == ["badge"]


def test_what_may_not_be_restored_is_not_kept(written: Path) -> None:
    written.write_text(BADGE + "    restorable: false\n")
    run = Redaction(load_declared(written)).for_run("run_1", vault=MemoryVault())
    assert run.text("BDG-1234").startswith("<BADGE·")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("'BDG-12 is no badge'", "'BDG-1200 is no badge'"), "example 1 under `untouched` is found"),
        (("'badge_no=77'", "'badge=77'"), "example 2 under `found` is not found"),
        (("[0-9]{4}", "[0-9"), "is wrong"),
        (("BADGE\n", "badge\n"), "entity_type"),
        (("keys", "kees"), "kees"),
        (("    untouched: ['BDG-12 is no badge']\n", ""), "untouched"),
        (("recognizers:", "recognisers:"), "recogni"),
        (("recognizers:", "]["), "no valid YAML"),
        (("    keys:", "    pattern: 'XXX'\n    keys:"), "a key stands twice, line 3"),
        (("[0-9]{4}", "(?R)*"), "contains itself"),
        (("[0-9]{4}", "(?1)"), "contains itself"),
        (("[0-9]{4}", "[0-9]{4}" + "(" * 900 + "a" + ")" * 900), "nested too deep"),
    ],
)
def test_a_wrong_file_is_refused(written: Path, change: tuple[str, str], message: str) -> None:
    written.write_text(BADGE.replace(*change))
    with pytest.raises(ConfigError, match=message):
        load_declared(written)


@pytest.mark.parametrize("device", ["/dev/zero", "/dev/null"])
def test_a_device_is_no_file_of_recognizers(device: str) -> None:
    with pytest.raises(ConfigError, match="no file of recognizers"):
        load_declared(Path(device))


def test_nor_is_a_pipe(written: Path) -> None:
    os.mkfifo(written)
    with pytest.raises(ConfigError, match="no file of recognizers"):
        load_declared(written)


def test_brackets_that_only_look_like_recursion_are_taken(written: Path) -> None:
    written.write_text(BADGE.replace("BDG-[0-9]{4}", r"BDG-[0-9]{4}\(?R?(?P<end>x)?"))
    assert Redaction(load_declared(written)).scrub("BDG-1234(R") == "<BADGE>"


def test_an_example_that_takes_forever_is_named(written: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("opswarden.redaction.declared._TIME_LIMIT_S", 0.05)
    written.write_text(
        "recognizers:\n  - name: slow\n    entity_type: SLOW\n    pattern: '(?:a|aa)+c'\n"
        f"    found: ['aac']\n    untouched: ['b', '{'a' * 60}']\n"
    )
    with pytest.raises(ConfigError, match="example 2 under `untouched` cannot be tried") as refused:
        load_declared(written)
    assert "aaa" not in str(refused.value)


class TestInForce:
    """What its own examples find has to go where it counts: under the profile of the installation."""

    @pytest.mark.parametrize(
        ("change", "settings"),
        [
            (("entity_type: BADGE", "entity_type: URL"), {}),
            (("    keys:", "    score: 0.3\n    keys:"), {}),
            (("", ""), {"leave": frozenset({"BADGE"})}),
        ],
        ids=["a type that the profile lets pass", "less than the profile asks for", "a type that is left"],
    )
    def test_what_would_find_nothing_is_refused(
        self, written: Path, change: tuple[str, str], settings: dict[str, object]
    ) -> None:
        written.write_text(BADGE.replace(*change))
        with pytest.raises(ConfigError, match=r"example . under `found` is not taken out"):
            redaction_of(RedactionSettings.model_validate({"recognizers": written, **settings}))

    def test_what_the_configuration_masks_is_taken(self, written: Path) -> None:
        written.write_text(BADGE.replace("entity_type: BADGE", "entity_type: URL"))
        wanted = RedactionSettings(recognizers=written, mask=frozenset({"URL"}))
        assert redaction_of(wanted).scrub("by BDG-1234") == "by <URL>"


def test_a_missing_file_is_refused(written: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        load_declared(written)


def test_two_of_one_name_are_refused(written: Path) -> None:
    written.write_text(BADGE + BADGE.replace("\nrecognizers:\n", ""))
    with pytest.raises(ConfigError, match="one name"):
        load_declared(written)


def test_neither_pattern_nor_keys_is_refused(written: Path) -> None:
    written.write_text(BADGE.replace("    pattern: 'BDG-[0-9]{4}'\n", "").replace("    keys: [badge_no]\n", ""))
    with pytest.raises(ConfigError, match="neither"):
        load_declared(written)


def test_no_code_is_run_from_the_file(written: Path) -> None:
    written.write_text("!!python/object/apply:os.system ['true']")
    with pytest.raises(ConfigError, match="no valid YAML"):
        load_declared(written)


def test_a_pattern_that_runs_out_of_time_withholds_the_text(written: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("opswarden.redaction.declared._TIME_LIMIT_S", 0.05)
    written.write_text(
        "recognizers:\n  - name: slow\n    entity_type: SLOW\n    pattern: '(?:a|aa)+c'\n"
        "    found: ['aac']\n    untouched: ['b']\n"
    )
    redaction = Redaction(load_declared(written))
    with pytest.raises(TextWithheld) as withheld:
        redaction.scrub("a" * 60)
    assert withheld.value.reason == "recognizer-failed"
    assert "aaa" not in str(withheld.value)
