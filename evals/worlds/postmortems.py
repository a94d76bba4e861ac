"""`postmortems/*.md`: incidents that the platform has behind it; the same in every world, all of them before any."""

from __future__ import annotations

from ...tools.snapshots.writer import SnapshotWriter


def write_postmortems(writer: SnapshotWriter) -> None:
    """Write the postmortems."""
    for name, text in POSTMORTEMS.items():
        writer.write_postmortem(f"{name}.md", text.lstrip())


POSTMORTEMS: dict[str, str] = {
    "2024-03-payout-declines": """
---
title: Good payouts declined after a promotion
date: 2024-03-12
alert: DeclineRateHigh
entities: [payouts-api, payout-scorer]
indicators: [decline_rate, score]
changes: [model_promotion]
---
# Good payouts declined after a promotion

_Synthetic postmortem of the opswarden sandbox world._

## Root cause
A version of payout-risk whose scores ran higher was promoted without moving the cut of payout-rules.

## Resolution
The alias was put back to the version before; scores were as usual four minutes later.

## What we learned
Compare the score distribution of both versions before a promotion.
""",
    "2024-05-vault-certificate": """
---
title: Payments failed at the token vault
date: 2024-05-27
alert: ErrorRateHigh
entities: [payment-orchestrator, token-vault]
indicators: [error_rate, certificate_days_left]
---
# Payments failed at the token vault

_Synthetic postmortem of the opswarden sandbox world._

## Root cause
The certificate that token-vault presents had run out; its renewal job had been switched off in a migration.

## Resolution
A new certificate was issued by hand, and the renewal job switched on again.
""",
    "2024-06-late-features": """
---
title: Scores drifted on old features
date: 2024-06-18
alert: FeaturesLate
entities: [feature-stream, fraud-scorer]
indicators: [feature_freshness_s, queue_depth]
changes: [config]
---
# Scores drifted on old features

_Synthetic postmortem of the opswarden sandbox world._

## Root cause
feature-stream stood still after its consumer group was renamed.

## Resolution
The old name of the group was put back, and the stream caught up in eleven minutes.
""",
    "2024-08-provider-down": """
---
title: One provider declined everything in one country
date: 2024-08-03
alert: ApprovalRateLow
entities: [checkout-api, provider-router, psp-lagoon]
indicators: [approval_rate, error_rate]
---
# One provider declined everything in one country

_Synthetic postmortem of the opswarden sandbox world._

## Root cause
The provider had lost its link to the local scheme.

## Resolution
The country's share was moved to another provider in provider-router until the link was back.
""",
    "2024-10-cold-cache": """
---
title: A cold cache took the database with it
date: 2024-10-21
alert: LatencyHigh
entities: [feature-server, profile-cache, profile-db]
indicators: [latency_ms, cache_hit_ratio]
changes: [deploy]
---
# A cold cache took the database with it

_Synthetic postmortem of the opswarden sandbox world._

## Root cause
A deploy emptied profile-cache, and every request went to profile-db at once.

## Resolution
Traffic was halved at feature-server until the hit ratio was above ninety per cent.
""",
}
