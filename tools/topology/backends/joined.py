"""Several sources of the call graph and the operator's service catalogue, read as one.

A graph in part is worth more than none: a source that does not answer costs its own edges, and the edges say so.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any, TypeVar

import pyarrow as pa

from ....core.clock import Deadline
from ....core.errors import BackendError
from ...asked_together import asked_each, failure_of
from ...metrics.backends.types import Naming
from ...owners.catalogue import Catalogue
from .types import EDGE_COLUMNS, TopologyBackend, missed_by, without

B = TypeVar("B")
T = TypeVar("T")

DEPENDS_ON = "depends_on"


class JoinedTopology:
    """Implements `TopologyBackend` over several of one environment.

    Args:
        environment: of all of them.
        backends: in order; of an edge that several declare, the first counts.
        catalogue: what depends on what, as the operator says.
        naming: know entities, and nothing of who calls whom.
    """

    def __init__(
        self,
        environment: str,
        backends: Sequence[TopologyBackend],
        catalogue: Catalogue | None = None,
        naming: Sequence[Naming] = (),
    ) -> None:
        self._environment = environment
        self._backends = tuple(backends)
        self._naming = tuple(naming)
        self._catalogue = catalogue or Catalogue()
        self._depends = any(entry.depends_on for entry in self._catalogue.entries)

    @property
    def environment(self) -> str:
        """The environment of all of them."""
        return self._environment

    def edges(self, deadline: Deadline) -> pa.Table:
        """The edges of all, what is declared before what is counted; see `types.missed_by`.

        Raises:
            BackendError: none of them answered, and the catalogue says nothing either.
        """
        if not self._backends and not self._depends:
            raise BackendError(
                "no system is configured that tells who calls whom",
                remedy="list one, or write `depends_on` into the service catalogue",
            )
        parts, missed = self._asked(self._backends, lambda backend: backend.edges(deadline))
        known = self._known(parts, deadline)
        rows: dict[tuple[str, str], dict[str, Any]] = {}
        for caller, callee in self._declared(known):
            rows[caller, callee] = _row(caller, callee, DEPENDS_ON, "declared", None)
        names = {name.lower(): name for name in sorted(known)}
        for row in sorted(_rows(parts), key=lambda row: row["source"] != "declared"):
            ends = row["caller"], row["callee"]
            if row["source"] == "metrics":
                ends = _meant(ends[0], names), _meant(ends[1], names)
            there = rows.get(ends)
            if there is None or there["kind"] == DEPENDS_ON != row["kind"]:
                # That it depends is all that a catalogue says; how it does is worth more.
                source = row["source"] if there is None else "declared"
                rows[ends] = _row(*ends, row["kind"], source, None if source == "declared" else row["calls"])
        ordered = [rows[pair] for pair in sorted(rows) if pair[0] != pair[1]]
        return without(pa.Table.from_pylist(ordered, schema=EDGE_COLUMNS), missed)

    def entities(self, deadline: Deadline) -> tuple[str, ...]:
        """The names that any of them knows."""
        parts, _ = self._asked((*self._backends, *self._naming), lambda backend: backend.entities(deadline))
        known = {name for part in parts for name in part}
        return tuple(sorted(known.union(*self._declared(known))))

    def _asked(self, backends: Sequence[B], ask: Callable[[B], T]) -> tuple[list[T], list[str]]:
        """The answers, and why others are missing."""
        parts, failed = asked_each(backends, ask)
        if failed and not parts and not self._depends:
            raise failure_of(failed)
        missed = [error.message for error in failed]
        for part in parts:
            missed += missed_by(part) if isinstance(part, pa.Table) else ()
        return parts, missed

    def _known(self, parts: Sequence[pa.Table], deadline: Deadline) -> set[str]:
        """Names that edges can mean: of entities with data of their own, or ends of other edges."""
        declared = {row[end] for row in _rows(parts) if row["source"] == "declared" for end in ("caller", "callee")}
        try:
            named, _ = self._asked((*self._backends, *self._naming), lambda backend: backend.entities(deadline))
        except BackendError:
            named = []
        return declared.union(*named)

    def _declared(self, known: Collection[str]) -> Iterator[tuple[str, str]]:
        """What the catalogue says, by the names that telemetry uses."""
        spoken = {name.casefold(): name for name in known}

        def told(name: str) -> str:
            found = self._catalogue.find(name)
            names = (found.entry.name, *found.entry.aliases) if found else ()
            return next((spoken[each.casefold()] for each in (name, *names) if each.casefold() in spoken), name)

        for entry in self._catalogue.entries:
            for dependency in entry.depends_on:
                caller, callee = told(entry.name), told(dependency)
                if caller != callee:
                    yield caller, callee


def _meant(name: str, names: Mapping[str, str]) -> str:
    """The entity that a counter's name for it means: the counter may have its address (`till.shop.svc:8080`)."""
    host = name.lower().partition(":")[0]
    return next((names[part] for part in (host.partition(".")[0], host) if part in names), name)


def _rows(parts: Sequence[pa.Table]) -> Iterator[Mapping[str, Any]]:
    for part in parts:
        yield from part.to_pylist()


def _row(caller: str, callee: str, kind: str, source: str, calls: int | None) -> dict[str, Any]:
    return {"caller": caller, "callee": callee, "kind": kind, "source": source, "calls": calls}
