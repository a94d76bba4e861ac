"""What every model registry does alike."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import pytest

from opswarden.core.clock import Deadline, SystemClock
from opswarden.core.errors import BackendError
from opswarden.tools.models.backends.registry import ModelRegistry, ModelVersion


class Kept(Protocol):
    """A registry with two versions of a model under a name of its own."""

    registry: ModelRegistry
    name: str
    versions: tuple[int, int]
    break_it: Callable[[], None]
    """Makes the registry unreachable for good."""


def deadline() -> Deadline:
    return Deadline(SystemClock(), 30)


class RegistryConformance:
    """Inherit and give a fixture `kept`."""

    def test_an_unknown_model_or_version_is_none(self, kept: Kept) -> None:
        assert kept.registry.model("nobody", deadline()) is None
        assert kept.registry.version("nobody", 1, deadline()) is None
        assert kept.registry.version(kept.name, 999, deadline()) is None
        assert kept.registry.versions("nobody", deadline()) == ()

    def test_an_alias_points_where_it_was_moved_last(self, kept: Kept) -> None:
        first, second = kept.versions
        for version in (first, second, first):
            kept.registry.point(kept.name, "champion", version, deadline())
            found = kept.registry.model(kept.name, deadline())
            assert found is not None
            assert found.aliases["champion"] == version

    def test_versions_are_listed_newest_first_and_ready(self, kept: Kept) -> None:
        found = kept.registry.versions(kept.name, deadline())
        assert [one.version for one in found] == sorted(kept.versions, reverse=True)
        assert {one.status for one in found} == {"READY"}
        assert found[0] == kept.registry.version(kept.name, found[0].version, deadline())

    def test_a_version_is_admitted_with_its_artefact_and_no_tag_of_its_past(self, kept: Kept) -> None:
        source = kept.registry.version(kept.name, kept.versions[0], deadline())
        assert isinstance(source, ModelVersion)
        assert source.tags.get("validation_status") == "failed"
        made = kept.registry.admit(f"{kept.name}-next", source, {"opswarden.source": "x/y/1"}, deadline())
        assert (made.version, made.source, dict(made.tags)) == (1, source.source, {"opswarden.source": "x/y/1"})
        again = kept.registry.admit(f"{kept.name}-next", source, {}, deadline())
        assert again.version == 2

    def test_a_registry_that_is_gone_is_an_error_and_no_answer(self, kept: Kept) -> None:
        kept.break_it()
        with pytest.raises(BackendError):
            kept.registry.model(kept.name, deadline())
        with pytest.raises(BackendError):
            kept.registry.point(kept.name, "champion", 1, deadline())
