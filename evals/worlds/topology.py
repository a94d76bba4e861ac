"""The platform of one world: nodes, uses, hosts, and how the payments of each country are routed."""

from __future__ import annotations

import graphlib
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from .countries import COUNTRIES, Country
from .platform_plan import (
    BATCH_TENANTS,
    GENERAL_HOSTS,
    GPU_HOSTS,
    PARTS,
    PROVIDERS,
    USES,
    NodeKind,
    Part,
    Use,
)
from .streams import Array, Streams

P95_SIGMAS = 1.645
P99_SIGMAS = 2.326

NOT_HOSTED: frozenset[NodeKind] = frozenset({"external", "provider", "issuer", "node", "queue", "database", "cache"})
OUTSIDE: frozenset[NodeKind] = frozenset({"external", "provider", "issuer"})
DEPLOYED: frozenset[NodeKind] = frozenset(
    {"gateway", "door", "service", "scorer", "rules", "feature_server", "gpu", "registry", "stream", "batch", "worker"}
)
"""Kinds that run as pods of ours."""


@dataclass(frozen=True)
class Node:
    """One entity. Times in milliseconds; `country` only for issuers."""

    name: str
    kind: NodeKind
    own_ms: float
    spread: float
    is_tls: bool
    host: str | None = None
    country: str | None = None


@dataclass(frozen=True)
class Edge:
    """A use with the caller's patience; `timeout_ms` is 0 for asynchronous uses."""

    caller: str
    callee: str
    kind: str
    per_request: float
    passes: float
    retries: int
    timeout_ms: float = 0.0

    @property
    def is_waited_for(self) -> bool:
        """Whether the caller waits for the answer."""
        return self.retries >= 0


@dataclass(frozen=True)
class Platform:
    """All entities and uses of one world.

    `provider_share[country][provider]` and `issuer_share[country][issuer]` sum to one per country.
    """

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    countries: tuple[Country, ...]
    provider_share: Mapping[str, Mapping[str, float]]
    issuer_share: Mapping[str, Mapping[str, float]]

    @cached_property
    def by_name(self) -> dict[str, Node]:
        """Node of each name."""
        return {node.name: node for node in self.nodes}

    @cached_property
    def index(self) -> dict[str, int]:
        """Row of each node in the arrays of a simulation."""
        return {node.name: row for row, node in enumerate(self.nodes)}

    @cached_property
    def waiting(self) -> tuple[Edge, ...]:
        """Uses that somebody waits for, in the order of the plan."""
        return tuple(edge for edge in self.edges if edge.is_waited_for)

    @cached_property
    def calls_of(self) -> dict[str, tuple[int, ...]]:
        """Rows in `waiting` of each caller's calls, in calling order."""
        rows: dict[str, list[int]] = {node.name: [] for node in self.nodes}
        for row, edge in enumerate(self.waiting):
            rows[edge.caller].append(row)
        return {name: tuple(found) for name, found in rows.items()}

    @cached_property
    def callers_first(self) -> tuple[str, ...]:
        """Every node, callers before callees."""
        sorter: graphlib.TopologicalSorter[str] = graphlib.TopologicalSorter({node.name: () for node in self.nodes})
        for edge in self.waiting:
            sorter.add(edge.callee, edge.caller)
        return tuple(sorter.static_order())

    def of_kind(self, *kinds: NodeKind) -> tuple[str, ...]:
        """Names of the nodes of these kinds, in the order of the plan."""
        return tuple(node.name for node in self.nodes if node.kind in kinds)

    def callers_of(self, name: str) -> tuple[str, ...]:
        """Who waits for this node."""
        return tuple(edge.caller for edge in self.waiting if edge.callee == name)

    def hosted_on(self, host: str) -> tuple[str, ...]:
        """What runs on a machine."""
        return tuple(node.name for node in self.nodes if node.host == host)

    def country(self, code: str) -> Country:
        """The country of a code."""
        return next(country for country in self.countries if country.code == code)


def build_platform(streams: Streams) -> Platform:
    """Five countries, routes, hosts and small differences of speed, all from the seed."""
    rng = streams.of("topology")
    picked = sorted(int(row) for row in rng.choice(len(COUNTRIES), size=5, replace=False))
    countries = tuple(COUNTRIES[row] for row in picked)
    provider_share = _routes(rng, countries)
    issuer_share = {
        country.code: _shares(rng, tuple(_issuer_name(country, word) for word in country.issuer_words))
        for country in countries
    }
    hosts = _hosts(rng)
    nodes = [_node(part, rng, hosts.get(part.name)) for part in (*PARTS, *PROVIDERS)]
    for country in countries:
        for word in country.issuer_words:
            part = Part(_issuer_name(country, word), "issuer", float(rng.uniform(120, 320)), 0.45)
            nodes.append(replace(_node(part, rng, None), country=country.code))
    edges = [_edge(use) for use in USES]
    edges += _route_edges(countries, provider_share, issuer_share)
    edges += [Edge(node.name, node.host, "runs_on", 1.0, 0.0, -1) for node in nodes if node.host is not None]
    bare = Platform(tuple(nodes), tuple(edges), countries, provider_share, issuer_share)
    return replace(bare, edges=_with_timeouts(bare, rng))


