import { Worker } from 'node:worker_threads'
import { GlanceError } from '@glance/shared/errors/error'
import { type Block, releaseBlock } from './blocks.ts'
import { type FromThread, runDigestThread, type ToThread } from './digest-thread.ts'

/** One digest of one stream, computed in a thread. */
export interface DigestRun {
  /** Becomes a user of the block until the thread is done with it. */
  update(block: Block): void
  /** The digest in hex once all blocks are done; rejects with Internal. */
  finish(): Promise<string>
  /** Forgets the digest; its blocks are released as the thread passes them. */
  drop(): void
}

/** A thread that computes any number of digests. */
export interface DigestWorker {
  /** Digests in hand. */
  load(): number
  open(algorithm: string): DigestRun
  end(): Promise<void>
}

interface Run {
  /** Blocks with the thread, oldest first: it answers in order. */
  readonly pending: Block[]
  readonly result: Promise<string>
  settle(outcome: string | GlanceError): void
  isOver: boolean
}

/** A digest needs no heap to speak of, and what a thread may take it keeps. */
const LIMITS = { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 2, stackSizeMb: 1 }

/**
 * Starts a thread. It does not keep the process alive.
 * `idle` is called when the last digest in hand is over, `lost` when the thread ended by itself.
 */
export function startDigestWorker(on: { idle: () => void; lost: () => void }): DigestWorker {
  const runs = new Map<number, Run>()
  const worker = new Worker(`(${runDigestThread.toString()})()`, {
    eval: true,
    execArgv: [],
    name: 'digest',
    resourceLimits: LIMITS,
  })
  worker.unref()

  /** Ends a run with its outcome; it counts as load until the thread has passed its blocks. */
  const settle = (id: number, run: Run, outcome: string | GlanceError): void => {
    run.isOver = true
    run.settle(outcome)
    forget(id, run)
  }
  const forget = (id: number, run: Run): void => {
    if (run.isOver && run.pending.length === 0 && runs.delete(id) && runs.size === 0) on.idle()
  }
  const receive = (message: FromThread): void => {
    const id = 'used' in message ? message.used : 'digest' in message ? message.digest : message.failed
    const run = runs.get(id)
    if (run === undefined) return
    if ('digest' in message) settle(id, run, message.hex)
    else if ('failed' in message) settle(id, run, failure(message.message))
    else {
      const block = run.pending.shift()
      if (block !== undefined) releaseBlock(block)
      forget(id, run)
    }
  }
  const lose = (why: unknown): void => {
    on.lost()
    for (const [id, run] of runs) {
      for (const block of run.pending.splice(0)) releaseBlock(block)
      settle(id, run, failure(why))
    }
  }
  worker.on('message', receive)
  worker.on('error', lose)
  worker.on('exit', (code) => lose(`a digest thread ended with ${code}`))

  let nextId = 0
  const known = new Set<number>()
  const post = (message: ToThread): void => worker.postMessage(message)
  return {
    load: () => runs.size,
    open: (algorithm) => {
      const id = nextId++
      const run = newRun()
      runs.set(id, run)
      post({ open: id, algorithm })
      return {
        update: (block) => {
          if (run.isOver) return
          block.users += 1
          run.pending.push(block)
          const isNew = !known.has(block.id)
          known.add(block.id)
          post({ update: id, block: block.id, length: block.length, ...(isNew && { memory: block.bytes.buffer }) })
        },
        finish: () => {
          if (!run.isOver) post({ finish: id })
          return run.result
        },
        drop: () => {
          if (run.isOver) return
          post({ drop: id })
          settle(id, run, failure('given up'))
        },
      }
    },
    end: async () => {
      await worker.terminate()
    },
  }
}

function newRun(): Run {
  let settle: Run['settle'] = () => undefined
  const result = new Promise<string>((resolve, reject) => {
    settle = (outcome) => (typeof outcome === 'string' ? resolve(outcome) : reject(outcome))
  })
  // Nobody waits for the digest of a transfer that failed for another reason.
  result.catch(() => undefined)
  return { pending: [], result, settle, isOver: false }
}

function failure(cause: unknown): GlanceError {
  return new GlanceError('Internal', undefined, { cause })
}
