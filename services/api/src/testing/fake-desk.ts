import { Readable } from 'node:stream'
import type { UploadOutcome } from '@glance/shared/contracts/bytes'
import { deferred } from '@glance/shared/deferred'
import { GlanceError } from '@glance/shared/errors/error'
import type { DownloadDesk, DownloadWish, PendingUpload, ResumableDownload, UploadDesk } from '../bytes/desk.ts'

/** An offer as a test's worker sees it. */
export interface OfferedUpload {
  readonly upload: PendingUpload
  /** A worker connects. */
  take(): void
  /** The worker reads all bytes there will be. */
  read(): Promise<Buffer>
  report(outcome: UploadOutcome): void
  /** The worker's connection breaks. */
  break(): void
  readonly isWithdrawn: () => boolean
}

/** A desk whose offers a test takes by hand. */
export function fakeUploads(): { desk: UploadDesk; offers: OfferedUpload[] } {
  const offers: OfferedUpload[] = []
  return { desk: { offer: (upload) => makeOffer(upload, offers) }, offers }
}

function makeOffer(upload: PendingUpload, offers: OfferedUpload[]) {
  const taken = deferred<void>()
  const outcome = deferred<UploadOutcome>()
  outcome.promise.catch(() => undefined)
  let withdrawn = false
  offers.push({
    upload,
    take: () => taken.resolve(),
    read: () => readAll(upload.body),
    report: (result) => outcome.resolve(result),
    break: () => outcome.reject(new GlanceError('StoreUnavailable')),
    isWithdrawn: () => withdrawn,
  })
  return {
    source: { address: 'memory:', ticket: `t${offers.length}` },
    taken: taken.promise,
    outcome: outcome.promise,
    withdraw: () => {
      withdrawn = true
    },
  }
}

async function readAll(body: Readable): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of body.iterator({ destroyOnReturn: false })) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** A desk that reads everything from one text, and keeps what was wished for. */
export function fakeDownloads(text: string): { desk: DownloadDesk; wishes: DownloadWish[]; opened: Readable[] } {
  const wishes: DownloadWish[] = []
  const opened: Readable[] = []
  const openFirst = async (wish: DownloadWish): Promise<ResumableDownload> => {
    wishes.push(wish)
    const { first, last } = wish.range ?? { first: 0, last: text.length - 1 }
    const bytes = Readable.from([Buffer.from(text.slice(first, last + 1))])
    opened.push(bytes)
    return { bytes, length: last - first + 1, resume: async () => undefined }
  }
  return { desk: { openFirst }, wishes, opened }
}
