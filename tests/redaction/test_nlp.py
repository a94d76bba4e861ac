"""A trained model finds names in prose; here a real spaCy pipeline, made on the spot, that knows a few."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest
import spacy

from opswarden.core.errors import ConfigError
from opswarden.redaction.engine import Redaction
from opswarden.redaction.memory_vault import MemoryVault
from opswarden.redaction.nlp import named_entities
from opswarden.redaction.profile import EU, PAYMENTS
from opswarden.redaction.types import TextWithheld


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pipeline = spacy.blank("en")
    ruler = pipeline.add_pipe("entity_ruler")
    ruler.add_patterns(  # type: ignore[attr-defined]  # the pipe is spaCy's EntityRuler
        [
            {"label": "PERSON", "pattern": [{"LOWER": "quillon"}, {"LOWER": "vask"}]},
            {"label": "GPE", "pattern": [{"LOWER": "tarnholm"}]},
            {"label": "ORG", "pattern": "Vask Traders"},
        ]
    )
    folder = tmp_path_factory.mktemp("model") / "names"
    pipeline.to_disk(folder)
    return folder


@pytest.fixture(scope="module")
def redaction(model: Path) -> Redaction:
    return Redaction([named_entities("spacy", {"en": str(model)}, ("PERSON", "LOCATION"))])


def test_a_name_in_prose_is_found(redaction: Redaction) -> None:
    text = "quillon vask called from Tarnholm for Vask Traders, mail q@example.org"
    assert redaction.scrub(text) == "<PERSON> called from Tarnholm for Vask Traders, mail <EMAIL_ADDRESS>"


def test_places_go_where_the_profile_says_so(model: Path) -> None:
    strict = Redaction([named_entities("spacy", {"en": str(model)}, ("PERSON", "LOCATION"))], profile=EU)
    assert strict.scrub("Quillon Vask of Tarnholm") == "<PERSON> of <LOCATION>"


def test_a_name_in_disguise_is_found(redaction: Redaction) -> None:
    assert redaction.scrub("Ｑuillon\u00a0V\u200bask called") == "<PERSON> called"


def test_it_can_be_restored(redaction: Redaction) -> None:
    run = redaction.for_run("run_1", vault=MemoryVault())
    mark = run.text("Quillon Vask")
    assert run.restore(mark, frozenset({"PERSON"})) == "Quillon Vask"


def test_long_texts_are_read_in_pieces(redaction: Redaction) -> None:
    text = "nothing to see here, only words\n" * 4_000 + "Quillon Vask\n" + "a" * 60_000
    assert redaction.scrub(text).count("<PERSON>") == 1


def test_a_model_that_fails_withholds_the_text(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    entities = named_entities("spacy", {"en": str(model)}, ("PERSON",))

    def fails(*_: object) -> None:
        raise MemoryError("Quillon Vask")

    monkeypatch.setattr(entities.__dict__["_engine"], "process_text", fails)
    with pytest.raises(TextWithheld) as withheld:
        Redaction([entities], profile=replace(PAYMENTS)).scrub("anything")
    assert withheld.value.reason == "recognizer-failed"
    assert "Vask" not in str(withheld.value)


@pytest.mark.parametrize("name", ["en_core_web_nowhere", "/nowhere/model", "os; rm", "dslim/bert-base-NER", "json"])
def test_nothing_is_downloaded(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_download(*_: object, **__: object) -> None:
        raise AssertionError("tried to download")

    monkeypatch.setattr("spacy.cli.download", no_download)
    with pytest.raises(ConfigError, match="is not there"):
        named_entities("spacy", {"en": name}, ("PERSON",))


@pytest.mark.parametrize("engine", ["stanza", "transformers"])
def test_an_engine_that_is_not_installed_is_named(engine: str, model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, engine, None)
    with pytest.raises(ConfigError, match=engine):
        named_entities(engine, {"en": str(model)}, ("PERSON",))  # type: ignore[arg-type]  # one of the three names


class TestTypes:
    """A type that no model finds, and a model that finds none, would go unnoticed: names would simply pass."""

    def test_a_misspelled_type_is_refused(self, model: Path) -> None:
        with pytest.raises(ConfigError, match="finds 'PERSN'") as refused:
            named_entities("spacy", {"en": str(model)}, ("PERSN", "LOCATION"))
        assert "PERSON" in refused.value.remedy

    def test_a_label_of_the_models_own_is_taken(self, tmp_path: Path) -> None:
        entities = named_entities("spacy", {"en": str(_saved(tmp_path, "BADGE"))}, ("BADGE",))
        assert Redaction([entities]).scrub("Zorblax called") == "<BADGE> called"

    @pytest.mark.parametrize("label", [None, "ORG"], ids=["no labels at all", "others only"])
    def test_a_model_that_finds_nothing_wanted_is_refused(self, model: Path, tmp_path: Path, label: str | None) -> None:
        models = {"en": str(model), "pt": str(_saved(tmp_path, label))}
        with pytest.raises(ConfigError, match="'pt' finds nothing of what is wanted"):
            named_entities("spacy", models, ("PERSON",))


def _saved(folder: Path, label: str | None) -> Path:
    pipeline = spacy.blank("en")
    if label is not None:
        pipeline.add_pipe("entity_ruler").add_patterns(  # type: ignore[attr-defined]  # the pipe is spaCy's EntityRuler
            [{"label": label, "pattern": "Zorblax"}]
        )
    pipeline.to_disk(folder / "other")
    return folder / "other"
