"""The data of one run: what labels everything carries that it has read, and what follows for what leaves."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ..core.canonical import JsonValue
from ..core.errors import ConfigError
from ..tools.spec import AnyTool
from .data_facts import UNKNOWN, DataFacts, DataLabel, Destination, Flow, label_of
from .data_labels import DataSettings, declared_labels, labels_of
from .facts import Target
from .residency import DestinationSettings, PlaceSettings, ResidencySettings
from .types import Audience, Endpoint

_NOBODY_KNOWS = DataLabel(UNKNOWN, UNKNOWN)


@dataclass(frozen=True)
class Residency:
    """What the operator has declared about data and destinations.

    Args:
        local_audiences: kinds of audience inside our own trust zone; they are where the stores are, unless declared.
    """

    data: DataSettings = field(default_factory=DataSettings)
    rules: ResidencySettings = field(default_factory=ResidencySettings)
    destinations: DestinationSettings = field(default_factory=DestinationSettings)
    local_audiences: frozenset[str] = frozenset()

    @property
    def is_set(self) -> bool:
        """Whether data carry labels at all."""
        return self.rules.is_set or bool(self.data.all)

    def to_model(self, endpoint: Endpoint) -> Flow:
        """What a request to an endpoint would move."""
        return Flow(destination=model_destination(endpoint))

    def to_people(self, audience: Audience) -> Flow:
        """What a message would move."""
        return Flow(destination=self.people_destination(audience.kind, audience.name))

    def of_call(self, tool: AnyTool, target: Target, team: str) -> Flow:
        """What a call would move: its result into our stores, and with a `send` what the run has read."""
        brings = labels_of(self.data, tool, target, team) if self.is_set else frozenset[DataLabel]()
        return Flow(brings, self.tool_destination(tool.name) if tool.effect == "send" else self.stores)

    @property
    def stores(self) -> Destination | None:
        """Where our own state is kept; `None` if nobody has declared it, and nothing is checked then."""
        place = self.destinations.stores
        return None if place is None else place.model_copy(update={"is_self_hosted": True}).destination("store")

    def people_destination(self, kind: str, name: str) -> Destination:
        """An audience: by its kind and name, then by its kind, then as our own house if it is inside of it."""
        declared = self.destinations.audiences
        place = declared.get(f"{kind}/{name}") or declared.get(kind)
        if place is None and kind in self.local_audiences:
            home = self.destinations.stores or PlaceSettings()
            place = home.model_copy(update={"is_self_hosted": True})
        return (place or PlaceSettings()).destination("people")

    def tool_destination(self, name: str) -> Destination:
        """Where a `send` tool takes its arguments."""
        return self.destinations.tools.get(name, PlaceSettings()).destination("tool")

    def check_tools(self, tools: Mapping[str, AnyTool]) -> None:
        """Refuse names of tools that do not exist: a line that matches nothing would protect nothing.

        Raises:
            ConfigError: a name is that of no tool, or of one that sends nothing.
        """
        for name in self.data.tools:
            if name not in tools:
                raise ConfigError(
                    f"`gate.data.tools` names a tool {name!r} that does not exist", remedy="correct or remove the line"
                )
        for name in self.destinations.tools:
            if name not in tools or tools[name].effect != "send":
                raise ConfigError(
                    f"`gate.destinations.tools` names {name!r}, which is no tool that sends",
                    remedy="correct or remove the line",
                )

    def check_stores(self, tools: Mapping[str, AnyTool], team: str) -> None:
        """Refuse an installation whose state lies where data that its tools read may not lie.

        A class that only a tool declares stops no start: calls of that tool are denied one by one.

        Raises:
            ConfigError: a declared country and class is not allowed where the state is.
        """
        declared = self.data.all
        classes = {each for one in declared for each in one.classes}
        says_all = all(one.classes for one in declared)
        gaps = [gap for gap in self.store_gaps(tools, team) if not says_all or gap.data_class in classes]
        if gaps:
            raise ConfigError(
                f"the state lies in region {self.stores and self.stores.region!r}, where {gaps[0]} may not be kept",
                remedy='allow it under `gate.residency.allow` with `to = ["store"]`, or move the state',
            )

    def store_gaps(self, tools: Mapping[str, AnyTool], team: str) -> list[DataLabel]:
        """What these tools can read and the state may not keep, sorted; none where its place is not told."""
        stores = self.stores
        if stores is None:
            return []
        known = {label for label in declared_labels(self.data, tools, team) if UNKNOWN not in vars(label).values()}
        return sorted(self.rules.gaps(known, stores))


class RunData:
    """The data labels of one run; safe to use from several threads.

    Args:
        residency: what is declared.
        tools: those that the run can call.
        team: of the run.
    """

    def __init__(self, residency: Residency, tools: Mapping[str, AnyTool], team: str) -> None:
        self._residency = residency
        self._tools = tools
        self._team = team
        self._read: frozenset[DataLabel] = frozenset()
        self._lock = threading.Lock()

    @property
    def labels(self) -> frozenset[DataLabel]:
        """Of everything that the run has read."""
        with self._lock:
            return self._read

    def learn(self, labels: Iterable[DataLabel]) -> None:
        """Take note of what a call has brought in."""
        with self._lock:
            self._read |= frozenset(labels)

    def relearn(self, stored: Mapping[str, JsonValue]) -> None:
        """Take the labels of a result that an earlier process of this run got; without them it is unknown."""
        labels = stored.get("data_labels")
        try:
            self.learn(label_of(str(label)) for label in labels) if isinstance(labels, list) else self.assume_unknown()
        except ValueError:
            self.assume_unknown()

    def assume_unknown(self) -> None:
        """Count the run as having read everything and the unknown, because nobody can say what it has read."""
        if self._residency.is_set:
            self.learn({_NOBODY_KNOWS, *declared_labels(self._residency.data, self._tools, self._team)})

    def facts(self, flow: Flow) -> DataFacts:
        """What the policies are told of a call, request or message."""
        rules, stores, read = self._residency.rules, self._residency.stores, self.labels
        gaps = rules.gaps(flow.brings, stores) if stores is not None else frozenset[DataLabel]()
        if flow.destination is not None and flow.destination.kind != "store":
            gaps |= rules.gaps(read, flow.destination)
        return DataFacts(read | flow.brings, gaps, flow.destination)


def stored_labels(flow: Flow) -> JsonValue:
    """The labels that a call brings in, as the journal keeps them with its result."""
    return sorted(map(str, flow.brings))


def model_destination(endpoint: Endpoint) -> Destination:
    """A model endpoint as a destination."""
    return Destination("model", endpoint.region, endpoint.provider, endpoint.terms, endpoint.is_self_hosted)
