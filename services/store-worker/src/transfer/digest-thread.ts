/** To a digest thread. Blocks are shared memory: only their numbers travel, the memory itself once. */
export type ToThread =
  | { readonly open: number; readonly algorithm: string }
  | { readonly update: number; readonly block: number; readonly length: number; readonly memory?: SharedArrayBuffer }
  | { readonly finish: number }
  | { readonly drop: number }

/** From a digest thread. */
export type FromThread =
  | { readonly used: number }
  | { readonly digest: number; readonly hex: string }
  | { readonly failed: number; readonly message: string }

/**
 * What a digest thread runs. It is started from its own source text, so it must not use anything outside itself:
 * the same then works from TypeScript and from compiled code, without a path to a file.
 */
export function runDigestThread(): void {
  const { createHash } = process.getBuiltinModule('node:crypto')
  const { parentPort } = process.getBuiltinModule('node:worker_threads')
  const hashes = new Map<number, ReturnType<typeof createHash>>()
  const blocks = new Map<number, Uint8Array>()

  const reply = (message: FromThread): void => parentPort?.postMessage(message)
  const guard = (id: number, work: () => void): void => {
    try {
      work()
    } catch (thrown) {
      hashes.delete(id)
      reply({ failed: id, message: String(thrown) })
    }
  }
  parentPort?.on('message', (message: ToThread) => {
    if ('update' in message) {
      const { update: id, block, length, memory } = message
      if (memory !== undefined) blocks.set(block, new Uint8Array(memory))
      guard(id, () => {
        const bytes = blocks.get(block)
        if (bytes === undefined) throw new Error('unknown block')
        hashes.get(id)?.update(length === bytes.length ? bytes : bytes.subarray(0, length))
      })
      reply({ used: id })
    } else if ('open' in message) {
      guard(message.open, () => hashes.set(message.open, createHash(message.algorithm)))
    } else if ('finish' in message) {
      const hash = hashes.get(message.finish)
      hashes.delete(message.finish)
      if (hash !== undefined) reply({ digest: message.finish, hex: hash.digest('hex') })
    } else {
      hashes.delete(message.drop)
    }
  })
}
