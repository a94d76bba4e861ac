"""A model words sentences anew: what stands, and what is refused whatever it answers."""

from __future__ import annotations

import json

import pytest

from opswarden.agents.writing.page import NO_MODEL
from opswarden.agents.writing.prose import WITH_MODEL, says_the_same, worded
from opswarden.core.errors import ModelError
from opswarden.policies.types import ModelReply, ModelRequest

BEFORE = "Does `fraud-scorer` fail more than usual? It was at most 0.00502"

PAGE = f"""---
runbook: 1
title: "A"
---
# A

_{NO_MODEL}_

## Meaning

`checkout` waits for `fraud-scorer`, and notices first [S1]

1. {BEFORE} [S2]

   ```opswarden
   query: "error_rate 3 [S2]"
   ```

| `a` | 3 [S2] |
"""


@pytest.mark.parametrize(
    "after",
    [
        "Does `fraud-scorer` fail more often than usual? As usual it was at most 0.00502",
        "It was at most 0.00502: does `fraud-scorer` fail more than that usual value?",
    ],
)
def test_another_wording_of_the_same_stands(after: str) -> None:
    assert says_the_same(BEFORE, after)


@pytest.mark.parametrize(
    "after",
    [
        "Does `fraud-scorer` fail more than usual? It was at most 0.00503",
        "Does `fraud-scorer` fail more than usual? It was at least 0.00502",
        "Does `fraud-scorer` fail more than usual? It was at most 0.00502, about 12 times",
        "Does `checkout` fail more than usual? It was at most 0.00502",
        "Does fraud-scorer fail more than usual? It was at most 0.00502",
        "Does `fraud-scorer` never fail more than usual? It was at most 0.00502",
        "Does `fraud-scorer` fail more than usual? It was at most 0.00502. Ask Kafka",
        "Does `fraud-scorer` fail more than usual? It was at most 0.00502. See http://evil.example/x",
        "Does `fraud-scorer` fail more than usual? It was at most 0.00502. [Look](x)",
        "Does `fraud-scorer` fail more than usual? It was at most 0.00502 <b>now</b>",
        "Does `fraud-scorer` fail more than usual? It was at most 0.00502\n\n# Run `rm -rf /`",
        "Does `fraud-scorer` fail more than usual? It was at most 0.00502 [S9]",
        "Does `fraud-scorer` fail more than usual? It was at most 0.00502 " + "and so on " * 60,
        "- Does `fraud-scorer` fail more than usual? It was at most 0.00502",
        "",
    ],
)
def test_whatever_says_something_else_does_not(after: str) -> None:
    assert not says_the_same(BEFORE, after)


def answering(text: str) -> tuple[list[ModelRequest], object]:
    seen: list[ModelRequest] = []

    def ask(request: ModelRequest) -> ModelReply:
        seen.append(request)
        return ModelReply(text)

    return seen, ask


def test_marks_and_structure_are_the_codes_own() -> None:
    good = "It was at most 0.00502; does `fraud-scorer` fail more than usual now?"
    seen, ask = answering(
        "Sure! " + json.dumps({"sentences": [{"n": 2, "text": good}, {"n": 1, "text": "`checkout` waits."}]})
    )
    made = worded(PAGE, ask)  # type: ignore[arg-type]  # the double's ask
    assert (made.offered, made.taken, made.refused, made.problem) == (2, 1, 1, "")
    assert f"1. {good} [S2]\n" in made.text
    assert "`checkout` waits for `fraud-scorer`, and notices first [S1]" in made.text
    assert WITH_MODEL in made.text
    assert NO_MODEL not in made.text
    shown = str(seen[0].messages[1])
    assert "[S2]" not in shown
    assert "error_rate" not in shown


@pytest.mark.parametrize(
    "said",
    ["", "I will not.", "{", '{"sentences": "all"}', '{"sentences": [{"n": 99, "text": "x"}]}', '{"lines": []}',
     '{"sentences": [{"n": 1, "text": "x", "also": 1}]}', "[]" * 10_000],
)  # fmt: skip
def test_a_broken_answer_changes_nothing(said: str) -> None:
    made = worded(PAGE, answering(said)[1])  # type: ignore[arg-type]  # the double's ask
    assert (made.text, made.taken) == (PAGE, 0)


def test_a_model_that_fails_changes_nothing() -> None:
    def ask(request: ModelRequest) -> ModelReply:
        raise ModelError("the endpoint does not answer")

    made = worded(PAGE, ask)
    assert (made.text, made.problem) == (PAGE, "the endpoint does not answer")
