/** Lets a bounded number of operations run at once, the others in the order they came. */
export interface Turns {
  /**
   * Waits for a turn; call what it resolves to, once, when done. Rejects with the signal's reason when it aborts
   * first.
   */
  take(signal: AbortSignal): Promise<() => void>
}

/** Makes `most` turns. */
export function openTurns(most: number): Turns {
  const waiting = new Set<() => void>()
  let running = 0
  const leave = (): void => {
    const [next] = waiting
    // A waiting call takes over this one's turn.
    if (next === undefined) running -= 1
    else next()
  }
  const wait = (signal: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      const end = (): void => {
        waiting.delete(go)
        signal.removeEventListener('abort', giveUp)
      }
      const go = (): void => {
        end()
        resolve()
      }
      const giveUp = (): void => {
        end()
        reject(signal.reason)
      }
      waiting.add(go)
      signal.addEventListener('abort', giveUp)
    })
  return {
    async take(signal) {
      signal.throwIfAborted()
      if (running >= most) await wait(signal)
      else running += 1
      return leave
    },
  }
}
