import type { ServerResponse } from 'node:http'
import { type SeenRequest, sendJson, TOKEN } from './fake-answers.ts'

export const PASSWORD = 'correct horse'

/** Keystone v3 below /identity: versions, and tokens for one user with the endpoints of one image service. */
export function answerIdentity(seen: SeenRequest, response: ServerResponse, url: string): ServerResponse {
  const v3 = { id: 'v3.14', status: 'stable', links: [{ rel: 'self', href: 'http://internal.example/identity/v3/' }] }
  if (seen.url === '/identity' || seen.url === '/identity/')
    return sendJson(response, 300, { versions: { values: [v3] } })
  if (seen.url === '/identity/v3' || seen.url === '/identity/v3/') {
    return sendJson(response, 200, { version: { ...v3, links: [{ rel: 'self', href: `${url}/identity/v3/` }] } })
  }
  if (seen.method !== 'POST' || seen.url !== '/identity/v3/auth/tokens')
    return sendJson(response, 404, { error: { code: 404, message: 'Not here.', title: 'Not Found' } })
  const { identity } = JSON.parse(seen.body.toString()).auth
  const secret = identity.password?.user.password ?? identity.token?.id ?? identity.application_credential?.secret
  if (secret !== PASSWORD && secret !== TOKEN)
    return sendJson(response, 401, { error: { code: 401, message: 'Who are you?', title: 'Unauthorized' } })
  response.setHeader('X-Subject-Token', TOKEN)
  return sendJson(response, 201, {
    token: { methods: identity.methods, expires_at: '2099-01-01T00:00:00.000000Z', catalog: catalog(url) },
  })
}

function catalog(url: string): unknown {
  const image = (region: string, name: string, target: string) => ({
    region,
    region_id: region,
    interface: name,
    url: target,
  })
  return [
    { type: 'compute', endpoints: [image('one', 'public', 'http://127.0.0.1:1/')] },
    {
      type: 'image',
      endpoints: [
        image('two', 'public', 'http://127.0.0.1:1/two'),
        image('one', 'admin', 'http://127.0.0.1:1/admin'),
        image('one', 'public', `${url}/`),
        image('one', 'internal', `${url}/v2/`),
      ],
    },
  ]
}
