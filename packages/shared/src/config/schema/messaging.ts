import { bool, float, int, list, multi, parsed, string } from '../options.ts'
import { parseTransportUrl } from '../transport-url.ts'

/** `[DEFAULT]`: the broker between the services, and notifications. */
export const BROKER_OPTIONS = {
  transport_url: parsed(
    'RabbitMQ, as rabbit://user:password@host:port/vhost; several hosts by commas.',
    parseTransportUrl,
    {
      default: 'rabbit://',
      secret: true,
    },
  ),
  control_exchange: string('Exchange on which notifications and snapshot requests travel.', { default: 'glance' }),
  rpc_response_timeout: int('Seconds an oslo.messaging caller is given for an answer.', { default: 60, min: 1 }),
  executor_thread_pool_size: int('Snapshot requests handled at the same time.', { default: 64, min: 1 }),
  rpc_ping_enabled: bool('Answers oslo.messaging pings.', { default: false }),
  default_publisher_id: string('Publisher named in notifications.', { default: 'image.localhost' }),
  disabled_notifications: list('Event types, or groups of them, that are not sent.', { default: [] }),
} as const

/** `[oslo_messaging_notifications]`. */
export const NOTIFICATION_OPTIONS = {
  driver: multi('How notifications leave; none leaves them out.', { default: [] }),
  transport_url: parsed('A broker of their own for notifications.', parseTransportUrl, { secret: true }),
  topics: list('Topics, and so routing keys, of notifications.', { default: ['notifications'] }),
  retry: int('Tries of sending a notification; -1 never gives up.', { default: -1, min: -1 }),
} as const

/** `[oslo_messaging_rabbit]`. */
export const RABBIT_OPTIONS = {
  amqp_durable_queues: bool('Declares queues durable.', { default: false }),
  amqp_auto_delete: bool('Lets the broker delete queues nobody uses.', { default: false }),
  ssl: bool('Speaks TLS to the broker.', { default: false }),
  ssl_ca_file: string('Authorities that may sign the broker certificate (PEM).', { default: '' }),
  ssl_cert_file: string('Client certificate (PEM).', { default: '' }),
  ssl_key_file: string('Key of the client certificate (PEM).', { default: '' }),
  ssl_version: string('TLS version, when one must be forced.', { default: '' }),
  kombu_reconnect_delay: float('Seconds before the first try to reconnect.', {
    default: 1,
    min: 0,
    deprecatedNames: [{ name: 'kombu_reconnect_timeout' }],
  }),
  rabbit_retry_interval: int('Seconds before the first retry of a connection.', { default: 1, min: 1 }),
  rabbit_retry_backoff: int('Seconds by which each retry waits longer.', { default: 2, min: 0 }),
  rabbit_interval_max: int('Longest wait between retries, in seconds.', { default: 30, min: 1 }),
  rabbit_ha_queues: bool('Asks for mirrored queues.', { default: false }),
  rabbit_quorum_queue: bool('Declares durable queues as quorum queues.', { default: false }),
  rabbit_transient_quorum_queue: bool('Declares reply and fanout queues as quorum queues.', { default: false }),
  rabbit_quorum_delivery_limit: int('Redeliveries before a quorum queue drops a message; 0 is unlimited.', {
    default: 0,
    min: 0,
  }),
  rabbit_quorum_max_memory_length: int('Messages a quorum queue keeps in memory; 0 is unlimited.', {
    default: 0,
    min: 0,
  }),
  rabbit_quorum_max_memory_bytes: int('Bytes a quorum queue keeps in memory; 0 is unlimited.', { default: 0, min: 0 }),
  rabbit_transient_queues_ttl: int('Seconds an unused reply queue lives.', { default: 1800, min: 0 }),
  rabbit_qos_prefetch_count: int('Unacknowledged messages a consumer may hold; 0 is unlimited.', {
    default: 0,
    min: 0,
  }),
  heartbeat_timeout_threshold: int('Seconds without a heartbeat after which a connection is down; 0 turns it off.', {
    default: 60,
    min: 0,
  }),
  heartbeat_rate: int('Checks of the heartbeat within that time.', { default: 3, min: 1 }),
} as const

/** `[rpc]`: metadata calls between our own services. */
export const RPC_OPTIONS = {
  timeout: float('Seconds a call waits for its answer.', { default: 30, min: 0.1 }),
  prefetch: int('Calls one registry takes at the same time.', { default: 64, min: 1 }),
} as const
