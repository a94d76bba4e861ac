from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest

from .chart import Chart

_PATH = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", "")))
HELM, HADOLINT = (shutil.which(name, path=_PATH) or "" for name in ("helm", "hadolint"))
FOLDER = Path(__file__).parents[2] / "deploy" / "chart"

collect_ignore = [f"test_{name}.py" for name, place in (("helm", HELM), ("hadolint", HADOLINT)) if not place]


def pytest_report_header() -> str:
    missing = " and ".join(name.removeprefix("test_").removesuffix(".py") for name in collect_ignore)
    return f"left out: the chart and the Dockerfile under {missing}, which is not installed" if missing else ""


@pytest.fixture(scope="module")
def chart() -> Chart:
    return Chart(FOLDER)
