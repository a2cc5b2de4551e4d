import type { Output } from './io.ts'

const CELLS = 30

/** The bar at a share between 0 and 1, as in `[=====>                        ] 18%`. */
export function barText(share: number): string {
  const done = Math.min(1, Math.max(0, share))
  const arrow = `${'='.repeat(Math.round(done * (CELLS - 1)))}>`
  return `[${arrow.padEnd(CELLS)}] ${Math.round(done * 100)}%`
}

export interface Progress {
  /** Counts bytes that have passed. */
  add(bytes: number): void
  /** Draws the last state and ends the line. */
  stop(): void
}

const silent: Progress = { add: () => undefined, stop: () => undefined }

/**
 * Starts a progress bar on `output`; a silent one unless that is a terminal and the size is known and not zero.
 *
 * @param total bytes expected
 */
export async function startProgress(output: Output, total: number | undefined): Promise<Progress> {
  if (!output.isTTY || !total) return silent
  const { SingleBar } = await import('cli-progress')
  const bar = new SingleBar({
    format: (_options, params) => barText(params.value / params.total),
    terminal: plainTerminal(output),
  })
  let passed = 0
  bar.start(total, 0)
  return {
    add: (bytes) => {
      passed += bytes
      bar.update(passed)
    },
    stop: () => bar.stop(),
  }
}

/** Draws with a carriage return only, so that nothing but the bar is written. */
function plainTerminal(output: Output): BarTerminal {
  const nothing = () => undefined
  return {
    isTTY: () => true,
    getWidth: () => CELLS,
    cursorTo: () => void output.write('\r'),
    write: (text) => void output.write(text),
    newline: () => void output.write('\n'),
    cursorSave: nothing,
    cursorRestore: nothing,
    cursor: nothing,
    lineWrapping: nothing,
    clearRight: nothing,
    clearLine: nothing,
  }
}

/** What the library draws with; it takes one from outside, but its types leave that out. */
interface BarTerminal {
  isTTY(): boolean
  getWidth(): number
  cursorTo(): void
  write(text: string): void
  newline(): void
  cursorSave(): void
  cursorRestore(): void
  cursor(): void
  lineWrapping(): void
  clearRight(): void
  clearLine(): void
}

declare module 'cli-progress' {
  interface Options {
    terminal?: BarTerminal
  }
}
