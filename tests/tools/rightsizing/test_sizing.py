"""CPU and memory sizes on an invented trace: rules, odds, dial, replay, and what keeps a size from being proposed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from opswarden.apps.cli.main import main
from opswarden.core.errors import InputError
from opswarden.tools.rightsizing.backtest import Aim, ResourceBacktest, backtest
from opswarden.tools.rightsizing.calendar_peaks import calendar_days, is_driven
from opswarden.tools.rightsizing.calibration import deciles
from opswarden.tools.rightsizing.coming import coming
from opswarden.tools.rightsizing.correction import Correction, correction
from opswarden.tools.rightsizing.growth import grows
from opswarden.tools.rightsizing.odds import Past, odds
from opswarden.tools.rightsizing.rules import rules_of, vpa_confidence
from opswarden.tools.rightsizing.sizing import DIALS, FLOOR, Guards, priced
from opswarden.tools.rightsizing.told import by_criticality, kind_backtest
from opswarden.tools.rightsizing.trace import read_trace, to_sql
from opswarden.tools.rightsizing.use import SampledUse, SizedResource
from opswarden.tools.rightsizing.weeks import EQUAL, fold_days, weeks_of

WORKLOADS, DAYS, PER_DAY = 60, 56, 24


def invented(resource: SizedResource = "cpu", seed: int = 5, *, days: int = DAYS) -> SampledUse:
    """A third steady, a third with a weekly rhythm, a third with rare bursts; all of them oversized."""
    rng = np.random.default_rng(seed)
    level = np.exp(rng.normal(-1, 1, WORKLOADS))
    day, hour = np.arange(days)[None, :, None], np.arange(PER_DAY)[None, None, :]
    shape = 1 + 0.5 * np.sin(2 * np.pi * hour / PER_DAY) * np.ones((WORKLOADS, days, 1))
    kind = np.arange(WORKLOADS) % 3
    shape = shape * np.where((kind == 1)[:, None, None] & (day % 7 < 2), 0.3, 1.0)
    burst = (kind == 2)[:, None, None] & (rng.random((WORKLOADS, days, PER_DAY)) < 0.004)
    noise = np.exp(rng.normal(0, 0.15, (WORKLOADS, days, PER_DAY)))
    values = level[:, None, None] * shape * noise * np.where(burst, 4.0, 1.0)
    unit = 1.0 if resource == "cpu" else 2.0**30
    sizes = np.repeat((level * rng.uniform(6, 14, WORKLOADS))[:, None] * unit, days, axis=1)
    names = tuple(f"w{place:02}" for place in range(WORKLOADS))
    return SampledUse(resource, names, (values * unit).astype(np.float32), sizes, PER_DAY)


@pytest.fixture(scope="module")
def replayed() -> ResourceBacktest:
    found = backtest(invented())
    assert found is not None
    return found


def test_quantiles_are_order_statistics_and_fade_by_sample() -> None:
    values = np.arange(1, 11, dtype=np.float32).reshape(1, 1, 10)
    use = SampledUse("cpu", ("a",), values, np.full((1, 1), 99.0), 10)
    assert use.quantiles((0.5, 0.95, 1.0), 0, 1).tolist() == [[5.0, 10.0, 10.0]]
    assert use.share_above(np.array([8.0]), 0, 1).tolist() == [0.2]
    # A half-life of a tenth of a day: the last sample weighs as much as all before it together.
    assert use.quantiles((0.4, 0.6), 0, 1, fading=0.1).tolist() == [[9.0, 10.0]]


def test_rules_give_what_their_makers_publish() -> None:
    values = np.full((1, 14, 100), 0.2, np.float32)
    values[:, :, 94:] = 0.4
    use = SampledUse("cpu", ("a",), values, np.full((1, 14), 9.0), 100)
    size = {rule.name: float(rule.size(use, 14)[0]) for rule in rules_of("cpu")}
    assert size["krr simple"] == pytest.approx(0.4)
    assert size["krr simple-limit"] == pytest.approx(0.2)
    assert size["p99.5/0.8"] == pytest.approx(0.5)
    # VPA answers with the end of the bucket, 0.2158 here, and 15 % more.
    assert size["vpa"] == pytest.approx(0.2158 * 1.15, abs=1e-3)
    memory = SampledUse("memory", ("a",), values * 1e9, np.full((1, 14), 9e9), 100)
    peaks = {rule.name: float(rule.size(memory, 14)[0]) for rule in rules_of("memory")}
    assert peaks["krr"] == pytest.approx(0.46e9)
    assert peaks["max14d x1.5"] == pytest.approx(0.6e9)
    assert vpa_confidence(0.5) == pytest.approx((0.996, 3.0), abs=1e-3)


def test_nothing_after_a_day_moves_what_is_said_on_it() -> None:
    use, later = invented(), invented()
    later._values[:, 42:] *= 50
    changed = SampledUse("cpu", use.names, later._values, use.sizes, PER_DAY)
    one, other = odds(Past(use), 42), odds(Past(changed), 42)
    assert one is not None
    assert other is not None
    assert np.array_equal(one.hard, other.hard)
    assert np.array_equal(one.sizes, other.sizes)


def test_odds_fall_with_size_and_a_safer_dial_reserves_more() -> None:
    use = invented("memory")
    told = odds(Past(use), 49)
    assert told is not None
    assert (np.diff(told.hard, axis=1) <= 0).all()
    assert ((told.hard >= 0) & (told.hard <= 1)).all()
    table = priced("memory", told, use.sizes[:, 48], Guards())
    row = np.arange(WORKLOADS)
    reserved = [table.sizes[row, table.at(dial)].sum() for dial in DIALS[::20]]
    assert reserved == sorted(reserved)
    assert reserved[-1] > 1.3 * reserved[0]


def test_guards_hold_at_any_dial() -> None:
    use = invented()
    told = odds(Past(use), 49)
    assert told is not None
    peak, reserved = use.most[:, 21:49].max(axis=1), use.sizes[:, 48]
    table = priced("cpu", told, reserved, Guards(seen_days=28, most_cut=0.6), peak)
    for dial in (DIALS[0], DIALS[-1]):
        sizes = table.sizes[np.arange(WORKLOADS), table.at(dial)]
        assert (sizes >= np.minimum(np.maximum(peak, reserved * 0.4), reserved) * (1 - 1e-9)).all()
        assert (sizes <= reserved * (1 + 1e-9)).all()
    assert (priced("cpu", told, reserved, Guards()).sizes >= FLOOR["cpu"] * (1 - 1e-9)).all()


def test_the_replay_stands_beside_the_rules_and_states_risks_that_come_true(replayed: ResourceBacktest) -> None:
    assert [row.name for row in replayed.rules][-1] == "ours"
    assert len(replayed.rules) == len(rules_of("cpu")) + 1
    assert len(replayed.weeks) == WORKLOADS * len(fold_days(DAYS))
    for row in replayed.rules:
        assert row.saved.low <= row.saved.value <= row.saved.high
    whole = kind_backtest(replayed)
    assert whole.is_passed
    assert replayed.is_learnt
    assert sum(one.holds for one in replayed.calibration) >= 8
    (equal,) = [one for one in replayed.equal if one.than == "p99.5/0.8" and len(one.criteria) == len(EQUAL)]
    reference = next(row for row in replayed.rules if row.name == "p99.5/0.8")
    assert all(equal.risks[one] <= reference.risks[one].value + 1e-9 for one in EQUAL)


def test_no_size_below_a_peak_when_asked() -> None:
    found = backtest(invented("memory"), names=("krr",), aim=Aim(guards=Guards(seen_days=28)), most_folds=2)
    assert found is not None
    assert found.ours.outcome.below_peak == 0.0


def test_a_larger_risk_that_is_aimed_at_saves_more_and_the_coming_week_carries_on() -> None:
    use = invented("memory")
    careful = backtest(use, names=("krr",), aim=Aim(bad=0.01), most_folds=2)
    daring = backtest(use, names=("krr",), aim=Aim(bad=0.15), most_folds=2)
    assert careful is not None
    assert daring is not None
    assert daring.ours.saved.value > careful.ours.saved.value
    week = coming(use, careful, Aim(bad=0.01))
    assert week is not None
    assert np.isfinite(week.sizes).all()
    assert week.stated.mean() <= 0.011
    assert week.risk(use, 0, float(week.sizes[0])) == pytest.approx(week.stated[0])
    assert week.risk(use, 0, float(week.sizes[0]) * 3) <= week.stated[0]


def test_a_kind_that_went_wrong_more_often_than_stated_is_withheld(replayed: ResourceBacktest) -> None:
    from dataclasses import replace

    worse = replace(replayed, sizes=replayed.sizes * 0.3)
    found = kind_backtest(worse)
    assert not found.is_passed
    assert "was stated" in found.why
    few = replace(replayed, weeks=replayed.weeks.only(replayed.weeks.fold < 0), stated=np.zeros(0), sizes=np.zeros(0))
    assert len(few.weeks) == 0


def test_a_correction_learns_from_what_came_true_and_tells_what_was_told_without() -> None:
    told = np.array([0.0, 0.02])
    before = correction(np.zeros(0), np.zeros(0, np.bool_), np.zeros(0, np.int64), usual=0.02, outgrown=0.003)
    assert before(told).tolist() == pytest.approx([0.003, 0.02], rel=0.02)
    assert Correction()(told).tolist() == pytest.approx([0.0, 0.02])
    stated = np.full(400, 0.02)
    bad = np.arange(400) % 20 == 0
    learnt = correction(stated, bad, np.arange(400) // 50, usual=0.02)
    assert float(learnt(stated)[0]) == pytest.approx(0.05, abs=0.01)
    assert deciles(stated, bad, 1)[0].holds is False


def test_one_bad_week_says_less_than_as_many_bad_workloads_over_many_weeks() -> None:
    told, week = np.full(800, 0.05), np.arange(800) // 100
    spread_out = np.arange(800) % 10 == 0
    at_once = (week == 7) & (np.arange(800) >= 720)
    assert spread_out.sum() == at_once.sum() == 80
    even, shocked = (correction(told, bad, week, usual=0.05) for bad in (spread_out, at_once))
    assert float(even(told)[0]) == pytest.approx(0.1, abs=0.015)
    width = [high - low for low, high in (one.share_to_come(told[:100]) for one in (even, shocked))]
    assert width[1] > 1.2 * width[0]


def test_weeks_come_as_foretold_about_as_often_as_promised() -> None:
    """Forty courses of nine weeks that differ as the prior thinks they may: nine in ten come as foretold."""
    rng = np.random.default_rng(3)
    held = []
    for _ in range(40):
        odds_of_bad = np.log(0.05 / 0.95) + rng.normal(0, 0.6, 9)[:, None] + rng.normal(0, 0.7, (9, 100))
        bad = rng.random((9, 100)) < 1 / (1 + np.exp(-odds_of_bad))
        told = 1 / (1 + np.exp(-(odds_of_bad - odds_of_bad.mean(axis=1, keepdims=True) + np.log(0.05 / 0.95))))
        learnt = correction(told[:8].ravel(), bad[:8].ravel(), np.arange(800) // 100, usual=0.05)
        low, high = learnt.share_to_come(told[8])
        held.append(low <= bad[8].mean() <= high)
    assert 30 <= sum(held) <= 40


def test_short_histories_and_gaps_are_not_judged() -> None:
    use = invented("memory", days=30)
    assert fold_days(13) == ()
    assert backtest(invented(days=13)) is None
    found = backtest(use, names=("max14d x1.5",))
    assert found is not None
    assert found.weeks.days == (23,)
    gap = invented()
    gap._values[0, 20:45] = np.nan
    holed = SampledUse("cpu", gap.names, gap._values, gap.sizes, PER_DAY)
    judged = weeks_of(Past(holed), (35, 49))
    assert 0 not in judged.workload
    assert 1 in judged.workload


def test_growth_is_told_from_ups_and_downs() -> None:
    day = np.arange(28.0)
    leak = 1 + 0.05 * (day % 14)
    steady = 1 + 0.1 * np.sin(day)
    values = np.repeat(np.stack([leak, steady])[:, :, None], 4, axis=2).astype(np.float32)
    use = SampledUse("memory", ("leak", "steady"), values, np.full((2, 28), 9.0), 4)
    assert grows(use).tolist() == [True, False]
    assert grows(SampledUse("cpu", ("a", "b"), values, np.full((2, 28), 9.0), 4)).tolist() == [False, False]


def test_a_replay_by_criticality_sums_to_the_whole(replayed: ResourceBacktest) -> None:
    names = tuple(f"w{place:02}" for place in range(WORKLOADS))
    known = {name: ("payment_path", "normal")[place % 2] for place, name in enumerate(names[:40])}
    parts = by_criticality(replayed, names, known)
    assert [part.criticality for part in parts] == ["", "normal", "payment_path"]
    assert sum(part.weeks for part in parts) == len(replayed.weeks)
    assert sum(part.subjects for part in parts) == replayed.workloads
    wrong = sum(part.violated * part.weeks for part in parts)
    assert wrong == pytest.approx(kind_backtest(replayed).violated * len(replayed.weeks))
    assert all(part.low <= part.violated <= part.high for part in parts)
    assert by_criticality(replayed, names, {}) == ()


def test_peaks_of_the_calendar_are_seen() -> None:
    from datetime import date

    days = calendar_days(date(2026, 1, 1), 62, (), None)
    assert [30 in days, 31 in days, 15 in days] == [True, True, False]
    most = np.ones(62)
    assert not is_driven(most, days)
    most[30] = 2.0
    assert is_driven(most, days)


MAPPING = {"workload": "vm", "ts": "ts", "cpu": "used / total * cores", "cpu_size": "cores"}


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> Path:
    use = invented()
    hours = np.arange(DAYS * PER_DAY) * 3_600_000_000 + 1_767_225_600_000_000
    table = pa.table(
        {
            "vm": np.repeat(use.names, DAYS * PER_DAY),
            "ts": pa.array(np.tile(hours, WORKLOADS), pa.timestamp("us")),
            "used": use._values.reshape(-1) * 1000,
            "total": np.repeat(use.sizes[:, 0] * 1000, DAYS * PER_DAY),
            "cores": np.repeat(use.sizes[:, 0], DAYS * PER_DAY),
        }
    )
    path = tmp_path_factory.mktemp("trace") / "raw.parquet"
    pq.write_table(pa.concat_tables([table, table.slice(0, 500)]), path)
    return path


def test_a_raw_file_is_read_by_its_mapping(raw: Path) -> None:
    use = read_trace(raw, MAPPING)["cpu"]
    assert use.names == invented().names
    assert use.days == DAYS
    # Repeated rows count once; what is above the size counts as the size.
    assert np.allclose(use.most, np.minimum(invented().most, invented().sizes), rtol=1e-5)


@pytest.mark.parametrize(
    "text",
    ["used; DROP TABLE trace", "used)", "(used", "used used", "nope", "'a'", "used +", "", "read_csv('x')", "a" * 300],
)
def test_expressions_know_arithmetic_and_nothing_else(text: str) -> None:
    with pytest.raises(InputError):
        to_sql(text, {"used"}, "cpu")


def test_the_command_prints_every_rule_and_json(raw: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import json

    options = [one for field, text in MAPPING.items() for one in ("--map", f"{field}={text}")]
    assert main(["finops", "backtest", str(raw), *options, "--weeks", "1", "--format", "json"]) == 0
    (found,) = json.loads(capsys.readouterr().out)["resources"]
    assert [row["rule"] for row in found["rules"]] == [*(rule.name for rule in rules_of("cpu")), "ours"]
    assert set(found["rules"][0]["risks"]) == {"bad", "over 1 %", "bad, by size", "over 1 %, by size"}
    assert main(["finops", "backtest", str(raw), *options, "--rule", "nope"]) == 2
    assert main(["finops", "backtest", str(raw)]) == 2
    assert main(["finops", "backtest", str(raw), "--map", "cpu"]) == 2


def test_the_suite_measures_on_a_raw_file_that_cannot_be_written_beside(
    raw: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import json

    mapping = tmp_path / "columns.toml"
    mapping.write_text("".join(f"{field} = '{text}'\n" for field, text in MAPPING.items()), encoding="utf-8")
    asked = ["eval", "run", "finops", "--data", str(raw), "--limit", "1"]
    assert main([*asked, "--map-file", str(mapping), "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["n"], found["errors"]) == (WORKLOADS, 0)
    assert set(found["baseline"]) == {rule.name for rule in rules_of("cpu")}
    assert main(asked) == 2
    assert "--map-file" in capsys.readouterr().err
    assert main(["eval", "run", "finops", "--data", str(tmp_path), "--map-file", str(mapping)]) == 2
    assert "a fleet folder needs no mapping" in capsys.readouterr().err
    assert main(["eval", "run", "redaction", "--map-file", str(mapping)]) == 2
    assert "does not take --map-file" in capsys.readouterr().err
