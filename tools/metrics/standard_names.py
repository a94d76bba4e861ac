"""Metric names of the field whose words mislead: what they are about and which way they hurt.

Only names that the words of `indicators` would put into a wrong class or direction, or into none, stand here. A name
also covers what exporters append to it (`_total`, `_bucket`, `_p99`, a unit). Sources: the metric references of NVIDIA
DCGM and Triton, vLLM, KServe and Knative, Ray Serve, TorchServe, Kafka and its exporters, Celery, the OpenTelemetry
semantic conventions, kube-state-metrics, cAdvisor, the node exporter, HikariCP and Micrometer, Envoy, and CloudWatch.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from .types import Direction, IndicatorClass

WordsOf = Callable[[str], Sequence[str]]
Meaning = tuple[IndicatorClass, Direction | None]

_NAMES: tuple[tuple[IndicatorClass, Direction | None, str], ...] = (
    # GPUs
    ("saturation", "up", "DCGM_FI_DEV_FB_USED DCGM_FI_DEV_GPU_TEMP"),
    ("saturation", "up", "DCGM_FI_DEV_MEMORY_TEMP DCGM_FI_DEV_THERMAL_VIOLATION"),
    ("saturation", "up", "DCGM_FI_DEV_POWER_VIOLATION"),
    ("saturation", "up", "DCGM_FI_DEV_CLOCK_THROTTLE_REASONS DCGM_FI_PROF_GR_ENGINE_ACTIVE"),
    ("saturation", "up", "DCGM_FI_PROF_SM_ACTIVE DCGM_FI_PROF_DRAM_ACTIVE DCGM_FI_DEV_MEM_COPY_UTIL"),
    ("saturation", "down", "DCGM_FI_DEV_FB_FREE DCGM_FI_DEV_SM_CLOCK DCGM_FI_DEV_MEM_CLOCK gpu_clock"),
    ("saturation", None, "DCGM_FI_DEV_POWER_USAGE nv_gpu_power_usage"),
    ("errors", "up", "DCGM_FI_DEV_ECC_SBE DCGM_FI_DEV_ECC_DBE"),
    ("errors", "up", "DCGM_FI_DEV_PCIE_REPLAY_COUNTER DCGM_FI_DEV_ROW_REMAP_FAILURE"),
    ("errors", "up", "DCGM_FI_DEV_UNCORRECTABLE_REMAPPED_ROWS DCGM_FI_DEV_RETIRED_DBE"),
    # Inference servers
    ("traffic", None, "nv_inference_request_success nv_inference_exec_count nv_inference_count"),
    ("latency", "up", "nv_inference_queue_duration nv_inference_compute_infer_duration nv_inference_request_summary"),
    ("saturation", "up", "nv_inference_pending_request_count nv_gpu_memory_used"),
    ("saturation", "up", "vllm:num_requests_waiting vllm:num_requests_running vllm:num_requests_swapped"),
    ("saturation", "up", "vllm:num_preemptions vllm:gpu_cache_usage_perc vllm:kv_cache_usage_perc"),
    ("latency", "up", "vllm:time_to_first_token vllm:time_per_output_token"),
    ("latency", "up", "vllm:request_queue_time vllm:request_prefill_time"),
    ("latency", "up", "vllm:request_decode_time vllm:inter_token_latency vllm:e2e_request_latency"),
    ("traffic", None, "vllm:request_success vllm:prompt_tokens vllm:generation_tokens"),
    ("latency", "up", "request_predict_seconds request_preprocess_seconds request_postprocess_seconds"),
    ("latency", "up", "revision_app_request_latencies revision_request_latencies"),
    ("saturation", "up", "activator_request_concurrency queue_average_concurrent_requests"),
    ("saturation", "up", "ray_serve_deployment_queued_queries"),
    ("saturation", "up", "ray_serve_replica_processing_queries ray_serve_num_ongoing"),
    ("errors", "down", "ray_serve_deployment_replica_healthy"),
    ("errors", "up", "ray_serve_deployment_replica_starts ray_serve_num_http_error_requests"),
    ("latency", "up", "ts_queue_latency ts_inference_latency QueueTime PredictionTime HandlerTime WorkerThreadTime"),
    # Queues and streams
    ("saturation", "up", "kafka_consumergroup_lag"),
    ("saturation", "up", "kafka_consumer_records_lag kafka_consumer_fetch_manager_records_lag"),
    ("errors", "up", "kafka_server_replicamanager_underreplicatedpartitions UnderReplicatedPartitions"),
    ("errors", "up", "kafka_controller_kafkacontroller_offlinepartitionscount OfflinePartitionsCount"),
    ("saturation", "up", "celery_queue_length celery_active_worker_tasks rabbitmq_queue_messages_ready"),
    ("latency", "up", "celery_task_runtime celery_task_queuing_time"),
    ("latency", "up", "messaging.process.duration messaging.client.operation"),
    ("saturation", "up", "ApproximateAgeOfOldestMessage aws_sqs_approximate_age_of_oldest_message"),
    ("saturation", "up", "ApproximateNumberOfMessagesVisible aws_sqs_approximate_number_of_messages_visible"),
    ("saturation", "up", "IteratorAgeMilliseconds GetRecords.IteratorAgeMilliseconds MillisBehindLatest"),
    # Features
    ("latency", "up", "feast_feature_server_request_latency feast_materialization_duration"),
    # OpenTelemetry conventions
    ("latency", "up", "gen_ai.client.operation.duration"),
    ("latency", "up", "gen_ai.server.request.duration gen_ai.server.time_to_first_token"),
    ("latency", "up", "gen_ai.server.time_per_output_token gen_ai.client.inference.duration"),
    ("traffic", None, "gen_ai.client.token.usage gen_ai.client.inference.usage"),
    ("saturation", "up", "http.server.active_requests"),
    ("saturation", "up", "http.client.open_connections db.client.connection.pending_requests"),
    ("latency", "up", "db.client.connection.wait_time"),
    ("latency", "up", "db.client.connection.create_time db.client.connection.use_time"),
    ("errors", "up", "db.client.connection.timeouts"),
    ("saturation", None, "db.client.connection.idle.max db.client.connection.max"),
    # Kubernetes and machines
    ("errors", "up", "kube_deployment_status_replicas_unavailable kube_pod_container_status_waiting_reason"),
    ("errors", "up", "kube_pod_status_unschedulable kube_job_status_failed kube_node_spec_unschedulable"),
    ("errors", "down", "kube_deployment_status_replicas_available kube_deployment_status_replicas_ready"),
    ("errors", "down", "kube_statefulset_status_replicas_ready"),
    ("errors", "down", "kube_pod_status_ready kube_daemonset_status_number_ready"),
    ("other", None, "kube_pod_container_resource_limits kube_pod_container_resource_requests kube_pod_info"),
    ("saturation", "up", "container_cpu_cfs_throttled container_memory_working_set node_disk_io_time node_pressure"),
    ("saturation", "up", "node_nf_conntrack_entries process_open_fds"),
    ("saturation", "down", "node_memory_MemAvailable node_memory_MemFree node_filesystem_avail node_filesystem_free"),
    ("errors", "up", "node_network_transmit_drop node_network_receive_drop heartbeats_missed"),
    ("saturation", None, "node_cpu_seconds node_filesystem_size node_memory_MemTotal"),
    # Runtimes and pools
    ("saturation", "up", "hikaricp_connections_pending hikaricp_connections_active jvm_gc_pause jvm_threads_blocked"),
    ("saturation", "down", "hikaricp_connections_idle"),
    ("latency", "up", "hikaricp_connections_acquire hikaricp_connections_usage"),
    ("errors", "up", "hikaricp_connections_timeout"),
    ("saturation", "up", "pg_locks_count pg_stat_activity_max_tx_duration lock_wait innodb_row_lock_time"),
    ("errors", "up", "pg_stat_database_deadlocks innodb_deadlocks"),
    # Meshes and clouds
    ("latency", "up", "envoy_cluster_upstream_rq_time"),
    ("latency", "up", "envoy_http_downstream_rq_time envoy_cluster_upstream_cx_connect_ms"),
    ("errors", "up", "envoy_cluster_upstream_rq_pending_overflow envoy_cluster_outlier_detection_ejections_active"),
    ("errors", "up", "envoy_cluster_upstream_cx_connect_fail envoy_cluster_upstream_cx_none_healthy"),
    ("errors", "down", "envoy_cluster_membership_healthy HealthyHostCount"),
    ("errors", "up", "UnHealthyHostCount StatusCheckFailed HTTPCode_Target_5XX HTTPCode_ELB_5XX HTTPCode_Target_4XX"),
    ("saturation", "up", "envoy_cluster_circuit_breakers_default_rq_open envoy_cluster_upstream_rq_pending_active"),
    ("saturation", "down", "FreeableMemory FreeStorageSpace BurstBalance CPUCreditBalance"),
    ("saturation", "up", "DatabaseConnections ReplicaLag DiskQueueDepth ConcurrentExecutions"),
)  # fmt: skip


def standard_names(words_of: WordsOf) -> dict[tuple[str, ...], Meaning]:
    """The meaning of each name, by its words."""
    return {tuple(words_of(name)): (kind, harm) for kind, harm, names in _NAMES for name in names.split()}
