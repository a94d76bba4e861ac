"""Payments by country, provider and issuer: routing, failover, approvals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .forces import Forces, pair
from .platform_plan import PROVIDERS
from .rhythm import memory_over, red_noise, traffic_of
from .signals import Signals
from .simulation import Flow, State
from .streams import Array, Streams
from .timeline import Timeline
from .topology import Platform, share_matrix

DOORS: tuple[str, ...] = ("checkout-api", "payment-links-api", "subscriptions-api")
_FAILOVER = 0.5
_ATTACK_APPROVAL = 0.07


@dataclass(frozen=True)
class Demand:
    """Requests per second, fixed before anything reacts: `usual` by country (C, T), `attack` by (door, country)."""

    usual: Array
    attack: dict[tuple[str, str], Array]

    def attack_on(self, *, door: str | None = None, country: str | None = None) -> Array:
        """Added requests per second of a door, of a country, or of both; shape (T,)."""
        total = np.zeros(self.usual.shape[1])
        for (known_door, known_country), curve in self.attack.items():
            if door in (None, known_door) and country in (None, known_country):
                total = total + curve
        return total


@dataclass(frozen=True)
class Payments:
    """C countries, P providers, I issuers, T samples.

    `attempts` payment attempts/s (C, T); `share` routing (C, P, T); `pair_failed` share of attempts that a provider
    fails in a country (C, P, T); `approve` share an issuer approves (I, T); `blocked` share declined by our own rules
    (C, T); `broken` share lost inside the platform (T,); `approval` share of attempts approved in the end (C, T).
    """

    countries: tuple[str, ...]
    providers: tuple[str, ...]
    issuers: tuple[str, ...]
    attempts: Array
    share: Array
    pair_failed: Array
    issuer_weight: Array
    approve: Array
    blocked: Array
    broken: Array
    approval: Array


def read_demand(platform: Platform, timeline: Timeline, forces: Forces, streams: Streams) -> Demand:
    """What the world asks of the platform."""
    usual = np.stack(
        [
            traffic_of(country, timeline, streams) * (1.0 + forces.of("surge", country.code))
            for country in platform.countries
        ]
    )
    attack = {}
    for key in forces.keys("attack"):
        door, code = key.split("/")
        attack[door, code] = forces.of("attack", key)
    return Demand(usual, attack)


def door_shares(platform: Platform) -> dict[str, float]:
    """Share of the gateway's requests that each door gets."""
    return {edge.callee: edge.per_request for edge in platform.waiting if edge.caller == "edge-gateway"}


