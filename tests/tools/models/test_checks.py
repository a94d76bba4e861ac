"""Checks as code: what passes, what fails, and that nothing which is missing ever passes."""

from __future__ import annotations

import io
import json
import os
import pickle
import zipfile
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from opswarden.core.clock import Deadline, SystemClock
from opswarden.core.errors import BackendError, ConfigError
from opswarden.policies.taint import RunTaint
from opswarden.tests.mlflow_peer import SIGNATURE
from opswarden.tools.models.backends.registry import ArtifactFile, ModelVersion, RunFacts
from opswarden.tools.models.checks.artefact import forbidden, scan
from opswarden.tools.models.checks.comparing import gain
from opswarden.tools.models.checks.running import run_checks
from opswarden.tools.models.checks.seen import Seen
from opswarden.tools.models.checks.types import ArtefactCheck, CheckFile, read_check_file

NOW = datetime(2026, 1, 5, tzinfo=UTC)
ALLOWED = ArtefactCheck(kind="artefact", name="artefact").allowed_imports
ROWS = 6_000


def described(signature: list[dict[str, Any]] = SIGNATURE) -> bytes:
    return f"signature:\n  inputs: '{json.dumps(signature)}'\n".encode()


class Shelf:
    """Artefacts and runs in memory, read as from any registry."""

    def __init__(self, files: Mapping[str, bytes], runs: Mapping[str, RunFacts]) -> None:
        self._files, self._runs = files, runs

    def run(self, run_id: str, deadline: Deadline) -> RunFacts | None:
        return self._runs.get(run_id)

    def files(self, version: ModelVersion, deadline: Deadline) -> tuple[ArtifactFile, ...]:
        return tuple(ArtifactFile(path, len(content)) for path, content in sorted(self._files.items()))

    def read(self, version: ModelVersion, path: str, limit_bytes: int, deadline: Deadline) -> bytes:
        if path not in self._files or len(self._files[path]) > limit_bytes:
            raise BackendError("no such file")
        return self._files[path]


class Signed:
    def __init__(self, roles: Mapping[str, datetime]) -> None:
        self._roles = roles

    def of(self, environment: str, model: str, version: int) -> Mapping[str, datetime]:
        return self._roles


def scored(ours: float = 1.5, theirs: float = 1.2, *, bad_country: float = 1.0, n: int = ROWS) -> bytes:
    """Labels, and two scores that tell events apart by so many standard deviations."""
    rng = np.random.default_rng(1)
    label = (rng.random(n) < 0.2).astype(float)
    country = rng.choice(["NG", "BR", "MX"], n, p=[0.5, 0.4, 0.1])
    signal = np.where(country == "BR", bad_country, 1.0) * ours * label

    def probability(of: np.ndarray, strength: float) -> np.ndarray:
        logit = of * strength - strength**2 / 2 + np.log(0.2 / 0.8)
        return 1 / (1 + np.exp(-logit))

    noise = rng.standard_normal((2, n))
    table = {
        "label": label,
        "score": probability(signal + noise[0], ours),
        "champion_score": probability(theirs * label + noise[1], theirs),
        "country": country,
    }
    out = io.BytesIO()
    pq.write_table(pa.table(table), out)
    return out.getvalue()


def endless() -> bytes:
    """More rows than are read, in a few kilobytes: with all of them the file would be sound."""
    zeros = np.zeros(1_000_000)
    part = pa.table({"label": np.arange(1_000_000) % 2.0, "score": zeros + 0.5, "champion_score": zeros + 0.5})
    out = io.BytesIO()
    with pq.ParquetWriter(out, part.schema, compression="zstd") as writer:
        for _ in range(6):
            writer.write_table(part)
    return out.getvalue()


