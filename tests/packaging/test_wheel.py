"""The wheel, made from the source distribution, installed into a clean environment: `opswarden demo` runs there."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
_LEFT_OUT = shutil.ignore_patterns(".*", "build", "dist", "*.egg-info", "__pycache__", "node_modules")


@dataclass(frozen=True)
class Built:
    """What a release consists of."""

    wheel: Path
    sdist: Path


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Built from a copy, so that nothing is left in the checkout."""
    source = tmp_path_factory.mktemp("source") / "opswarden"
    shutil.copytree(ROOT, source, ignore=_LEFT_OUT)
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(source.parent / "dist"), str(source)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout[-2_000:] + done.stderr[-2_000:]
    (wheel,) = (source.parent / "dist").glob("*.whl")
    (sdist,) = (source.parent / "dist").glob("*.tar.gz")
    return Built(wheel, sdist)


@pytest.fixture(scope="module")
def clean(built: Built, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment of its own with the wheel; what the wheel depends on comes from the environment of the tests."""
    folder = tmp_path_factory.mktemp("clean") / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True, timeout=120)
    pip = [sys.executable, "-m", "pip", "--python", str(folder), "--disable-pip-version-check"]
    # What is used is compiled as it is imported: a tenth of the files.
    install = [*pip, "install", "--quiet", "--no-deps", "--no-index", "--no-compile", str(built.wheel)]
    subprocess.run(install, check=True, timeout=120)
    (place,) = (folder / "lib").glob("python3*/site-packages")
    # Only a path: `.pth` files inside that folder are not read, so the checkout itself stays out of sight.
    (place / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return folder


def run(clean: Path, home: Path, *argv: str) -> subprocess.CompletedProcess[str]:
    environment = {
        "PATH": os.environ.get("PATH", ""),
        "HOME": str(home),
        "OPSWARDEN_STATE_DIR": str(home / "state"),
        "COLUMNS": "100",
        "LANG": "C.UTF-8",
    }
    command = [str(clean / "bin" / argv[0]), *argv[1:]]
    return subprocess.run(command, env=environment, cwd=home, capture_output=True, text=True, timeout=120, check=False)


def test_the_wheel_holds_the_product_and_not_its_tests(built: Built) -> None:
    with zipfile.ZipFile(built.wheel) as archive:
        names = archive.namelist()
    product = [name for name in names if not name.split("/")[0].endswith(".dist-info")]
    assert {name.split("/")[0] for name in product} == {"opswarden"}
    inner = {name.split("/")[1] for name in product if name.count("/") > 1}
    assert inner == {"agents", "apps", "core", "evals", "policies", "redaction", "tools"}
    for needed in ("py.typed", "policies/rules/reads.cedar", "apps/reports/templates/report.css", "apps/cli/main.py"):
        assert f"opswarden/{needed}" in names
    assert [name for name in names if name.endswith(("/LICENSE", "/NOTICE"))]


def test_the_source_distribution_can_be_built_from(built: Built) -> None:
    with tarfile.open(built.sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    for needed in ("pyproject.toml", "README.md", "LICENSE", "NOTICE", "__init__.py", "policies/rules/reads.cedar"):
        assert needed in names


def test_nothing_of_the_checkout_is_seen_in_the_clean_environment(clean: Path, tmp_path: Path) -> None:
    done = run(clean, tmp_path, "python", "-c", "import opswarden, sys; print(opswarden.__file__)")
    assert done.stdout.startswith(str(clean)), done.stderr


def test_the_command_is_there_and_the_demo_runs(clean: Path, tmp_path: Path) -> None:
    done = run(clean, tmp_path, "opswarden", "demo")
    assert done.returncode == 0, done.stderr
    assert "Synthetic" in done.stdout
    assert "No language model was used" in done.stdout
    (page,) = (tmp_path / "state" / "reports").glob("*.html")
    assert str(page) in done.stdout
    assert page.read_text(encoding="utf-8").startswith("<!")
    checked = run(clean, tmp_path, "opswarden", "audit", "verify")
    assert checked.returncode == 0, checked.stderr
