"""What an engineer reads a log for, none of it personal: tokens of many kinds, each in lines of its own.

Everything here has to survive redaction. Numbers of 12 to 19 digits under order and reference keys are drawn so that
a part of them passes the check digit of a card.
"""

# ruff: noqa: E501, S608 - tables read better with one kind a line; the SQL is a text to scan, run by nobody
from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from .carriers import pod_name, prefix
from .check_digits import luhn_digit
from .draw import BASE32, DIGITS, HEX, LOWER, UPPER, Draw
from .fields import Placed

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_SAFE = "bcdfghjklmnpqrstvwxz2456789"
_MODELS = ("fraud-lgbm", "risk_xgb", "approval-mlp", "churn-catboost", "llama-3.1-8b-instruct", "gpt-5-mini")
_CLASSES = (
    "PaymentAuthorizationService",
    "RiskScoreCalculator",
    "KafkaConsumerFactory",
    "FeatureStoreClient",
    "LedgerWriter",
)


def _luhn(draw: Draw, first: str, length: int) -> str:
    body = first + draw.digits(length - 1 - len(first))
    return body + luhn_digit(body)


def _hex(length: int) -> Callable[[Draw], str]:
    return lambda draw: draw.text(HEX, length)


def _epoch(unit: int) -> Callable[[Draw], str]:
    return lambda draw: str(int(draw.moment().timestamp() * unit) + draw.number(0, unit - 1))


def _duration(draw: Draw) -> str:
    return draw.pick(
        (
            f"{draw.number(1, 9_000)}ms",
            f"{draw.number(1, 60)}.{draw.digits(3)}s",
            f"{draw.number(1, 90)}m{draw.number(0, 59)}s",
            f"{draw.digits(6)}µs",
            f"{draw.number(1, 30)}h",
        )
    )


def _version(draw: Draw) -> str:
    numbers = f"{draw.number(0, 30)}.{draw.number(0, 40)}.{draw.number(0, 60)}"
    return draw.pick(
        (
            f"v{numbers}",
            numbers,
            f"{numbers}-rc.{draw.number(1, 4)}",
            f"{numbers}.{draw.number(1, 9)}",
            f"{numbers}+build.{draw.digits(4)}",
        )
    )


def _size(draw: Draw) -> str:
    return draw.pick(
        (
            str(draw.number(10_000, 9_999_999_999)),
            f"{draw.number(1, 900)}Mi",
            f"{draw.number(1, 64)}.{draw.digits(1)}GiB",
            f"{draw.number(1, 999)}KB",
        )
    )


def _stack_frame(draw: Draw) -> str:
    name = draw.pick(_CLASSES)
    return f"com.example.payments.{draw.text(LOWER, 7)}.{name}.lambda$apply${draw.number(0, 9)}({name}.java:{draw.number(10, 900)})"


def _python_frame(draw: Draw) -> str:
    return f'File "/app/risk/{draw.text(LOWER, 6)}/scorer.py", line {draw.number(10, 900)}, in score_batch'


def _route(draw: Draw) -> str:
    return f"/v{draw.number(1, 3)}/merchants/{draw.digits(6)}/payments/{draw.text(HEX, 12)}/capture"


def _sql(draw: Draw) -> str:
    return f"SELECT id, status, amount_minor FROM payments_{draw.number(2030, 2032)}{draw.number(1, 12):02d} WHERE merchant_id = $1 AND created_at > $2 LIMIT 500"


def _arn(draw: Draw) -> str:
    return draw.pick((
        f"arn:aws:sagemaker:sa-east-1:{draw.digits(12, '123456789')}:endpoint/{draw.pick(_MODELS)}",
        f"arn:aws:lambda:us-east-1:{draw.digits(12, '123456789')}:function:scorer:{draw.number(1, 90)}",
        f"arn:aws:s3:::ml-features-prod/{draw.text(LOWER, 6)}",
    ))  # fmt: skip


def _traceparent(draw: Draw) -> str:
    """W3C Trace Context."""
    return f"00-{draw.text(HEX, 32)}-{draw.text(HEX, 16)}-01"


def _node(draw: Draw) -> str:
    return draw.pick(
        (
            f"gke-ml-prod-gpu-pool-{draw.text(HEX, 8)}-{draw.text(_SAFE, 4)}",
            f"aks-cpu-{draw.digits(8)}-vmss{draw.text(_SAFE, 6)}",
            f"i-{draw.text(HEX, 17)}",
        )
    )


def _uuid(draw: Draw) -> str:
    return str(uuid.UUID(int=draw.number(0, (1 << 128) - 1), version=4))


