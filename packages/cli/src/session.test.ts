import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { serviceRoot } from './session.ts'
import { TOKEN } from './testing/fake-answers.ts'
import { PASSWORD } from './testing/fake-identity.ts'
import { type FakeService, startFakeService } from './testing/fake-service.ts'
import { type RunOptions, runCli } from './testing/run-cli.ts'

let service: FakeService
beforeAll(async () => {
  service = await startFakeService()
})
beforeEach(() => {
  service.seen.length = 0
})
afterAll(() => service.close())

const password = () => ({
  OS_AUTH_URL: `${service.url}/identity/v3`,
  OS_USERNAME: 'u',
  OS_PASSWORD: PASSWORD,
  OS_PROJECT_NAME: 'p',
  OS_USER_DOMAIN_NAME: 'Users',
  OS_REGION_NAME: 'one',
})
const list = (env: Record<string, string>, options: RunOptions = {}) => runCli(['image-list'], { ...options, env })
const calls = () => service.seen.map(({ method, url }) => `${method} ${url.replace(/\?.*/, '')}`)
const demand = () => JSON.parse(service.seen.find(({ method }) => method === 'POST')?.body.toString() ?? '{}').auth

describe('authentication', () => {
  it('trades a password for a token scoped to the project', async () => {
    expect(await list(password())).toMatchObject({ code: 0, stderr: '' })
    expect(calls()).toEqual(['POST /identity/v3/auth/tokens', 'GET /v2/images'])
    expect(demand()).toEqual({
      identity: {
        methods: ['password'],
        password: { user: { name: 'u', password: PASSWORD, domain: { name: 'Users' } } },
      },
      scope: { project: { name: 'p', domain: { id: 'default' } } },
    })
    expect(service.seen[1]?.headers).toMatchObject({ 'x-auth-token': TOKEN, accept: '*/*' })
  })

  it('asks an unversioned identity service for v3, and stays on the host it was given', async () => {
    expect(await list({ ...password(), OS_AUTH_URL: `${service.url}/identity/` })).toMatchObject({ code: 0 })
    expect(calls().slice(0, 2)).toEqual(['GET /identity', 'POST /identity/v3/auth/tokens'])
  })

  it('takes ids where given, for user and project', async () => {
    await list({ ...password(), OS_USER_ID: 'uid', OS_PROJECT_ID: 'pid' })
    expect(demand()).toMatchObject({
      identity: { password: { user: { id: 'uid' } } },
      scope: { project: { id: 'pid' } },
    })
  })

  it('uses the default domain for user and project', async () => {
    await list({ ...password(), OS_USER_DOMAIN_NAME: '', OS_DEFAULT_DOMAIN_NAME: 'Dom' })
    expect(demand().identity.password.user.domain).toEqual({ name: 'Dom' })
    expect(demand().scope.project.domain).toEqual({ name: 'Dom' })
  })

  it('trades a token for a scoped one', async () => {
    const { OS_AUTH_URL, OS_REGION_NAME } = password()
    await list({ OS_AUTH_URL, OS_REGION_NAME, OS_TOKEN: `${TOKEN}\n`, OS_PROJECT_ID: 'pid' })
    expect(demand()).toEqual({
      identity: { methods: ['token'], token: { id: TOKEN } },
      scope: { project: { id: 'pid' } },
    })
  })

  it('uses an application credential, which needs no project', async () => {
    const { OS_AUTH_URL, OS_REGION_NAME } = password()
    const credential = { OS_APPLICATION_CREDENTIAL_ID: 'ac', OS_APPLICATION_CREDENTIAL_SECRET: PASSWORD }
    const env = { OS_AUTH_URL, OS_REGION_NAME, OS_AUTH_TYPE: 'v3applicationcredential', ...credential }
    expect(await list(env)).toMatchObject({ code: 0 })
    expect(demand()).toEqual({
      identity: { methods: ['application_credential'], application_credential: { id: 'ac', secret: PASSWORD } },
    })
  })

  it('asks no identity service when image URL and token are given', async () => {
    const env = { ...password(), OS_IMAGE_URL: `${service.url}/v2`, OS_AUTH_TOKEN: TOKEN }
    expect(await list(env)).toMatchObject({ code: 0 })
    expect(calls()).toEqual(['GET /v2/images'])
  })

  it('sends no token with auth type none', async () => {
    const result = await list({ OS_AUTH_TYPE: 'none', OS_IMAGE_URL: service.url })
    expect(service.seen[0]?.headers).not.toHaveProperty('x-auth-token')
    expect(result).toMatchObject({ code: 1, stderr: 'Invalid OpenStack Identity credentials.\n' })
  })

  it('asks for the password on a terminal', async () => {
    const env = { ...password(), OS_PASSWORD: '' }
    const questions: string[] = []
    const askSecret = async (question: string) => {
      questions.push(question)
      return PASSWORD
    }
    expect(await list(env, { askSecret })).toMatchObject({ code: 0 })
    expect(questions).toEqual(['OS Password: '])
  })

  it.each([
    [{ OS_PASSWORD: 'wrong' }, 'Invalid OpenStack Identity credentials.'],
    [{ OS_PASSWORD: '' }, 'You must provide a password via either --os-password'],
    [{ OS_USERNAME: '' }, 'You must provide a username via either --os-username'],
    [{ OS_PROJECT_NAME: '' }, 'You must provide a project via --os-project-id'],
    [{ OS_AUTH_URL: '' }, 'You must provide an auth url via either --os-auth-url'],
    [{ OS_AUTH_URL: 'http://127.0.0.1:1/v2.0' }, 'Keystone v2 is not supported'],
    [{ OS_AUTH_URL: 'ftp://x/v3' }, 'Not an http or https URL: ftp://x/v3/auth/tokens'],
    [{ OS_AUTH_TYPE: 'kerberos' }, "Unknown auth type 'kerberos'"],
    [{ OS_AUTH_TYPE: 'none' }, 'Auth type none needs --os-image-url'],
    [{ OS_AUTH_TYPE: 'token' }, 'You must provide a token via either --os-auth-token'],
    [{ OS_REGION_NAME: 'three' }, 'public endpoint for image service in three region not found'],
    [{ OS_IMAGE_API_VERSION: '1' }, "Invalid API version parameter '1'. Supported values are [2]"],
  ])('with %j fails with one sentence', async (change, sentence) => {
    const result = await list({ ...password(), ...change })
    expect(result).toMatchObject({ code: 1, stdout: '' })
    expect(result.stderr).toContain(sentence)
    expect(result.stderr.trimEnd().split('\n')).toHaveLength(1)
  })

  it('chooses the endpoint by interface and strips its version', async () => {
    expect(await list({ ...password(), OS_INTERFACE: 'internalURL' })).toMatchObject({ code: 0 })
    expect(await list({ ...password(), OS_ENDPOINT_TYPE: 'admin' })).toMatchObject({ code: 1 })
  })
})

