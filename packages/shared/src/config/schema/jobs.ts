import { float, parsed, string } from '../options.ts'

function parseRedisUrl(text: string): string {
  if (URL.canParse(text) && /^rediss?:$/.test(new URL(text).protocol)) return text
  throw new Error('must be a URL such as redis://:password@host:6379/0 or rediss://…')
}

/** `[jobs]`: the queues of work for store workers. */
export const JOBS_OPTIONS = {
  redis_url: parsed('Redis that keeps the job queues.', parseRedisUrl, {
    default: 'redis://127.0.0.1:6379/0',
    secret: true,
  }),
  prefix: string('First part of every key in Redis.', { default: 'glance' }),
} as const

/** `[registry]`: the rhythm of its background work. */
export const REGISTRY_OPTIONS = {
  sweep_interval: float('Seconds between two looks for expired leases.', { default: 5, min: 0.01 }),
  relay_interval: float('Seconds between two looks for unsent outbox rows.', { default: 1, min: 0.01 }),
} as const
