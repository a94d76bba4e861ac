"""`python -m opswarden.benchmarks.own_runbooks [SEED]`: how often a triage has the right page of `docs/runbooks` first.

One sandbox incident per fault; a page is right if it is one of those that a person who knows the cause would open. The
pages were written with the sandbox in view, so this says that they are found, not that they fit other platforms. Beside
it: whether it is one of the pages that are shown, the page for the alert and the one for the suspected cause, each by
itself, and the alert alone, without what the triage found. Incidents in which nothing is wrong have no right page and
are left out.
"""

from __future__ import annotations

import io
import json
import os
import sys
import tempfile
from contextlib import redirect_stderr, redirect_stdout
from math import sqrt
from pathlib import Path
from typing import Any

from ..agents.triage.pages import TOOL, in_order
from ..apps.cli.main import main as run
from ..evals.worlds.spec import FaultName, WorldSpec
from ..evals.worlds.world import write_case

PAGES = Path(__file__).parents[1] / "docs" / "runbooks"
RIGHT: dict[FaultName, tuple[str, ...]] = {
    "bad_model_promotion": ("model-promotion-bad",),
    "bad_canary": ("canary-abort",),
    "training_serving_skew": ("features-parity",),
    "threshold_misconfiguration": ("threshold-misconfigured",),
    "model_trial": ("model-trial", "model-promotion-bad"),
    "stale_features": ("features-stale",),
    "upstream_schema_change": ("schema-change-upstream",),
    "null_flood": ("features-null-flood",),
    "cache_stampede": ("cache-stampede",),
    "feature_view_rollout": ("features-view-rollout",),
    "upstream_batch_delay": ("pipeline-late",),
    "gpu_out_of_memory": ("gpu-out-of-memory",),
    "noisy_neighbour": ("noisy-neighbour",),
    "quota_exhausted": ("quota-exhausted",),
    "gpu_throttling": ("gpu-throttling",),
    "slow_consumer": ("queue-deep",),
    "expired_certificate": ("certificate-expired",),
    "slow_dependency": ("dependency-slow",),
    "database_locks": ("database-locks",),
    "machine_failure": ("machine-lost",),
    "flag_in_one_country": ("threshold-misconfigured",),
    "dependency_bump": ("release-rollback",),
    "provider_outage_one_country": ("provider-outage-country",),
    "issuer_decline_wave": ("issuer-declines",),
    "card_testing": ("card-testing",),
}
_Z = 1.96


def main(argv: list[str]) -> int:
    """Measure, and print a line per fault and the two shares."""
    seed = int(argv[0]) if argv else 41
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        os.environ["OPSWARDEN_STATE_DIR"] = str(Path(folder) / "state")
        os.chdir(folder)
        Path("opswarden.toml").write_text(f"version = 1\nrunbooks = {json.dumps(str(PAGES))}\n", encoding="utf-8")
        for place, fault in enumerate(RIGHT):
            spec = WorldSpec(seed=seed + place, fault=fault, duration_s=5_400, log_lines=1_500, spans=400, series=100)
            snapshot = write_case(spec, Path(folder) / fault).snapshot
            rows.append((fault, _pages(snapshot)))
            told = (f"{what}: {', '.join(names) or '-'}" for what, names in rows[-1][1].items())
            print(f"{fault}: {'; '.join(told)}", flush=True)
    for what in rows[0][1]:
        right = sum(any(name.removesuffix(".md") in RIGHT[fault] for name in shown[what]) for fault, shown in rows)
        none = sum(not shown[what] for _, shown in rows)
        print(f"right page, {what}: {right} of {len(rows)} ({interval(right, len(rows))}); no page {none}")
    return 0


def _pages(snapshot: Path) -> dict[str, tuple[str, ...]]:
    """Names of pages by what they were found by."""
    report = said_as_json("triage", str(snapshot), "--no-model", "--format", "json")
    found = [item["summary"] for item in report["evidence"] if item["tool"] == TOOL and item["summary"]]
    shown = tuple(str(page["name"]) for page in in_order(found))
    alert = json.loads((snapshot / "snapshot.json").read_text(encoding="utf-8"))["alert"]
    words = (alert["name"], alert["summary"], alert["entity"], alert["metric"])
    alone = said_as_json("runbook", "search", *words, "--format", "json")["result"]
    return {
        "first": shown[:1],
        "among those shown": shown,
        "for the alert": tuple(str(page["name"]) for page in found if page["about"] == "alert"),
        "for the cause": tuple(str(page["name"]) for page in found if page["about"] == "cause"),
        "the alert alone": (alone["hits"][0]["name"],) if alone and alone["suitable"] else (),
    }


def said_as_json(*argv: str) -> Any:
    """What a command says on stdout, read as JSON."""
    said = io.StringIO()
    with redirect_stdout(said), redirect_stderr(io.StringIO()):
        run(list(argv))
    return json.loads(said.getvalue())


def interval(right: int, n: int) -> str:
    """Wilson's 95 % interval of a share."""
    share, spread = right / n, _Z * _Z / n
    middle = (share + spread / 2) / (1 + spread)
    half = _Z * sqrt(share * (1 - share) / n + spread / (4 * n)) / (1 + spread)
    return f"95 %: {middle - half:.2f} to {middle + half:.2f}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
