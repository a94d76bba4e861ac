"""Under what a result came about: versions, and what differs between two results."""

from __future__ import annotations

import json
import platform
from collections.abc import Iterator, Mapping
from importlib.metadata import PackageNotFoundError, distribution, version

from pydantic import BaseModel, ConfigDict

from .suite import SuiteResult

LIBRARIES = ("numpy", "pyarrow", "duckdb", "langgraph", "langchain-core", "litellm", "cedarpy", "pydantic")
"""What computes, stores or carries an answer; another version may give another one."""

_HASH_SHOWN = 12


class Changed(BaseModel):
    """One thing that is not the same in two results; `None` where one of them does not have it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    what: str
    before: str | None
    after: str | None


def installed_versions() -> dict[str, str]:
    """Versions of opswarden, Python and `LIBRARIES`; what is not installed is left out."""
    found = {"python": platform.python_version()}
    for name in ("opswarden", *LIBRARIES):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def installed_revision() -> str | None:
    """The commit that opswarden was installed from, if the installer wrote it down.

    Source: PEP 610, `direct_url.json` with `vcs_info.commit_id`.
    """
    try:
        text = distribution("opswarden").read_text("direct_url.json")
        commit = json.loads(text or "{}").get("vcs_info", {}).get("commit_id")
    except (PackageNotFoundError, ValueError, AttributeError):
        return None
    return commit if isinstance(commit, str) else None


def what_changed(a: SuiteResult, b: SuiteResult) -> tuple[Changed, ...]:
    """What differs between the circumstances of two results, prompts and models first."""
    return tuple(_changes(a, b))


def _changes(a: SuiteResult, b: SuiteResult) -> Iterator[Changed]:
    one, other = a.circumstances, b.circumstances
    yield from _of("prompt", _short(one.prompts), _short(other.prompts))
    yield from _of("models", {"": ", ".join(a.models) or "none"}, {"": ", ".join(b.models) or "none"})
    yield from _of("configuration", _short({"": one.configuration or ""}), _short({"": other.configuration or ""}))
    yield from _of("revision", _short({"": one.revision or ""}), _short({"": other.revision or ""}))
    yield from _of("version of", one.versions, other.versions)
    yield from _of("option", one.options, other.options)
    yield from _of("repeats", {"": str(a.repeats)}, {"": str(b.repeats)})
    yield from _of("seed", {"": str(a.seed)}, {"": str(b.seed)})


def _of(what: str, before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[Changed]:
    for name in dict.fromkeys((*before, *after)):
        if before.get(name) != after.get(name):
            label = f"{what} {name}".strip()
            yield Changed(what=label, before=before.get(name) or None, after=after.get(name) or None)


def _short(hashes: Mapping[str, str]) -> dict[str, str]:
    return {name: value[:_HASH_SHOWN] for name, value in hashes.items() if value}
