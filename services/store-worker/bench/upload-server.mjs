// Measures the way of an upload: an HTTP server that puts every PUT through a transfer into a file, without fsync.
// Build first (npx tsc -b services/store-worker), then:
//   node services/store-worker/bench/upload-server.mjs DIRECTORY [PORT]
//   curl -T FILE http://127.0.0.1:PORT/
// Prints size, MB/s and CPU seconds per GiB of each upload; ends with SIGTERM.
import { open, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { openBlockPool } from '../dist/transfer/blocks.js'
import { openDigestPool } from '../dist/transfer/digest.js'
import { transfer } from '../dist/transfer/transfer.js'

const [directory = '.', port = '9292'] = process.argv.slice(2)
const quiet = () => undefined
const log = { debug: quiet, info: quiet, warn: console.warn, error: console.error, child: () => log }
const registry = {
  holdTransfer: async () => ({ leaseSeconds: 60 }),
  completeTransfer: async (_, { data }) => void console.log(data.size, data.checksum, data.hashValue.slice(0, 16)),
  failTransfer: async () => ({ outcome: 'failed' }),
  knowsObject: async () => ({ known: [false] }),
}
const driver = {
  async put(imageId, bytes) {
    const path = join(directory, imageId)
    const file = await open(path, 'w')
    let size = 0
    try {
      for await (const chunk of bytes) {
        for (let at = 0; at < chunk.length; ) at += (await file.write(chunk, at)).bytesWritten
        size += chunk.length
      }
    } finally {
      await file.close()
      await rm(path)
    }
    return { url: path, metadata: {}, size }
  },
  discard: async () => undefined,
  delete: async () => undefined,
}
const blocks = openBlockPool()
const parts = {
  registry,
  blocks,
  digests: openDigestPool({ threads: 0, blocks }),
  hashAlgo: 'sha512',
  inspection: { requireMatch: false, vmdkAllowedTypes: [], gptSafetyChecksNonfatal: [] },
  holder: 'bench',
}

let count = 0
const server = createServer(async (request, response) => {
  const imageId = `upload-${count++}`
  const before = process.cpuUsage()
  const began = performance.now()
  try {
    await transfer(parts, {
      transferId: imageId,
      imageId,
      store: 'bench',
      driver,
      sizeLimit: 2 ** 40,
      diskFormat: 'raw',
      containerFormat: 'bare',
      requestId: imageId,
      log,
      signal: new AbortController().signal,
      open: async () => ({ bytes: request }),
    })
    response.writeHead(204).end()
  } catch (thrown) {
    response.writeHead(500).end(String(thrown))
  }
  const size = Number(request.headers['content-length'])
  const { user, system } = process.cpuUsage(before)
  const seconds = (performance.now() - began) / 1000
  const cpu = (((user + system) / 1e6) * 2 ** 30) / size
  const rss = process.memoryUsage().rss / 1e6
  console.log(`${Math.round(size / 1e6 / seconds)} MB/s, ${cpu.toFixed(2)} CPU-s/GiB, ${Math.round(rss)} MB RSS`)
})
server.listen(Number(port), '127.0.0.1')
process.on('SIGTERM', () => {
  const { user, system } = process.cpuUsage()
  console.log(`in all ${((user + system) / 1e6).toFixed(2)} CPU-s`)
  process.exit()
})
