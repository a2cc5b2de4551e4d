import { once } from 'node:events'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { runClient, runOpenstack, runOwnGlance, runPythonGlance } from './clients.ts'
import { makeTempDir, removeDir } from './temp-dir.ts'

it('gives a program its input, an empty home and only the environment it is given', async () => {
  const result = await runClient('sh', ['-c', 'cat; ls -A "$HOME" | wc -l; echo "$HOME" >&2; env | sort; exit 3'], {
    env: { OS_TOKEN: 'abc' },
    input: 'typed\n',
  })
  expect(result.code).toBe(3)
  expect(result.stdout).toMatch(/^typed\n0\n/)
  expect(result.stdout).toContain('OS_TOKEN=abc')
  expect(result.stdout).not.toContain('VITEST')
  expect(existsSync(result.stderr.trim())).toBe(false)
})

it('reads from and writes to files', async () => {
  const dir = makeTempDir('files')
  onTestFinished(() => removeDir(dir))
  const [from, to] = [join(dir, 'from'), join(dir, 'to')]
  writeFileSync(from, Buffer.alloc(300_000, 7))
  const result = await runClient('cat', [], { env: {}, input: { file: from }, outputFile: to })
  expect(result).toEqual({ code: 0, stdout: '', stderr: '' })
  expect(readFileSync(to).equals(readFileSync(from))).toBe(true)
})

it('kills a program that takes too long, and lets one end without reading its input', async () => {
  await expect(runClient('sleep', ['60'], { env: {}, timeoutMs: 100 })).rejects.toThrow(/sleep 60: ended by SIGKILL/)
  expect((await runClient('true', [], { env: {}, input: 'x'.repeat(1_000_000) })).code).toBe(0)
})

it('reaches an Images endpoint with both Python clients', async () => {
  const seen: string[] = []
  const server = createServer((request, response) => {
    seen.push(`${request.method} ${request.url} ${request.headers['x-auth-token']}`)
    const self = `http://${request.headers.host}/v2/`
    const answers: Record<string, [number, unknown]> = {
      '/': [300, { versions: [{ id: 'v2.9', status: 'CURRENT', links: [{ rel: 'self', href: self }] }] }],
      '/v2/schemas/image': [200, { name: 'image', properties: { id: { type: 'string' }, name: { type: 'string' } } }],
      '/v2/images': [200, { images: [{ id: 'i1', name: 'n1', status: 'active' }] }],
    }
    const path = (request.url ?? '').replace(/\?.*/, '').replace(/^\/versions$/, '/')
    const [status, body] = answers[path] ?? [404, {}]
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const [openstack, glance] = await Promise.all([
    runOpenstack(['image', 'list', '-f', 'value'], {
      env: { OS_AUTH_TYPE: 'admin_token', OS_ENDPOINT: `${url}/v2`, OS_TOKEN: 'secret' },
    }),
    runPythonGlance(['image-list'], { env: { OS_IMAGE_URL: url, OS_AUTH_TOKEN: 'secret' } }),
  ])
  expect(openstack).toMatchObject({ code: 0, stdout: expect.stringContaining('i1 n1') })
  expect(glance).toMatchObject({ code: 0, stdout: expect.stringContaining('| i1 | n1   |') })
  expect(seen.some((line) => line.startsWith('GET /v2/images') && line.endsWith(' secret'))).toBe(true)
})

it("runs this project's own command line, which says so when it is not built yet", async () => {
  const { code, stdout, stderr } = await runOwnGlance(['--version'], { env: {} })
  if (code === 0) expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
  else expect(stderr).toContain('npm run build')
})
