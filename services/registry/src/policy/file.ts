import { isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, type Scalar } from 'yaml'

/** A policy file that cannot be used; the message lists every fault with file and line. */
export class PolicyFileError extends Error {
  constructor(faults: readonly string[]) {
    super(faults.join('\n'))
    this.name = 'PolicyFileError'
  }
}

/**
 * The rule texts of a policy file: a YAML (so also JSON) mapping of rule names to texts; an empty file has none.
 * Throws PolicyFileError naming file, line and reason of every fault. The texts themselves are not looked at.
 */
export function parsePolicyFile(text: string, name: string): Record<string, string> {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true })
  const faults = document.errors.map((error) => `${name}, line ${lines.linePos(error.pos[0]).line}: ${error.message}`)
  if (faults.length > 0) throw new PolicyFileError(faults)
  const root = document.contents
  if (root === null || (isScalar(root) && root.value === null)) return {}
  if (!isMap(root)) throw new PolicyFileError([`${name}, line 1: a mapping of rule names to rule texts is expected`])
  const rules = new Map<string, string>()
  for (const { key, value } of root.items) {
    const rule = ruleName(key)
    const line = lines.linePos(startOf(key) ?? 0).line
    if (rule === undefined) faults.push(`${name}, line ${line}: a rule name must be text`)
    else if (!isScalar(value) || typeof value.value !== 'string' || isBareTag(value)) {
      faults.push(`${name}, line ${line}: the rule ${rule} must be text in quotes, not ${kindOf(value)}`)
    } else rules.set(rule, value.value)
  }
  if (faults.length > 0) throw new PolicyFileError(faults)
  return Object.fromEntries(rules)
}

function ruleName(key: unknown): string | undefined {
  return isScalar(key) && typeof key.value === 'string' && key.value !== '' ? key.value : undefined
}

/** An unquoted `!` is a YAML tag on empty text: read as a rule it would allow everybody, where it means nobody. */
function isBareTag(value: Scalar): boolean {
  return value.type === 'PLAIN' && value.value === ''
}

function startOf(node: unknown): number | undefined {
  return (node as Node | null)?.range?.[0]
}

function kindOf(node: unknown): string {
  if (node === null) return 'empty'
  if (!isScalar(node)) return isMap(node) ? 'a mapping' : isSeq(node) ? 'a list' : 'an alias'
  if (isBareTag(node)) return 'an unquoted exclamation mark'
  return node.value === null ? 'empty' : typeof node.value === 'object' ? 'an object' : `a ${typeof node.value}`
}
