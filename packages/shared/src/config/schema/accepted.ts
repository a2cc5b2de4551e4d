/**
 * Options that operators' files hold and that change nothing here: those of Python servers and libraries that
 * have no counterpart, and those glance itself has removed. They are named so that no file gets a warning for them.
 * `*` after a beginning stands for every name with that beginning.
 */
export const ACCEPTED_OPTIONS: Readonly<Record<string, string>> = {
  DEFAULT: `
    workers backlog tcp_keepidle client_socket_timeout http_keepalive max_header_line cert_file key_file ca_file
    enable_v1_api enable_v2_api enable_v1_registry enable_v2_registry registry_* location_strategy
    store_type_preference allow_additional_image_properties admin_role admin_user admin_password admin_tenant_name
    auth_url auth_region use_user_token send_identity_headers data_api conn_pool_min_size conn_pool_ttl
    rpc_conn_pool_size rpc_backend notification_driver rpc_zmq_* zmq_* secure_proxy_ssl_header
    cache_prefetcher_interval pydev_worker_debug_host pydev_worker_debug_port user_domain_id project_domain_id
    log_config_append log-config log_date_format log-date-format log_file log-file logfile watch_log_file use_syslog
    use-syslog use_journal syslog_log_facility syslog-log-facility use_json use_stderr log_color verbose
    log_rotate_interval log_rotate_interval_type max_logfile_count max_logfile_size_mb log_rotation_type
    logging_context_format_string logging_default_format_string logging_debug_format_suffix
    logging_exception_prefix logging_user_identity_format default_log_levels publish_errors instance_format
    instance_uuid_format rate_limit_interval rate_limit_burst rate_limit_except_level fatal_deprecations
    config_source wakeup_time daemon restore  backdoor_*`,
  database: `
    asyncio_connection asyncio_slave_connection backend connection_trace mysql_enable_ndb min_pool_size use_tpool
    sqlite_db synchronous_reader`,
  taskflow_executor: '*',
  oslo_limit: '*',
  barbican: '*',
  barbican_service_user: '*',
  key_manager: '*',
  vault: '*',
  oslo_messaging_rabbit: '*',
  oslo_messaging_kafka: '*',
  oslo_messaging_amqp: '*',
  oslo_concurrency: '*',
  oslo_reports: '*',
  os_brick: '*',
  profiler: '*',
  profiler_jaeger: '*',
  profiler_otlp: '*',
  keystone_authtoken: `
    auth_admin_prefix auth_host auth_port auth_protocol identity_uri admin_user admin_password admin_tenant_name
    admin_token signing_dir hash_algorithms check_revocations_for_cached revocation_cache_time trust_id domain_id
    domain_name timeout split_loggers collect_timing memcache_tls_* memcache_username memcache_password`,
  oslo_middleware: 'max_request_body_size secure_proxy_ssl_header http_basic_auth_user_file',
}

/** True when an option is accepted without effect. */
export function isAccepted(section: string, name: string): boolean {
  const names = ACCEPTED_OPTIONS[section]?.trim().split(/\s+/) ?? []
  return names.some((each) => (each.endsWith('*') ? name.startsWith(each.slice(0, -1)) : each === name))
}
