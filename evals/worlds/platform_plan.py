"""The parts of the platform and who uses whom, as tables. Names are our own and stand for no real company."""

from __future__ import annotations

from typing import Literal, NamedTuple

NodeKind = Literal[
    "gateway", "door", "service", "scorer", "rules", "feature_server", "gpu", "registry", "external", "provider",
    "issuer", "database", "cache", "queue", "stream", "batch", "worker", "node",
]  # fmt: skip


class Part(NamedTuple):
    """`own_ms`: median time spent inside; `spread`: sigma of its log; `is_tls`: presents a certificate we watch."""

    name: str
    kind: NodeKind
    own_ms: float
    spread: float
    is_tls: bool = False


class Use(NamedTuple):
    """`per_request`: calls per request of the caller; `passes`: share of failed calls that fail the caller's request.

    `retries < 0` marks an asynchronous use: nobody waits for it.
    """

    caller: str
    callee: str
    kind: str
    per_request: float = 1.0
    passes: float = 1.0
    retries: int = 0


ASYNC = -1

PARTS: tuple[Part, ...] = (
    Part("edge-gateway", "gateway", 2.0, 0.35),
    Part("checkout-api", "door", 6.0, 0.40, True),
    Part("payment-links-api", "door", 7.0, 0.40, True),
    Part("subscriptions-api", "door", 9.0, 0.42, True),
    Part("payouts-api", "door", 8.0, 0.40, True),
    Part("payment-orchestrator", "service", 9.0, 0.40),
    Part("token-vault", "service", 3.0, 0.35, True),
    Part("fraud-scorer", "scorer", 7.0, 0.40),
    Part("payout-scorer", "scorer", 8.0, 0.40),
    Part("rules-engine", "rules", 4.0, 0.35),
    Part("payout-rules", "rules", 4.5, 0.35),
    Part("three-ds", "service", 60.0, 0.50, True),
    Part("fx-rates", "external", 25.0, 0.50),
    Part("device-intel", "external", 35.0, 0.50),
    Part("provider-router", "service", 5.0, 0.40),
    Part("ledger-service", "service", 6.0, 0.40, True),
    Part("feature-server", "feature_server", 4.0, 0.40),
    Part("inference-gpu-a", "gpu", 14.0, 0.30),
    Part("inference-gpu-b", "gpu", 16.0, 0.30),
    Part("model-registry", "registry", 20.0, 0.50),
    Part("session-cache", "cache", 0.5, 0.30),
    Part("profile-cache", "cache", 0.6, 0.30),
    Part("profile-db", "database", 5.0, 0.50, True),
    Part("merchant-cache", "cache", 0.6, 0.30),
    Part("merchant-db", "database", 4.0, 0.50),
    Part("vault-db", "database", 2.5, 0.45),
    Part("ledger-db", "database", 4.0, 0.50, True),
    Part("feature-store", "cache", 0.9, 0.35, True),
    Part("warehouse", "database", 900.0, 0.70),
    Part("payment-events", "queue", 2.0, 0.40),
    Part("settlement-events", "queue", 2.0, 0.40),
    Part("feature-stream", "stream", 8.0, 0.50),
    Part("feature-batch", "batch", 900.0, 0.40),
    Part("model-trainer", "batch", 1_500.0, 0.40),
    Part("report-builder", "batch", 1_200.0, 0.50),
    Part("settlement-worker", "worker", 40.0, 0.50),
    Part("notification-worker", "worker", 15.0, 0.50),
    Part("merchant-webhooks", "worker", 90.0, 0.60),
    Part("node-1", "node", 0.0, 0.0),
    Part("node-2", "node", 0.0, 0.0),
    Part("node-3", "node", 0.0, 0.0),
    Part("node-4", "node", 0.0, 0.0),
    Part("gpu-node-1", "node", 0.0, 0.0),
    Part("gpu-node-2", "node", 0.0, 0.0),
)

