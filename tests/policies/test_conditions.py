"""Conditions taken apart, with real Cedar as the judge of what is written."""

from __future__ import annotations

import json

import cedarpy
import pytest

from opswarden.policies.conditions import answered, questions


def _tree(conditions: str) -> dict[str, object]:
    text = f"permit (principal, action, resource) {conditions};"
    found: dict[str, object] = json.loads(cedarpy.policies_to_json_str(text))["staticPolicies"]["policy0"]
    return found


# What is written, as Cedar writes it, is found again word for word.
WRITTEN = [
    "context.a == 1",
    'context.a.b != "x"',
    "context has a",
    'context.a has "no name"',
    "context.a < -3",
    "context.a + 2 * 3 >= context.b",
    'context.a like "a*b\\*"',
    "context.a.isEmpty()",
    'context.a.contains("x")',
    'context.a.containsAny(["x", "y"])',
    '["x", "y"].contains(context.a)',
    'principal in Ops::Role::"triage"',
    "principal is Ops::Agent",
    'principal is Ops::Agent in Ops::Role::"triage"',
    "principal.team == resource.team",
    'context.now < datetime("2026-01-01")',
    'context.ip.isInRange(ip("10.0.0.0/8"))',
    'context.d.lessThan(decimal("1.5"))',
    "context.flag",
    '{"a": 1} == context.a',
]


@pytest.mark.parametrize("text", WRITTEN)
def test_a_question_is_written_so_that_cedar_reads_the_same(text: str) -> None:
    tree = _tree(f"when {{ {text} }}")
    (question,) = questions(tree)
    again = _tree(f"when {{ {question.text} }}")
    assert again["conditions"] == tree["conditions"]


def test_joined_questions_are_taken_apart_in_order() -> None:
    tree = _tree(
        "when { context.a && (context.b || !context.c) && true } unless { if context.d then context.e else context.f }"
    )
    assert [question.text for question in questions(tree)] == [f"context.{name}" for name in "abcdef"]


def test_what_a_question_reads() -> None:
    tree = _tree(
        'when { context.args.service == principal.team && context has approval && ["x"].contains(resource.x) }'
    )
    assert [sorted(map(".".join, question.reads)) for question in questions(tree)] == [
        ["context.args.service", "principal.team"],
        ["context.approval"],
        ["resource.x"],
    ]


def test_answers_are_fixed_and_the_policy_stays_as_it_was() -> None:
    tree = _tree("when { context.a && !context.b }")
    before = json.dumps(tree)
    first, second = questions(tree)
    changed = answered(tree, {first.steps: True, second.steps: False})
    assert changed["conditions"] == _tree("when { true && !false }")["conditions"]
    assert questions(changed) == ()
    assert json.dumps(tree) == before
