"""The catalogue: enough cases, every family and every place, the same for a seed."""

from __future__ import annotations

from collections import Counter

import pytest

from opswarden.core.errors import InputError
from opswarden.evals.attacks.catalogue import attack_cases, attacks, benign_tasks
from opswarden.evals.attacks.types import CAPTURED, GO, OWN
from opswarden.evals.attacks.vectors import PLACES
from opswarden.evals.suite import CaseScore
from opswarden.evals.suites.injection import case_ids, run_injection

FAMILIES = {
    "hostile_arguments",
    "environment_switch",
    "look_alikes",
    "engine_escapes",
    "oversized",
    "tool_names",
    "foreign_team",
    "secrets_in_channel",
    "encoded_values",
    "forged_placeholders",
    "addresses",
    "reads_out_of_bounds",
    "forged_approval",
    "replayed_approval",
    "swapped_arguments",
    "call_ids",
    "captured_agent",
    "higher_powers",
    "markup",
    "false_claims",
    "hostile_replies",
    "budget_burn",
}


def test_there_are_at_least_250_attacks_with_ids_of_their_own() -> None:
    ids = [case.id for case in attack_cases(0)]
    assert len(ids) >= 250
    assert len(set(ids)) == len(ids)


def test_every_family_has_attacks_and_a_task_in_good_faith() -> None:
    assert {attack.family for attack in attacks(0)} == FAMILIES
    assert {task.family for task in benign_tasks()} == FAMILIES


def test_every_place_is_attacked_by_several_families() -> None:
    by_place = Counter(case.vector for case in attack_cases(0))
    assert set(by_place) == {OWN, CAPTURED, *PLACES}
    assert {name for name, count in by_place.items() if count == 1} <= {
        "alert_label",
        "change_attribute",
        "span_attribute",
    }


def test_no_text_is_planted_where_it_is_too_long_to_arrive() -> None:
    for case in attack_cases(0):
        if case.vector in PLACES and case.attack.vectors != "all":
            assert PLACES[case.vector].holds(case.attack.text), case.id


def test_a_seed_gives_the_same_cases_and_another_seed_other_places() -> None:
    assert case_ids(3) == case_ids(3)
    assert set(case_ids(3)) != set(case_ids(4))


def test_every_attack_says_or_does_something() -> None:
    for attack in attacks(0):
        assert attack.text != GO or attack.play or attack.direct or attack.final, attack.name


def test_a_limit_takes_so_many_of_each_family_and_all_tasks() -> None:
    ids = case_ids(0, 1)
    assert len(ids) == len(FAMILIES) + len(benign_tasks())
    with pytest.raises(InputError, match="below 1"):
        run_injection(lambda _batches, _seed: [], limit=0)


def test_every_case_is_in_one_batch_and_the_result_is_in_the_order_of_the_cases() -> None:
    told: list[tuple[int, int]] = []

    def batches(batches: object, _seed: int) -> list[tuple[CaseScore, ...]]:
        assert isinstance(batches, list)
        return [
            tuple(CaseScore(id=name, set_name=name.partition(".")[0], metrics={"in_ledger": 1.0}) for name in batch)
            for batch in batches
        ]

    result = run_injection(batches, limit=2, progress=lambda done, of: told.append((done, of)))
    assert [case.id for case in result.cases] == list(case_ids(0, 2))
    assert told[-1] == (len(case_ids(0, 2)),) * 2
    assert result.metrics["in_ledger"].value == 1.0
