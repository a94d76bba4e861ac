"""Arguments and results of the tools that check, promote and roll back models."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from ..marks import Harmless, Kind
from ..spec import Args, DerivedText, KeptText, OneLine, OutsideText, Result

ModelName = Annotated[str, Field(min_length=1, max_length=128, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$"), Kind("model")]
Version = Annotated[int, Field(ge=1, le=10_000_000), Kind("model version")]
Reason = Annotated[str, Field(max_length=300), Harmless()]
CheckResult = Literal["pass", "fail", "inconclusive"]


class CheckArgs(Args):
    """Check a version of the environment before against the champion of this one."""

    model: ModelName
    version: Version | None = Field(default=None, description="its number there; the newest that may go on if absent")


class Checked(Result):
    """One check: its result, in one sentence why, and the numbers that it saw."""

    name: KeptText
    kind: KeptText
    result: CheckResult
    why: DerivedText
    seen: dict[str, float] = Field(default_factory=dict)
    named: tuple[Annotated[OutsideText, OneLine(20)], ...] = Field(
        default=(), description="names out of the artefact, as whoever made it wrote them"
    )


class CheckReport(Result):
    """All checks of a version. It passes if every one does; what could not be seen never passes."""

    result: CheckResult
    model: KeptText
    version: int
    source_environment: KeptText
    environment: KeptText
    champion: int | None = Field(description="the version that it was compared with")
    checks: tuple[Checked, ...]
    digest: KeptText = Field(description="SHA-256 of everything that the checks saw and said")
    at: AwareDatetime


class PromoteArgs(Args):
    """Make a version of the environment before the champion of this one."""

    model: ModelName
    version: Version = Field(description="its number in the environment that it comes from")
    reason: Reason = ""


class RollbackArgs(Args):
    """Give a model back to a champion that the checks approved earlier."""

    model: ModelName
    to: Version | None = Field(default=None, description="its number here; the last approved champion if absent")
    reason: Reason = ""


class Moved(Result):
    """A move of the alias, as the book has it."""

    move: int
    model: KeptText
    alias: KeptText
    version_before: int | None
    version_after: int
    source_version: int | None
    fence: int
    digest: KeptText


class HistoryArgs(Args):
    """Who moved the alias of a model, when and why."""

    model: ModelName
    limit: int = Field(default=20, ge=1, le=200)


class MoveShown(Result):
    """One move. `seen` was found in the registry and made by nobody of ours."""

    move: int
    kind: Literal["promote", "rollback", "seen"]
    state: Literal["open", "done", "void", "overtaken"]
    version_before: int | None
    version_after: int | None
    source_version: int | None
    begun: AwareDatetime
    run_id: KeptText
    reason: Annotated[OutsideText, OneLine(40)]
    digest: KeptText


class History(Result):
    """The moves of an alias, the newest first, and whether the registry agrees with them."""

    model: KeptText
    alias: KeptText
    version: int | None = Field(description="where the registry shows the alias now")
    is_elsewhere: bool = Field(description="somebody moved it outside of opswarden since the last move")
    approved: tuple[int, ...] = Field(description="champions that a rollback may go back to, the newest first")
    versions: tuple[int, ...] = Field(default=(), description="that the registry has, the newest first, at most 200")
    staged: tuple[int, ...] = Field(description="versions with a stage of the old kind, which should have none")
    moves: tuple[MoveShown, ...]
