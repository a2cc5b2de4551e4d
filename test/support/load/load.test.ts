import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { spawnBound } from '../child.ts'
import { compileSupport } from '../compile.ts'
import { makeTempDir, removeDir } from '../temp-dir.ts'
import { waitFor } from '../wait.ts'
import { type LoadRequest, runHttpLoad } from './http-load.ts'
import { runHttpLoadChild } from './http-load-child.ts'
import { runDownloads, runUploads } from './transfer-load.ts'
import { measureUsage } from './usage.ts'

async function serve(listener: RequestListener): Promise<{ server: Server; url: string }> {
  const server = createServer(listener)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

const requests: LoadRequest[] = [
  { method: 'GET', path: '/length' },
  { method: 'GET', path: '/chunked', headers: { 'X-Auth-Token': 't' } },
  { method: 'HEAD', path: '/length' },
  { method: 'POST', path: '/echo', body: '{"a":1}' },
]

it('counts exactly what the server has answered, by status, over connections kept alive', async () => {
  const answered = new Map<number, number>()
  let connections = 0
  const { server, url } = await serve((request, response) => {
    response.statusCode = request.url === '/chunked' ? 503 : 200
    if (request.url === '/length') response.setHeader('content-length', 1000)
    response.on('finish', () => answered.set(response.statusCode, (answered.get(response.statusCode) ?? 0) + 1))
    if (request.method === 'POST') request.pipe(response)
    else if (request.url === '/chunked') response.write('a'.repeat(70_000), () => response.end('b'))
    else response.end('x'.repeat(1000))
  })
  server.on('connection', () => connections++)
  const result = await runHttpLoad({ url, connections: 8, requests, durationMs: 400 })
  expect(connections).toBe(8)
  expect(Object.keys(result.statuses)).toEqual(['200', '503'])
  expect(result.errors).toEqual({ 503: result.statuses[503] })
  // At the end up to one response per connection is under way.
  for (const [status, count] of answered) {
    expect(result.statuses[status]).toBeLessThanOrEqual(count)
    expect(result.statuses[status]).toBeGreaterThanOrEqual(count - 8)
  }
  expect(result.requestsPerSecond).toBeCloseTo(result.completed / result.seconds)
  expect(result.p50Ms).toBeGreaterThan(0)
  expect(result.p99Ms).toBeGreaterThanOrEqual(result.p50Ms)
  expect(result.maxMs).toBeGreaterThanOrEqual(result.p99Ms)
})

it('measures latency', async () => {
  const { url } = await serve((_request, response) => setTimeout(() => response.end('late'), 50))
  const result = await runHttpLoad({ url, connections: 4, requests: [{ method: 'GET', path: '/' }], durationMs: 600 })
  expect(result.p50Ms).toBeGreaterThan(48)
  expect(result.requestsPerSecond).toBeLessThan(4 / 0.048)
  expect(result.requestsPerSecond).toBeGreaterThan(20)
})

it('goes on when the server closes or breaks connections, and tells of the broken ones', async () => {
  let count = 0
  const { url } = await serve((request, response) => {
    count++
    if (count % 10 === 0) request.socket.resetAndDestroy()
    else response.writeHead(200, count % 3 === 0 ? { connection: 'close' } : {}).end('ok')
  })
  const result = await runHttpLoad({ url, connections: 4, requests: [{ method: 'GET', path: '/' }], durationMs: 400 })
  expect(result.statuses[200]).toBeGreaterThan(50)
  expect(Object.keys(result.errors)).toEqual(['ECONNRESET'])
})

it('fails when nobody listens', async () => {
  const load = { url: 'http://127.0.0.1:1', connections: 2, requests, durationMs: 100 }
  await expect(runHttpLoad(load)).rejects.toThrow('ECONNREFUSED')
  await expect(runHttpLoad({ ...load, requests: [] })).rejects.toThrow('at least one request')
})

it('loads from a process of its own', async () => {
  const dir = makeTempDir('load')
  onTestFinished(() => removeDir(dir))
  const main = await compileSupport('load/http-load-main.ts', dir)
  const { url } = await serve((_request, response) => response.end('ok'))
  const options = { url, connections: 4, requests: [{ method: 'GET', path: '/' }], durationMs: 500, warmupMs: 100 }
  const result = await runHttpLoadChild(options, main)
  expect(result.completed).toBeGreaterThan(100)
  expect(result.errors).toEqual({})
  expect(result.generatorCpuSeconds).toBeGreaterThan(0)
  await expect(runHttpLoadChild({ ...options, url: 'http://127.0.0.1:1' }, main)).rejects.toThrow('ECONNREFUSED')
})

it('uploads and downloads in parallel with curl', async () => {
  const dir = makeTempDir('transfer')
  onTestFinished(() => removeDir(dir))
  const file = join(dir, 'image')
  const content = Buffer.alloc(3_000_000, 'image')
  writeFileSync(file, content)
  const seen: unknown[] = []
  const { url } = await serve((request, response) => {
    if (request.url === '/refused') return void response.writeHead(409).end('in use')
    if (request.method === 'GET') return void response.end(content)
    const hash = createHash('md5')
    request.on('data', (chunk) => hash.update(chunk))
    request.on('end', () => {
      seen.push([request.headers['x-auth-token'], request.headers['content-length'], hash.digest('hex')])
      response.writeHead(204).end()
    })
  })
  const headers = { 'X-Auth-Token': 'tok' }
  const transfers = [1, 2, 3].map((number) => ({ url: `${url}/${number}`, headers }))
  const md5 = createHash('md5').update(content).digest('hex')

  const sent = await runUploads({ transfers, file })
  expect(sent).toMatchObject({ errors: 0, bytes: 9_000_000 })
  expect(sent.megabytesPerSecond).toBeCloseTo(9 / sent.seconds)
  expect(sent.outcomes.map((outcome) => outcome.status)).toEqual([204, 204, 204])
  await runUploads({ transfers: transfers.slice(0, 1), file, chunked: true })
  expect(seen).toEqual([...Array(3).fill(['tok', '3000000', md5]), ['tok', undefined, md5]])

  const received = await runDownloads({ transfers })
  expect(received).toMatchObject({ errors: 0, bytes: 9_000_000 })
  const failed = await runUploads({ transfers: [{ url: `${url}/refused` }, { url: 'http://127.0.0.1:1/' }], file })
  expect(failed.errors).toBe(2)
  expect(failed.outcomes[0]).toMatchObject({ status: 409, error: 'in use' })
  expect(failed.outcomes[1]).toMatchObject({ status: 0, error: expect.stringContaining('curl: (7)') })
})

it('measures CPU time and peak memory of other processes', async () => {
  const script = `process.stdin.once('data', () => {
    Buffer.alloc(200 << 20, 1); const end = Date.now() + 300; while (Date.now() < end); console.log('done') })`
  const child = await spawnBound(process.execPath, ['-e', script], { stdio: ['pipe', 'pipe', 'inherit'] })
  onTestFinished(() => child.end('SIGKILL', 1000).then(() => undefined))
  const { stdin, stdout } = child.process
  if (stdin === null || stdout === null) throw new Error('no pipes')
  const meter = measureUsage([child.pid])
  expect(meter.read()[0]?.peakRssBytes).toBeLessThan(200 << 20)
  stdin.write('go')
  await once(stdout, 'data')
  const used = await waitFor(() => meter.read()[0], { what: 'no usage' })
  expect(used.pid).toBe(child.pid)
  expect(used.cpuSeconds).toBeGreaterThan(0.2)
  expect(used.cpuSeconds).toBeLessThan(3)
  expect(used.peakRssBytes).toBeGreaterThan(200 << 20)
})
