import type { TypedClient } from '@glance/shared/bus/client'
import type { RegistryRpc } from '@glance/shared/contracts/registry-rpc'
import type { StoredData } from '@glance/shared/contracts/transfer'
import { GlanceError } from '@glance/shared/errors/error'
import type { ErrorCode } from '@glance/shared/errors/table'

type Used = 'holdTransfer' | 'completeTransfer' | 'failTransfer' | 'knowsObject' | 'finishJob'

/** The part of a registry that a worker talks to; remembers what it was told. */
export interface FakeRegistry extends Pick<TypedClient<RegistryRpc>, Used> {
  readonly calls: string[]
  completed: StoredData | undefined
  readonly failed: string[]
  readonly finished: string[]
  leaseSeconds: number
  /** Objects it knows, by URL. */
  readonly known: Set<string>
  /** Errors that the next calls of a method end with, one each. */
  failNext(method: Used, ...codes: ErrorCode[]): void
  /** What failTransfer answers. */
  outcome: 'failed' | 'completed' | 'gone'
}

/** Opens it, with a lease of 60 s. */
export function openFakeRegistry(): FakeRegistry {
  const failures = new Map<Used, ErrorCode[]>()
  const calls: string[] = []
  const called = (method: Used): void => {
    calls.push(method)
    const code = failures.get(method)?.shift()
    if (code !== undefined) throw new GlanceError(code)
  }
  const registry: FakeRegistry = {
    calls,
    completed: undefined,
    failed: [],
    finished: [],
    leaseSeconds: 60,
    known: new Set(),
    outcome: 'failed',
    failNext: (method, ...codes) => void failures.set(method, [...(failures.get(method) ?? []), ...codes]),
    holdTransfer: async () => {
      called('holdTransfer')
      return { leaseSeconds: registry.leaseSeconds }
    },
    completeTransfer: async (_, { data }) => {
      called('completeTransfer')
      registry.completed = data
      return {}
    },
    failTransfer: async (_, { reason }) => {
      called('failTransfer')
      registry.failed.push(reason)
      return { outcome: registry.outcome }
    },
    knowsObject: async (_, { objects }) => {
      called('knowsObject')
      return { known: objects.map(({ url }) => registry.known.has(url)) }
    },
    finishJob: async (_, { jobId }) => {
      called('finishJob')
      registry.finished.push(jobId)
      return {}
    },
  }
  return registry
}
