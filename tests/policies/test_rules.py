"""The built-in policies: their own cases come out as written, and test every condition."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import pytest

from opswarden.policies.cases import PolicyCase, builtin_cases, read_cases
from opswarden.policies.engine import CedarEngine
from opswarden.policies.loading import builtin_files
from opswarden.policies.rehearsal import coverage, said


@lru_cache(maxsize=1)
def load() -> CedarEngine:
    return CedarEngine([], builtin_files())


CASES = [case for file in builtin_cases() for case in read_cases(file, load(), [])]


def _named(name: str) -> PolicyCase:
    return next(case for case in CASES if case.name == name)


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_built_in_policies(case: PolicyCase) -> None:
    assert said(load().decide(case.asked)) == case.expect


def test_every_policy_applies_and_every_condition_is_exercised() -> None:
    covered = list(coverage(load(), CASES, {note.id for note in load().notes}))
    assert [policy.policy_id for policy in covered] == [note.id for note in load().notes]
    assert [policy.policy_id for policy in covered if not policy.is_whole] == []


def test_what_a_second_policy_says_too_is_all_that_is_not_decisive() -> None:
    """`stages.*`, `taint.*` and `tell.foreign` refuse as well what these conditions keep from being permitted."""
    covered = coverage(load(), CASES, {note.id for note in load().notes})
    masked = {
        (policy.policy_id, answer.question)
        for policy in covered
        for answer in policy.answers
        if not answer.decisive_for
    }
    assert masked == {
        ("asked.writes", 'context.common.stage == "act"'),
        ("guard.aborts", 'context.common.stage == "act"'),
        ("guard.aborts", "context.common.run_tainted"),
        ("guard.aborts", "context.common.untrusted_args.isEmpty()"),
        ("records.command", 'context.common.stage == "act"'),
        ("records.findings", 'context.common.stage == "act"'),
        ("tell.team", "resource.team == principal.team"),
        ("writes.approved", 'context.common.stage == "act"'),
    }


def test_an_unheard_of_stage_allows_nothing() -> None:
    asked = _named("an approved write runs").asked
    later = replace(asked, common=replace(asked.common, stage="later"))  # type: ignore[arg-type]  # no such stage
    assert said(load().decide(later)) == "deny default-deny"


def test_whoever_is_asked_is_named() -> None:
    for name in ("a write asks", "a tainted run asks"):
        assert getattr(load().decide(_named(name).asked), "roles", None) == ("oncall",)
