import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { refuse, sendJson } from './testing/fake-answers.ts'
import { type FakeService, startFakeService } from './testing/fake-service.ts'
import { runCli, tokenEnv } from './testing/run-cli.ts'
import { verbs } from './verbs.ts'

describe('help', () => {
  it.each([[[]], [['--help']], [['-h']], [['help']], [['-v']]])('%j shows the whole help on stdout', async (argv) => {
    const { code, stdout, stderr } = await runCli(argv)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(/^usage: glance \[--version\] \[-d\] \[-v\]/)
    for (const name of Object.keys(verbs)) expect(stdout).toContain(`\n  ${name} `)
    expect(stdout).toContain('  -h, --help            Show help and exit.\n')
  })

  it.each(Object.keys(verbs))('explains %s', async (name) => {
    const { code, stdout } = await runCli(['help', name])
    expect(code).toBe(0)
    expect(stdout).toContain(`usage: glance ${name}`)
    expect(stdout).toContain(verbs[name]?.summary.split(' ').slice(0, 4).join(' '))
    expect(await runCli([name, '--help'])).toMatchObject({ code: 0, stdout, stderr: '' })
  })

  it('keeps lines within a terminal', async () => {
    for (const name of Object.keys(verbs))
      for (const line of (await runCli(['help', name])).stdout.split('\n')) expect(line.length).toBeLessThan(80)
  })

  it('never shows a value from the environment', async () => {
    expect((await runCli([], { env: { OS_PASSWORD: 'swordfish' } })).stdout).not.toContain('swordfish')
  })

  it('refuses help for what is no subcommand', async () => {
    expect(await runCli(['help', 'nope'])).toMatchObject({ code: 1, stderr: "'nope' is not a valid subcommand\n" })
  })

  it('shows the version', async () => {
    expect(await runCli(['--version'])).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) })
  })

  it('lists words for completion', async () => {
    const { code, stdout } = await runCli(['bash-completion'])
    expect(code).toBe(0)
    expect(stdout.split(/\s/)).toEqual(expect.arrayContaining(['image-create', 'image-show', '--disk-format', 'help']))
  })
})

describe('wrong usage', () => {
  it('names all subcommands for an unknown one', async () => {
    const { code, stdout, stderr } = await runCli(['image-shwo'])
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(/^usage: glance /)
    expect(stderr.trimEnd().split('\n').at(-1)).toBe(
      "glance: error: argument <subcommand>: invalid choice: 'image-shwo' (choose from 'image-create', 'image-delete', " +
        "'image-download', 'image-list', 'image-show', 'image-tag-delete', 'image-tag-update', 'image-update', " +
        "'image-upload', 'bash-completion', 'help')",
    )
  })

  it.each([['constructor'], ['toString'], ['__proto__']])('%s is no subcommand', async (name) => {
    expect((await runCli([name])).code).toBe(2)
  })

  it.each([
    [['image-show'], "missing required argument 'IMAGE_ID'"],
    [['image-delete'], "missing required argument 'IMAGE_ID'"],
    [['image-show', 'a', 'b'], 'too many arguments'],
    [['image-show', 'a', '--bogus'], "unknown option '--bogus'"],
    [['image-show', 'a', '--max-column-width', '0'], 'It must be at least 1.'],
    [['image-list', '--sort-key', 'colour'], 'Choose from name, status'],
    [['image-list', '--limit', 'x'], 'It must be a whole number.'],
    [['image-create', '--protected', 'maybe'], 'It must be True or False.'],
    [['image-create', '--name'], 'argument missing'],
    [['image-create', '--min', '5'], 'ambiguous option: --min could match --min-disk, --min-ram'],
  ])('%j ends with 2 and the reason', async (argv, why) => {
    const { code, stdout, stderr } = await runCli(argv)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(/^usage: glance image-/)
    expect(stderr).toContain(`glance ${argv[0]}: error: `)
    expect(stderr).toContain(why)
  })

  it('wrong global options show the global usage', async () => {
    const { code, stderr } = await runCli(['--bogus', 'image-list'])
    expect(code).toBe(2)
    expect(stderr).toContain("error: unknown option '--bogus'")
  })
})

describe('failures', () => {
  let service: FakeService
  beforeAll(async () => {
    service = await startFakeService()
  })
  afterAll(() => service.close())
  const list = (...argv: string[]) => runCli([...argv, 'image-list'], { env: tokenEnv(service) })

  it('tells the details the service gave', async () => {
    service.override = (_request, response) => {
      refuse(response, 503, 'Service Unavailable', 'No registry answers.')
      return true
    }
    expect(await list()).toMatchObject({ code: 1, stderr: 'HTTP 503 Service Unavailable: No registry answers.\n' })
  })

  it('treats a choice of versions as a failure', async () => {
    service.override = (_request, response) => {
      sendJson(response, 300, { versions: [] })
      return true
    }
    expect((await list()).code).toBe(1)
  })

  it('says so when an answer is not JSON', async () => {
    service.override = (_request, response) => {
      response.end('<html>welcome</html>')
      return true
    }
    expect((await list()).stderr).toMatch(/^The answer to GET \/v2\/images.* is not JSON\n$/)
  })

  it('says so when the server breaks off', async () => {
    service.override = (_request, response) => {
      response.destroy()
      return true
    }
    expect((await list()).stderr).toMatch(/^Error communicating with http:\/\/127.0.0.1:\d+\/v2\/images.*: /)
  })

  it('gives up after the timeout', async () => {
    service.override = () => true
    expect(await list('--timeout', '0.2')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('Error communicating with'),
    })
  })

  it('shows a stack with --debug', async () => {
    service.override = (_request, response) => {
      refuse(response, 500, 'Internal Server Error', 'Oops.')
      return true
    }
    expect((await list('--debug')).stderr).toMatch(/HttpError: HTTP 500 Internal Server Error: Oops\.\n {4}at /)
  })

  it('ends with 130 when interrupted', async () => {
    const stop = new AbortController()
    service.override = () => {
      stop.abort('SIGINT')
      return true
    }
    const result = await runCli(['image-list'], { env: tokenEnv(service), signal: stop.signal })
    expect(result).toMatchObject({ code: 130, stdout: '', stderr: '... terminating glance client\n' })
  })

  it('cannot reach a closed port', async () => {
    const result = await runCli(['image-list'], {
      env: { OS_IMAGE_URL: 'http://u:pw@127.0.0.1:1', OS_AUTH_TOKEN: 'x' },
    })
    expect(result).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('Error finding address for http://127.0.0.1:1/'),
    })
    expect(result.stderr).not.toContain('pw')
  })

  it('refuses a token no header can carry, without showing it', async () => {
    const { code, stderr } = await runCli(['--os-auth-token', 'se\ncret', 'image-list'], {
      env: { OS_IMAGE_URL: service.url },
    })
    expect(code).toBe(1)
    expect(stderr).toBe('invalid X-Auth-Token header\n')
  })

  it('names a TLS file it cannot read', async () => {
    const env = { ...tokenEnv(service), OS_CACERT: '/no/such.pem' }
    expect((await runCli(['image-list'], { env })).stderr).toMatch(/^Unable to read TLS file \/no\/such.pem: ENOENT/)
  })
})