class PaymentModel:
    """Turns demand and signals into a flow for the simulation, and the settled state into approvals."""

    def __init__(self, platform: Platform, timeline: Timeline, forces: Forces, streams: Streams) -> None:
        self._platform = platform
        self._forces = forces
        self.demand = read_demand(platform, timeline, forces, streams)
        self.countries = tuple(country.code for country in platform.countries)
        self.providers = tuple(part.name for part in PROVIDERS)
        self.issuers = platform.of_kind("issuer")
        steps = timeline.steps
        self._routes = frozenset((edge.caller, edge.callee) for edge in platform.waiting)
        self._door_share = door_shares(platform)
        self._pair_failed = self._pairs(steps, streams)
        usual = share_matrix(self.providers, platform.provider_share, self.countries)
        routed = usual[:, :, None] * (1.0 - _FAILOVER * self._pair_failed)
        self._share = routed / routed.sum(axis=1, keepdims=True)
        self._issuer_weight = share_matrix(self.issuers, platform.issuer_share, self.countries)
        self._approve = self._issuer_habits(timeline, streams)
        self._attempts = np.stack(
            [
                self.demand.usual[row] * sum(self._door_share[door] for door in DOORS)
                + self.demand.attack_on(country=code)
                for row, code in enumerate(self.countries)
            ]
        )

    def _pairs(self, steps: int, streams: Streams) -> Array:
        failed = np.zeros((len(self.countries), len(self.providers), steps))
        for row, code in enumerate(self.countries):
            for column, provider in enumerate(self.providers):
                usual = float(np.exp(streams.of("pair", provider, code).uniform(np.log(2e-3), np.log(8e-3))))
                failed[row, column] = np.clip(usual + self._forces.of("pair_fail", pair(provider, code)), 0.0, 0.995)
        return failed

    def _issuer_habits(self, timeline: Timeline, streams: Streams) -> Array:
        approve = np.zeros((len(self.issuers), timeline.steps))
        for row, issuer in enumerate(self.issuers):
            country = self._platform.country(self._platform.by_name[issuer].country or "")
            rng = streams.of("issuer", issuer)
            level = np.log(country.approval / (1 - country.approval)) + 0.35 + float(rng.normal(0.0, 0.15))
            noise = red_noise(rng, (timeline.steps,), sigma=0.07, memory=memory_over(timeline.step_s, 900))
            approve[row] = (1.0 - self._forces.of("decline", issuer)) / (1.0 + np.exp(-(level + noise)))
        return approve

    def flow(self, signals: Signals) -> Flow:
        """What the graph has to carry."""
        usual = self.demand.usual.sum(axis=0)
        entry = usual + self.demand.attack_on()
        calls: dict[tuple[str, str], Array] = {}
        for door, share in self._door_share.items():
            calls["edge-gateway", door] = (usual * share + self.demand.attack_on(door=door)) / entry
        weight = self._attempts / self._attempts.sum(axis=0)
        blocked = self._blocked(signals)
        sent = 1.0 - (weight * blocked).sum(axis=0)
        calls["payment-orchestrator", "provider-router"] = sent
        calls["payment-orchestrator", "ledger-service"] = sent * (weight * self._answer()).sum(axis=0)
        fail, slow = {}, {}
        for column, provider in enumerate(self.providers):
            routed = weight * self._share[:, column]
            calls["provider-router", provider] = routed.sum(axis=0)
            of_country = routed / np.maximum(routed.sum(axis=0), 1e-9)
            fail[provider] = (of_country * self._pair_failed[:, column]).sum(axis=0)
            slow[provider] = sum(
                of_country[row] * self._forces.of("pair_slow", pair(provider, code))
                for row, code in enumerate(self.countries)
            ) + np.zeros(len(entry))
            for row, issuer in enumerate(self.issuers):
                home = self.countries.index(self._platform.by_name[issuer].country or "")
                if (provider, issuer) in self._routes:
                    calls[provider, issuer] = of_country[home] * self._issuer_weight[home, row]
        return Flow(entry, calls, fail=fail, slow=slow)

    def _blocked(self, signals: Signals) -> Array:
        return np.stack([signals.declined["rules-engine", code] for code in self.countries])

    def _answer(self) -> Array:
        """Share of sent attempts that the issuers of a country approve, attacks included; shape (C, T)."""
        honest = (self._issuer_weight[:, :, None] * self._approve[None]).sum(axis=1)
        reached = (self._share * (1.0 - self._pair_failed)).sum(axis=1)
        answer: Array = np.empty_like(honest)
        for row, code in enumerate(self.countries):
            attacked = self.demand.attack_on(country=code) / self._attempts[row]
            answer[row] = reached[row] * ((1.0 - attacked) * honest[row] + attacked * _ATTACK_APPROVAL)
        return answer

    def outcome(self, signals: Signals, state: State) -> Payments:
        """Approvals once the graph has settled."""
        blocked = self._blocked(signals)
        alive = np.ones(blocked.shape[1])
        for row in self._platform.calls_of["payment-orchestrator"]:
            edge = self._platform.waiting[row]
            if edge.callee != "provider-router":
                alive = alive * (1.0 - edge.passes * np.minimum(1.0, state.per_request[row]) * state.lost[row])
        at = self._platform.index["payment-orchestrator"]
        alive = alive * (1.0 - state.own_failed[at])
        return Payments(
            countries=self.countries,
            providers=self.providers,
            issuers=self.issuers,
            attempts=self._attempts,
            share=self._share,
            pair_failed=self._pair_failed,
            issuer_weight=self._issuer_weight,
            approve=self._approve,
            blocked=blocked,
            broken=1.0 - alive,
            approval=alive * (1.0 - blocked) * self._answer(),
        )