RUN = RunFacts(
    run_id="r1",
    status="FINISHED",
    params={"seed": "7"},
    metrics={"latency_p99_ms": 31.0, "auc": 0.9},
    tags={"mlflow.source.git.commit": "c0ffee"},
    datasets={"payments": "d1"},
)
EVERYTHING = """
version: 1
model: fraud
checks:
  - {name: auc, kind: metric, metric: auc, margin: 0.01}
  - {name: auc by country, kind: metric, metric: auc, margin: 0.02, segment: country}
  - {name: calibrated, kind: calibration, most: 0.1}
  - {name: fair, kind: fairness, column: country, rate: selected_rate, most: 0.1}
  - {name: latency, kind: budget, metric: latency_p99_ms, most: 40}
  - {name: inputs, kind: schema}
  - {name: lineage, kind: lineage, datasets: [payments]}
  - {name: repeated, kind: reproducible}
  - {name: artefact, kind: artefact}
  - {name: signed, kind: approvals, roles: [model-risk]}
  - {name: no freeze, kind: freeze}
"""


def seen(text: str = EVERYTHING, **changed: Any) -> Seen:
    files = {
        "MLmodel": described(),
        "model.pkl": pickle.dumps({"weights": np.arange(4.0)}),
        "evaluation/scored.parquet": scored(),
        **changed.pop("files", {}),
    }
    files = {path: content for path, content in files.items() if content is not None}
    runs = {"r1": RUN, "r2": RunFacts("r2", *list(vars(RUN).values())[1:]), **changed.pop("runs", {})}
    version = ModelVersion(
        "dev.fraud", 7, "s3://x", "r1", tags={"evaluated_against": "3", "repeated_by": "r2", **changed.pop("tags", {})}
    )
    given: dict[str, Any] = {
        "file": read_check_file(text, "fraud"),
        "version": version,
        "champion": ModelVersion("prod.fraud", 3, "s3://y"),
        "environment": "production",
        "source_environment": "staging",
        "reader": Shelf(files, runs),
        "champion_reader": Shelf({"MLmodel": described()}, {}),
        "sign_offs": Signed({"model-risk": NOW - timedelta(days=2)}),
        "frozen": lambda: (),
        "now": NOW,
        "deadline": Deadline(SystemClock(), 60),
        **changed,
    }
    return Seen(**given)


def results(found: Seen) -> dict[str, str]:
    return {one.name: one.result for one in run_checks(found).checks}


def test_a_sound_version_passes_every_check_and_the_digest_is_of_what_was_seen() -> None:
    report = run_checks(seen())
    assert {one.name: (one.result, one.why) for one in report.checks if one.result != "pass"} == {}
    assert (report.result, report.champion, len(report.checks)) == ("pass", 3, 11)
    assert run_checks(seen()).digest == report.digest
    assert run_checks(seen(files={"model.pkl": pickle.dumps([1])})).digest != report.digest


LATE = {"sign_offs": Signed({"model-risk": NOW - timedelta(days=40)})}


def run_of(metrics: Mapping[str, float], run_id: str = "r1", data: str = "d1", **tags: str) -> RunFacts:
    return RunFacts(run_id, "FINISHED", {"seed": "7"}, metrics, tags or RUN.tags, {"payments": data} if data else {})


WORSE: list[tuple[str, str, dict[str, Any]]] = [
    ("auc", "a weaker model", {"files": {"evaluation/scored.parquet": scored(0.8, 1.5)}}),
    ("auc by country", "one weak country", {"files": {"evaluation/scored.parquet": scored(1.5, 1.4, bad_country=0.3)}}),
    ("calibrated", "no probabilities", {"files": {"evaluation/scored.parquet": scored(4.0, 1.2, bad_country=0.2)}}),
    ("latency", "over its budget", {"runs": {"r1": run_of({"latency_p99_ms": 55.0})}}),
    ("inputs", "an input that nobody provides", {"files": {"MLmodel": described([{"type": "double", "name": "age"}])}}),
    ("inputs", "an input of another type", {"files": {"MLmodel": described([{"type": "long", "name": "amount"}])}}),
    ("lineage", "unknown data", {"runs": {"r1": run_of({}, data="")}}),
    ("repeated", "other data", {"runs": {"r2": run_of(RUN.metrics, "r2", "d2")}}),
    ("repeated", "other metrics", {"runs": {"r2": run_of({"auc": 0.8}, "r2")}}),
    ("artefact", "a library in it", {"files": {"lib/x.so": b"\x7fELF"}}),
    ("signed", "nobody signed lately", LATE),
    ("signed", "nobody signed", {"sign_offs": Signed({})}),
    ("no freeze", "a freeze", {"frozen": lambda: ("month end",)}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "changed"), [(row[0], row[2]) for row in WORSE], ids=[f"{r[0]}: {r[1]}" for r in WORSE]
)
def test_what_is_wrong_fails_its_check(name: str, changed: dict[str, Any]) -> None:
    found = run_checks(seen(**dict(changed)))
    (one,) = [one for one in found.checks if one.name == name]
    assert (one.result, found.result) == ("fail", "fail"), one.why


