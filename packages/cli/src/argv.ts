import type { Option } from 'commander'
import { UsageError } from './command-error.ts'
import { optionAliases } from './options.ts'

/**
 * Rewrites arguments into the form commander understands, keeping three habits of argparse that scripts rely on:
 * unambiguous prefixes of long options, `--os_x` for `--os-x`, and the last of a repeated list option winning.
 *
 * @param preferred options of the subcommand; a prefix is looked for among these first
 * @param others global options, accepted on both sides of the subcommand
 * @throws UsageError for a prefix that fits several options
 */
export function normaliseArguments(
  args: readonly string[],
  preferred: readonly Option[],
  others: readonly Option[],
): string[] {
  const groups: { option: Option | undefined; tokens: string[] }[] = []
  for (let at = 0; at < args.length; ) {
    const token = args[at] ?? ''
    if (token === '--') {
      groups.push({ option: undefined, tokens: args.slice(at) })
      break
    }
    const resolved = resolve(token, preferred, others)
    const end = at + 1 + valueCount(args, at, resolved.option)
    const kept = resolved.option?.variadic ? groups.filter((group) => group.option !== resolved.option) : groups
    groups.splice(0, groups.length, ...kept, {
      option: resolved.option,
      tokens: [resolved.token, ...args.slice(at + 1, end)],
    })
    at = end
  }
  return groups.flatMap((group) => group.tokens)
}

/** Index of the subcommand: the first argument that is neither a global option nor the value of one; -1 if none. */
export function findSubcommand(args: readonly string[], globals: readonly Option[]): number {
  for (let at = 0; at < args.length; at += 1) {
    const token = args[at] ?? ''
    if (token === '--') return at + 1 < args.length ? at + 1 : -1
    if (!isOption(token)) return at
    at += valueCount(args, at, resolve(token, globals, []).option)
  }
  return -1
}

function isOption(token: string): boolean {
  return token.length > 1 && token.startsWith('-')
}

/** How many of the arguments after `at` belong to the option found there. */
function valueCount(args: readonly string[], at: number, option: Option | undefined): number {
  if (option === undefined || args[at]?.includes('=')) return 0
  const following = args.slice(at + 1)
  if (option.variadic) {
    const end = following.findIndex(isOption)
    return end < 0 ? following.length : end
  }
  return option.required ? Math.min(1, following.length) : 0
}

function resolve(
  token: string,
  preferred: readonly Option[],
  others: readonly Option[],
): { token: string; option: Option | undefined } {
  if (!token.startsWith('--')) {
    const option = [...preferred, ...others].find((candidate) => candidate.short === token)
    return { token, option }
  }
  const [written = '', ...rest] = token.split('=')
  const dashed = written.startsWith('--os_') ? written.replaceAll('_', '-') : written
  const name = optionAliases[dashed] ?? dashed
  const option = matching(name, preferred) ?? matching(name, others)
  return { token: [option?.long ?? name, ...rest].join('='), option }
}

function matching(name: string, options: readonly Option[]): Option | undefined {
  const exact = options.find((option) => option.long === name)
  if (exact) return exact
  const fits = options.filter((option) => option.long?.startsWith(name))
  if (fits.length > 1)
    throw new UsageError(`ambiguous option: ${name} could match ${fits.map((option) => option.long).join(', ')}`)
  return fits[0]
}
