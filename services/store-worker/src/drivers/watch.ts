/** Bytes on their way into a driver, and what became of them. */
export interface Watched {
  readonly bytes: AsyncIterable<Uint8Array>
  /** Set when the source itself failed. */
  readonly failure: { readonly thrown: unknown } | undefined
  /** Lets go of the source, if the driver has not read it to its end. */
  close(): void
}

/**
 * Yields what `source` yields until `signal` aborts; then the pending read throws the signal's reason at once, also
 * when the source hangs.
 */
export function watch(source: AsyncIterable<Uint8Array>, signal: AbortSignal): Watched {
  const inner = source[Symbol.asyncIterator]()
  let failure: { readonly thrown: unknown } | undefined
  let isOver = false
  /** Ends the read that is pending. One listener for all reads: a race for each would pile up over a long image. */
  let wake: (() => void) | undefined
  const onAbort = (): void => wake?.()
  signal.addEventListener('abort', onAbort)

  const end = (): void => {
    isOver = true
    signal.removeEventListener('abort', onAbort)
  }
  const next = (): Promise<IteratorResult<Uint8Array>> =>
    new Promise((resolve, reject) => {
      if (isOver) return resolve({ done: true, value: undefined })
      wake = () => {
        close()
        reject(signal.reason)
      }
      if (signal.aborted) return wake()
      inner.next().then(
        (result) => {
          if (result.done) end()
          resolve(result)
        },
        (thrown: unknown) => {
          if (!isOver) failure = { thrown }
          end()
          reject(thrown)
        },
      )
    })
  const close = (): void => {
    if (isOver) return
    end()
    // A source that hangs is not waited for.
    inner.return?.().catch(() => undefined)
  }

  return {
    bytes: {
      [Symbol.asyncIterator]: () => ({
        next,
        return: async () => {
          close()
          return { done: true, value: undefined }
        },
      }),
    },
    get failure() {
      return failure
    },
    close,
  }
}
