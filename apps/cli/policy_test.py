"""`opswarden policy test`."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .console import counted, emit_json

if TYPE_CHECKING:
    from ...policies.cases import CaseFile
    from ...policies.engine import CedarEngine
    from ...policies.rehearsal import Outcome, PolicyCoverage
    from ...tools.spec import AnyTool


@click.command("test")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path, exists=True))
@click.option("--environment", default="production", show_default=True)
@click.option("--coverage", "shows_coverage", is_flag=True, help="Name every condition that no case tests.")
@click.option("--require-coverage", is_flag=True, help="Exit 1 as well where a condition is not exercised.")
@click.option("--format", "style", type=click.Choice(["terminal", "json"]), default="terminal", show_default=True)
def command(paths: tuple[Path, ...], environment: str, shows_coverage: bool, require_coverage: bool, style: str) -> int:
    """Try the policies on table cases: `*.cases.yaml` in PATHS, or those beside the policies.

    The built-in policies are tried on their own cases, yours together with the built-in ones. Exit 1 if a case comes
    out otherwise. Nothing is run or recorded.
    """
    from ...policies.cases import builtin_cases, case_files  # noqa: PLC0415 - keeps `--help` light
    from ...policies.engine import CedarEngine  # noqa: PLC0415 - the same
    from ..catalogue import declared_tools  # noqa: PLC0415 - the same
    from ..installation import open_installation  # noqa: PLC0415 - the same

    with open_installation() as installation:
        tools = declared_tools(installation, environment)
        folders = (*installation.registry.policy_folders, *installation.settings.gate.policy_folders)
    outcomes, covered = _tried(CedarEngine.load(tools), builtin_cases(), tools, ())
    own = case_files(paths or folders)
    if own or folders:
        engine = CedarEngine.load(tools, folders)
        more, theirs = _tried(engine, own, tools, {policy.policy_id for policy in covered})
        outcomes, covered = (*outcomes, *more), (*covered, *theirs)
    is_right = all(outcome.is_right for outcome in outcomes)
    is_whole = all(policy.is_whole for policy in covered)
    if style == "json":
        emit_json(_as_json(outcomes, covered))
    else:
        _print(outcomes, covered, shows_coverage)
    return 0 if is_right and (is_whole or not require_coverage) else 1


def _tried(
    engine: CedarEngine, files: Sequence[CaseFile], tools: Sequence[AnyTool], without: Collection[str]
) -> tuple[tuple[Outcome, ...], tuple[PolicyCoverage, ...]]:
    """What comes out of the cases of some files, and how far they test the policies, some left out."""
    from ...policies.cases import read_cases  # noqa: PLC0415 - keeps `--help` light
    from ...policies.rehearsal import coverage, rehearse  # noqa: PLC0415 - the same

    cases = [case for file in files for case in read_cases(file, engine, tools)]
    outcomes = rehearse(engine, cases)
    wanted = {note.id for note in engine.notes}.difference(without)
    covered = []
    with counted("trying every condition") as step:
        for policy in coverage(engine, cases, wanted):
            covered.append(policy)
            step(len(covered), len(wanted))
    return outcomes, tuple(covered)


def _print(outcomes: Sequence[Outcome], covered: Sequence[PolicyCoverage], shows_coverage: bool) -> None:
    for outcome in outcomes:
        if not outcome.is_right:
            case = outcome.case
            click.echo(f"FAILED {case.file}: {case.name}")
            click.echo(f"  expected {case.expect}, found {outcome.said} (policies: {', '.join(outcome.policy_ids)})")
    for policy in covered:
        if policy.applies_in == 0:
            click.echo(f"untested {policy.policy_id} ({policy.file}): it applies in no case")
        elif shows_coverage:
            for answer in policy.answers:
                if not answer.exercised_by:
                    word = "yes" if answer.answer else "no"
                    click.echo(
                        f"untested {policy.policy_id} ({policy.file}): "
                        f"no case tells when `{answer.question}` is taken for {word}"
                    )
    failed = sum(not outcome.is_right for outcome in outcomes)
    answers = [answer for policy in covered for answer in policy.answers]
    exercised = sum(bool(answer.exercised_by) for answer in answers)
    decisive = sum(bool(answer.decisive_for) for answer in answers)
    applied = sum(policy.applies_in > 0 for policy in covered)
    click.echo(f"{len(outcomes) - failed} of {len(outcomes)} cases as expected")
    click.echo(
        f"{applied} of {len(covered)} policies apply in some case; "
        f"of {len(answers)} answers to their conditions {exercised} are exercised, {decisive} decisive"
    )
    if exercised < len(answers) and not shows_coverage:
        click.echo("`--coverage` names the others")


def _as_json(outcomes: Sequence[Outcome], covered: Sequence[PolicyCoverage]) -> dict[str, object]:
    return {
        "cases": [
            {
                "file": outcome.case.file,
                "name": outcome.case.name,
                "expected": outcome.case.expect,
                "found": outcome.said,
                "is_right": outcome.is_right,
                "policy_ids": list(outcome.policy_ids),
            }
            for outcome in outcomes
        ],
        "policies": [
            {
                "id": policy.policy_id,
                "file": policy.file,
                "applies_in": policy.applies_in,
                "answers": [
                    {
                        "question": answer.question,
                        "answer": answer.answer,
                        "exercised_by": answer.exercised_by,
                        "decisive_for": answer.decisive_for,
                    }
                    for answer in policy.answers
                ],
            }
            for policy in covered
        ],
    }
