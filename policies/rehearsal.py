"""Trying policies on table cases, and telling which of their conditions the cases really test.

A condition is a question in a policy (`conditions.Question`). Each has two answers, and each is fixed in turn: *yes*,
then *no*. If that changes for some case whether the policy applies, the case *exercises* the answer. If it also changes
what the case expects, the answer is *decisive*: were the condition lost, a case would fail. A second policy that says
the same can keep an exercised answer from being decisive.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from .cases import PolicyCase
from .conditions import Question, Tree, answered, questions
from .engine import Applying, CedarEngine
from .facts import DecisionInput
from .types import Decision


@dataclass(frozen=True)
class Outcome:
    """What the policies said to a case.

    Args:
        said: the decision and its code.
        policy_ids: the policies that decided.
    """

    case: PolicyCase
    said: str
    policy_ids: tuple[str, ...]

    @property
    def is_right(self) -> bool:
        """Whether it is what the case expects."""
        return fits(self.said, self.case.expect)


@dataclass(frozen=True)
class Answer:
    """One answer to one question of a policy, fixed for a trial.

    Args:
        question: as written in Cedar.
        answer: what it was fixed to.
        exercised_by: the name of a case in which the policy then applies differently; empty if there is none.
        decisive_for: the name of a case that would fail; empty if there is none.
    """

    question: str
    answer: bool
    exercised_by: str
    decisive_for: str


@dataclass(frozen=True)
class PolicyCoverage:
    """How far the cases test one policy.

    Args:
        applies_in: the number of cases in which it applies.
        answers: two for each question in its conditions.
    """

    policy_id: str
    file: str
    applies_in: int
    answers: tuple[Answer, ...]

    @property
    def is_whole(self) -> bool:
        """Whether it applies somewhere and every answer is exercised."""
        return self.applies_in > 0 and all(answer.exercised_by for answer in self.answers)


def said(decision: Decision) -> str:
    """A decision as cases write it: `ask writes.approved`."""
    return f"{decision.word} {decision.code}"


def fits(found: str, expected: str) -> bool:
    """Whether what was said is what is expected; without a code any code does."""
    return found == expected or (" " not in expected and found.partition(" ")[0] == expected)


def rehearse(engine: CedarEngine, cases: Sequence[PolicyCase]) -> tuple[Outcome, ...]:
    """What the policies say to every case."""
    found = []
    for case in cases:
        decision = engine.decide(case.asked)
        found.append(Outcome(case, said(decision), decision.policy_ids))
    return tuple(found)


def coverage(engine: CedarEngine, cases: Sequence[PolicyCase], wanted: Collection[str]) -> Iterator[PolicyCoverage]:
    """How far the cases test each of the policies with the wanted ids, in the order of loading.

    Takes a few milliseconds for each case and for each question of each policy.
    """
    # What a case asks, and what the engine asks beside it to find out whether an approval would help.
    asked = [[case.asked, *_what_if(engine, case.asked)] for case in cases]
    trials = [
        _Trial(place, question, answer, answered(tree, {question.steps: answer}))
        for place, (note, tree) in enumerate(zip(engine.notes, engine.trees, strict=True))
        if note.id in wanted
        for question in questions(tree)
        for answer in (True, False)
    ]
    # A question to Cedar costs far more than a policy in it: all policies, as they are and as changed, in one.
    ask = engine.applying([*engine.trees, *(trial.tree for trial in trials)])
    applying_in = [0] * len(engine.trees)
    differing: list[list[PolicyCase]] = [[] for _ in trials]
    for case, versions in zip(cases, asked, strict=True):
        found = [ask(each) for each in versions]
        for place in found[0].holding & set(range(len(engine.trees))):
            applying_in[place] += 1
        for number, trial in enumerate(trials):
            changed = len(engine.trees) + number
            if any(_state(each, changed) != _state(each, trial.place) for each in found):
                differing[number].append(case)
    for place, note in enumerate(engine.notes):
        if note.id in wanted:
            answers = tuple(
                _answer(engine, trial, cases_that_differ)
                for trial, cases_that_differ in zip(trials, differing, strict=True)
                if trial.place == place
            )
            yield PolicyCoverage(note.id, note.file, applying_in[place], answers)


@dataclass(frozen=True)
class _Trial:
    """A policy, at its place among all, with one question answered once and for all."""

    place: int
    question: Question
    answer: bool
    tree: Tree


def _answer(engine: CedarEngine, trial: _Trial, differing: Sequence[PolicyCase]) -> Answer:
    decisive_for = ""
    if differing:
        without = engine.with_tree(trial.place, trial.tree)
        decisive_for = next((case.name for case in differing if not _holds(without, case)), "")
    return Answer(trial.question.text, trial.answer, differing[0].name if differing else "", decisive_for)


def _holds(engine: CedarEngine, case: PolicyCase) -> bool:
    return fits(said(engine.decide(case.asked)), case.expect)


def _what_if(engine: CedarEngine, asked: DecisionInput) -> list[DecisionInput]:
    return [] if asked.approval is not None else [engine.approved(asked)]


def _state(found: Applying, place: int) -> tuple[bool, bool]:
    return place in found.holding, place in found.erring
