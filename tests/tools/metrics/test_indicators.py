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


@pytest.mark.parametrize(
    ("metric", "kind", "harm"),
    [
        ("DCGM_FI_DEV_GPU_UTIL", "saturation", "up"),
        ("DCGM_FI_DEV_GPU_TEMP", "saturation", "up"),
        ("DCGM_FI_DEV_SM_CLOCK", "saturation", "down"),
        ("DCGM_FI_DEV_FB_FREE", "saturation", "down"),
        ("DCGM_FI_DEV_XID_ERRORS", "errors", "up"),
        ("DCGM_FI_DEV_ECC_DBE_VOL_TOTAL", "errors", "up"),
        ("nv_inference_request_success", "traffic", None),
        ("nv_inference_request_failure", "errors", "up"),
        ("nv_inference_queue_duration_us", "latency", "up"),
        ("nv_inference_pending_request_count", "saturation", "up"),
        ("vllm:num_requests_waiting", "saturation", "up"),
        ("vllm:time_to_first_token_seconds_bucket", "latency", "up"),
        ("vllm:e2e_request_latency_seconds", "latency", "up"),
        ("vllm:generation_tokens_total", "traffic", None),
        ("request_predict_seconds", "latency", "up"),
        ("ray_serve_deployment_queued_queries", "saturation", "up"),
        ("ray_serve_deployment_processing_latency_ms", "latency", "up"),
        ("ray_serve_deployment_replica_healthy", "errors", "down"),
        ("ts_inference_latency_microseconds", "latency", "up"),
        ("QueueTime", "latency", "up"),
        ("kafka_consumergroup_lag_sum", "saturation", "up"),
        ("kafka_consumer_fetch_manager_records_lag_max", "saturation", "up"),
        ("UnderReplicatedPartitions", "errors", "up"),
        ("celery_task_failed_total", "errors", "up"),
        ("celery_queue_length", "saturation", "up"),
        ("ApproximateAgeOfOldestMessage", "saturation", "up"),
        ("feast_feature_freshness_seconds", "quality", None),
        ("gen_ai.client.operation.duration", "latency", "up"),
        ("gen_ai.server.time_to_first_token", "latency", "up"),
        ("gen_ai.client.token.usage", "traffic", None),
        ("http.server.request.duration", "latency", "up"),
        ("http.server.active_requests", "saturation", "up"),
        ("db.client.connection.wait_time", "latency", "up"),
        ("db.client.connection.pending_requests", "saturation", "up"),
        ("db.client.connection.timeouts", "errors", "up"),
        ("rpc.server.duration", "latency", "up"),
        ("kube_pod_container_status_restarts_total", "errors", "up"),
        ("kube_deployment_status_replicas_available", "errors", "down"),
        ("kube_pod_container_resource_limits", "other", None),
        ("container_cpu_cfs_throttled_periods_total", "saturation", "up"),
        ("container_oom_events_total", "errors", "up"),
        ("node_memory_MemAvailable_bytes", "saturation", "down"),
        ("node_filesystem_avail_bytes", "saturation", "down"),
        ("node_pressure_cpu_waiting_seconds_total", "saturation", "up"),
        ("jvm_gc_pause_seconds_max", "saturation", "up"),
        ("hikaricp_connections_idle", "saturation", "down"),
        ("hikaricp_connections_acquire_seconds", "latency", "up"),
        ("envoy_cluster_upstream_rq_time_p99", "latency", "up"),
        ("envoy_cluster_membership_healthy", "errors", "down"),
        ("istio_request_duration_milliseconds_bucket", "latency", "up"),
        ("istio_requests_total", "traffic", None),
        ("FreeableMemory", "saturation", "down"),
        ("HealthyHostCount", "errors", "down"),
        ("UnHealthyHostCount", "errors", "up"),
        ("HTTPCode_Target_5XX_Count", "errors", "up"),
        ("TargetResponseTime", "latency", "up"),
        ("CPUUtilization", "saturation", "up"),
        ("ReplicaLag", "saturation", "up"),
    ],
)
def test_standard_names(metric: str, kind: str, harm: str | None) -> None:
    assert (classify(metric), harmful_direction(metric)) == (kind, harm)


def test_a_standard_name_covers_only_what_begins_with_it() -> None:
    assert classify("my_vllm_num_requests_waiting") == "traffic"
    assert classify("lock_waits_forever") != classify("lock_wait_seconds")
