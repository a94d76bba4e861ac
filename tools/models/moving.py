"""Moving an alias once: under the lock, from where it was expected, read back, and closed in the book."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass

from ...core.clock import Deadline
from ...core.errors import BackendError, ToolFailed
from .backends.registry import ModelRegistry
from .moves import Move, MoveBook, Wanted, champions, last_done

Choose = Callable[[int | None, tuple[Move, ...]], Wanted]
"""From where the alias is now, and the moves so far, to what is wanted; `ToolFailed` if nothing should be moved."""


@dataclass(frozen=True)
class Names:
    """What a model is called in a registry, and which alias counts.

    Args:
        prefix: before the model's own name: `prod.`; may be empty.
        alias: of the version that answers.
    """

    prefix: str = ""
    alias: str = "champion"

    def of(self, model: str) -> str:
        """The registered name."""
        return f"{self.prefix}{model}"


@dataclass(frozen=True)
class Seen:
    """Where an alias is, and what the book says of it.

    Args:
        at: where the registry shows it; `None` if nowhere.
        booked: where the book's last move left it; `None` if it knows of none.
    """

    at: int | None
    booked: int | None
    moves: tuple[Move, ...]

    @property
    def is_elsewhere(self) -> bool:
        """Whether somebody moved it outside of opswarden."""
        return bool(self.moves) and last_done(self.moves) is not None and self.at != self.booked

    @property
    def approved(self) -> tuple[int, ...]:
        """Versions that our checks made champion, the newest first."""
        return champions(self.moves)


class Mover:
    """Moves the alias of models in one environment.

    Args:
        registry: with the credential of the environment.
        book: of the installation.
        names: of the environment.
    """

    def __init__(self, registry: ModelRegistry, book: MoveBook, names: Names) -> None:
        self.registry = registry
        self.book = book
        self.names = names

    def look(self, model: str, deadline: Deadline) -> Seen:
        """Where the alias is; changes nothing.

        Raises:
            ToolFailed: the registry has no such model.
            BackendError: it does not answer.
        """
        found = self.registry.model(self.names.of(model), deadline)
        moves = self.book.of(self.registry.environment, model, self.names.alias)
        done = last_done(moves)
        at = found.aliases.get(self.names.alias) if found is not None else None
        return Seen(at, done.version_after if done is not None else None, moves)

    def move(self, model: str, call_key: str, run_id: str, choose: Choose, deadline: Deadline) -> Move:
        """Make one move.

        Args:
            model: its own name.
            call_key: of the call; one that has moved already is not made again.
            run_id: who is noted to have found an alias elsewhere.
            choose: says what is wanted, once the lock is held and the alias was read.
            deadline: of the whole.

        Raises:
            ToolFailed: nothing was moved, for a reason that is told; or the alias was moved over ours.
            BackendError: the registry failed; nobody knows yet whether the alias was moved.
        """
        environment = self.registry.environment
        holder = call_key or run_id
        with self._locked(model, holder) as fence:
            earlier = self.book.by_key(call_key)
            at = self.settle(model, run_id, deadline)
            again = self.book.by_key(call_key)
            if earlier is not None and again is not None and again.state == "done":
                return again
            wanted = choose(at, self.book.of(environment, model, self.names.alias))
            number = self.book.begin(environment, model, fence, wanted)
            if self._at(model, deadline) != at or not self.book.is_ours(environment, model, fence):
                self.book.end(number, "void")
                raise ToolFailed("somebody else moved the alias meanwhile", remedy="look at `models.history`")
            self._point(model, wanted, number, deadline)
            is_ours = self.book.is_ours(environment, model, fence)
            self.book.end(number, "done" if is_ours else "overtaken")
        if not is_ours:
            self._give_way(model, wanted, deadline)
            raise ToolFailed("this call took so long that another one came before it", remedy="`models.history`")
        return next(one for one in self.book.of(environment, model, self.names.alias) if one.id == number)

    def settle(self, model: str, run_id: str, deadline: Deadline) -> int | None:
        """Close what a crash left open by what the registry shows, note who moved it outside; says where it is.

        Only whoever holds the lock may call it.
        """
        environment, alias = self.registry.environment, self.names.alias
        at = self._at(model, deadline)
        for move in self.book.of(environment, model, alias):
            if move.state == "open":
                self.book.end(move.id, "done" if move.version_after == at else "void")
        done = last_done(self.book.of(environment, model, alias))
        booked = done.version_after if done is not None else None
        if at != booked:
            self.book.saw(environment, model, alias, booked, at, run_id)
        return at

    def outcome(self, model: str, call_key: str, run_id: str, deadline: Deadline) -> Move | None:
        """What became of a call that a crash cut off; `None` if it never came to a move.

        Raises:
            BackendError: it cannot be told now.
        """
        with self._locked(model, call_key or run_id):
            self.settle(model, run_id, deadline)
            return self.book.by_key(call_key)

    @contextmanager
    def _locked(self, model: str, holder: str) -> Iterator[int]:
        """The lock, whose being held by another call means that this one has done nothing."""
        with ExitStack() as stack:
            try:
                fence = stack.enter_context(self.book.lock(self.registry.environment, model, holder))
            except BackendError as error:
                raise ToolFailed(error.message, remedy=error.remedy) from None
            yield fence

    def _point(self, model: str, wanted: Wanted, number: int, deadline: Deadline) -> None:
        name = self.names.of(model)
        failure: BackendError | None = None
        try:
            self.registry.point(name, wanted.alias, wanted.version_after, deadline)
        except BackendError as error:
            failure = error  # it may have been done all the same: look
        at = self._at(model, deadline)
        if at == wanted.version_after:
            return
        if at == wanted.version_before:
            self.book.end(number, "void")
            raise ToolFailed(
                "the registry did not move the alias", remedy=failure.message if failure is not None else "try again"
            )
        self.book.end(number, "overtaken")
        raise ToolFailed("somebody moved the alias right after us", remedy="look at `models.history`")

    def _give_way(self, model: str, overtaken: Wanted, deadline: Deadline) -> None:
        """Put the alias back to where the book says it is, if our late move is what took it away from there."""
        environment, alias = self.registry.environment, self.names.alias
        with suppress(ToolFailed), self._locked(model, f"late {overtaken.call_key}") as fence:
            done = last_done(self.book.of(environment, model, alias))
            booked = done.version_after if done is not None else None
            if (
                booked is None
                or self._at(model, deadline) != overtaken.version_after
                or booked == overtaken.version_after
            ):
                return
            back = Wanted(
                alias, "rollback", overtaken.version_after, booked, None, "", overtaken.run_id, "a late move taken back"
            )
            number = self.book.begin(environment, model, fence, back)
            self._point(model, back, number, deadline)
            self.book.end(number, "done")

    def _at(self, model: str, deadline: Deadline) -> int | None:
        found = self.registry.model(self.names.of(model), deadline)
        return found.aliases.get(self.names.alias) if found is not None else None
