import { describe, expect, it } from 'vitest'
import { curlLine, replyLines } from './trace.ts'

describe('curlLine', () => {
  it('is a command that can be pasted into a shell', () => {
    const request = {
      method: 'POST',
      url: 'http://x/v2/images?a=1&b=2',
      headers: { Accept: '*/*' },
      body: `{"name": "it's"}`,
    }
    expect(curlLine(request)).toBe(
      `curl -g -i -X POST 'http://x/v2/images?a=1&b=2' -H 'Accept: */*' -d '{"name": "it'\\''s"}'`,
    )
  })

  it('shows a digest in place of a token', () => {
    const line = curlLine({ method: 'GET', url: 'http://x/', headers: { 'X-Auth-Token': 'abc' } })
    expect(line).toContain('X-Auth-Token: {SHA256}ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
  })
})

describe('replyLines', () => {
  it('hides the token Keystone answers with', () => {
    expect(replyLines(201, { 'x-subject-token': 'abc', vary: 'X-Auth-Token' })).toMatch(
      /^HTTP\/1.1 201\nx-subject-token: \{SHA256\}[0-9a-f]{64}\nvary: X-Auth-Token$/,
    )
  })
})
