"""The example policy that demands a change ticket, tried on its own cases."""

from __future__ import annotations

from opswarden.policies.cases import case_files, read_cases
from opswarden.policies.engine import CedarEngine
from opswarden.policies.rehearsal import coverage, rehearse
from opswarden.tests.docs.marked import ROOT

FOLDER = ROOT / "docs" / "examples" / "ticket_rules"


def test_it_decides_as_its_cases_say_and_they_test_every_condition() -> None:
    engine = CedarEngine.load([], [FOLDER])
    cases = [case for file in case_files([FOLDER]) for case in read_cases(file, engine, [])]
    wrong = [(outcome.case.name, outcome.said) for outcome in rehearse(engine, cases) if not outcome.is_right]
    assert wrong == []
    (policy,) = coverage(engine, cases, {"tickets.production"})
    assert policy.is_whole
