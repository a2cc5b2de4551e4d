import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { RawConnection } from './raw-http.ts'

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

async function open(url: string): Promise<RawConnection> {
  const connection = await RawConnection.open(url)
  onTestFinished(() => connection.close())
  return connection
}

it('reads bodies by length and by chunks, several on one connection', async () => {
  const { url } = await serve((request, response) => {
    response.setHeader('x-method', request.method ?? '')
    if (request.url === '/chunked') response.write('one-')
    response.end('two')
  })
  const connection = await open(url)
  const first = await connection.exchange({ method: 'GET', path: '/plain' })
  expect([first.status, first.reason, first.body.toString()]).toEqual([200, 'OK', 'two'])
  expect((await connection.exchange({ method: 'GET', path: '/chunked' })).body.toString()).toBe('one-two')
  const head = await connection.exchange({ method: 'HEAD', path: '/plain' })
  expect([head.headers.get('x-method'), head.body.length]).toEqual(['HEAD', 0])
})

it('sends bodies by length and by chunks', async () => {
  const { url } = await serve((request, response) => request.pipe(response))
  const connection = await open(url)
  expect((await connection.exchange({ method: 'PUT', path: '/', body: 'a body' })).body.toString()).toBe('a body')
  await connection.sendRequest({ method: 'PUT', path: '/', headers: { 'Transfer-Encoding': 'chunked' } })
  await connection.sendChunk(Buffer.from('in '))
  await connection.sendChunk(Buffer.from('pieces'))
  await connection.sendChunk(Buffer.alloc(0))
  const head = await connection.readHead()
  expect((await connection.readBody(head)).toString()).toBe('in pieces')
})

it('sees 100 Continue before it sends the body', async () => {
  const { server, url } = await serve((request, response) => request.pipe(response))
  server.on('checkContinue', (request, response) => {
    response.writeContinue()
    request.pipe(response)
  })
  const connection = await open(url)
  await connection.sendRequest({ method: 'PUT', path: '/', headers: { Expect: '100-continue', 'Content-Length': '4' } })
  expect((await connection.readHead()).status).toBe(100)
  await connection.send('data')
  const head = await connection.readHead()
  expect((await connection.readBody(head)).toString()).toBe('data')
})

it('breaks the connection midway', async () => {
  let broken: ((code: unknown) => void) | undefined
  const seen = new Promise((resolve) => {
    broken = resolve
  })
  const { url } = await serve((request) => {
    request.on('error', (error: NodeJS.ErrnoException) => broken?.(error.code))
    request.resume()
  })
  const connection = await open(url)
  await connection.sendRequest({ method: 'PUT', path: '/', headers: { 'Content-Length': '1000' } })
  await connection.send('only this')
  connection.breakOff()
  expect(await seen).toBe('ECONNRESET')
})

it('sends what no HTTP library would, and tells when the server closes', async () => {
  const { url } = await serve((_request, response) => response.end())
  const connection = await open(url)
  await connection.send('NONSENSE\r\n\r\n')
  const head = await connection.readHead()
  expect(head.status).toBe(400)
  await connection.untilClosed()
  await expect(connection.readHead()).rejects.toThrow('the server closed the connection')
})
