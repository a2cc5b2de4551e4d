import { parseDatabaseUrl } from '../database-url.ts'
import { bool, int, parsed, string } from '../options.ts'

/** `[database]`: the metadata store of the registry. */
export const DATABASE_OPTIONS = {
  connection: parsed('Database URL, as mysql+pymysql://user:password@host/glance.', parseDatabaseUrl, {
    secret: true,
    deprecatedNames: [
      { section: 'DEFAULT', name: 'sql_connection' },
      { section: 'sql', name: 'connection' },
    ],
  }),
  slave_connection: parsed('Database URL for reads only.', parseDatabaseUrl, { secret: true }),
  max_pool_size: int('Connections kept open; 0 is unlimited.', { default: 5, min: 0 }),
  max_overflow: int('Connections opened beyond the pool under load.', { default: 50, min: -1 }),
  pool_timeout: int('Seconds a request waits for a free connection.', { min: 0 }),
  connection_recycle_time: int('Seconds after which an idle connection is replaced.', {
    default: 3600,
    deprecatedNames: [{ name: 'idle_timeout' }],
  }),
  max_retries: int('Tries to connect at start; -1 never gives up.', { default: 10, min: -1 }),
  retry_interval: int('Seconds between those tries.', { default: 10, min: 0 }),
  db_max_retries: int('Tries of a transaction that met a deadlock; -1 never gives up.', { default: 20, min: -1 }),
  db_retry_interval: int('Seconds before the first of those tries.', { default: 1, min: 0 }),
  db_inc_retry_interval: bool('Doubles that wait each time.', { default: true }),
  db_max_retry_interval: int('Longest of those waits, in seconds.', { default: 10, min: 0 }),
  use_db_reconnect: bool('Tries again when the connection is lost during a read.', { default: false }),
  sqlite_synchronous: bool('Lets SQLite wait for the disk.', { default: true }),
  mysql_sql_mode: string('sql_mode set on every MySQL session; empty keeps that of the server.', {
    default: 'TRADITIONAL',
  }),
  mysql_wsrep_sync_wait: int('Galera causality check set on every session.'),
  connection_debug: int('Logs statements from 1 on.', { default: 0, min: 0, max: 100 }),
  connection_parameters: string('name=value pairs, joined by &, added to the URL.', { default: '' }),
} as const
