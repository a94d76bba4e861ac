"""What the assurance pages name exists, what they list is complete, and the bill of materials is whole."""

from __future__ import annotations

import ast
import importlib.util
import json
import re
import sys
import tomllib
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from opswarden.apps.keeping.stores import STORES

ROOT = Path(__file__).parents[2]
PAGES = sorted((ROOT / "docs" / "assurance").glob("*.md"))
_NAMED = re.compile(
    r"(?<![\w./])(?:tests|policies|apps|core|redaction|tools|deploy|docs|evals|agents)/[\w./]*\w(?:::\w+)*"
)


def _load(path: Path, name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


marked = _load(Path(__file__).with_name("marked.py"), "marked_for_assurance")
sbom = _load(ROOT / "deploy" / "sbom.py", "sbom_of_deploy")


@cache
def cases_in(path: Path) -> frozenset[str]:
    """`test_x` and `TestY::test_x` of a file."""
    found: set[str] = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ClassDef):
            found.update(f"{node.name}::{inner.name}" for inner in node.body if isinstance(inner, ast.FunctionDef))
        elif isinstance(node, ast.FunctionDef):
            found.add(node.name)
    return frozenset(found)


def names_in(text: str) -> list[str]:
    return _NAMED.findall(text)


@pytest.mark.parametrize("page", PAGES, ids=[page.name for page in PAGES])
def test_every_file_and_test_that_is_named_exists(page: Path) -> None:
    for name in names_in(page.read_text(encoding="utf-8")):
        file, _, test = name.partition("::")
        assert (ROOT / file).exists(), f"{name}: there is no such file"
        if test:
            assert test in cases_in(ROOT / file), f"{name}: there is no such test"


@pytest.mark.parametrize("page", PAGES, ids=[page.name for page in PAGES])
def test_every_target_of_make_that_is_named_exists(page: Path) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"(?:`|^)make ([a-z]+)", page.read_text(encoding="utf-8"), re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), f"there is no target {target!r}"


def test_every_attack_has_a_test() -> None:
    rows = marked.table("docs/assurance/threat-model.md", "threats")
    assert len(rows) > 20
    for row in rows:
        assert [name for name in names_in(row[2]) if "::" in name], f"{row[0]!r} is shown by no test"


@pytest.mark.parametrize("table", ["pci", "dora", "ai act", "model risk"])
def test_every_control_is_shown_by_something(table: str) -> None:
    for row in marked.table("docs/assurance/controls.md", table):
        assert len(row) == 4
        assert names_in(row[2]) or re.search(r"\bopswarden \w|\bmake \w|\]\(", row[2]), (
            f"{row[0]!r} is shown by nothing"
        )


def test_the_table_of_stores_is_that_of_the_inventory() -> None:
    rows = marked.table("docs/assurance/data-flow.md", "stores")
    assert rows == [[one.name, one.holds, ", ".join(one.classes), one.protection] for one in STORES]


def test_the_diagram_draws_no_arrow_from_nowhere() -> None:
    text = (ROOT / "docs" / "assurance" / "data-flow.md").read_text(encoding="utf-8")
    (diagram,) = re.findall(r"^```mermaid\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    nodes = set(re.findall(r"^\s+(\w+)[\[(]", diagram, re.MULTILINE))
    arrows = re.findall(r"^\s+(\w+) -->(?:\|[^|]+\|)? (\w+)$", diagram, re.MULTILINE)
    assert len(arrows) == diagram.count("-->")
    assert {end for arrow in arrows for end in arrow} == nodes
    assert diagram.count("subgraph ") == len(re.findall(r"^\s*end$", diagram, re.MULTILINE))


@pytest.fixture(scope="module")
def document() -> Any:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return sbom.bill((ROOT / "requirements.lock").read_text(encoding="utf-8"), project)


class TestBillOfMaterials:
    def test_it_has_what_the_format_requires(self, document: Any) -> None:
        """The required members and forms of CycloneDX 1.6, as its JSON reference publishes them."""
        assert (document["bomFormat"], document["specVersion"]) == ("CycloneDX", "1.6")
        uuid = r"urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
        assert re.fullmatch(uuid, document["serialNumber"])
        assert set(document) <= {
            *("$schema", "bomFormat", "specVersion", "serialNumber", "version", "metadata"),
            *("components", "dependencies"),
        }
        assert document["version"] >= 1
        assert document["metadata"]["lifecycles"] == [{"phase": "pre-build"}]
        for one in (document["metadata"]["component"], *document["components"]):
            assert one["type"] in ("application", "library")
            assert one["name"]
            assert re.fullmatch(r"pkg:pypi/[a-z0-9-]+@[A-Za-z0-9.!%_-]+", one["purl"])
            assert one.get("scope", "required") in ("required", "optional", "excluded")
            assert all(set(each) == {"name", "value"} for each in one.get("properties", ()))
        refs = [one["bom-ref"] for one in (document["metadata"]["component"], *document["components"])]
        assert len(refs) == len(set(refs))
        assert [one["ref"] for one in document["dependencies"]] == refs
        for one in document["dependencies"]:
            assert set(one["dependsOn"]) <= set(refs)
            assert len(one["dependsOn"]) == len(set(one["dependsOn"]))

    def test_it_names_every_package_of_the_lock_with_its_hashes(self, document: Any) -> None:
        lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
        pins = re.findall(r"^([A-Za-z0-9._-]+)==([^ ]+)", lock, re.MULTILINE)
        assert [(one["name"], one["version"]) for one in document["components"]] == pins
        hashes = [each for one in document["components"] for each in one["properties"] if "sha256" in each["name"]]
        assert len(hashes) == lock.count("--hash=sha256:")

    def test_it_tells_what_is_delivered_from_what_tests_need(self, document: Any) -> None:
        scopes = {one["name"]: one["scope"] for one in document["components"]}
        assert (scopes["cedarpy"], scopes["pydantic-core"], scopes["pytest"]) == ("required", "required", "excluded")
        depends = {one["ref"].partition("@")[0]: one["dependsOn"] for one in document["dependencies"]}
        assert any(ref.startswith("pkg:pypi/pydantic-core@") for ref in depends["pkg:pypi/pydantic"])
        assert any(ref.startswith("pkg:pypi/cedarpy@") for ref in depends["pkg:pypi/opswarden"])

    def test_the_same_lock_gives_the_same_file(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, document: Any
    ) -> None:
        for name in ("a", "b"):
            monkeypatch.setattr(sys, "argv", ["sbom.py", "--out", str(tmp_path / name)])
            assert sbom.main() == 0
        assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
        assert json.loads((tmp_path / "a").read_text(encoding="utf-8")) == document

    @pytest.mark.parametrize("lock", ["", "x==1\n", "x==1 \\\n    --hash=md5:00\n", "x @ https://example.org/x.whl\n"])
    def test_a_lock_that_is_none_is_refused(self, lock: str) -> None:
        with pytest.raises(ValueError, match=r"lock cannot be read|without hashes"):
            sbom.packages_in(lock)