MISSING: list[tuple[str, str, dict[str, Any]]] = [
    ("auc", "no scored rows", {"files": {"evaluation/scored.parquet": None}}),
    ("auc", "rows without end", {"files": {"evaluation/scored.parquet": endless()}}),
    ("auc", "garbage for rows", {"files": {"evaluation/scored.parquet": b"\x00garbage"}}),
    ("auc", "scored against an older champion", {"tags": {"evaluated_against": "2"}}),
    ("auc", "no champion and no floor", {"champion": None}),
    ("auc", "too few rows", {"files": {"evaluation/scored.parquet": scored(1.3, 1.3, n=300)}}),
    ("auc by country", "no such column", {"text": EVERYTHING.replace("segment: country", "segment: city")}),
    ("fair", "no such column", {"text": EVERYTHING.replace("column: country", "column: city")}),
    ("latency", "not noted", {"runs": {"r1": run_of({})}}),
    ("latency", "not a number", {"runs": {"r1": run_of({"latency_p99_ms": float("nan")})}}),
    ("inputs", "no signature", {"files": {"MLmodel": b"flavors: {}\n"}}),
    ("inputs", "hostile YAML", {"files": {"MLmodel": b"a: &a [*a, *a]\n"}}),
    ("lineage", "no run", {"runs": {"r1": None}}),
    ("repeated", "never repeated", {"tags": {"repeated_by": ""}}),
    ("repeated", "repeated by itself", {"tags": {"repeated_by": "r1"}}),
    ("artefact", "packed", {"files": {"model.pkl": b"\x1f\x8b" + b"x" * 40}}),
    ("artefact", "cut off", {"files": {"model.pkl": pickle.dumps({"a": [1, 2, 3]})[:-4]}}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "changed"), [(row[0], row[2]) for row in MISSING], ids=[f"{r[0]}: {r[1]}" for r in MISSING]
)
def test_what_is_missing_never_passes(name: str, changed: dict[str, Any]) -> None:
    found = run_checks(seen(**dict(changed)))
    (one,) = [one for one in found.checks if one.name == name]
    assert one.result == "inconclusive", one.why
    assert found.result != "pass"


def test_checks_of_another_environment_are_not_asked_and_none_at_all_is_no_pass() -> None:
    elsewhere = EVERYTHING.replace("kind: freeze}", "kind: freeze, environments: [staging]}")
    assert "no freeze" not in results(seen(elsewhere))
    one = "{version: 1, model: fraud, checks: [{name: f, kind: freeze, environments: [staging]}]}"
    assert run_checks(seen(one)).result == "inconclusive"


def test_a_floor_counts_without_a_champion() -> None:
    text = EVERYTHING.replace("margin: 0.01", "margin: 0.01, floor: 0.7")
    assert results(seen(text, champion=None))["auc"] == "pass"
    assert results(seen(text.replace("floor: 0.7", "floor: 0.99"), champion=None))["auc"] == "fail"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "version: 1\nmodel: other\nchecks: [{name: f, kind: freeze}]",
        "version: 1\nmodel: fraud\nchecks: []",
        "version: 1\nmodel: fraud\nchecks: [{name: f, kind: guess}]",
        "version: 1\nmodel: fraud\nchecks: [{name: f, kind: freeze}, {name: f, kind: freeze}]",
        "version: 1\nmodel: fraud\nchecks: [{name: f, kind: freeze, extra: 1}]",
        "\x00",
    ],
)
def test_a_check_file_that_does_not_fit_is_refused(text: str) -> None:
    with pytest.raises(ConfigError):
        read_check_file(text, "fraud")
    assert CheckFile.model_config["extra"] == "forbid"


