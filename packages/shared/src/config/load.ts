import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { buildConfig, type Config, type ConfigReport } from './config.ts'
import { ConfigError, type Fault } from './fault.ts'
import { type IniFile, parseIni } from './ini.ts'
import { environmentLayer, fileLayer, type GivenValues, givenLayer } from './layers.ts'

export interface LoadOptions {
  /** Command line without the program's name; `--config-file` and `--config-dir` are taken from it, the rest is left. */
  readonly argv?: readonly string[]
  /** Files to read, after those of the command line, the last one winning. */
  readonly files?: readonly string[]
  /** Directories whose `*.conf` files are read after them, in order of their names. */
  readonly dirs?: readonly string[]
  /** False: where no file is named, none is read, not even those of the usual directory. */
  readonly usualFiles?: boolean
  /** The environment; that of the process by default. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** Values stronger than anything an operator sets. */
  readonly overrides?: GivenValues
  /** Values weaker than anything an operator sets, in place of the declared defaults. */
  readonly defaults?: GivenValues
}

/** Read in this order when no file is named; the second wins. */
const DEFAULT_FILES = ['glance-image-import.conf', 'glance-api.conf']
const DEFAULT_DIRECTORY = '/etc/glance'

interface Sources {
  readonly files: readonly string[]
  readonly dirs: readonly string[]
}

/**
 * Takes `--config-file X`, `--config-file=X` and `--config-dir X` out of a command line.
 * @returns the files and directories named, and the arguments that are left
 */
export function takeConfigArguments(argv: readonly string[]): Sources & { readonly rest: readonly string[] } {
  const taken = { files: [] as string[], dirs: [] as string[], rest: [] as string[] }
  for (let index = 0; index < argv.length; index++) {
    const argument = argv[index] ?? ''
    const match = /^--config-(file|dir)(?:=(.*))?$/s.exec(argument)
    if (!match) {
      taken.rest.push(argument)
      continue
    }
    const value = match[2] ?? argv[++index] ?? ''
    if (match[1] === 'file') taken.files.push(value)
    else taken.dirs.push(value)
  }
  return taken
}

function reason(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'ENOENT') return 'does not exist'
  return code === 'EACCES' ? 'may not be read by this user' : `cannot be read (${String(code)})`
}

function filesOf(dir: string, faults: Fault[]): string[] {
  try {
    const names = readdirSync(dir).filter((name) => name.endsWith('.conf'))
    return names.sort().map((name) => join(dir, name))
  } catch (error) {
    faults.push({ where: dir || '--config-dir', rule: `the configuration directory ${reason(error)}` })
    return []
  }
}

function readFile(file: string, faults: Fault[]): IniFile | undefined {
  try {
    const ini = parseIni(readFileSync(file, 'utf8'), file)
    faults.push(...ini.faults)
    return ini
  } catch (error) {
    faults.push({ where: file || '--config-file', rule: `the configuration file ${reason(error)}` })
    return undefined
  }
}

/**
 * Reads the configuration and reports what is wrong with it, without throwing. Strongest first: overrides, the
 * environment, files (the last one winning), defaults of the program, declared defaults.
 */
export function readConfig(options: LoadOptions = {}): ConfigReport {
  const env = options.env ?? process.env
  const taken = takeConfigArguments(options.argv ?? [])
  const directory = env.OS_GLANCE_CONFIG_DIR || DEFAULT_DIRECTORY
  const named = [...taken.files, ...(options.files ?? [])]
  const usual = DEFAULT_FILES.map((name) => join(directory, name)).filter((file) => existsSync(file))
  const faults: Fault[] = []
  const dirs = [...taken.dirs, ...(options.dirs ?? [])]
  const standing = options.usualFiles === false ? [] : usual
  const files = [...(named.length > 0 ? named : standing), ...dirs.flatMap((dir) => filesOf(dir, faults))]
  const read = files.flatMap((file) => readFile(file, faults) ?? [])
  const layers = [
    givenLayer('overrides', options.overrides ?? {}),
    environmentLayer(env),
    fileLayer(read),
    givenLayer('defaults', options.defaults ?? {}),
  ]
  const last = named.at(-1)
  return buildConfig(layers, { directory: last ? dirname(last) : directory, files, faults })
}

/**
 * Reads the configuration of a service; see {@link readConfig} for what wins over what.
 * @throws ConfigError that lists every fault
 */
export function loadConfig(options: LoadOptions = {}): Config {
  const { config, faults } = readConfig(options)
  if (!config) throw new ConfigError(faults)
  return config
}
