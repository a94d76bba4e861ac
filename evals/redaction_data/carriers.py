"""Lines as services write them, around one message."""

# ruff: noqa: E501 - a line of a service reads better as one line
from __future__ import annotations

from collections.abc import Callable

from .draw import BASE32, DIGITS, HEX, LOWER, Draw
from .fields import Placed

_SERVICES = ("checkout-api", "ledger-writer", "risk-scorer", "payout-worker", "kyc-gateway", "feature-server")
_POD = LOWER.translate(str.maketrans("", "", "aeiouly")) + "2456789"


def pod_name(draw: Draw) -> str:
    """Deployment, hash of the replica set, five more letters, as Kubernetes names pods."""
    return f"{draw.pick(_SERVICES)}-{draw.text(_POD, 9)}-{draw.text(_POD, 5)}"


def _zap(draw: Draw) -> str:
    return f"{draw.moment():%Y-%m-%dT%H:%M:%S.%f}Z\tINFO\t{draw.pick(_SERVICES)}/handler.go:{draw.number(20, 480)}\t"


def _spring(draw: Draw) -> str:
    trace, span = draw.text(HEX, 32), draw.text(HEX, 16)
    return (
        f"{draw.moment():%Y-%m-%d %H:%M:%S,%f} WARN [{draw.pick(_SERVICES)},{trace},{span}] {draw.number(1, 40)} --- "
        f"[nio-8080-exec-{draw.number(1, 64)}] c.e.p.PaymentService : "
    )


def _python(draw: Draw) -> str:
    return f"{draw.moment():%Y-%m-%d %H:%M:%S,%f} ERROR risk.scoring.model [pid={draw.number(2, 30_000)}] "


def _kubelet(draw: Draw) -> str:
    return f"E{draw.moment():%m%d %H:%M:%S.%f} {draw.number(900, 9_999):7d} handlers.go:{draw.number(10, 900)}] {pod_name(draw)} "


def _postgres(draw: Draw) -> str:
    return f"{draw.moment():%Y-%m-%d %H:%M:%S} UTC [{draw.number(90, 32_000)}] LOG:  duration: {draw.number(1, 900)}.{draw.digits(3)} ms  statement: "


def _kafka(draw: Draw) -> str:
    return (
        f"[{draw.moment():%Y-%m-%d %H:%M:%S}] INFO [Consumer clientId=risk-{draw.number(1, 9)}, groupId=scoring] "
        f"offset {draw.digits(9)} partition payments-{draw.number(0, 31)} "
    )


def _spark(draw: Draw) -> str:
    stage = f"{draw.number(1, 90)}.0"
    return f"{draw.moment():%y/%m/%d %H:%M:%S} INFO TaskSetManager: task {draw.number(0, 400)}.0 in stage {stage} (TID {draw.number(1, 90_000)}) "


def _syslog(draw: Draw) -> str:
    return f"{draw.moment():%b %d %H:%M:%S} {pod_name(draw)} {draw.pick(_SERVICES)}[{draw.number(100, 32_000)}]: "


def _envoy(draw: Draw) -> str:
    return f"[{draw.moment():%Y-%m-%dT%H:%M:%S}Z][{draw.text(DIGITS, 2)}][warning][http] [C{draw.digits(5)}][S{draw.digits(19, '1')}] "


def _airflow(draw: Draw) -> str:
    return f"[{draw.moment():%Y-%m-%dT%H:%M:%S.%f}+0000] {{taskinstance.py:{draw.number(900, 2_400)}}} INFO - run scheduled__{draw.moment():%Y-%m-%d} "


def _request(draw: Draw) -> str:
    return f"req={draw.text(BASE32, 26)} trace={draw.text(HEX, 32)} dur={draw.number(1, 900)}ms "


_CARRIERS: tuple[Callable[[Draw], str], ...] = (
    _zap, _spring, _python, _kubelet, _postgres, _kafka, _spark, _syslog, _envoy, _airflow, _request,
)  # fmt: skip


def prefix(draw: Draw) -> str:
    """The beginning of a service's line, up to its message."""
    return draw.pick(_CARRIERS)(draw)


def carried(placed: Placed, draw: Draw) -> Placed:
    """The text as the message of a service's line."""
    front = prefix(draw)
    return Placed(front + placed.text, placed.start + len(front), placed.end + len(front))
