import type { ServerResponse } from 'node:http'
import { sendDownload as sendPart } from '@glance/shared/bytes/send'
import type { ResumableDownload } from './desk.ts'

/** The answer a download goes out in. */
export interface DownloadAnswer {
  /** Status and headers are set. */
  readonly response: ServerResponse
  readonly signal: AbortSignal
  /** Told how many bytes each place contributed. */
  onSent(bytes: number): void
}

/**
 * Sends a download as the body of an answer, and ends it. When a place breaks midway the next one goes on at the
 * byte where it stopped. Throws ClientGone, or what broke the last place; the answer is incomplete then.
 */
export async function sendDownload(download: ResumableDownload, answer: DownloadAnswer): Promise<void> {
  for (let current: ResumableDownload | undefined = download; ; ) {
    const { sent, broken } = await sendPart(answer.response, current, answer.signal)
    answer.onSent(sent)
    if (broken === undefined) break
    current = await current.resume(sent)
    if (current === undefined) throw broken
  }
  answer.response.end()
}
