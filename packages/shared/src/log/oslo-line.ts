const LEVELS: Readonly<Record<string, string>> = { debug: 'DEBUG', info: 'INFO', warn: 'WARNING', error: 'ERROR' }

/** Fields that have a place of their own in a line. */
const PLACED = new Set(['level', 'time', 'service', 'pid', 'name', 'msg', 'request_id', 'user_id', 'project_id', 'err'])

interface Entry {
  readonly level?: string
  readonly time?: string
  readonly service?: string
  readonly pid?: number
  /** Part of the service that speaks, when it named itself. */
  readonly name?: string
  readonly msg?: string
  readonly request_id?: string
  readonly user_id?: string
  readonly project_id?: string
  readonly err?: { readonly type?: string; readonly message?: string; readonly stack?: string }
  readonly [field: string]: unknown
}

function localTime(iso: string | undefined): string {
  const time = iso === undefined ? new Date() : new Date(iso)
  const two = (value: number): string => String(value).padStart(2, '0')
  const date = `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`
  const clock = `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`
  return `${date} ${clock}.${String(time.getMilliseconds()).padStart(3, '0')}`
}

/** A line break in a value must not look like a new line of the log. */
function oneLine(text: string): string {
  return text.replaceAll('\r', '\\r').replaceAll('\n', '\\n')
}

function writeField(value: unknown): string {
  if (typeof value !== 'string') return JSON.stringify(value) ?? ''
  return /[\s"=]/.test(value) || value === '' ? JSON.stringify(value) : value
}

function context(entry: Entry): string {
  if (entry.request_id === undefined && entry.project_id === undefined && entry.user_id === undefined) return '[-]'
  return oneLine(`[${entry.request_id ?? '-'} ${entry.user_id ?? '-'} ${entry.project_id ?? '-'}]`)
}

/**
 * Turns one JSON line into oslo.log's form: local time, pid, level, logger, who asked, message, other fields as
 * `name=value`. The stack of an error follows, each of its lines with the same beginning, as oslo.log does.
 * @param json one line of JSON with its line break
 */
export function osloLine(json: string): string {
  const entry = JSON.parse(json) as Entry
  const level = LEVELS[entry.level ?? ''] ?? 'INFO'
  const head = `${localTime(entry.time)} ${entry.pid ?? process.pid} ${level} ${entry.name ?? entry.service ?? '-'} ${context(entry)}`
  const fields = Object.entries(entry)
    .filter(([name]) => !PLACED.has(name))
    .map(([name, value]) => ` ${name}=${writeField(value)}`)
  const failure = entry.err?.message && entry.err.message !== entry.msg ? `: ${oneLine(entry.err.message)}` : ''
  const stack = (entry.err?.stack ?? '').split('\n').filter((line) => line.trim() !== '')
  const lines = [`${oneLine(entry.msg ?? '')}${failure}${fields.join('')}`, ...stack]
  return lines.map((line) => `${head} ${line}\n`).join('')
}
