import { GlanceError } from '@glance/shared/errors/error'

/** What kind of failure a database reported, over all databases and both ways to it. */
export type DatabaseFault =
  /** A unique key holds the value already. */
  | 'duplicate'
  /** Another transaction was in the way; the same one may succeed now. */
  | 'conflict'
  /** The database cannot be reached, is full or busy beyond patience. */
  | 'unavailable'
  /** A value does not fit its column. */
  | 'value'
  | 'other'

/** Prisma's codes (https://www.prisma.io/docs/orm/reference/error-reference). */
const CODES: Readonly<Record<string, DatabaseFault>> = {
  P1000: 'unavailable',
  P1001: 'unavailable',
  P1002: 'unavailable',
  P1003: 'unavailable',
  P1008: 'unavailable',
  P1010: 'unavailable',
  P1011: 'unavailable',
  P1017: 'unavailable',
  P2000: 'value',
  P2002: 'duplicate',
  P2020: 'value',
  P2024: 'unavailable',
  P2028: 'unavailable',
  P2034: 'conflict',
  P2037: 'unavailable',
}

/** Words of the driver adapters. */
const KINDS: Readonly<Record<string, DatabaseFault>> = {
  UniqueConstraintViolation: 'duplicate',
  TransactionWriteConflict: 'conflict',
  LengthMismatch: 'value',
  ValueOutOfRange: 'value',
  InvalidInputValue: 'value',
  DatabaseNotReachable: 'unavailable',
  DatabaseDoesNotExist: 'unavailable',
  DatabaseAccessDenied: 'unavailable',
  AuthenticationFailed: 'unavailable',
  ConnectionClosed: 'unavailable',
  TlsConnectionError: 'unavailable',
  TooManyConnections: 'unavailable',
  SocketTimeout: 'unavailable',
  TransactionAlreadyClosed: 'unavailable',
}

/** MySQL: lock wait timeout; the server shuts down, was lost, or refuses to write; its disk is full. */
const MYSQL_NUMBERS: Readonly<Record<number, DatabaseFault>> = {
  1020: 'conflict',
  1205: 'conflict',
  1021: 'unavailable',
  1053: 'unavailable',
  1114: 'unavailable',
  1290: 'unavailable',
  1317: 'unavailable',
  1366: 'value',
}
/** The MariaDB driver numbers its own failures, all of them about connections, from here on. */
const MARIADB_DRIVER_NUMBERS = 45_000
/** SQLite: I/O error, database full, cannot open, read-only. */
const SQLITE_CODES = new Set([8, 10, 13, 14])
/** PostgreSQL's classes: connection exception, insufficient resources, operator intervention, system error. */
const POSTGRES_CLASSES = /^(08|53|57|58)/
/** PostgreSQL: lock not available. */
const POSTGRES_LOCKED = '55P03'
/** PostgreSQL: a text that holds the character NUL. */
const POSTGRES_CHARACTER = '22021'

/** Codes of sockets that broke or never opened, and words in which the drivers tell it without one. */
const SOCKETS = /^(ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_|EHOST|ENET|ENOENT)/
const LOST =
  /connection (terminated|timeout)|timeout exceeded when trying to connect|is not queryable|pool (is )?(closed|timeout)|socket/i

/** Tells the kind of whatever a statement or transaction threw. */
export function faultOf(thrown: unknown): DatabaseFault {
  for (const each of chain(thrown)) {
    const fault = faultOfOne(each)
    if (fault !== 'other') return fault
  }
  return 'other'
}

/**
 * A database failure as an error that may leave the registry: its words are ours, the original stays as the cause for
 * the log. A GlanceError passes unchanged.
 */
export function toRegistryError(thrown: unknown): GlanceError {
  if (thrown instanceof GlanceError) return thrown
  const options = { cause: thrown }
  switch (faultOf(thrown)) {
    case 'duplicate':
      return new GlanceError('Duplicate', undefined, options)
    case 'value':
      return new GlanceError('BadRequest', 'A value does not fit into the database.', options)
    case 'conflict':
    case 'unavailable':
      return new GlanceError('Unavailable', 'The database is unavailable at the moment; try again later.', options)
    case 'other':
      return new GlanceError('Internal', undefined, options)
  }
}

interface Fault {
  readonly code?: unknown
  readonly kind?: unknown
  readonly errno?: unknown
  readonly extendedCode?: unknown
  readonly message?: unknown
  readonly cause?: unknown
  readonly meta?: { readonly driverAdapterError?: unknown }
}

function faultOfOne(fault: Fault): DatabaseFault {
  const { code, kind, errno, extendedCode } = fault
  if (typeof code === 'string' && CODES[code] !== undefined) return CODES[code]
  if (typeof kind === 'string' && KINDS[kind] !== undefined) return KINDS[kind]
  if (kind === 'sqlite' && SQLITE_CODES.has(Number(extendedCode) & 0xff)) return 'unavailable'
  if (kind === 'postgres' && code === POSTGRES_LOCKED) return 'conflict'
  if (kind === 'postgres' && code === POSTGRES_CHARACTER) return 'value'
  if (kind === 'postgres' && POSTGRES_CLASSES.test(String(code))) return 'unavailable'
  const number = kind === 'mysql' ? code : errno
  if (typeof number === 'number' && MYSQL_NUMBERS[number] !== undefined) return MYSQL_NUMBERS[number]
  if (typeof number === 'number' && number >= MARIADB_DRIVER_NUMBERS) return 'unavailable'
  if (typeof code === 'string' && SOCKETS.test(code)) return 'unavailable'
  return LOST.test(String(fault.message ?? '')) ? 'unavailable' : 'other'
}

/** An error, what caused it, and so on. */
function* chain(thrown: unknown): Generator<Fault> {
  let next: unknown = thrown
  for (let depth = 0; depth < 6 && typeof next === 'object' && next !== null; depth += 1) {
    const fault: Fault = next
    yield fault
    next = fault.meta?.driverAdapterError ?? fault.cause
  }
}
