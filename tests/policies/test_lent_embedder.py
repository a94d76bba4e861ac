"""Vectors through the gate: what leaves is decided, cleaned, paid for and recorded as a prompt is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from worlds import CANARIES, CARD, MAIL, World

from opswarden.core.clock import Deadline
from opswarden.core.errors import BackendError, ModelError
from opswarden.policies.budgets import Limits
from opswarden.policies.data_labels import DataSettings
from opswarden.policies.embedding import MOST_CHARACTERS, MOST_TEXTS, Embedded, Embedding, are_vectors
from opswarden.policies.gate import RunGate
from opswarden.policies.residency import ResidencySettings
from opswarden.policies.run_data import Residency
from opswarden.policies.types import Endpoint
from opswarden.tools.embedding import Embedder, Vectors

MakeWorld = Callable[..., World]
AT_HOME = {"countries": ["BR"], "classes": ["personal"], "self_hosted": True}
IN_LOGS = {"resources": {"logs": {"countries": ["BR"], "classes": ["personal"]}}}
ONLY_AT_HOME = Residency(
    DataSettings.model_validate(IN_LOGS, strict=False),
    ResidencySettings.model_validate({"allow": [AT_HOME]}, strict=False),
)
"""`logs.search` reads personal data of Brazil, which may go to models of our own alone."""


class Sentences:
    """A model that keeps what it is sent."""

    name = "sentences"

    def __init__(self, *, is_here: bool = False, answer: Any = None) -> None:
        self.endpoint = None if is_here else Endpoint("vectors", "acme/e", "eu", input_microusd_per_mtok=1_000_000)
        self.seen: list[str] = []
        self.limits_s: list[float] = []
        self.answer = answer

    def load(self) -> None:
        """Nothing to load."""

    def embed(self, texts: Sequence[str], deadline: Deadline) -> Embedded:
        self.seen += texts
        self.limits_s.append(deadline.left_s)
        if isinstance(self.answer, Exception):
            raise self.answer
        return Embedded([[1.0, float(len(text))] for text in texts] if self.answer is None else self.answer, 50)

    def close(self) -> None:
        """Nothing is open."""


def lent(gate: RunGate) -> Embedder:
    found = gate.embedder("logs.search")
    assert found is not None
    return found


def test_texts_leave_cleaned_and_are_recorded_without_vectors(make_world: MakeWorld) -> None:
    model = Sentences()
    world = make_world(embedding=Embedding(model, 3))
    gate = world.open()
    vectors = lent(gate).embed(["oven is cold", f"ask {MAIL}, card {CARD}"])
    assert (len(vectors), model.seen[0], len(model.seen)) == (2, "oven is cold", 2)
    assert not [canary for canary in CANARIES if canary in "".join(model.seen)]
    (decided,), (outcome,) = world.records("prompt.decided"), world.records("prompt.outcome")
    assert (decided.body["decision"], decided.body["endpoint"], decided.body["messages"]) == ("allow", "vectors", 2)
    assert (outcome.body["text"], outcome.body["tokens_in"], outcome.body["cost_microusd"]) == ("2 vectors", 50, 50)
    assert (gate.spent().prompts, gate.spent().microusd) == (1, 50)
    assert model.limits_s == [3.0], "the short time counts, not that of a prompt"


def test_what_the_run_has_read_keeps_texts_here(make_world: MakeWorld) -> None:
    model = Sentences()
    world = make_world(embedding=Embedding(model, 3), residency=ONLY_AT_HOME)
    gate = world.open()
    assert len(unlabelled(gate).embed(["a"])) == 1
    assert gate.call("logs.search", {"query": "checkout"}, call_id="c1").status == "ok"
    with pytest.raises(BackendError, match="a policy keeps the texts"):
        unlabelled(gate).embed(["a"])
    assert len(unlabelled(world.open("run_2")).embed(["a"])) == 1, "another run may, at once"
    assert model.seen == ["a", "a"]


def unlabelled(gate: RunGate) -> Embedder:
    """What a tool is lent whose data nobody has labelled."""
    found = gate.embedder("other.tool")
    assert found is not None
    return found


def test_the_labels_of_the_tool_count_before_it_has_answered(make_world: MakeWorld) -> None:
    model = Sentences()
    gate = make_world(embedding=Embedding(model, 3), residency=ONLY_AT_HOME).open()
    with pytest.raises(BackendError, match="a policy keeps the texts"):
        lent(gate).embed(["a"])
    assert model.seen == []


def test_a_budget_that_is_used_up_ends_it(make_world: MakeWorld) -> None:
    model = Sentences()
    gate = make_world(embedding=Embedding(model, 3), limits=Limits(prompts=1)).open()
    lent(gate).embed(["a"])
    with pytest.raises(BackendError, match="used up"):
        lent(gate).embed(["b"])
    assert model.seen == ["a"]


@pytest.mark.parametrize("is_here", [False, True], ids=["an endpoint", "a local model"])
@pytest.mark.parametrize(
    "answer",
    [ModelError("it is down"), [[1.0]], [[float("inf")], [1.0]], [["a"], ["b"]], [[0.0], [0.0]], [[], []], "ab", 7],
    ids=["an error", "one too few", "not finite", "no numbers", "zeros", "no length", "a text", "a number"],
)
def test_a_failing_model_is_left_alone_for_a_minute(make_world: MakeWorld, answer: Any, is_here: bool) -> None:
    model = Sentences(is_here=is_here, answer=answer)
    world = make_world(embedding=Embedding(model, 3))
    with pytest.raises(BackendError):
        lent(world.open()).embed(["a", "b"])
    model.answer = None
    with pytest.raises(BackendError, match="a moment ago"):
        lent(world.open("run_2")).embed(["a", "b"])
    assert len(model.seen) == 2
    world.clock.advance(61)  # type: ignore[attr-defined]  # the clock of the tests
    assert len(lent(world.open("run_3")).embed(["a", "b"])) == 2


def test_a_local_model_gets_texts_as_they_are_and_nothing_is_recorded(make_world: MakeWorld) -> None:
    model = Sentences(is_here=True)
    world = make_world(embedding=Embedding(model, 3), residency=ONLY_AT_HOME)
    assert len(lent(world.open()).embed([MAIL])) == 1
    assert (model.seen, list(world.records("prompt.decided"))) == ([MAIL], [])


def test_texts_are_bounded(make_world: MakeWorld) -> None:
    model = Sentences()
    gate = make_world(embedding=Embedding(model, 3)).open()
    lent(gate).embed(["word " * MOST_CHARACTERS, ""])
    assert [len(text) for text in model.seen] == [MOST_CHARACTERS, 1]
    for count in (0, MOST_TEXTS + 1):
        with pytest.raises(BackendError, match=f"1 to {MOST_TEXTS}"):
            lent(gate).embed(["a"] * count)


def test_a_model_that_cannot_be_loaded_is_told_each_time(make_world: MakeWorld) -> None:
    class Broken(Sentences):
        def load(self) -> None:
            raise RuntimeError("no weights at /home/somebody")

    gate = make_world(embedding=Embedding(Broken(), 3)).open()
    for _ in range(2):
        with pytest.raises(BackendError, match=r"cannot be loaded \(RuntimeError\)"):
            lent(gate).embed(["a"])


def test_nothing_is_lent_without_a_model(make_world: MakeWorld) -> None:
    assert make_world().open().embedder("logs.search") is None


@pytest.mark.parametrize(
    ("found", "is_good"),
    [([[1, 2], [3, 4]], True), ([[1, 2], [3]], False), ([[1e308], [1]], False), (((0.5,), (1,)), True), (None, False)],
)
def test_what_vectors_are(found: Vectors, is_good: bool) -> None:
    assert are_vectors(found, 2) is is_good
