"""What may be moved: a version that passed the checks here, or a champion that passed them earlier."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from ...core.clock import Deadline
from ...core.errors import BackendError, ToolFailed
from .backends.registry import ArtifactReader, ModelRegistry, ModelVersion
from .moves import Move, Wanted, champions
from .moving import Mover, Names
from .promotion_types import CheckReport
from .signatures import FILE, LIMIT_BYTES, Misfit, Signature, misfit, read_signature

SOURCE_TAG = "opswarden.source"
DIGEST_TAG = "opswarden.checks"

Check = Callable[[str, ModelVersion, int | None, datetime, Deadline], CheckReport]
"""The checks of a model on a version of the environment before, against the champion here."""


@dataclass(frozen=True)
class Origin:
    """The environment that versions come from.

    Args:
        registry: with a credential that reads there.
        names: of that environment.
        is_open: whether any version of it may go on; otherwise only those that our checks made champion there.
    """

    registry: ModelRegistry
    names: Names
    is_open: bool


class Promoter:
    """Promotes and rolls back in one environment.

    Args:
        mover: with the credential of this environment.
        origin: where versions come from.
        check: the checks of this environment.
        artifacts: of this environment, for what champions want to be fed.
    """

    def __init__(self, mover: Mover, origin: Origin, check: Check, artifacts: ArtifactReader) -> None:
        self.mover = mover
        self.origin = origin
        self._check = check
        self._artifacts = artifacts

    def report(self, model: str, version: int, now: datetime, deadline: Deadline) -> CheckReport:
        """What the checks say of a version now.

        Raises:
            ToolFailed: there is no such version, or it may not go on from where it is.
            BackendError: a registry failed.
        """
        source = self.source(model, version, deadline)
        return self._check(model, source, self.mover.look(model, deadline).at, now, deadline)

    def newest(self, model: str, deadline: Deadline) -> int | None:
        """The newest version that may go on from where versions come from.

        Raises:
            BackendError: the registry failed.
        """
        origin = self.origin
        found = origin.registry.versions(origin.names.of(model), deadline)
        champions = () if origin.is_open else self._champions_there(model)
        return next(
            (one.version for one in found if one.status == "READY" and (origin.is_open or one.version in champions)),
            None,
        )

    def source(self, model: str, version: int, deadline: Deadline) -> ModelVersion:
        """The version in the environment that it comes from."""
        origin = self.origin
        found = origin.registry.version(origin.names.of(model), version, deadline)
        where = origin.registry.environment
        if found is None:
            raise ToolFailed(
                f"{where} has no such version of the model", remedy="`opswarden platform history` lists them"
            )
        if found.status != "READY":
            raise ToolFailed("the version is not ready in its registry", remedy="wait for it, or register it again")
        if not origin.is_open and version not in self._champions_there(model):
            raise ToolFailed(
                f"the version was never made champion in {where} by its checks", remedy=f"promote it to {where} first"
            )
        return found

    def promote(
        self, model: str, version: int, reason: str, key: str, run_id: str, now: datetime, deadline: Deadline
    ) -> Move:
        """Check the version and make it the champion.

        Raises:
            ToolFailed: the checks say no, or something moved meanwhile; nothing was moved.
            BackendError: the registry failed; nobody knows yet whether the alias was moved.
        """
        done = self.mover.book.by_key(key)
        if done is not None and done.state == "done":
            return done
        source = self.source(model, version, deadline)
        report = self._check(model, source, self._at(model, deadline), now, deadline)
        if report.result != "pass":
            raise ToolFailed(
                f"the checks say {report.result}: {_first_no(report)}", remedy="`opswarden platform check`"
            )

        def choose(at: int | None, _moves: tuple[Move, ...]) -> Wanted:
            if at != report.champion:
                raise ToolFailed("the champion changed while the checks ran", remedy="try again")
            target = self._admitted(model, source, report, deadline)
            if at == target:
                raise ToolFailed("the version is the champion already")
            return Wanted(self.mover.names.alias, "promote", at, target, version, key, run_id, reason, report.digest)

        return self.mover.move(model, key, run_id, choose, deadline)

    def rollback(self, model: str, to: int | None, reason: str, key: str, run_id: str, deadline: Deadline) -> Move:
        """Go back to a champion that the checks approved earlier.

        Raises:
            ToolFailed: there is none, or what feeds the model now would not do for it; nothing was moved.
            BackendError: the registry failed; nobody knows yet whether the alias was moved.
        """

        def choose(at: int | None, moves: tuple[Move, ...]) -> Wanted:
            target = self.target(model, to, at, moves, deadline)
            digest = next((move.seen_digest for move in reversed(moves) if move.version_after == target), "")
            return Wanted(self.mover.names.alias, "rollback", at, target, None, key, run_id, reason, digest)

        return self.mover.move(model, key, run_id, choose, deadline)

    def target(self, model: str, to: int | None, at: int | None, moves: tuple[Move, ...], deadline: Deadline) -> int:
        """The version that a rollback goes to.

        Raises:
            ToolFailed: as `rollback`.
        """
        others = [version for version in champions(moves) if version != at]
        if to is None and not others:
            raise ToolFailed("there is no other champion that the checks approved", remedy="promote a version instead")
        target = to if to is not None else others[0]
        if target not in others:
            raise ToolFailed("the checks never approved that version here", remedy="leave `to` out, or promote it")
        name = self.mover.names.of(model)
        found = self.mover.registry.version(name, target, deadline)
        if found is None or found.status != "READY":
            raise ToolFailed(
                "the registry does not have that version ready any more", remedy="promote a version instead"
            )
        wrong = self.fit(model, found, at, deadline)
        if wrong is None:
            raise ToolFailed("nobody can tell whether its features are still there: a signature is missing")
        if not wrong.is_none:
            told = ", ".join((*wrong.missing, *wrong.retyped)[:5])
            raise ToolFailed(f"what feeds the model now does not do for that version: {told}")
        return target

    def fit(self, model: str, target: ModelVersion, at: int | None, deadline: Deadline) -> Misfit | None:
        """Whether what feeds the champion would feed the target; `None` if a signature is missing."""
        if at is None:
            return None
        serving = self.mover.registry.version(self.mover.names.of(model), at, deadline)
        wanted = self.signature(target, deadline)
        provided = self.signature(serving, deadline) if serving is not None else None
        return misfit(wanted, provided) if wanted is not None and provided is not None else None

    def signature(self, version: ModelVersion, deadline: Deadline) -> Signature | None:
        """What a version wants to be fed; `None` if its artefact does not say."""
        try:
            return read_signature(self._artifacts.read(version, FILE, LIMIT_BYTES, deadline))
        except BackendError:
            return None

    def _at(self, model: str, deadline: Deadline) -> int | None:
        return self.mover.look(model, deadline).at

    def _champions_there(self, model: str) -> frozenset[int]:
        origin = self.origin
        moves = self.mover.book.of(origin.registry.environment, model, origin.names.alias)
        return frozenset(champions(moves))

    def _admitted(self, model: str, source: ModelVersion, report: CheckReport, deadline: Deadline) -> int:
        """The version here with this artefact; made if it is new, and found again after a crash."""
        registry, name = self.mover.registry, self.mover.names.of(model)
        origin = f"{self.origin.registry.environment}/{source.name}/{source.version}"
        same_place = registry.environment == self.origin.registry.environment or source.name == name
        if same_place and self.mover.registry.place == self.origin.registry.place:
            return source.version
        for version in registry.versions(name, deadline):
            if version.tags.get(SOURCE_TAG) == origin and version.source == source.source:
                return version.version
        tags = {SOURCE_TAG: origin, DIGEST_TAG: report.digest}
        return registry.admit(name, source, tags, deadline).version


def _first_no(report: CheckReport) -> str:
    found = next((one for one in report.checks if one.result == "fail"), None)
    found = found or next((one for one in report.checks if one.result != "pass"), None)
    return f"{found.name} ({found.why})" if found is not None else "there is no check"
