"""The chart under Helm itself; left out where it is not installed, and the head of the run says so."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from .chart import Chart
from .conftest import FOLDER, HELM
from .test_chart import EVERYTHING, LEAST, OTHERWISE


@pytest.mark.parametrize("values", [LEAST, EVERYTHING, OTHERWISE], ids=["least", "everything", "otherwise"])
class TestHelm:
    @pytest.fixture
    def helm(self, values: dict[str, Any], tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
        given = tmp_path / "values.yaml"
        given.write_text(yaml.safe_dump(values))
        own = {f"HELM_{name}_HOME": str(tmp_path / name) for name in ("CACHE", "CONFIG", "DATA")}

        def run(*arguments: str) -> subprocess.CompletedProcess[str]:
            command = [HELM, *arguments, str(FOLDER), "--namespace", "opswarden", "-f", str(given)]
            environment = {**os.environ, **own}
            return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, env=environment)

        return run

    def test_it_finds_nothing_to_mend(self, helm: Callable[..., subprocess.CompletedProcess[str]]) -> None:
        done = helm("lint")
        assert done.returncode == 0, done.stdout + done.stderr
        # Helm does not know `generateName`, which the one-off triage has: it is made as often as somebody wants one.
        warned = [line for line in done.stdout.splitlines() if "[WARNING]" in line]
        assert all("templates/triage.yaml: object name does not conform" in line for line in warned), warned
        wrong = helm("lint", "--set", "image.repository=")
        assert wrong.returncode != 0
        assert "image" in wrong.stdout + wrong.stderr

    def test_it_renders_the_same(
        self, helm: Callable[..., subprocess.CompletedProcess[str]], chart: Chart, values: dict[str, Any]
    ) -> None:
        done = helm("template", "ops")
        assert done.returncode == 0, done.stderr
        theirs = [found for found in yaml.safe_load_all(done.stdout) if found]

        def by_name(documents: list[dict[str, Any]]) -> dict[tuple[str, str], dict[str, Any]]:
            names = [(each["kind"], json.dumps(each["metadata"], sort_keys=True)) for each in documents]
            return dict(zip(names, documents, strict=True))

        assert by_name(theirs) == by_name(chart.documents(values))
