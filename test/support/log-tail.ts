import { closeSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs'

/** Reads a growing log: each call of the returned function gives the whole lines added since the call before. */
export function followLines(path: string): () => string[] {
  let position = 0
  let rest = ''
  return () => {
    const descriptor = openSync(path, 'r')
    try {
      const size = fstatSync(descriptor).size
      if (size <= position) return []
      const added = Buffer.alloc(size - position)
      position += readSync(descriptor, added, 0, added.length, position)
      const lines = (rest + added.toString('utf8')).split('\n')
      rest = lines.pop() ?? ''
      return lines
    } finally {
      closeSync(descriptor)
    }
  }
}

/** The last lines of a log, for error messages; empty when there is none. */
export function lastLines(path: string, count = 40): string {
  try {
    return readFileSync(path, 'utf8').trimEnd().split('\n').slice(-count).join('\n')
  } catch {
    return ''
  }
}
