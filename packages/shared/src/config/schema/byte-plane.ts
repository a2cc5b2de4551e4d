import { int, list, string } from '../options.ts'

/** Where a process hands image bytes to another one; the listeners are internal, guarded by one-time tickets. */
const BYTES_OPTIONS = {
  bytes_host: string('Address of the internal listener for image bytes.', { default: '127.0.0.1' }),
  bytes_port: int('Port of that listener; 0 takes any free port.', { default: 0, min: 0, max: 65535 }),
  bytes_advertise: string(
    'host:port at which other machines reach the listener, when it differs from its own address.',
  ),
} as const

/** `[api]`: the listener from which store workers pull uploads. */
export const API_BYTES_OPTIONS = { ...BYTES_OPTIONS } as const

/** `[worker]`: what one store worker does. */
export const WORKER_OPTIONS = {
  stores: list('Ids of the stores this worker serves; all configured stores when empty.', { default: [] }),
  concurrency: int('Jobs of one store done at the same time.', { default: 4, min: 1 }),
  hash_threads: int('Threads that compute digests; 0 fits them to the processors.', { default: 0, min: 0, max: 256 }),
  ...BYTES_OPTIONS,
} as const
