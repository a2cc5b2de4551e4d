import { availableParallelism } from 'node:os'
import { releaseIdleMemory } from '@glance/shared/bytes/idle-memory'
import type { Block, BlockPool } from './blocks.ts'
import { type DigestWorker, startDigestWorker } from './digest-worker.ts'

/** The digests of one stream. */
export interface Digests {
  /** Feeds a block to every digest; each is a user of the block until its thread is done with it. */
  update(block: Block): void
  /** The digests in hex, in the order of the algorithms, once everything fed is done. Rejects with Internal. */
  finish(): Promise<string[]>
  /** Gives up. Blocks are released all the same as soon as the threads are done with them. */
  drop(): void
}

/** Threads that compute digests, so that those of one stream run beside each other and beside its transfer. */
export interface DigestPool {
  /** Begins the digests of one stream, named as in the configuration: `md5`, `sha512`, `sha3_256`, `blake2b` … */
  open(algorithms: readonly string[]): Digests
  close(): Promise<void>
}

export interface DigestPoolOptions {
  /** 0: as many as there are processors, at least 2. */
  readonly threads: number
  /** Its unused blocks go when the threads do, and with them the memory of the whole burst of work. */
  readonly blocks: BlockPool
  /** The threads end when there was nothing to do for this long. */
  readonly idleMs?: number
}

/** Names that the configuration takes from Python's hashlib, where OpenSSL has others. */
const OPENSSL_NAMES: Readonly<Record<string, string>> = { blake2b: 'blake2b512', blake2s: 'blake2s256' }

/** Opens a pool; its threads start with the first streams. */
export function openDigestPool({ threads, blocks, idleMs = 10_000 }: DigestPoolOptions): DigestPool {
  const most = threads > 0 ? threads : Math.max(2, availableParallelism())
  const workers = new Set<DigestWorker>()
  let idleTimer: NodeJS.Timeout | undefined

  const endAll = async (): Promise<void> => {
    const ended = [...workers]
    workers.clear()
    blocks.drop()
    await Promise.all(ended.map((worker) => worker.end()))
  }
  const start = (): DigestWorker => {
    const worker: DigestWorker = startDigestWorker({
      idle: () => {
        if ([...workers].some((each) => each.load() > 0)) return
        clearTimeout(idleTimer)
        idleTimer = setTimeout(() => void endAll().then(releaseIdleMemory), idleMs).unref()
      },
      lost: () => workers.delete(worker),
    })
    workers.add(worker)
    return worker
  }
  /** The least busy worker, a new one while those there are all busy; not one of `taken` if there is another. */
  const pick = (taken: ReadonlySet<DigestWorker>): DigestWorker => {
    const others = [...workers].filter((worker) => !taken.has(worker)).sort((a, b) => a.load() - b.load())
    const [best] = others
    if (best !== undefined && (best.load() === 0 || workers.size >= most)) return best
    if (workers.size < most) return start()
    return [...taken][0] ?? start()
  }

  return {
    open: (algorithms) => {
      clearTimeout(idleTimer)
      const taken = new Set<DigestWorker>()
      const runs = algorithms.map((algorithm) => {
        const worker = pick(taken)
        taken.add(worker)
        return worker.open(OPENSSL_NAMES[algorithm] ?? algorithm.replace('_', '-'))
      })
      return {
        update: (block) => {
          for (const run of runs) run.update(block)
        },
        finish: () => Promise.all(runs.map((run) => run.finish())),
        drop: () => {
          for (const run of runs) run.drop()
        },
      }
    },
    close: () => {
      clearTimeout(idleTimer)
      return endAll()
    },
  }
}
