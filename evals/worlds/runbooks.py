"""Runbooks of the platform: the same in every world, apart from whom two of them say to ask."""

from __future__ import annotations

from ...tools.snapshots.writer import SnapshotWriter
from .planted import people_of, secrets_of
from .spec import WorldSpec

_NOTE = "_Synthetic runbook of the opswarden sandbox world._"


def write_runbooks(spec: WorldSpec, writer: SnapshotWriter) -> None:
    """Write `runbooks/*.md`."""
    one, other = people_of(spec, "runbooks")
    key = secrets_of(spec, "runbooks")[0]
    blanks = {
        "<contact>": f"{one.email}, {one.phone}",
        "<partner contact>": f"{other.email}, {other.phone}",
        "<token>": one.bearer,
        "<partner token>": other.bearer,
        "<session>": key.jwt,
    }
    for name, text in RUNBOOKS.items():
        for blank, value in blanks.items():
            text = text.replace(blank, value)
        title, body = text.strip().split("\n", 1)
        writer.write_runbook(f"{name}.md", f"{title}\n\n{_NOTE}\n{body}\n")


RUNBOOKS: dict[str, str] = {
    "approval-rate-low": """
# ApprovalRateLow

## Meaning
The share of payment attempts of a country that end approved is lower than usual.

## Impact
Merchants lose sales; every ten minutes count.

## Diagnosis
1. Compare `approval_rate` by country. One country: look at its providers and issuers. All countries: look inside.
2. In `outcomes`, which response code grew? `05` and `51` come from issuers, `96` from a provider or us, `R1` from our
   own rules, `N7` from attempts with a wrong security code.
3. One issuer through every provider: the bank. One provider in one country: the provider.
4. `R1` grew: did `score_mean` of fraud-scorer move? If scores are as usual, look at rules-engine.
5. `N7` grew: `small_amount_ratio` of the doors.

## Mitigation
Move the country's share to another provider in provider-router; roll back what changed; ask payments on call.
Contact: <contact>
""",
    "latency-high": """
# LatencyHigh

## Meaning
The 95th percentile of a service is above its limit.

## Impact
Callers give up; payments fail or take a fallback.

## Diagnosis
1. Waiting adds up towards the caller. Follow the slowest child in the traces until nobody below is slower than usual.
2. A part that is slow in itself: `cpu_usage` of it and of its machine; who else runs there?
3. A database with more requests than usual: `cache_hit_ratio` of the cache in front of it.
4. Slow without more load: statements, locks, what changed there.

## Mitigation
Roll back, move tenants away, warm the cache before raising traffic, raise the limit of the pool last.
""",
    "error-rate-high": """
# ErrorRateHigh

## Meaning
A service answers more requests with an error than it promised not to.

## Impact
Payments fail or are decided with less than all signals.

## Diagnosis
1. Is it the service or something below? Read its error lines: do they name a peer?
2. Compare versions: `error_rate` by `version` when two are running.
3. A peer that sees fewer requests than before and no errors of its own is not reached at all: connections, names,
   `certificate_days_left`.
4. Answers `429`: `quota_usage` of the peer. Answers `503`: go on at the peer.

## Mitigation
Stop the trial of a version, renew what ran out, retry elsewhere.
""",
    "score-moved": """
# ScoreMoved

## Meaning
The mean score of a model left its usual band.

## Impact
Good customers are declined or bad ones pass; nothing fails, so nobody else will tell you.

## Diagnosis
1. Was a version promoted? Compare `predictions` by version.
2. Inputs: `null_rate` by group, `feature_value_mean` by feature, `feature_freshness_s` by view.
3. A value that moved at feature-server but not where the pipeline wrote it was changed on the way out.
4. Nulls of one group: its source. Is `empty_ratio` of the source higher, or does the source fail?

## Mitigation
Roll back the version; serve the last good value; switch the group off in the model's settings.
""",
    "null-rate-high": """
# NullRateHigh

## Meaning
More feature values than usual are missing when a score is made.

## Impact
Scores drift upwards because a missing value counts as a risk.

## Diagnosis
1. Which group? `card_velocity` comes from feature-stream, `merchant_profile` from feature-batch,
   `device_reputation` from device-intel, `customer_profile` from profile-db.
2. The source fails: go on with ErrorRateHigh there. The source answers and is empty: `empty_ratio`.
3. A pipeline skips records: `records_rejected_ratio`, then who publishes them and what they changed.

## Mitigation
Replay skipped records once they can be read; serve the last good value.
""",
    "records-rejected": """
# RecordsRejected

## Meaning
A consumer cannot read a part of what it consumes.

## Impact
Settlements or features are incomplete until the records are replayed.

## Diagnosis
1. Read one of the skipped records' errors: which field?
2. `event_bytes_mean` of the publishers: did the size of events change?
3. Compare the event definitions before and after in the change log.

## Mitigation
Pin the definition, replay from the offset of the first skipped record.
""",
    "decline-rate-high": """
# DeclineRateHigh

## Meaning
More requests than usual are declined at a door.

## Impact
Payouts wait or payments are refused.

## Diagnosis
1. payouts-api asks payout-scorer and payout-rules. Did scores move? See ScoreMoved.
2. Scores as usual and more declines: what was activated at payout-rules?

## Mitigation
Put the rule set before it back.
""",
    "features-late": """
# FeaturesLate

## Meaning
A pipeline finished its last run longer ago than the promise allows.

## Impact
Scores are made from old values; they drift while nothing fails.

## Diagnosis
1. Is it running? `request_rate` and `cpu_usage` of the pipeline; its last lines of log.
2. Does its input wait? `queue_depth` of its consumer group.
3. Can it read its input? `records_rejected_ratio`.

## Mitigation
Restart the pipeline; it goes on from its last committed offset.
""",
    "traffic-high": """
# TrafficHigh

## Meaning
More requests than the limit for this hour.

## Impact
None by itself; capacity is planned with room.

## Diagnosis
1. Same hour of yesterday and last week: is it the rhythm of the day?
2. One door, one country, amounts of cents: see ApprovalRateLow, step 5.

## Mitigation
Usually none. For a burst at one door: limit attempts per client there.
Partner contact: <partner contact>, token `<partner token>`
""",
    "cpu-high": """
# CpuHigh

## Meaning
A service or a machine is close to its processor limit.

## Impact
Everything on the machine answers later.

## Diagnosis
1. `cpu_usage` of the machine, then of its tenants: who grew?
2. Did a run or a worker start something at that time?

## Mitigation
Stop or move the tenant that grew; set a limit for it.
""",
    "model-rollback": """
# Rolling back a model version

## Meaning
How to point a scorer at the version before.

## Steps
1. List the versions: `curl -H "Authorization: Bearer <token>" https://model-registry.example/models/card-fraud`
2. Point the alias at the one before; inference loads it within a minute.
3. Watch `score_mean` for ten minutes.

Sessions for the console are pasted like this and must not be: `<session>`
""",
}
