import { fstatSync, readFileSync } from 'node:fs'
import { Interrupted } from './command-error.ts'
import type { Io, Stdin } from './io.ts'
import { environment } from './options.ts'

/** The process's own streams and environment as an {@link Io}. */
export function processIo(signal: AbortSignal): Io {
  return {
    env: environment(),
    stdin: describeStdin(),
    stdout: process.stdout,
    stderr: process.stderr,
    signal,
    askSecret: process.stdin.isTTY ? askOnTerminal : undefined,
  }
}

/**
 * Node opens the null device in place of a closed descriptor 0, so the two look alike here;
 * both count as "no data", which keeps jobs without stdin from creating empty images.
 */
function describeStdin(): Stdin {
  const found = fstatSync(0)
  if (process.stdin.isTTY) return { kind: 'terminal' }
  if (found.isCharacterDevice()) return { kind: 'none' }
  const stream = () => process.stdin
  if (!found.isFile()) return { kind: 'data', stream, size: undefined }
  const position = readPosition()
  return { kind: 'data', stream, size: position === undefined ? undefined : Math.max(0, found.size - position) }
}

/** How far descriptor 0 was read already; only Linux tells. */
function readPosition(): number | undefined {
  try {
    const line = /^pos:\s*(\d+)/m.exec(readFileSync('/proc/self/fdinfo/0', 'utf8'))
    return line?.[1] === undefined ? undefined : Number(line[1])
  } catch {
    return undefined
  }
}

const END_OF_TEXT = '\u0003'
const END_OF_TRANSMISSION = '\u0004'

/** Reads one line from the terminal in raw mode, so nothing typed is shown. Rejects on Ctrl-C. */
function askOnTerminal(question: string): Promise<string> {
  const { stdin, stderr } = process
  stderr.write(question)
  stdin.setRawMode(true)
  stdin.setEncoding('utf8')
  stdin.resume()
  return new Promise((resolve, reject) => {
    let typed = ''
    const finish = (settle: () => void) => {
      stdin.setRawMode(false)
      stdin.pause()
      stdin.off('data', onData)
      stderr.write('\n')
      settle()
    }
    const onData = (text: string) => {
      for (const key of text) {
        if (key === END_OF_TEXT) return finish(() => reject(new Interrupted()))
        if (key === '\r' || key === '\n' || key === END_OF_TRANSMISSION) return finish(() => resolve(typed))
        typed = key === '\u007f' || key === '\b' ? typed.slice(0, -1) : typed + key
      }
    }
    stdin.on('data', onData)
  })
}