class Evil:
    def __reduce__(self) -> Any:
        return os.system, ("true",)


def _mixed_up() -> bytes:
    """Pushes harmless names, pops them, and imports something else: only the stack tells."""
    wanted, shown = b"\x8c\x05posix\x94\x8c\x06system\x94", b"\x8c\x12numpy.core.numeric\x94\x8c\x01a\x94"
    return b"\x80\x04" + wanted + shown + b"00\x93\x8c\x04true\x85R."


HOSTILE = {
    "a call of the system": pickle.dumps(Evil()),
    "the same in the oldest form": pickle.dumps(Evil(), protocol=0),
    "names that are pushed and popped": _mixed_up(),
    "a second pickle behind a harmless one": pickle.dumps([1]) + pickle.dumps(Evil()),
    "a way out inside numpy": b"\x80\x04cnumpy.testing._private.utils\nrunstring\n\x8c\x01x}\x86R.",
    "one that breaks after the call": pickle.dumps(Evil())[:-1] + b"\xff",
    "a builtin": b"\x80\x02cbuiltins\neval\nX\x01\x00\x00\x001\x85R.",
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("packed", [False, True])
def test_a_hostile_pickle_is_found_without_loading_it(name: str, packed: bool) -> None:
    content = HOSTILE[name]
    if packed:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            archive.writestr("archive/data.pkl", content)
        content = out.getvalue()
    found = scan(content, "model.pkl")
    assert forbidden(found.imports, (*ALLOWED, "numpy")) != ()


def test_usual_artefacts_are_not_mistaken_for_hostile_ones() -> None:
    array = io.BytesIO()
    np.save(array, np.arange(5))
    arrays = io.BytesIO()
    np.savez(arrays, a=np.arange(5))
    for name, content in {
        "model.pkl": pickle.dumps({"w": np.arange(9.0), "at": NOW, "s": {1, 2}}, protocol=5),
        "old.pkl": pickle.dumps([np.float64(1.5)], protocol=2),
        "weights.npy": array.getvalue(),
        "weights.npz": arrays.getvalue(),
        "conda.yaml": b"channels:\n- defaults\n",
        "MLmodel": described(),
    }.items():
        found = scan(content, name)
        assert (name, forbidden(found.imports, ALLOWED), found.unread) == (name, (), "")


def test_the_error_of_a_difference_of_areas_is_the_one_that_resampling_shows() -> None:
    rng = np.random.default_rng(3)
    label = (rng.random(2_000) < 0.3).astype(float)
    a, b = label + rng.standard_normal(2_000), 0.8 * label + rng.standard_normal(2_000)
    found = gain("auc", label, a, b, 0.5)
    assert found is not None
    draws = []
    for _ in range(200):
        rows = rng.integers(0, 2_000, 2_000)
        one = gain("auc", label[rows], a[rows], b[rows], 0.5)
        assert one is not None
        draws.append(one.gain)
    assert found.error == pytest.approx(float(np.std(draws)), rel=0.2)
    inside, outside = a[label == 1], a[label == 0]
    assert found.value == pytest.approx(float((inside[:, None] > outside).mean()), abs=1e-9)


def test_what_whoever_made_the_artefact_wrote_is_outside_text() -> None:
    """Names of imports and inputs are theirs: an instruction fits into each."""
    planted = "promote-payouts-evil"
    hostile = f"c{planted}\nnow\n.".encode()
    report = run_checks(
        seen(files={"model.pkl": hostile, "MLmodel": described([*SIGNATURE, {**SIGNATURE[0], "name": planted}])})
    )
    said = {one.name: one for one in report.checks}
    assert (said["artefact"].result, said["inputs"].result) == ("fail", "fail")
    assert any(planted in name for name in said["artefact"].named)
    assert any(planted in name for name in said["inputs"].named)
    assert not [one for one in report.checks if planted in one.why]
    taint = RunTaint(())
    taint.learn(type(report), report.model_dump(mode="json"), derived_from_outside=False)
    assert taint.is_outside(planted)
