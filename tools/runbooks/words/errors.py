"""What programs say when something is wrong, and what pages call it: a table like that of `spoken`.

Status codes, reasons, error names and messages as they stand in the manuals: Kubernetes (reasons of pods and events),
Linux (errno(3), kernel messages), HTTP (RFC 9110), gRPC, TLS, DNS, PostgreSQL (appendix "Error Codes"), MySQL, Kafka
(protocol errors), Airflow, Spark, NVIDIA (Xid messages, CUDA, NCCL), schema registries, the card schemes' response
codes, object stores, Git and containers. What a program said is looked for as it is as well.
"""

from __future__ import annotations

ERRORS = """
crashloopbackoff crash_loop_back_off back_off_restarting_failed_container backoff_restarting | pod crash restart
imagepullbackoff image_pull_back_off errimagepull err_image_pull manifest_unknown pull_access_denied | image pull fail
oomkilled oom_killed oom_kill oom_killer exit_code_137 exit_137 cannot_allocate_memory enomem killed_process | memory
  oom kill
createcontainerconfigerror createcontainererror runcontainererror invalidimagename | container create fail
  configuration
failedscheduling failed_scheduling unschedulable nodes_are_available insufficient_cpu insufficient_memory
  didn_t_match_node_selector had_untolerated_taint | pod pending schedule
failedmount failed_mount failedattachvolume failed_attach_volume multi_attach unable_to_attach_or_mount | volume mount
  fail
evicted the_node_was_low_on_resource diskpressure disk_pressure memorypressure memory_pressure pidpressure | evict
  node pressure
nodenotready node_not_ready kubelet_stopped_posting networkunavailable | node not_ready kubelet
pleg_is_not_healthy container_runtime_is_down cri_o | container runtime kubelet
exceeded_quota forbidden_exceeded_quota limitrange | quota exceeded namespace
progressdeadlineexceeded progress_deadline_exceeded minimumreplicasunavailable | deployment rollout stuck
failedgetresourcemetric failedcomputemetricsreplicas unable_to_get_metrics | autoscaler metrics
backofflimitexceeded deadlineexceeded_job activedeadlineseconds | job fail
liveness_probe_failed readiness_probe_failed startup_probe_failed probe_failed | probe unhealthy
failed_calling_webhook admission_webhook denied_the_request | admission webhook reject
too_old_resource_version etcdserver_request_timed_out leader_changed apply_request_took_too_long | etcd slow
mvcc_database_space_exceeded nospace_alarm | etcd database space quota
enospc no_space_left_on_device no_space_left disk_quota_exceeded edquot disk_full | disk full space filesystem
emfile enfile too_many_open_files | file_descriptor limit
econnrefused connection_refused | connection down endpoint
econnreset connection_reset connection_reset_by_peer reset_by_peer broken_pipe epipe unexpected_eof | connection drop
etimedout connection_timed_out i_o_timeout read_timed_out deadline_exceeded context_deadline_exceeded
  request_timed_out operation_timed_out socket_timeout connecttimeout readtimeout | timeout slow
ehostunreach no_route_to_host enetunreach network_is_unreachable host_is_down ehostdown | network unreachable
eacces eperm permission_denied operation_not_permitted access_denied accessdenied | permission denied
eio input_output_error i_o_error buffer_i_o_error medium_error uncorrectable unrecovered_read_error | disk error
  hardware
erofs read_only_file_system remounting_filesystem_read_only remounted_read_only | filesystem read_only
eagain resource_temporarily_unavailable fork_failed cannot_fork pids_limit | process limit
soft_lockup hard_lockup hung_task blocked_for_more_than_120_seconds rcu_sched_detected_stalls | kernel stuck
kernel_panic oops machine_check_exception mce edac hardware_error | kernel hardware error
nf_conntrack_table_full conntrack table_full_dropping_packet | conntrack limit packet drop
link_is_down carrier_lost no_carrier tx_timeout netdev_watchdog | network interface down
segfault segmentation_fault core_dumped sigsegv sigabrt sigkill sigterm exit_code_139 exit_code_143 | crash process
nxdomain servfail name_or_service_not_known temporary_failure_in_name_resolution could_not_resolve_host no_such_host
  enotfound eai_again unknownhostexception getaddrinfo | dns resolve
x509 certificate_has_expired certificate_expired certificate_verify_failed unable_to_get_local_issuer
  unknown_authority self_signed_certificate err_cert ssl_error sslerror sslhandshakeexception handshake_failure
  tls_handshake bad_certificate certificate_is_not_yet_valid pkix_path | certificate tls expired
status_400 http_400 bad_request | request invalid
status_401 http_401 unauthorized unauthenticated invalid_token token_has_expired jwt_expired invalid_api_key |
  authentication token
status_403 http_403 error_403 | permission denied
status_404 http_404 error_404 | missing
status_408 http_408 status_504 http_504 504 gateway_timeout upstream_request_timeout | timeout upstream slow
status_413 http_413 413 payload_too_large request_entity_too_large | request size limit
status_429 http_429 429 resource_exhausted ratelimiterror ratelimitexceeded throttlingexception throttlederror
  requestlimitexceeded slowdown rate_limit_exceeded retry_after too_many_requests | rate_limit throttled quota
status_500 http_500 500s 500 5xx internal_server_error | error rate server
status_502 http_502 502 bad_gateway upstream_prematurely_closed | gateway upstream error
status_503 http_503 503 service_unavailable no_healthy_upstream upstream_connect_error no_endpoints_available
  upstream_overflow circuit_breaker_open | unavailable upstream
insufficient_quota quota_exceeded quotaexceeded limitexceededexception billing_hard_limit | quota exceeded
context_length_exceeded maximum_context_length content_filter overloaded_error model_overloaded | llm model request
fatal_remaining_connection_slots too_many_clients_already sorry_too_many_clients connection_pool_exhausted
  pool_timeout queuepool_limit timeout_waiting_for_connection unable_to_acquire_connection too_many_connections |
  database connection limit
deadlock_detected lock_wait_timeout lock_timeout lock_not_available could_not_obtain_lock could_not_serialize_access
  accessexclusivelock idle_in_transaction waiting_for_sharelock | database lock blocked transaction
canceling_statement_due_to statement_timeout query_canceled max_execution_time | database query timeout slow
canceling_statement_due_to_conflict hot_standby replication_slot wal_sender wal_receiver requested_wal_segment
  replica_lag seconds_behind_master seconds_behind_source | database replication lag
must_be_vacuumed transaction_id_wraparound wraparound autovacuum_worker dead_tuples | vacuum wraparound
could_not_extend_file could_not_write_block pg_wal out_of_disk | database disk full
relation_does_not_exist column_does_not_exist undefined_column undefined_table unknown_column no_such_column
  no_such_table field_not_found nosuchfielderror | schema column missing
cannot_cast type_mismatch datatype_mismatch incompatible_types invalid_input_syntax schema_mismatch
  incompatible_schema schema_evolution avrotypeexception unrecognized_field unrecognizedpropertyexception
  jsonparseexception jsondecodeerror serializationexception deserializationexception unknown_magic_byte
  invalidprotocolbuffer cannot_deserialize could_not_deserialize keyerror validationerror | schema deserialise parse
  error
duplicate_key unique_violation integrityerror | duplicate
checksum_mismatch checksum_failure invalid_page crc_mismatch data_corruption corrupted_page | corrupt
not_enough_replicas notenoughreplicas under_replicated underreplicatedpartitions isr_shrink offline_partitions | kafka
  replica
leader_not_available leadernotavailable not_leader_for_partition notleaderforpartition no_leader_found leader_election
  | leader election
offset_out_of_range offsetoutofrange records_lag records_lag_max max_poll_interval rebalance_in_progress
  commitfailedexception member_id_required unknown_member_id | consumer lag rebalance
record_too_large recordtoolarge message_too_large | message size
buffer_full bufferexhaustedexception queue_is_full queue_full rejectedexecution backpressure buffer_overflow | queue
  full saturated
dag_import_error broken_dag upstream_failed up_for_retry task_exited_with task_instance zombie_task sensor_timed_out
  airflowsensortimeout airflowexception dag_run backfill_failed | pipeline task fail
sla_miss missed_sla missed_deadline late_data watermark_delay | pipeline late
executorlostfailure executor_lost fetchfailedexception shuffle_fetch_failed job_aborted_due_to_stage stage_failure
  container_killed_by_yarn gc_overhead_limit outofmemoryerror java_heap_space | job fail memory executor
partition_not_found no_partitions empty_partition filenotfoundexception path_does_not_exist nosuchkey no_such_key
  nosuchbucket | partition missing data
cudaerrormemoryallocation cudamalloc cublas_status_alloc_failed outofmemory tried_to_allocate hip_out_of_memory
  gpu_oom cuda_out_of_memory | gpu memory out_of_memory
sw_thermal_slowdown hw_thermal_slowdown hw_slowdown sw_power_cap power_brake clocks_throttle_reasons
  clocks_event_reasons thermal_throttling | gpu throttle thermal clocks
xid xid_79 fallen_off_the_bus gpu_is_lost nvrm nvml_error device_side_assert illegal_memory_access
  no_cuda_capable_device driver_library_version_mismatch | gpu error hardware driver
double_bit_ecc ecc_error uncorrectable_ecc row_remapping retired_pages sbe dbe xid_48 xid_63 | gpu memory hardware
  error
nccl_timeout nccl_error watchdog_caught_collective allreduce_timeout nvlink_error | gpu training network
loss_is_nan loss_nan gradient_overflow exploding_gradient diverged did_not_converge | training fail
model_not_found model_is_not_ready modelnotready failed_to_load_model failed_to_load_all_models unavailable_model |
  model serving load
queue_delay dynamic_batcher batch_queue request_queue_time inference_queue | inference latency queue
no_such_alias registered_model invalid_model_version resource_does_not_exist version_not_found | model registry alias
feature_view_not_found featureviewnotfound entity_not_found feature_not_found ttl_expired outside_max_age | feature
  view stale
do_not_honor insufficient_funds response_code_05 response_code_51 soft_decline hard_decline transaction_not_permitted
  restricted_card exceeds_withdrawal do_not_honour | decline issuer card
issuer_unavailable issuer_or_switch_inoperative response_code_91 issuer_timeout acquirer_error system_malfunction
  response_code_96 | issuer provider unavailable
invalid_cvv cvv_mismatch incorrect_cvc invalid_card_number velocity_exceeded account_verification zero_amount_auth |
  card testing fraud
three_ds 3ds authentication_failed challenge_required frictionless | card authentication
outofsync sync_failed comparisonerror helm_upgrade_failed another_operation_is_in_progress release_failed out_of_sync
  | deployment sync fail
merge_conflict non_fast_forward pre_receive_hook | git
remote_write_failed out_of_order_sample out_of_bounds duplicate_sample_for_timestamp err_mint many_to_many_matching
  found_duplicate_series | prometheus samples rule
context_canceled server_returned_http_status scrape_timeout err_scrape | scrape target timeout
no_alertmanager notify_retry_canceled error_sending_alert failed_to_send_alerts | alertmanager notification fail
clock_skew_detected time_has_been_changed ntp_unsynchronised unsynchronised stratum_16 | clock skew
degraded_array md_raid rebuilding failed_drive smart_failure reallocated_sectors pending_sectors | disk raid degraded
osd_down pg_degraded slow_ops nearfull backfillfull mon_down health_err health_warn | ceph degraded
quorum_lost no_quorum split_brain fencing stonith lost_quorum | quorum cluster
""".strip()
