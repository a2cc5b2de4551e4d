/** What stands in a log where a secret would. */
export const REDACTED = '***'

const SECRET_NAME =
  /(password|passwd|passphrase|secret|secret[_-]?key|access[_-]?key|private[_-]?key|encryption[_-]?key|token|authorization|ticket|cookie|credentials?)$/i
// Up to the last "@" of the word: a list of brokers holds several credentials, and a password may hold an "@".
const URL_CREDENTIALS = /:\/\/(?:[^\s/:@"\\]*@|[^\s/:@"\\]*:(?:[^\s"\\]|\\.)*@)/g
const MAX_DEPTH = 6

type Fields = Record<string, unknown>

/** True when values of that name (`x-auth-token`, `adminPassword`, `ticket` …) must never be written. */
export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name)
}

function isPlain(value: unknown): value is Fields {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

function redactValue(value: unknown, depth: number): unknown {
  if (depth > MAX_DEPTH) return value
  if (Array.isArray(value)) {
    const items = value.map((item) => redactValue(item, depth + 1))
    return items.some((item, index) => item !== value[index]) ? items : value
  }
  return isPlain(value) ? redactObject(value, depth) : value
}

function redactObject(fields: Fields, depth: number): Fields {
  let copy: Fields | undefined
  for (const name of Object.keys(fields)) {
    const value = fields[name]
    const isHidden = value !== undefined && value !== null && isSecretName(name)
    const shown = isHidden ? REDACTED : redactValue(value, depth + 1)
    if (shown === value) continue
    copy ??= { ...fields }
    copy[name] = shown
  }
  return copy ?? fields
}

/** The same fields without their secrets, at any depth; the very same object when there are none. */
export function redactFields(fields: Readonly<Fields>): Fields {
  return redactObject(fields, 0)
}

/** Hides the user and password of every URL in a text. */
export function redactText(text: string): string {
  return text.includes('://') && text.includes('@') ? text.replace(URL_CREDENTIALS, `://${REDACTED}@`) : text
}
