import { Command } from 'commander'
import { describe, expect, it } from 'vitest'
import { collect, declareGlobals, type GlobalOptions, trueOrFalse, wholeNumber } from './options.ts'

function globals(argv: string[], env: Record<string, string> = {}): GlobalOptions {
  const program = new Command().exitOverride().configureOutput({ writeErr: () => undefined })
  declareGlobals(program, env)
  program.parse(argv, { from: 'user' })
  return program.opts<GlobalOptions>()
}

describe('declareGlobals', () => {
  it('fills options from the environment, the command line first', () => {
    const env = { OS_USERNAME: 'env', OS_TENANT_NAME: 'p', OS_IMAGE_URL: '', OS_IMAGE_ENDPOINT_OVERRIDE: 'http://x' }
    expect(globals(['--os-username', 'line'], env)).toMatchObject({
      osUsername: 'line',
      osProjectName: 'p',
      osImageUrl: 'http://x',
    })
  })

  it('prefers the newer variable of two', () => {
    expect(globals([], { OS_TENANT_ID: 'old', OS_PROJECT_ID: 'new' }).osProjectId).toBe('new')
  })

  it('does not touch blanks in a password', () => {
    expect(globals([], { OS_PASSWORD: ' secret ' }).osPassword).toBe(' secret ')
  })

  it('turns debugging on by any value', () => {
    expect(globals([], { GLANCECLIENT_DEBUG: '1' }).debug).toBe(true)
    expect(globals([], { GLANCECLIENT_DEBUG: '' }).debug).toBeUndefined()
  })

  it.each(['0', '-1', 'x', ''])('refuses a timeout of %j', (text) => {
    expect(() => globals(['--timeout', text])).toThrow('It must be a number of seconds above 0.')
  })

  it('waits ten minutes by default', () => {
    expect(globals([]).timeout).toBe(600)
    expect(globals(['--timeout', '1.5']).timeout).toBe(1.5)
  })
})

describe('option arguments', () => {
  it.each(['1', 't', 'True', 'on', 'Y', 'yes'])('%s is true', (text) => expect(trueOrFalse(text)).toBe(true))
  it.each(['0', 'f', 'False', 'off', 'N', 'no'])('%s is false', (text) => expect(trueOrFalse(text)).toBe(false))
  it('refuses any other truth', () => expect(() => trueOrFalse('maybe')).toThrow('It must be True or False.'))

  it('reads whole numbers within their bounds', () => {
    expect(wholeNumber()('12')).toBe(12)
    expect(() => wholeNumber()('1.5')).toThrow('It must be a whole number.')
    expect(() => wholeNumber()('')).toThrow('It must be a whole number.')
    expect(() => wholeNumber(1)('0')).toThrow('It must be at least 1.')
  })

  it('collects repeated values in order', () => {
    expect(collect('b', collect('a'))).toEqual(['a', 'b'])
  })
})