# The order of a caller's uses is the order in which it calls.
USES: tuple[Use, ...] = (
    Use("edge-gateway", "checkout-api", "calls", 0.55),
    Use("edge-gateway", "payment-links-api", "calls", 0.20),
    Use("edge-gateway", "subscriptions-api", "calls", 0.13),
    Use("edge-gateway", "payouts-api", "calls", 0.12),
    Use("checkout-api", "session-cache", "reads", 1.0, 0.2),
    Use("checkout-api", "payment-orchestrator", "calls"),
    Use("payment-links-api", "payment-orchestrator", "calls"),
    Use("subscriptions-api", "payment-orchestrator", "calls"),
    Use("payouts-api", "payout-scorer", "calls", 1.0, 0.6),
    Use("payouts-api", "payout-rules", "calls", 1.0, 0.9),
    Use("payouts-api", "ledger-service", "calls", 1.0, 0.8, 1),
    Use("payment-orchestrator", "token-vault", "calls", 1.0, 1.0, 1),
    Use("payment-orchestrator", "fraud-scorer", "calls", 1.0, 0.35),
    Use("payment-orchestrator", "rules-engine", "calls", 1.0, 0.9),
    Use("payment-orchestrator", "three-ds", "calls", 0.25, 0.8),
    Use("payment-orchestrator", "fx-rates", "calls", 0.30, 0.5, 1),
    Use("payment-orchestrator", "provider-router", "calls", 1.0, 1.0),
    Use("payment-orchestrator", "ledger-service", "calls", 1.0, 0.7, 1),
    Use("fraud-scorer", "feature-server", "calls", 1.0, 0.4),
    Use("fraud-scorer", "inference-gpu-a", "calls", 1.0, 0.7, 1),
    Use("payout-scorer", "feature-server", "calls", 1.0, 0.4),
    Use("payout-scorer", "inference-gpu-b", "calls", 1.0, 0.7, 1),
    Use("rules-engine", "merchant-cache", "reads", 1.0, 0.1),
    Use("rules-engine", "merchant-db", "reads", 0.06, 0.9),
    Use("payout-rules", "merchant-cache", "reads", 1.0, 0.1),
    Use("payout-rules", "merchant-db", "reads", 0.06, 0.9),
    Use("feature-server", "feature-store", "reads", 2.0, 0.7, 1),
    Use("feature-server", "profile-cache", "reads", 1.0, 0.1),
    Use("feature-server", "profile-db", "reads", 0.05, 0.5),
    Use("feature-server", "device-intel", "calls", 0.6, 0.05),
    Use("token-vault", "vault-db", "reads", 1.0, 1.0, 1),
    Use("ledger-service", "ledger-db", "writes", 2.0, 1.0),
    Use("payment-orchestrator", "payment-events", "publishes", 1.0, 0.0, ASYNC),
    Use("ledger-service", "settlement-events", "publishes", 1.0, 0.0, ASYNC),
    Use("feature-stream", "payment-events", "consumes", 1.0, 0.0, ASYNC),
    Use("notification-worker", "payment-events", "consumes", 1.0, 0.0, ASYNC),
    Use("merchant-webhooks", "payment-events", "consumes", 1.0, 0.0, ASYNC),
    Use("settlement-worker", "settlement-events", "consumes", 1.0, 0.0, ASYNC),
    Use("feature-stream", "feature-store", "writes", 1.0, 0.0, ASYNC),
    Use("feature-batch", "warehouse", "reads", 1.0, 0.0, ASYNC),
    Use("feature-batch", "feature-store", "writes", 1.0, 0.0, ASYNC),
    Use("model-trainer", "warehouse", "reads", 1.0, 0.0, ASYNC),
    Use("model-trainer", "model-registry", "publishes", 1.0, 0.0, ASYNC),
    Use("inference-gpu-a", "model-registry", "loads", 1.0, 0.0, ASYNC),
    Use("inference-gpu-b", "model-registry", "loads", 1.0, 0.0, ASYNC),
    Use("report-builder", "warehouse", "reads", 1.0, 0.0, ASYNC),
    Use("settlement-worker", "ledger-db", "writes", 1.0, 0.0, ASYNC),
)

PROVIDERS: tuple[Part, ...] = (
    Part("psp-andes", "provider", 150.0, 0.45, True),
    Part("psp-lagoon", "provider", 190.0, 0.45, True),
    Part("psp-monsoon", "provider", 130.0, 0.45, True),
    Part("psp-savanna", "provider", 230.0, 0.45, True),
)

CHOOSERS: frozenset[str] = frozenset({"edge-gateway", "provider-router", *(part.name for part in PROVIDERS)})
"""Callers whose calls are alternatives: a request takes one of them."""

BATCH_TENANTS: tuple[str, ...] = ("feature-batch", "report-builder", "settlement-worker", "notification-worker")
GPU_HOSTS: dict[str, str] = {
    "inference-gpu-a": "gpu-node-1",
    "inference-gpu-b": "gpu-node-2",
    "model-trainer": "gpu-node-2",
}
GENERAL_HOSTS: tuple[str, ...] = ("node-1", "node-2", "node-3", "node-4")
CACHE_BACKING: dict[str, str] = {"profile-cache": "profile-db", "merchant-cache": "merchant-db"}
"""Which database answers when a cache misses."""

# Requests per second of parts that nobody calls while waiting; queue consumers follow the queue instead.
QUIET_LOAD: dict[str, float] = {
    "warehouse": 0.6, "model-registry": 0.4, "feature-batch": 0.8, "model-trainer": 0.3, "report-builder": 0.5,
}  # fmt: skip
