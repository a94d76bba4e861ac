"""What a metric is about, out of the words of its name."""

from __future__ import annotations

import pytest

from opswarden.tools.metrics.indicators import classify, harmful_direction, words_of


@pytest.mark.parametrize(
    ("metric", "kind", "harm"),
    [
        ("http_server_duration_p99", "latency", "up"),
        ("PodServerLatencyP99(s)", "latency", "up"),
        ("request_errors_total", "errors", "up"),
        ("checkout.success.ratio", "errors", "down"),
        ("availability", "errors", "down"),
        ("container_cpu_usage", "saturation", "up"),
        ("gpu_memory_used_bytes", "saturation", "up"),
        ("queue_lag", "saturation", "up"),
        ("requests_per_second", "traffic", None),
        ("feature_null_ratio", "quality", None),
        ("feature_freshness_s", "quality", None),
        ("approval_rate", "quality", "down"),
        ("certificate_expiry_days", "quality", "down"),
        ("wobbliness", "other", None),
        ("", "other", None),
    ],
)
def test_classes_and_harm(metric: str, kind: str, harm: str | None) -> None:
    assert classify(metric) == kind
    assert harmful_direction(metric) == harm


def test_words_are_split_at_humps_and_signs() -> None:
    assert words_of("PodServerLatencyP99(s)") == ("pod", "server", "latency", "p99", "s")
    assert words_of("a.b-c_d") == ("a", "b", "c", "d")
