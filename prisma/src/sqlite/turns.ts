/** One at a time, in the order they asked. */
export interface Turns {
  /** Resolves when it is the caller's turn, to the function that ends it. */
  take(): Promise<() => void>
}

/** Makes turns for something only one may use at a time. */
export function openTurns(): Turns {
  let last: Promise<void> = Promise.resolve()
  return {
    take: () => {
      const before = last
      let done = (): void => undefined
      last = new Promise((resolve) => {
        done = resolve
      })
      return before.then(() => done)
    },
  }
}
