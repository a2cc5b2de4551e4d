import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import type { DownloadReply, GlanceHttp } from '../support/glance-http.ts'
import { patternStream } from '../support/streams.ts'
import { waitFor } from '../support/wait.ts'

const MIB = 1 << 20

/**
 * How fast bytes are sent or taken: quickly up to a point, so that a test need not wait for it; there they stop until
 * the gate opens; then they go on slowly.
 */
export interface Pace {
  readonly bytes: number
  /** Where the slow part begins. */
  readonly slowFrom: number
  /** In bytes per second. */
  readonly slowRate: number
  readonly gate: Promise<void>
}

/** A transfer under way, and how it ends: that is never an error of the test by itself. */
export interface Underway<T> {
  /** Bytes that have passed. */
  passed(): number
  /** Waits until that many have. */
  untilPassed(bytes: number): Promise<void>
  /** The reply, or the error that broke it. */
  readonly end: Promise<T | Error>
}

/** What a paced upload sends, hashed without sending it. */
export async function md5OfUpload(bytes: number, seed: number): Promise<string> {
  const hash = createHash('md5')
  for await (const chunk of patternStream({ bytes, seed, chunkBytes: MIB })) hash.update(chunk)
  return hash.digest('hex')
}

/** Sends an image at a pace. */
export function startUpload(
  client: GlanceHttp,
  id: string,
  { seed, ...pace }: Pace & { readonly seed: number },
): Underway<{ readonly status: number }> {
  let passed = 0
  const source = patternStream({ bytes: pace.bytes, seed, chunkBytes: MIB })
  const body = Readable.from(
    (async function* () {
      for await (const chunk of source) {
        await pauseAt(pace, passed, chunk.length)
        passed += chunk.length
        yield chunk
      }
    })(),
    { objectMode: false, highWaterMark: MIB },
  )
  body.on('error', () => undefined)
  const end = client.upload(id, body, { 'Content-Length': String(pace.bytes) }).catch(toError)
  return { passed: () => passed, untilPassed: (bytes) => untilPassed(() => passed, bytes, end), end }
}

/** Takes an image at a pace, and hashes it. */
export function startDownload(client: GlanceHttp, id: string, pace: Pace): Underway<DownloadReply> {
  let passed = 0
  const end = client
    .download(id, {}, async (bytes) => {
      const before = passed
      passed = bytes
      await pauseAt(pace, bytes, bytes - before)
    })
    .catch(toError)
  return { passed: () => passed, untilPassed: (bytes) => untilPassed(() => passed, bytes, end), end }
}

/** Waits as the pace says before the next bytes. */
async function pauseAt(pace: Pace, passed: number, next: number): Promise<void> {
  if (passed < pace.slowFrom) return
  await pace.gate
  const pause = (next / pace.slowRate) * 1000
  if (pause >= 1) await sleep(pause)
}

async function untilPassed(passed: () => number, bytes: number, end: Promise<unknown>): Promise<void> {
  let early: unknown
  void end.then((result) => {
    early = result ?? 'ended'
  })
  await waitFor(
    () => {
      if (early !== undefined && passed() < bytes) {
        throw new Error(
          `ended after ${passed()} of ${bytes} bytes: ${early instanceof Error ? early.message : JSON.stringify(early)}`,
        )
      }
      return passed() >= bytes
    },
    { what: `only ${passed()} of ${bytes} bytes have passed`, timeoutMs: 60_000 },
  )
}

function toError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown))
}
