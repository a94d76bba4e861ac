"""What our book of moves knows: models whose champion was promoted, given back, or moved by somebody else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import pyarrow as pa

from ....core.clock import Deadline
from ...models.moves import Move, MoveBook
from .types import CHANGE_LIMIT, RECORDED_COLUMNS, FoundChanges

PROMOTION, ROLLBACK = "model_promotion", "model_rollback"
_KINDS = {"promote": PROMOTION, "rollback": ROLLBACK, "seen": PROMOTION}


class ModelMoves:
    """Implements `ChangesBackend`: one row per move that was made; its id is `<model>/<number of the move>`.

    Args:
        book: of the installation.
        environment: whose moves.
        entities: model: the entity that serves it; one of the model's own name if absent.
    """

    def __init__(self, book: MoveBook, environment: str, entities: Mapping[str, str]) -> None:
        self._book = book
        self._environment = environment
        self._entities = dict(entities)

    @property
    def environment(self) -> str:
        """Whose moves they are."""
        return self._environment

    def between(
        self,
        start: datetime,
        end: datetime,
        deadline: Deadline,
        *,
        entities: Sequence[str] = (),
        kinds: Sequence[str] = (),
    ) -> FoundChanges:
        """Moves in `[start, end)`, the newest first."""
        wanted = {kind.lower() for kind in kinds}
        rows = [self._row(move) for move in self._book.between(self._environment, start, end, CHANGE_LIMIT)]
        rows = [
            row for row in rows if (not wanted or row["kind"] in wanted) and (not entities or row["entity"] in entities)
        ]
        return FoundChanges(len(rows), pa.Table.from_pylist(rows, schema=RECORDED_COLUMNS))

    def _row(self, move: Move) -> dict[str, object]:
        to = "nowhere" if move.version_after is None else f"version {move.version_after}"
        came = "" if move.version_before is None else f" from version {move.version_before}"
        told = f"{move.alias} of {move.model}{came} to {to}"
        return {
            "ts": move.begun_at,
            "entity": self._entities.get(move.model, move.model),
            "kind": _KINDS[move.kind],
            "id": f"{move.model}/{move.id}",
            "summary": f"{told}: {move.reason}" if move.reason else told,
            "author": "",
            "attributes": [("model", move.model), ("version", str(move.version_after or ""))],
        }
