import type { Config } from '@glance/shared/config/config'
import type { WorkerSettings } from './app.ts'
import { SINGLE_FILE_TYPES } from './inspect/formats/vmdk-descriptor.ts'

/** How often stores and registry are compared. */
const RECONCILE_EVERY_MS = 15 * 60_000
/** Jobs in hand are given this long when the worker is told to stop. */
const GRACE_MS = 30_000

/** What a store worker takes from a configuration. */
export function workerSettings({ DEFAULT, worker, image_format: formats }: Config): WorkerSettings {
  return {
    concurrency: worker.concurrency,
    hashThreads: worker.hash_threads,
    hashAlgo: DEFAULT.hashing_algorithm,
    inspection: {
      requireMatch: formats.require_image_format_match,
      // What may be stored; vmdk_allowed_types says what may be converted.
      vmdkAllowedTypes: SINGLE_FILE_TYPES,
      gptSafetyChecksNonfatal: formats.gpt_safety_checks_nonfatal,
    },
    reconcileEveryMs: RECONCILE_EVERY_MS,
    orphanAgeMs: 2 * DEFAULT.transfer_lease * 1_000,
    graceMs: GRACE_MS,
  }
}
