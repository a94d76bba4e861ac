"""Who writes which lines, and how often: daily business from the load, trouble from the failures of the simulation."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from .forces import pair
from .log_slots import LogSource
from .model import World
from .service_series import backlog_of, cpu_of, load_of, machine_series
from .signals import GROUPS, RULES_OF
from .streams import Array
from .topology import DEPLOYED, Node

# Daily business is sampled at the source, trouble is not: shares of requests that leave a line.
_SAMPLED = 0.05
_RARE = 0.004
MODEL_OF = {"fraud-scorer": "card-fraud", "payout-scorer": "payout-risk"}
_ROUTES = {
    "checkout-api": "payments",
    "payment-links-api": "links/pay",
    "subscriptions-api": "renewals",
    "payouts-api": "payouts",
}

# level, text, share of requests; the key is an entity or a kind
_BUSINESS: dict[str, tuple[tuple[str, str, float], ...]] = {
    "gateway": (
        ("INFO", "access {country} upstream answered 200 in {ms}ms bytes={many}", 0.06),
        ("DEBUG", "forwarding authorization=Bearer {bearer} x-forwarded-for={ip}", 0.0006),
    ),
    "door": (
        ("INFO", "POST /v1/{route} 201 order=ord_{hex10} amount={amount} country={country} took={ms}ms", _SAMPLED),
        ("INFO", 'sign-up completed customer_name="{name}" email={email} phone={phone}', 0.0012),
        ("WARN", "rejected request without idempotency key client_ip={ip}", 0.001),
    ),
    "payment-orchestrator": (("DEBUG", "published event {hex16} type=payment.authorised partition={few}", 0.02),),
    "token-vault": (
        ("INFO", "lookup tok_{hex16} answered in {ms}ms", _SAMPLED),
        ("DEBUG", 'tokenised card={card} cardholder="{name}" as tok_{hex16}', 0.0016),
    ),
    "three-ds": (("INFO", "challenge {hex8} completed flow=frictionless in {ms}ms", _SAMPLED),),
    "ledger-service": (("INFO", "posted entry {hex16} legs=2 in {ms}ms", _SAMPLED),),
    "feature_server": (("DEBUG", "assembled vector {hex8} features=38 in {ms}ms", 0.03),),
    "gpu": (("INFO", "batch of {few} finished in {ms}ms", 0.03),),
    "registry": (("INFO", "GET /models/{hex8}/latest 200 in {ms}ms", 0.6),),
    "database": (
        ("INFO", "checkpoint complete: wrote {many} buffers", 0.002),
        ("DEBUG", "autovacuum of partition p_{few} removed {many} rows", 0.002),
    ),
    "cache": (("DEBUG", "evicted {many} keys over memory policy", _RARE),),
    "queue": (("INFO", "segment rolled at offset {offset}", _RARE),),
    "stream": (("INFO", "committed partition={few} offset={offset} records={many}", 0.02),),
    "batch": (("INFO", "task {hex8} finished rows={many} in {ms}ms", 0.3),),
    "model-trainer": (("DEBUG", "reading checkpoints with access key {cloud_key}", 0.02),),
    "report-builder": (("INFO", "report {hex8} built for {email} pages={few}", 0.05),),
    "settlement-worker": (
        ("INFO", 'payout prepared iban={iban} cpf={cpf} customer_name="{name}" amount={amount}', 0.002),
        ("INFO", "settled batch {hex8} entries={many}", 0.01),
    ),
    "notification-worker": (
        ("INFO", "receipt sent to {email} in {ms}ms", 0.002),
        ("INFO", "sms queued to={phone}", 0.0015),
        ("DEBUG", "summary requested api_key={api_key}", 0.0003),
    ),
    "merchant-webhooks": (
        ("INFO", "delivered event {hex16} status=200 in {ms}ms", 0.02),
        ("WARN", "delivery of {hex16} answered status=500, attempt {few}", 0.0006),
        ("DEBUG", "signed delivery {hex8} with token {jwt}", 0.0003),
    ),
}


def log_sources(world: World) -> tuple[LogSource, ...]:
    """All sources of a world; the order is fixed."""
    found: list[LogSource] = []
    for node in world.platform.nodes:
        found += _business(world, node)
        if node.kind in DEPLOYED:
            found += _lifecycle(world, node)
    found += _failed_calls(world)
    found += _decisions(world)
    found += _payments(world)
    found += _data(world)
    found += _saturation(world)
    return tuple(found)


def _business(world: World, node: Node) -> Iterator[LogSource]:
    if node.kind == "node":
        beat = np.full(world.timeline.steps, 1 / 60)
        yield LogSource(node.name, "INFO", "kubelet: node status updated pods={few}", beat)
        return
    for key in (node.name, node.kind):
        for level, text, share in _BUSINESS.get(key, ()):
            rate = load_of(world, node.name) * share
            yield LogSource(node.name, level, text, rate, {"route": _ROUTES.get(node.name, "status")})


def _lifecycle(world: World, node: Node) -> Iterator[LogSource]:
    beat = np.full(world.timeline.steps, 1 / 90)
    yield LogSource(node.name, "DEBUG", "GET /healthz 200 from 10.4.{octet}.{octet}", beat)
    restarts = 4e-5 + world.forces.of("restarts", node.name)
    yield LogSource(node.name, "INFO", "listening on :8443 after {many}ms, pid {many}", restarts * 3)
    rollout = world.rollouts.get(node.name)
    worse = world.forces.of("canary_fail", node.name)
    if rollout is not None:
        running = (world.timeline.times_us >= rollout.start_us) * rollout.share
        rate = load_of(world, node.name) * running * (1e-4 + worse)
        text = "unhandled error in {route} handler: index {few} is out of bounds for length {few}"
        yield LogSource(
            node.name, "ERROR", text, rate, {"route": _ROUTES.get(node.name, "main")},
            attributes={"version": rollout.fresh},
        )  # fmt: skip
    inside = world.state.own_failed[world.platform.index[node.name]] - (rollout.share * worse if rollout else 0.0)
    text = "request {hex8} failed: internal error, worker {few}"
    if node.kind == "gpu":
        text = "device 0: allocation of {many} MiB failed, dropped batch of {few}"
    yield LogSource(node.name, "ERROR", text, load_of(world, node.name) * np.maximum(inside, 0.0))


def _failed_calls(world: World) -> Iterator[LogSource]:
    """What a caller notes about calls that broke, by how they broke."""
    for row, edge in enumerate(world.platform.waiting):
        caller = world.platform.by_name[edge.caller]
        if caller.kind == "provider":
            continue
        made = world.state.load[world.platform.index[edge.caller]] * world.state.reached[row]
        made = made * world.state.per_request[row]
        blocked = world.forces.of("blocked", edge.callee)
        peer = {"callee": edge.callee, "patience": f"{edge.timeout_ms:.0f}", "tries": str(1 + edge.retries)}
        if world.platform.by_name[edge.callee].is_tls and edge.callee in world.forces.keys("blocked"):
            text = "connection to {callee}:8443 broke in handshake: x509: certificate has expired or is not yet valid"
            yield LogSource(edge.caller, "ERROR", text, made * blocked, peer)
        late = made * (1.0 - blocked) * world.state.late[row]
        yield LogSource(edge.caller, "WARN", "call to {callee} gave up after {patience} ms, try {tries}", late, peer)
        text, answered = "call to {callee} answered status=503 try={tries}", world.state.failed
        use = world.state.quota_use.get(edge.callee)
        broken = answered[world.platform.index[edge.callee]]
        if use is not None:
            turned_away = np.maximum(0.0, 1.0 - 1.0 / np.maximum(use, 1.0))
            retry = "call to {callee} answered status=429 retry-after={percent}"
            yield LogSource(edge.caller, "WARN", retry, made * (turned_away + 2e-5), peer)
            broken = np.maximum(broken - turned_away, 0.0)
        if edge.caller != "provider-router":
            yield LogSource(edge.caller, "ERROR", text, made * (1.0 - blocked) * broken, peer)


def _decisions(world: World) -> Iterator[LogSource]:
    for scorer, rules in RULES_OF.items():
        model = {"model": MODEL_OF[scorer]}
        rate = load_of(world, scorer)
        at = world.platform.index[scorer]
        yield LogSource(scorer, "INFO", "scored {hex10} with {model}: {score}e-3 in {ms}ms", rate * _SAMPLED, model)
        lost = rate * world.state.failed[at]
        yield LogSource(scorer, "WARN", "no score for {hex10} from {model}, answering without one", lost, model)
        declined = np.mean([world.signals.declined[rules, c.code] for c in world.platform.countries], axis=0)
        ruled = load_of(world, rules) * _SAMPLED
        yield LogSource(rules, "INFO", "order {hex10} passed rule set rs-{few}", ruled * (1 - declined))
        yield LogSource(rules, "INFO", "order {hex10} declined by rule score_cut in {country}", 4.0 * ruled * declined)


def _payments(world: World) -> Iterator[LogSource]:
    """Declines by issuer, failures by provider and country, and tiny attempts that fail."""
    paid = world.payments
    reached = (1.0 - paid.blocked) * (1.0 - paid.broken)
    for row, issuer in enumerate(paid.issuers):
        home = paid.countries.index(world.platform.by_name[issuer].country or "")
        sent = paid.attempts[home] * reached[home] * paid.issuer_weight[home, row]
        wave = world.forces.of("decline", issuer)
        usual = sent * np.maximum(1.0 - paid.approve[row] - wave, 0.02)
        where = {"issuer": issuer, "country": paid.countries[home]}
        text = "payment ord_{hex10} declined code={code} issuer={issuer} country={country}"
        yield LogSource("payment-orchestrator", "INFO", text, usual * 0.2, where)
        if wave.any():
            yield LogSource("payment-orchestrator", "INFO", text, sent * wave * 0.2, {**where, "code": "05"})
    for row, code in enumerate(paid.countries):
        for column, provider in enumerate(paid.providers):
            if provider not in world.platform.provider_share[code]:
                continue
            routed = paid.attempts[row] * reached[row] * paid.share[row, column]
            where = {"provider": provider, "country": code}
            text = "routed ord_{hex10} to {provider} country={country}"
            yield LogSource("provider-router", "INFO", text, routed * _SAMPLED, where)
            text = "{provider} answered status=502 for country={country} after {many} ms"
            yield LogSource("provider-router", "ERROR", text, routed * paid.pair_failed[row, column], where)
            approved = paid.attempts[row] * paid.share[row, column] * paid.approval[row]
            text = "payment ord_{hex10} authorised via {provider} country={country} amount={amount} in {ms}ms"
            yield LogSource("payment-orchestrator", "INFO", text, approved * _SAMPLED, where)
    for door, code in (key.split("/") for key in world.forces.keys("attack")):
        attack = world.forces.of("attack", pair(door, code))
        text = "attempt ord_{hex10} amount={tiny} refused: security code does not match client_ip={ip}"
        yield LogSource(door, "WARN", text, attack * 0.25, {"country": code})
    for door in ("checkout-api", "payment-links-api", "subscriptions-api"):
        text = "attempt ord_{hex10} amount={amount} refused: security code does not match client_ip={ip}"
        yield LogSource(door, "WARN", text, load_of(world, door) * 0.0015)


def _data(world: World) -> Iterator[LogSource]:
    """Features that are missing, old or unreadable."""
    served = load_of(world, "feature-server")
    for group in GROUPS:
        nulls = world.signals.nulls[group.name]
        text = "vector {hex8} lacks {feature}: source {source} gave no value"
        fixed = {"feature": group.feature, "source": group.source}
        yield LogSource("feature-server", "DEBUG", text, served * nulls * 0.1, fixed)
        if group.source in world.signals.age_s:
            age = world.signals.age_s[group.source]
            overdue = np.clip((age - 1_000.0) / 600.0, 0.0, 1.0)
            text = "view {view} was written {age} s ago"
            yield LogSource("feature-server", "WARN", text, overdue * 0.2, {"view": group.name}, curves={"age": age})
            waiting = np.clip(world.forces.of("stalled", group.source), 0.0, 1.0)
            text = "heartbeat sent, {many} tasks open, none finished since {age} s"
            yield LogSource(group.source, "INFO", text, 0.001 + waiting * 0.1, curves={"age": age})
    late = np.clip(world.forces.of("load_delay", "warehouse"), 0.0, 1.0)
    yield LogSource("feature-batch", "INFO", "waiting for partition {few} of the orders table", 0.002 + late * 0.05)
    for consumer in ("feature-stream", "settlement-worker", "notification-worker"):
        rejected = 0.0012 + world.forces.of("rejects", consumer)
        text = "skipped record at offset {offset}: field 'amount' expected long, found string"
        yield LogSource(consumer, "ERROR", text, load_of(world, consumer) * rejected * 0.3)


def _saturation(world: World) -> Iterator[LogSource]:
    """Parts that are full: databases, queues, GPUs, machines."""
    for name in world.platform.of_kind("database"):
        at = world.platform.index[name]
        usual = float(np.median(world.state.own_ms[at][: world.timeline.window_step]))
        slow = _over(world.state.own_ms[at] / usual, 2.0)
        text = "statement took {ms} ms: select from partition p_{few}"
        yield LogSource(name, "WARN", text, world.state.load[at] * (0.0005 + 0.08 * slow))
        full = _over(world.state.busy[at], 0.95)
        yield LogSource(name, "ERROR", "connection pool of 200 is in use, {many} clients wait", full * 1.5)
        locks = np.clip(world.forces.of("locks", name), 0.0, 1.0)
        text = "process {many} still waiting for ShareLock on relation {many} after {many} ms"
        yield LogSource(name, "WARN", text, world.state.load[at] * 0.02 * locks)
    for queue, consumer in (("payment-events", "feature-stream"), ("settlement-events", "settlement-worker")):
        waiting = backlog_of(world, consumer, world.state.load[world.platform.index[queue]])
        usual = float(np.median(waiting[: world.timeline.window_step]))
        text = "consumer group {consumer} is {waiting} messages behind"
        yield LogSource(
            queue, "WARN", text, 0.1 * _over(waiting / usual, 5.0), {"consumer": consumer}, curves={"waiting": waiting}
        )
    for name in world.platform.of_kind("gpu"):
        pressed = np.clip(world.forces.of("gpu_memory", name) * 4.0, 0.0, 1.0)
        yield LogSource(name, "WARN", "allocator: {mib} MiB of 24564 MiB reserved", pressed * 0.5)
        hot = np.clip(world.forces.of("throttled", name), 0.0, 1.0)
        yield LogSource(name, "WARN", "device 0: clocks reduced, thermal slowdown active", hot * 0.2)
    for node in world.platform.nodes:
        if node.kind == "node":
            cpu = next(iter(machine_series(world, node))).clean
            text = "kubelet: processor pressure, {percent}% of periods throttled"
            yield LogSource(node.name, "WARN", text, 0.2 * _over(cpu, 0.8))
            gone = np.clip(world.forces.of("down", node.name), 0.0, 1.0)
            yield LogSource(node.name, "WARN", "kubelet: status update timed out, lease not renewed", 0.3 * gone)
    for name in ("settlement-worker", "report-builder"):
        busy = _over(cpu_of(world, name), 0.85)
        yield LogSource(name, "INFO", "work queue holds {many} jobs, {few} running", 0.01 + 0.1 * busy)


def _over(values: Array, limit: float) -> Array:
    """How far values are over a limit, from 0 to 1 at half as much again."""
    return np.asarray(np.clip((values / limit - 1.0) / 0.5, 0.0, 1.0))