# Kind, what leads to the token, what makes it, what follows. A `|` parts wordings that take turns.
_KINDS: tuple[tuple[str, str, Callable[[Draw], str], str], ...] = (
    ("pod", "pod=|Back-off restarting failed container in pod |killing ", pod_name, ""),
    ("replica set", "scaled down replica set |rs=", lambda draw: f"risk-scorer-{draw.text(_SAFE, 10)}", " to 0"),
    ("image digest", "pulled image registry.example.com/risk/scorer@|digest=", lambda draw: f"sha256:{draw.text(HEX, 64)}", ""),
    ("git commit", "deployed commit |git_sha=|revision: ", _hex(40), ""),
    ("short commit", "build |commit=", _hex(7), " is live"),
    ("trace id", "trace_id=|traceId: |trace ", _hex(32), ""),
    ("span id", "span_id=|parentSpanId: ", _hex(16), ""),
    ("decimal trace id", "dd.trace_id=|dd.span_id=", lambda draw: draw.digits(19, "123456789"), ""),
    ("traceparent", "traceparent: |traceparent=", _traceparent, ""),
    ("uuid", "request_id=|X-Request-Id: |correlation ", _uuid, ""),
    ("ulid", "event_id=|message ", lambda draw: "01" + draw.text(_CROCKFORD, 24), ""),
    ("ksuid", "job ", lambda draw: "2" + draw.text(DIGITS + UPPER + LOWER, 26), " queued"),
    ("version", "version=|upgraded to |chart version ", _version, ""),
    ("epoch s", "ts=|timestamp: |expires_at=", _epoch(1), ""),
    ("epoch ms", "ts=|timestamp: |\"time\":|at ", _epoch(1_000), ""),
    ("epoch us", "ts=|start_time_us=|at ", _epoch(1_000_000), ""),
    ("epoch ns", "ts=|timeUnixNano: |at ", _epoch(1_000_000_000), ""),
    ("time", "last seen |until=|watermark ", lambda draw: f"{draw.moment():%Y-%m-%dT%H:%M:%S.%f}+00:00", ""),
    ("compact time", "snapshot |partition dt=", lambda draw: f"{draw.moment():%Y%m%d%H%M%S}", ""),
    ("duration", "took |latency=|timeout after ", _duration, ""),
    ("port", "listening on :|port=|upstream port ", lambda draw: str(draw.number(1_024, 65_535)), ""),
    ("size", "bytes=|allocated |heap ", _size, ""),
    ("metric value", "http_requests_total{code=\"500\",route=\"/pay\"} |p99=|score=", lambda draw: f"{draw.number(0, 99_999)}.{draw.digits(6)}", ""),
    ("large counter", "rows_processed=|count ", lambda draw: draw.digits(draw.number(9, 13), "123456789"), ""),
    ("route", "GET |POST |route=", _route, " 200"),
    ("exit code", "exit code |signal=|exited with ", lambda draw: str(draw.pick((1, 2, 125, 126, 127, 134, 137, 139, 143))), " (OOMKilled)"),
    ("kafka offset", "offset=|committed offset |lag at offset ", lambda draw: draw.digits(draw.number(7, 12), "123456789"), " partition 7"),
    ("block id", "Received block |replicated ", lambda draw: f"blk_{draw.pick(('', '-'))}{draw.digits(19, '123456789')}", ""),
    ("container id", "container |containerd://", _hex(64), " exited"),
    ("retrieval reference number", "rrn=|RRN |retrieval_reference_number: ", lambda draw: draw.digits(12), ""),
    ("acquirer reference number", "arn=|ARN |acquirer_reference_number: ", lambda draw: draw.digits(23, "27"), ""),
    ("merchant category", "mcc=|MCC ", lambda draw: draw.digits(4), ""),
    ("response code", "response_code=|DE39=|resp ", lambda draw: draw.pick(("00", "05", "14", "51", "54", "61", "91", "96", "N7", "1A")), " declined"),
    ("system trace audit number", "stan=|STAN ", lambda draw: draw.digits(6), ""),
    ("authorisation code", "auth_code=|approval_code: ", lambda draw: draw.text(UPPER + DIGITS, 6), ""),
    ("order id", "order_id=|order |orderId: ", lambda draw: draw.digits(draw.number(12, 19), "123456789"), ""),
    ("order id that passes Luhn", "order_id=|orderId: |\"order_id\": \"", lambda draw: _luhn(draw, draw.pick(("4", "51", "37", "60", "9")), draw.number(13, 19)), ""),
    ("transaction id that passes Luhn", "txn_id=|transaction_id: |payment_id=", lambda draw: _luhn(draw, draw.pick(("4", "55", "62", "8")), 16), ""),
    ("merchant id", "merchant_id=|mid=|merchant ", lambda draw: draw.digits(15, "123456789"), ""),
    ("terminal id", "terminal_id=|tid=|terminal ", lambda draw: draw.text(UPPER + DIGITS, 8), ""),
    ("truncated card", "card=|pan=|card ", lambda draw: f"{draw.digits(6, '45')}******{draw.digits(4)}", ""),
    ("bin", "bin=|issuer_bin: ", lambda draw: draw.digits(draw.pick((6, 8)), "45"), ""),
    ("last four", "last4=|card_last_four: ", lambda draw: draw.digits(4), ""),
    ("class", "logger=|bean ", lambda draw: draw.pick(_CLASSES) + draw.pick(("", "Impl", "$Proxy42", "$$EnhancerBySpring")), ""),
    ("exception", "caused by ", lambda draw: f"org.apache.kafka.common.errors.{draw.pick(('Timeout', 'RecordTooLarge', 'Serialization'))}Exception", ": delivery failed"),
    ("stack frame", "at |\tat ", _stack_frame, ""),
    ("python frame", "  ", _python_frame, ""),
    ("sql", "slow query: |statement: ", _sql, ""),
    ("object", "deployment.apps/|configmap/|horizontalpodautoscaler/", lambda draw: f"{draw.text(LOWER, 5)}-scorer-canary", " configured"),
    ("namespace", "namespace=|ns/", lambda draw: f"ml-serving-{draw.pick(('br', 'mx', 'in', 'ng'))}-{draw.number(1, 9)}", ""),
    ("node", "node=|assigned to |node ", _node, ""),
    ("ARN of AWS", "calling |resource=", _arn, ""),
    ("object path", "reading |wrote ", lambda draw: f"s3://ml-features-prod/dt={draw.moment():%Y-%m-%d}/part-{draw.number(0, 400):05d}-{draw.text(HEX, 8)}.snappy.parquet", ""),
    ("gpu", "device=|CUDA out of memory on ", lambda draw: draw.pick(("NVIDIA A100-SXM4-80GB", "NVIDIA H100 80GB HBM3", f"GPU-{_uuid(draw)}", "Tesla T4")), ""),
    ("model version", "model=|serving |promoted ", lambda draw: f"{draw.pick(_MODELS)}:{draw.number(1, 90)}", ""),
    ("feature", "feature=|missing feature |null rate of ", lambda draw: f"{draw.pick(('txn', 'card', 'device', 'merchant'))}_{draw.pick(('count', 'amount_sum', 'distinct'))}_{draw.pick((1, 7, 30))}d_{draw.text(LOWER, 4)}", ""),
    ("experiment run", "run_id=|mlflow run ", _hex(32), ""),
    ("thread", "[|thread=", lambda draw: f"http-nio-8080-exec-{draw.number(1, 200)}", "]"),
    ("hex address", "segfault at |addr=", lambda draw: f"0x{draw.text(HEX, 16)}", ""),
    ("etag", "etag=|ETag: W/", lambda draw: f'"{draw.text(HEX, 32)}"', ""),
    ("request of AWS", "aws_request_id=|RequestId: ", lambda draw: draw.text(BASE32, 16), ""),
    ("percentage", "cpu=|error rate ", lambda draw: f"{draw.number(0, 99)}.{draw.digits(2)}%", ""),
    ("amount", "amount=|total ", lambda draw: f"{draw.number(1, 90_000)}.{draw.digits(2)}", " BRL"),
    ("flag", "flag=|rollout ", lambda draw: f"enable_{draw.text(LOWER, 6)}_v{draw.number(1, 5)}", " on"),
)  # fmt: skip

KINDS: tuple[str, ...] = tuple(kind for kind, *_ in _KINDS)


@dataclass(frozen=True)
class CleanLine:
    """A line without anything personal, and where its token lies."""

    id: str
    kind: str
    placed: Placed


def clean_lines(*, per_kind: int, seed: int) -> Iterator[CleanLine]:
    """So many lines for every kind of token, wordings taking turns; every second one inside a service's line."""
    for kind, fronts, make, rear in _KINDS:
        wordings = fronts.split("|")
        for number in range(per_kind):
            draw = Draw(seed, f"diagnosis/{kind}/{number}")
            front = wordings[number % len(wordings)]
            start = (prefix(draw) if number % 2 else "") + front
            token = make(draw)
            close = '"' if front.endswith('"') else ""
            yield CleanLine(
                f"diagnosis/{kind}/{number:04d}",
                kind,
                Placed(start + token + close + rear, len(start), len(start) + len(token)),
            )
