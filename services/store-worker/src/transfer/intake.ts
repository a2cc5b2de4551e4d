import type { Readable } from 'node:stream'
import { GlanceError, toGlanceError } from '@glance/shared/errors/error'
import { openBlockQueue } from './block-queue.ts'
import { type Block, type BlockPool, releaseBlock } from './blocks.ts'
import { openCutter } from './cutter.ts'

export interface IntakeOptions {
  readonly source: Readable
  readonly blocks: BlockPool
  /** Blocks this stream may have in hand; while all are, the source is paused. */
  readonly inFlight?: number
  readonly signal: AbortSignal
  /** Sees the size of every chunk before it is copied; what it throws ends the intake. */
  admit(bytes: number): void
  /** Sees every filled block, in order, and may become a user of it; what it throws ends the intake. */
  inspect(block: Block): void
  /** Asked after the last byte, before the reader hears of the end; what it throws the reader gets instead. */
  verdict(): void
}

/** A stream cut into blocks of shared memory. */
export interface Intake {
  /**
   * The bytes, for one reader; a chunk is valid until the next is asked for. Throws what the options' functions
   * throw, the signal's reason, or ClientGone when the source breaks off.
   */
  readonly chunks: AsyncIterable<Uint8Array>
  /** Stops reading and gives the blocks back. The source is left paused, not destroyed: its sender is owed an answer. */
  stop(): void
}

const IN_FLIGHT = 8

/**
 * Begins to read a source. Listens to 'data' and pauses the source by itself: a pipe of transforms would cost a
 * promise, and another copy, per chunk.
 */
export function openIntake(options: IntakeOptions): Intake {
  const { source, blocks, signal, inFlight = IN_FLIGHT } = options
  const queue = openBlockQueue()
  let isEnded = false
  let isStopped = false

  const guard = (work: () => void): void => {
    try {
      work()
    } catch (thrown) {
      fail(thrown)
    }
  }
  const cutter = openCutter({
    blocks,
    inFlight,
    onBlock: (block) => {
      queue.push(block)
      guard(() => options.inspect(block))
    },
    onRoom: () => source.resume(),
  })
  const onData = (chunk: Uint8Array): void =>
    guard(() => {
      options.admit(chunk.length)
      if (!cutter.add(chunk)) source.pause()
    })
  const onEnd = (): void => {
    cutter.flush()
    isEnded = true
    queue.end()
  }
  const onBroken = (cause?: unknown): void => {
    if (!isEnded) fail(cause instanceof GlanceError ? cause : new GlanceError('ClientGone', undefined, { cause }))
  }
  const onClose = (): void => onBroken()
  const onAbort = (): void => fail(toGlanceError(signal.reason))

  const fail = (thrown: unknown): void => {
    queue.fail(thrown)
    stop()
  }
  const stop = (): void => {
    if (isStopped) return
    isStopped = true
    source.off('data', onData).off('end', onEnd).off('close', onClose).pause()
    signal.removeEventListener('abort', onAbort)
    cutter.stop()
    queue.clear()
  }
  async function* chunks(): AsyncGenerator<Uint8Array, void, void> {
    try {
      for (let block = await queue.next(); block !== undefined; block = await queue.next()) {
        try {
          yield block.length === block.bytes.length ? block.bytes : block.bytes.subarray(0, block.length)
        } finally {
          releaseBlock(block)
        }
      }
      options.verdict()
    } finally {
      stop()
    }
  }

  // 'error' stays listened to: a source that nobody reads any more must not end the process by breaking.
  source.on('data', onData).on('end', onEnd).on('close', onClose).on('error', onBroken)
  signal.addEventListener('abort', onAbort)
  if (signal.aborted) onAbort()
  else if (source.destroyed || source.readableEnded) onBroken(source.errored ?? undefined)
  else source.resume()
  return { chunks: chunks(), stop }
}
