import { text } from 'node:stream/consumers'
import { findBinary } from '../binaries.ts'
import { type BoundChild, cleanEnv, spawnBound } from '../child.ts'

export interface Transfer {
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
}

export interface UploadLoadOptions {
  /** All at once, each by a curl of its own. */
  readonly transfers: readonly Transfer[]
  /** File whose bytes each PUT sends; lay it in /dev/shm to leave the disk to the server. */
  readonly file: string
  /** With Transfer-Encoding: chunked instead of a Content-Length. */
  readonly chunked?: boolean
}

export interface DownloadLoadOptions {
  /** All at once, each by a curl of its own; the bytes are thrown away. */
  readonly transfers: readonly Transfer[]
}

export interface TransferOutcome {
  readonly url: string
  /** HTTP status; 0 when there was no answer. */
  readonly status: number
  /** Bytes of the body sent or received. */
  readonly bytes: number
  readonly seconds: number
  /** curl's message when it failed, or what the server said to a status from 400 on. */
  readonly error?: string
}

export interface TransferLoadResult {
  /** From the start of the first curl to the end of the last, in seconds. */
  readonly seconds: number
  readonly bytes: number
  /** All transfers together, in units of 10^6 bytes per second. */
  readonly megabytesPerSecond: number
  readonly outcomes: readonly TransferOutcome[]
  /** Transfers that failed; a result with errors measures nothing. */
  readonly errors: number
}

/** PUTs the file to every URL at the same time. */
export function runUploads(options: UploadLoadOptions): Promise<TransferLoadResult> {
  const framing = options.chunked === true ? ['--header', 'Transfer-Encoding: chunked'] : []
  const type = ['--header', 'Content-Type: application/octet-stream']
  const args = ['--upload-file', options.file, ...framing, ...type, '--output', '-']
  return runAll(options.transfers, { args, size: 'size_upload' })
}

/** GETs every URL at the same time and throws the bytes away. */
export function runDownloads(options: DownloadLoadOptions): Promise<TransferLoadResult> {
  return runAll(options.transfers, { args: ['--output', '/dev/null'], size: 'size_download' })
}

interface Curl {
  readonly args: readonly string[]
  /** Variable of curl's --write-out that holds the length of the body. */
  readonly size: 'size_upload' | 'size_download'
}

async function runAll(transfers: readonly Transfer[], curl: Curl): Promise<TransferLoadResult> {
  const start = performance.now()
  const outcomes = await Promise.all(transfers.map((transfer) => runOne(transfer, curl)))
  const seconds = (performance.now() - start) / 1000
  const bytes = outcomes.reduce((sum, outcome) => sum + outcome.bytes, 0)
  return {
    seconds,
    bytes,
    megabytesPerSecond: bytes / 1e6 / seconds,
    outcomes,
    errors: outcomes.filter((outcome) => outcome.error !== undefined).length,
  }
}

async function runOne(transfer: Transfer, curl: Curl): Promise<TransferOutcome> {
  const headers = Object.entries(transfer.headers ?? {}).flatMap(([name, value]) => ['--header', `${name}: ${value}`])
  const form = ['--disable', '--silent', '--show-error', '--noproxy', '*']
  const report = ['--write-out', `%{stderr}\n%{http_code} %{${curl.size}} %{time_total}`]
  const args = [...form, ...report, ...curl.args, ...headers, transfer.url]
  const child = await spawnBound(findBinary('curl'), args, { env: cleanEnv(), stdio: ['ignore', 'pipe', 'pipe'] })
  return outcomeOf(transfer.url, child)
}

async function outcomeOf(url: string, child: BoundChild): Promise<TransferOutcome> {
  const { stdout, stderr } = child.process
  if (stdout === null || stderr === null) throw new Error('curl has no pipes')
  const [said, printed, exit] = await Promise.all([text(stdout), text(stderr), child.exited])
  const lines = printed.trimEnd().split('\n')
  const [status, bytes, seconds] = (lines.pop() ?? '').split(' ').map(Number)
  const outcome = { url, status: status ?? 0, bytes: bytes ?? 0, seconds: seconds ?? 0 }
  if (exit.code !== 0)
    return { ...outcome, error: lines.join(' ').trim() || `curl ended with ${exit.code ?? exit.signal}` }
  return outcome.status >= 400 ? { ...outcome, error: said.slice(0, 500) || `status ${outcome.status}` } : outcome
}
