import type { TypedClient } from '@glance/shared/bus/client'
import type { DownloadSource, OpenDownload } from '@glance/shared/contracts/bytes'
import type { StoreRpc } from '@glance/shared/contracts/store-rpc'
import type { ByteRange } from '@glance/shared/contracts/transfer'
import { type GlanceError, isCode, toGlanceError } from '@glance/shared/errors/error'
import type { DownloadDesk, DownloadWish, ResumableDownload } from './desk.ts'

export interface DownloadParts {
  stores: (storeId: string) => Pick<TypedClient<StoreRpc>, 'openRead'>
  source: DownloadSource
}

/** Opens the desk: asks a worker of each place's store in turn, and fetches at the one that has the object. */
export function openDownloads(parts: DownloadParts): DownloadDesk {
  return {
    openFirst: async (wish) => {
      const failures: GlanceError[] = []
      const opened = await openFrom(parts, wish, { at: 0, failures })
      if (opened !== undefined) return opened
      throw failures.find((each) => !isCode(each, 'StoreObjectNotFound')) ?? failures[0] ?? toGlanceError(undefined)
    },
  }
}

async function openFrom(
  parts: DownloadParts,
  wish: DownloadWish,
  from: { at: number; failures: GlanceError[] },
): Promise<ResumableDownload | undefined> {
  for (let at = from.at; at < wish.places.length; at += 1) {
    const place = wish.places[at]
    if (place === undefined) continue
    try {
      const client = parts.stores(place.store)
      const ready = await client.openRead(
        wish.context,
        { imageId: wish.imageId, url: place.url },
        { signal: wish.signal },
      )
      const range = wish.range ?? { first: 0, last: ready.size - 1 }
      const options = { signal: wish.signal, ...(wish.range === undefined ? {} : { range }) }
      const opened = await parts.source.open(ready.source, options)
      return resumable(opened, { parts, wish, range, next: at + 1 })
    } catch (thrown) {
      if (isCode(thrown, 'ClientGone')) throw thrown
      from.failures.push(toGlanceError(thrown))
    }
  }
  return undefined
}

function resumable(
  opened: OpenDownload,
  rest: { parts: DownloadParts; wish: DownloadWish; range: ByteRange; next: number },
): ResumableDownload {
  const { parts, wish, range, next } = rest
  return {
    ...opened,
    resume: async (sent) => {
      opened.bytes.destroy()
      const left = { first: range.first + sent, last: range.last }
      return openFrom(parts, { ...wish, range: left }, { at: next, failures: [] })
    },
  }
}
