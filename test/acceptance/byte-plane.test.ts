import { readFileSync } from 'node:fs'
import { beforeAll, describe, expect, it } from 'vitest'
import { send } from '../support/glance-http.ts'
import { waitFor } from '../support/wait.ts'
import { onEachTarget, type Target } from './target.ts'

onEachTarget((target) => {
  // In one process image bytes are handed over in memory: there is no listener to attack.
  if (target.kind === 'distributed') listenerTests(target)

  it('no process listens on an address that other machines reach', () => {
    const table = readFileSync('/proc/net/tcp', 'latin1')
    const ports = [target.url, ...target.facts.workerBytesUrls].map((each) => Number(new URL(each).port))
    for (const port of ports) {
      const end = `:${port.toString(16).toUpperCase().padStart(4, '0')} `
      const lines = table.split('\n').filter((line) => line.includes(' 0A ') && line.includes(end))
      expect(lines.map((line) => line.trim().split(/\s+/)[1]?.split(':')[0])).toEqual(['0100007F'])
    }
  })

  it('no password, token or credential of an URL stands in any log', async () => {
    const secrets = [
      ...Object.values(target.facts.accounts).map(({ password }) => password),
      (await target.as('member')).token,
      'glance-secret',
    ]
    for (const { logFile } of Object.values(target.facts.processes)) {
      const text = readFileSync(logFile, 'utf8')
      for (const secret of secrets) expect(text.includes(secret)).toBe(false)
    }
  })
})

function listenerTests(target: Target): void {
  describe('the listener of a store worker', () => {
    const [url = ''] = target.facts.workerBytesUrls
    let since = 0
    const log = (): string => readFileSync(target.facts.processes['worker-1']?.logFile ?? '', 'utf8')
    beforeAll(() => {
      since = log().length
    })

    it.each([
      ['no ticket', {}],
      ['an empty ticket', { 'x-glance-ticket': '' }],
      ['an invented ticket', { 'x-glance-ticket': 'A'.repeat(43) }],
      ['a token in place of a ticket', { 'x-auth-token': 'token' }],
    ])('refuses %s with 401 and says so in its log', async (_what, headers) => {
      since = log().length
      const reply = await send(url, { method: 'GET', path: '/downloads', headers })
      expect(reply.status).toBe(401)
      expect(reply.text).not.toContain('/')
      await waitFor(() => /not served|refused/i.test(log().slice(since)), {
        what: 'no refusal in the log',
        timeoutMs: 5000,
      })
      expect(log().slice(since)).not.toContain('A'.repeat(43))
    })

    it.each(['/', '/downloads/../../etc/passwd', '/uploads', '/v2/images'])(
      'knows nothing at %s: 404',
      async (path) => {
        expect((await send(url, { method: 'GET', path })).status).toBe(404)
      },
    )

    it('stays able to serve', async () => {
      const member = await target.as('member')
      const image = await member.createWithData('served after all')
      expect(await member.download(image.id)).toMatchObject({ status: 200, md5: image.checksum as string })
      await member.delete(image.id)
    })
  })
}
