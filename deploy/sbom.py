"""Writes a software bill of materials (CycloneDX 1.6, JSON) out of `requirements.lock`: `make sbom`.

Everything in it comes from the lock and from pyproject.toml, so the same lock gives the same document, byte for byte.
Source: CycloneDX v1.6 JSON reference, https://cyclonedx.org/docs/1.6/json/; package URLs: the purl type `pypi`.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import tomllib
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
_PIN = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]*)==([A-Za-z0-9.!+_-]+)(?: ; ([^\\]+?))? ?\\?")
_HASH = re.compile(r"\s+--hash=sha256:([0-9a-f]{64}) ?\\?")
_VIA = re.compile(r"\s+#(?: via)? +([A-Za-z0-9][A-Za-z0-9._-]*(?: \(pyproject\.toml(?::[a-z]+)?\))?)")
_SPACE = uuid.UUID("6ba7b811-9dad-11d1-80b4-00c04fd430c8")  # RFC 9562: names that are URLs
_DEV = " (pyproject.toml:"


@dataclass
class Pinned:
    """A package of the lock.

    Args:
        marker: where it is needed (PEP 508); empty for everywhere.
        hashes: SHA-256 of each file that may be installed for it.
        wanted_by: packages that depend on it; `opswarden (pyproject.toml)` is this project, with `:dev` its tests.
    """

    name: str
    version: str
    marker: str
    hashes: list[str] = field(default_factory=list)
    wanted_by: list[str] = field(default_factory=list)

    @property
    def purl(self) -> str:
        """Its package URL."""
        return f"pkg:pypi/{re.sub(r'[-_.]+', '-', self.name).lower()}@{self.version.replace('+', '%2B')}"


def packages_in(lock: str) -> list[Pinned]:
    """The packages of a lock.

    Raises:
        ValueError: a line is none that a lock with hashes has, or a package has no hash.
    """
    found: list[Pinned] = []
    for number, line in enumerate(lock.splitlines(), start=1):
        if not line.strip() or line.startswith("#") or line.strip() in ("# via", "#   --override drain3.override"):
            continue
        if pin := _PIN.fullmatch(line):
            found.append(Pinned(pin[1], pin[2], (pin[3] or "").strip()))
        elif found and (digest := _HASH.fullmatch(line)):
            found[-1].hashes.append(digest[1])
        elif found and (via := _VIA.fullmatch(line)):
            found[-1].wanted_by.append(via[1])
        else:
            raise ValueError(f"line {number} of the lock cannot be read")
    bare = [one.name for one in found if not one.hashes]
    if bare or not found:
        raise ValueError(f"without hashes: {', '.join(bare) or 'everything'}")
    return found


def bill(lock: str, project: Mapping[str, Any]) -> dict[str, Any]:
    """The document.

    Args:
        lock: the text of `requirements.lock`.
        project: the table `project` of pyproject.toml.
    """
    packages = packages_in(lock)
    name, version = str(project["name"]), str(project["version"])
    root = f"pkg:pypi/{name}@{version}"
    needed = _reached(packages)
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(_SPACE, root + lock)}",
        "version": 1,
        "metadata": {
            "lifecycles": [{"phase": "pre-build"}],
            "component": {
                "type": "application",
                "bom-ref": root,
                "name": name,
                "version": version,
                "purl": root,
                "licenses": [{"license": {"id": str(project["license"])}}],
            },
        },
        "components": [_component(one, is_needed=one.name in needed) for one in packages],
        "dependencies": [
            {"ref": root, "dependsOn": sorted(one.purl for one in packages if _is_ours(one.wanted_by))},
            *(
                {
                    "ref": one.purl,
                    "dependsOn": sorted(each.purl for each in packages if one.name in each.wanted_by),
                }
                for one in packages
            ),
        ],
    }


def _component(one: Pinned, *, is_needed: bool) -> dict[str, Any]:
    properties = [{"name": "opswarden:file:sha256", "value": digest} for digest in one.hashes]
    if one.marker:
        properties.append({"name": "opswarden:marker", "value": one.marker})
    return {
        "type": "library",
        "bom-ref": one.purl,
        "name": one.name,
        "version": one.version,
        "purl": one.purl,
        # What only tests and checks need is not delivered.
        "scope": "required" if is_needed else "excluded",
        "properties": properties,
    }


def _is_ours(wanted_by: Iterable[str]) -> bool:
    return any(each.endswith("(pyproject.toml)") for each in wanted_by)


def _reached(packages: Iterable[Pinned]) -> set[str]:
    """What the project needs to run, directly or by way of others."""
    every = list(packages)
    found = {one.name for one in every if _is_ours(one.wanted_by)}
    while True:
        more = {one.name for one in every if one.name not in found and found.intersection(one.wanted_by)}
        if not more:
            return found
        found |= more


def main() -> int:
    """Write the document to `--out`."""
    parser = argparse.ArgumentParser(description="Write a CycloneDX bill of materials out of requirements.lock.")
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "sbom.cdx.json")
    out: Path = parser.parse_args().out
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    document = bill((ROOT / "requirements.lock").read_text(encoding="utf-8"), project)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    sys.stdout.write(f"{out}: {len(document['components'])} packages\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
