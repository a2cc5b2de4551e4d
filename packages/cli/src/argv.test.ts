import { Option } from 'commander'
import { describe, expect, it } from 'vitest'
import { findSubcommand, normaliseArguments } from './argv.ts'

const globals = [
  new Option('-v, --verbose', ''),
  new Option('--os-image-url <URL>', ''),
  new Option('--os-username <N>', ''),
]
const own = [
  new Option('--name <NAME>', ''),
  new Option('--min-ram <N>', ''),
  new Option('--min-disk <N>', ''),
  new Option('--tags <TAGS...>', ''),
  new Option('--hidden [value]', ''),
]

describe('findSubcommand', () => {
  it.each([
    [['image-list'], 0],
    [['-v', 'image-list'], 1],
    [['--os-image-url', 'http://x', 'image-list'], 2],
    [['--os-image-url=http://x', 'image-list'], 1],
    [['--os_image_url', 'http://x', '-v', 'image-list'], 3],
    [['-v'], -1],
    [['--', 'image-list'], 1],
    [['--'], -1],
    [[], -1],
  ])('%j is at %i', (args, at) => {
    expect(findSubcommand(args, globals)).toBe(at)
  })

  it('knows the older names of options that take a value', () => {
    expect(findSubcommand(['--os-user-name', 'image-list', 'image-show'], globals)).toBe(2)
  })
})

describe('normaliseArguments', () => {
  const normalise = (...args: string[]) => normaliseArguments(args, own, globals)

  it('completes a prefix that fits one option', () => {
    expect(normalise('--na', 'x', '--hid=true')).toEqual(['--name', 'x', '--hidden=true'])
  })

  it('refuses a prefix that fits several and names them', () => {
    expect(() => normalise('--min', '5')).toThrow('ambiguous option: --min could match --min-ram, --min-disk')
  })

  it('prefers an option of the subcommand to a global one', () => {
    const preferred = [new Option('--os-version <V>', '')]
    expect(normaliseArguments(['--os-v', '1'], preferred, [new Option('--os-volume <V>', '')])).toEqual([
      '--os-version',
      '1',
    ])
  })

  it('leaves values, unknown options and what follows -- alone', () => {
    expect(normalise('--name', '--na', '--bogus', 'x', '--', '--na')).toEqual([
      '--name',
      '--na',
      '--bogus',
      'x',
      '--',
      '--na',
    ])
  })

  it('keeps an equals sign inside a value', () => {
    expect(normalise('--name=a=b')).toEqual(['--name=a=b'])
  })

  it('accepts underscores in os options', () => {
    expect(normalise('--os_image_url', 'http://x')).toEqual(['--os-image-url', 'http://x'])
  })

  it('keeps the last of a repeated list option only', () => {
    expect(normalise('--tags', 'a', 'b', '--name', 'n', '--tags', 'c')).toEqual(['--name', 'n', '--tags', 'c'])
  })
})
