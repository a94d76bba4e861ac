"""`catalogue.yaml`: whose the parts of the platform are; the same in every world, apart from two people in it."""

from __future__ import annotations

from dataclasses import dataclass

from ...tools.snapshots.writer import SnapshotWriter
from .planted import people_of
from .spec import WorldSpec


@dataclass(frozen=True)
class _Team:
    channel: str
    rotation: str
    parts: tuple[tuple[str, int], ...]  # name and tier
    runbooks: tuple[str, ...] = ()


TEAMS: dict[str, _Team] = {
    "payments-core": _Team(
        "#payments-core", "payments-core primary",
        (("edge-gateway", 0), ("checkout-api", 0), ("payment-links-api", 1), ("subscriptions-api", 1),
         ("payouts-api", 1), ("payment-orchestrator", 0), ("payment-events", 1), ("merchant-webhooks", 2),
         ("notification-worker", 3), ("session-cache", 1)),
        ("error-rate-high.md", "latency-high.md"),
    ),
    "risk-models": _Team(
        "#risk-models", "risk-models primary",
        (("fraud-scorer", 1), ("payout-scorer", 1), ("inference-gpu-a", 1), ("inference-gpu-b", 1),
         ("model-registry", 2), ("model-trainer", 3)),
        ("score-moved.md", "model-rollback.md"),
    ),
    "risk-rules": _Team(
        "#risk-rules", "risk-rules primary",
        (("rules-engine", 1), ("payout-rules", 1), ("merchant-cache", 2), ("merchant-db", 1)),
        ("decline-rate-high.md",),
    ),
    "feature-platform": _Team(
        "#feature-platform", "feature-platform primary",
        (("feature-server", 1), ("feature-store", 1), ("feature-stream", 1), ("feature-batch", 2),
         ("profile-cache", 2), ("profile-db", 1), ("device-intel", 2), ("warehouse", 3), ("report-builder", 3)),
        ("null-rate-high.md", "features-late.md"),
    ),
    "acquiring": _Team(
        "#acquiring", "acquiring primary",
        (("provider-router", 0), ("psp-andes", 1), ("psp-lagoon", 1), ("psp-monsoon", 1), ("psp-savanna", 1),
         ("three-ds", 1), ("fx-rates", 2)),
        ("approval-rate-low.md",),
    ),
    "ledger": _Team(
        "#ledger", "ledger primary",
        (("ledger-service", 0), ("ledger-db", 0), ("settlement-events", 1), ("settlement-worker", 2),
         ("token-vault", 0), ("vault-db", 0)),
        ("records-rejected.md", "error-rate-high.md"),
    ),
    "infrastructure": _Team(
        "#infrastructure", "infrastructure primary",
        (("node-1", 2), ("node-2", 2), ("node-3", 2), ("node-4", 2), ("gpu-node-1", 2), ("gpu-node-2", 2)),
        ("cpu-high.md",),
    ),
}  # fmt: skip


def write_catalogue(spec: WorldSpec, writer: SnapshotWriter) -> None:
    """Write `catalogue.yaml`."""
    people = people_of(spec, "runbooks")
    lines = ["# Synthetic service catalogue of the opswarden sandbox world.", "version: 1", "teams:"]
    for place, (name, team) in enumerate(TEAMS.items()):
        lines += [
            f"  {name}:",
            f'    channel: "{team.channel}"',
            f"    on_call: {team.rotation}",
            f"    people: [{people[place % len(people)].email}]",
        ]
    lines.append("entities:")
    for name, team in TEAMS.items():
        for part, tier in team.parts:
            lines += [f"  {part}:", f"    owner: {name}", f"    tier: {tier}", f"    runbooks: {list(team.runbooks)!r}"]
    writer.write_catalogue("\n".join(lines).replace("'", '"') + "\n")
