"""What an engineer needs comes out as it went in."""

from __future__ import annotations

import pytest

from opswarden.redaction.engine import Redaction
from opswarden.redaction.run import RunRedactor

LINES = [
    "merge of parts: max_bytes_to_merge=161061273600, key=Struct{payout_id=po_8812}, keys=[merchant_id#8812L, win#9]",
    "Content-Transfer-Encoding: quoted-printable; caf=C3=A9 took=407ms size=40kb rows=40",
    "2026-11-23T19:47:41.123Z INFO payments-api started in 1532 ms, pid=4711",
    "2026-11-23 19:47:41,123 ERROR [http-nio-8080-exec-12] c.e.payments.ChargeService - upstream timeout after 30000ms",
    "Nov 23 19:47:41 node-17 kubelet[2211]: Liveness probe failed: HTTP probe failed with statuscode: 503",
    "20261123-19:47:41:618|scorer|30002312|score=0.8731 threshold=0.8500 model=fraud-v42",
    "[Mon Nov 23 19:47:41 2026] [error] worker env in error state 6",
    "ts=1764000000000 epoch_s=1764000000 epoch_us=1764000000000000 epoch_ns=1764000000000000000",
    "duration_us=123456789 bytes=67108864 offset=9223372036854775807 lag=-1",
    "trace_id=4bf92f3577b34da6a3ce929d0e0e4736 span_id=00f067aa0ba902b7",
    "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    "request 6f9619ff-8b86-d011-b42d-00c04fc964ff order ord_9f3kQ2 charge ch_3PqRs2 merchant mrc_88120",
    "order_id=4111111111111111 txn=5555555555554444 rrn=432198765012 stan=123456 arn=74537604221222132710572",
    "order id 123456789012 settled, batch 202611230001, invoice 9876543210987",
    "pod payments-api-7d9f8b6c5d-x2x9z on ip-less node gke-prod-pool-1-8f2c restarted 3 times (exit code 137)",
    "image registry.internal/payments/api@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "deploy fraud-scorer v1.2.3 -> v1.3.0-rc.1 (commit 9fceb02d0ae598e95dc970b74767f19372d61af8)",
    "version=10.2.3.4 nginx/1.25.3 python 3.11.7 kernel 5.15.0-1051-aws",
    "GET /v1/charges/ch_3PqRs2?limit=50&page=3 HTTP/1.1 200 1234 0.041",
    "response_code=05 reason=do_not_honor issuer=bank-7 mcc=5411 bin=411111 last4=1111",
    "p50=41.2 p95=180.0 p99=1203.7 error_rate=0.0231 qps=1523 cpu=87% mem=1.2Gi",
    "blk_-5078186985701364847 replicated to 3 nodes, size 67108864",
    "container_1445144423722_0020_01_000009 task attempt_1445144423722_0020_m_000009_0 is done",
    "setTotals=1514040660000##7189##549659##8661##16256##29410120",
    "max_tokens=4096 prompt_tokens=812 completion_tokens=97 finish_reason=stop",
    "java.lang.NullPointerException at com.example.Score.run(Score.java:118) [Score@1b6d3586]",
    "std::vector<int>::at: index 12 out of range, core::fmt 0x7ffee4d2a9c8",
    "GPU 0: 40536MiB / 40960MiB, CUDA error 2: out of memory, ECC 0",
    "partition=17 offset=123456789012345 lag=998877 consumer=ledger-writer-3",
    "SELECT count(*) FROM charges WHERE created_at >= '2026-11-23' AND amount > 100.00",
    "alert name=HighErrorRate severity=page service=checkout namespace=payments host=127.0.0.1:9090",
    'kubernetes metadata {"name":"feature-server","namespace":"ml","uid":"6f9619ff-8b86-d011-b42d-00c04fc964ff"}',
    "model_promotion fraud-v42 -> production, auc 0.9312 (+0.0021), psi 0.04, features 118",
    "circuit breaker open: issuer=bank-7 country=BR failures=57/120 half-open in 30s",
    "certificate for api.payments.internal expires 2026-11-30T00:00:00Z (in 6d 4h)",
    "slo checkout-availability burn 14.4x over 1h, budget left 38.2%",
    "lat=12.345 lat_p99=80.1 schedule 00:30-05:45 UTC+05:30",
    "pkg lodash@4.17.21, chart payments@v3.2.1, unit getty@tty1.service",
    'id=550e8400e29b41d4a716446655440000 etag="33a64df551425fcc55e4d42a148795d9f25f89d4" rev 12',
    "matrix 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 and 7048 5032 150968 240",
    "cron 0 */5 * * * ran at 2026/11/23 19.47.41 took 00:00:41.002",
    "percent 100%25 done, path C:\\users\\app, tab\\t and \\n kept, 5 < 6 && 7 > 3",
]


@pytest.mark.parametrize("line", LINES)
def test_operational_lines_pass_unchanged(redaction: Redaction, run: RunRedactor, line: str) -> None:
    assert redaction.analyze(line) == ()
    assert run.clean(line).text == line
    assert redaction.scrub(line) == line


def test_all_of_them_at_once(redaction: Redaction) -> None:
    assert redaction.analyze("\n".join(LINES)) == ()


def test_json_of_metrics_passes_unchanged(run: RunRedactor) -> None:
    value = {
        "entity": "fraud-scorer",
        "metric": "latency_ms",
        "window": {"start": "2026-11-23T19:00:00Z", "end": "2026-11-23T20:00:00Z"},
        "points": [[1764000000000, 41.5], [1764000060000, 43.0]],
        "labels": {"pod": "fraud-scorer-7d9f8b6c5d-x2x9z", "version": "1.2.3.4", "order_id": 4111111111111111},
        "ok": True,
        "next": None,
    }
    assert run.value(value) == value


def test_what_surrounds_a_value_survives(run: RunRedactor) -> None:
    text = "19:47:41 WARN gateway declined card=4111111111111111 ip=10.2.3.4 code=05 order_id=ord_1 in 41ms"
    cleaned = run.clean(text).text
    for kept in ("19:47:41 WARN gateway declined card=", " ip=", " code=05 order_id=ord_1 in 41ms"):
        assert kept in cleaned