describe('--debug', () => {
  it('logs requests and answers, and never a secret', async () => {
    const { stderr } = await runCli(['--debug', 'image-list'], { env: password() })
    expect(stderr).toContain(`curl -g -i -X POST '${service.url}/identity/v3/auth/tokens'`)
    expect(stderr).toContain('"password":"***"')
    expect(stderr).toMatch(/X-Auth-Token: \{SHA256\}[0-9a-f]{64}/)
    expect(stderr).toContain('HTTP/1.1 200')
    expect(stderr).toContain('"images":[]')
    expect(stderr).not.toContain(PASSWORD)
    expect(stderr).not.toContain(TOKEN)
  })

  it('hides the secret of an application credential and a token that is traded', async () => {
    const { OS_AUTH_URL, OS_REGION_NAME } = password()
    const base = { OS_AUTH_URL, OS_REGION_NAME, GLANCECLIENT_DEBUG: '1' }
    const byToken = await list({ ...base, OS_TOKEN: TOKEN })
    expect(byToken.stderr).toContain('"token":{"id":"***"}')
    expect(byToken.stderr).not.toContain(TOKEN)
    const credential = { OS_APPLICATION_CREDENTIAL_ID: 'ac', OS_APPLICATION_CREDENTIAL_SECRET: PASSWORD }
    expect((await list({ ...base, ...credential })).stderr).not.toContain(PASSWORD)
  })
})

describe('serviceRoot', () => {
  it.each([
    ['http://h:9292', 'http://h:9292'],
    ['http://h:9292/', 'http://h:9292'],
    ['http://h:9292/v2', 'http://h:9292'],
    ['http://h/image/v2.17/', 'http://h/image'],
    ['http://h/v2images', 'http://h/v2images'],
  ])('%s is %s', (url, root) => {
    expect(serviceRoot(url)).toBe(root)
  })
})
