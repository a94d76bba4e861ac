"""What is declared against what is there: packages, data files, locks, and files that run code at start-up."""

from __future__ import annotations

import re
import sysconfig
import tomllib
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[2]
NO_PACKAGES = {"deploy", "tests", "benchmarks", "docs", "build", "dist"}

_PIN = re.compile(r"(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)==(?P<version>[^\s;\\]+)")


def settings() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def product_folders() -> list[Path]:
    """Every folder below the root that is part of the product, the root first."""
    top = [
        path
        for path in sorted(ROOT.iterdir())
        if path.is_dir() and not path.name.startswith(".") and path.name not in NO_PACKAGES
    ]
    inner = [path for folder in top for path in (folder, *sorted(folder.rglob("*"))) if path.is_dir()]
    return [ROOT, *(path for path in inner if "__pycache__" not in path.parts and ".egg-info" not in str(path))]


def dotted(folder: Path) -> str:
    return ".".join(("opswarden", *folder.relative_to(ROOT).parts))


class TestPackages:
    def test_the_list_names_every_package_and_nothing_else(self) -> None:
        packages = [dotted(folder) for folder in product_folders() if (folder / "__init__.py").is_file()]
        declared = settings()["tool"]["setuptools"]["packages"]
        assert sorted(declared) == sorted(packages)

    def test_every_folder_with_code_is_a_package(self) -> None:
        loose = [dotted(folder) for folder in product_folders() if list(folder.glob("*.py"))]
        assert [name for name in loose if name not in settings()["tool"]["setuptools"]["packages"]] == []

    def test_every_other_file_of_a_package_is_declared_as_its_data(self) -> None:
        data = settings()["tool"]["setuptools"]["package-data"]
        declared = {
            path
            for package, patterns in data.items()
            for pattern in patterns
            for path in ROOT.joinpath(*package.split(".")[1:]).glob(pattern)
        }
        there = {
            path
            for folder in product_folders()[1:]
            for path in folder.iterdir()
            if path.is_file() and path.suffix not in (".py", ".pyc")
        }
        assert there | {ROOT / "py.typed"} == declared

    @pytest.mark.parametrize(
        "package", [folder for folder in product_folders() if (folder / "__init__.py").is_file()], ids=dotted
    )
    def test_an_init_file_holds_a_docstring_and_imports_nothing_heavy(self, package: Path) -> None:
        text = (package / "__init__.py").read_text(encoding="utf-8")
        assert text.startswith('"""')
        assert not re.search(
            r"^\s*(import|from)\s+(litellm|langchain|langgraph|presidio|spacy|dbos|mcp|duckdb)", text, re.M
        )


def pins(lock: str) -> dict[str, tuple[Version, int]]:
    """Name → version and number of hashes."""
    text = (ROOT / lock).read_text(encoding="utf-8")
    found = {}
    for block in re.split(r"\n(?=[A-Za-z0-9])", text):
        match = _PIN.match(block)
        assert match is not None, f"{lock}: {block[:60]!r} is no pin"
        name = canonicalize_name(match["name"])
        found[name] = (Version(match["version"]), block.count("--hash=sha256:"))
    return found


class TestLocks:
    @pytest.mark.parametrize("lock", ["requirements.lock", "peers.lock", "bootstrap.lock"])
    def test_every_package_is_pinned_with_hashes_and_there_is_no_address(self, lock: str) -> None:
        assert [name for name, (_, hashes) in pins(lock).items() if hashes == 0] == []
        text = (ROOT / lock).read_text(encoding="utf-8")
        assert "://" not in text
        assert not re.search(r"^\s*(-i|--index-url|--extra-index-url|--find-links|-e|git\+)\b", text, re.M)

    def test_what_is_declared_is_locked_within_its_bounds(self) -> None:
        project, locked = settings(), pins("requirements.lock")
        wanted = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
        for text in wanted:
            requirement = Requirement(text)
            version, _ = locked[canonicalize_name(requirement.name)]
            assert requirement.specifier.contains(version), text

    def test_no_version_of_litellm_that_stole_is_allowed(self) -> None:
        (bounds,) = (
            Requirement(text).specifier
            for text in settings()["project"]["dependencies"]
            if Requirement(text).name == "litellm"
        )
        for stolen in ("1.82.7", "1.82.8", "1.107.0"):
            assert not bounds.contains(stolen)
            assert pins("requirements.lock")["litellm"][0] != Version(stolen)

    def test_extras_do_not_repeat_the_core(self) -> None:
        core = {canonicalize_name(Requirement(text).name) for text in settings()["project"]["dependencies"]}
        for extra, wanted in settings()["project"]["optional-dependencies"].items():
            names = {canonicalize_name(Requirement(text).name) for text in wanted}
            assert not names & core, extra


def test_no_file_in_site_packages_runs_code_at_start_but_those_that_are_known() -> None:
    """A `.pth` file runs in every Python that starts; stolen packages have hidden there."""
    known = re.compile(r"(__editable__\.opswarden-.*|distutils-precedence|_virtualenv|a1_coverage|coloredlogs)\.pth")
    for place in {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}:
        assert [path.name for path in Path(place).glob("*.pth") if not known.fullmatch(path.name)] == []