def _issuer_name(country: Country, word: str) -> str:
    return f"issuer-{country.code.lower()}-{word}"


def _node(part: Part, rng: np.random.Generator, host: str | None) -> Node:
    own_ms = part.own_ms * float(rng.uniform(0.85, 1.2))
    return Node(part.name, part.kind, own_ms, part.spread, part.is_tls, host)


def _edge(use: Use) -> Edge:
    return Edge(use.caller, use.callee, use.kind, use.per_request, use.passes, use.retries)


def _shares(rng: np.random.Generator, names: tuple[str, ...]) -> dict[str, float]:
    weights = rng.uniform(0.6, 1.4, size=len(names))
    return {name: float(weight) for name, weight in zip(names, weights / weights.sum(), strict=True)}


def _routes(rng: np.random.Generator, countries: tuple[Country, ...]) -> dict[str, dict[str, float]]:
    """Two or three providers per country; every provider works somewhere, in at least two countries."""
    names = tuple(part.name for part in PROVIDERS)
    routes: dict[str, dict[str, float]] = {}
    for position, country in enumerate(countries):
        first = names[position % len(names)]
        others = tuple(name for name in names if name != first)
        extra = rng.choice(len(others), size=int(rng.integers(1, 3)), replace=False)
        second = names[(position + 1) % len(names)]
        members = {first, second, *(others[int(row)] for row in extra[:1])}
        routes[country.code] = _shares(rng, tuple(name for name in names if name in members))
    return routes


def _route_edges(
    countries: tuple[Country, ...],
    provider_share: Mapping[str, Mapping[str, float]],
    issuer_share: Mapping[str, Mapping[str, float]],
) -> list[Edge]:
    """Router to providers, providers to the issuers of the countries they serve; a decline is no failure."""
    edges = [
        Edge("provider-router", part.name, "calls", 1.0 / len(PROVIDERS), 1.0, 0) for part in PROVIDERS
    ]  # the simulation replaces these rates by those of the moment
    for part in PROVIDERS:
        issuers = [
            issuer
            for country in countries
            if part.name in provider_share[country.code]
            for issuer in issuer_share[country.code]
        ]
        edges += [Edge(part.name, issuer, "calls", 1.0 / len(issuers), 0.6, 0) for issuer in issuers]
    return edges


def _hosts(rng: np.random.Generator) -> dict[str, str]:
    """One batch tenant per machine, services dealt out among them, inference and training on the GPU machines."""
    hosts = dict(GPU_HOSTS)
    hosts.update(zip(BATCH_TENANTS, rng.permutation(np.array(GENERAL_HOSTS)).tolist(), strict=True))
    rest = [part.name for part in PARTS if part.kind not in NOT_HOSTED and part.name not in hosts]
    for position, row in enumerate(rng.permutation(len(rest))):
        hosts[rest[int(row)]] = GENERAL_HOSTS[position % len(GENERAL_HOSTS)]
    return hosts


def quiet_latency_ms(platform: Platform) -> dict[str, float]:
    """Median latency of every node when nothing is wrong: own time and the calls it waits for."""
    latency: dict[str, float] = {}
    for name in reversed(platform.callers_first):
        waits = (platform.waiting[row] for row in platform.calls_of[name])
        latency[name] = platform.by_name[name].own_ms + sum(edge.per_request * latency[edge.callee] for edge in waits)
    return latency


def _with_timeouts(platform: Platform, rng: np.random.Generator) -> tuple[Edge, ...]:
    """A caller's patience: five to nine times the callee's usual 95th percentile, in round numbers."""
    latency = quiet_latency_ms(platform)
    timed = []
    for edge in platform.edges:
        if edge.is_waited_for:
            p95_ms = latency[edge.callee] * math.exp(P95_SIGMAS * platform.by_name[edge.callee].spread)
            patience_ms = max(50.0, p95_ms * float(rng.uniform(5.0, 9.0)))
            edge = replace(edge, timeout_ms=float(round(patience_ms / 50.0) * 50))
        timed.append(edge)
    return tuple(timed)


def share_matrix(names: tuple[str, ...], shares: Mapping[str, Mapping[str, float]], codes: tuple[str, ...]) -> Array:
    """Shares as an array of shape (countries, names); rows sum to one."""
    return np.array([[shares[code].get(name, 0.0) for name in names] for code in codes])
