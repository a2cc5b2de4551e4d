/** What a broker connection needs of its owner. */
export interface ConnectionPlan<C> {
  readonly name: string
  open(): Promise<C>
  /** Called with every fresh connection, before calls may use it. */
  ready(connection: C): Promise<void>
  /** Calls `lost` once when the connection ends for whatever reason. */
  watch(connection: C, lost: (why: unknown) => void): void
  close(connection: C): Promise<void>
  log: { warn(fields: object, message: string): void; info(fields: object, message: string): void }
}

/** A connection that comes back by itself. */
export interface LastingConnection<C> {
  /** The live connection, or undefined while it is away. */
  current(): C | undefined
  /** Resolves when the first connection stands. */
  readonly first: Promise<void>
  readonly lastError: () => string | undefined
  close(): Promise<void>
}

const FIRST_PAUSE_MS = 100
const LONGEST_PAUSE_MS = 5_000

/** Keeps one connection open: connects, and connects again with a doubling, jittered pause whenever it is lost. */
export function keepConnected<C>(plan: ConnectionPlan<C>): LastingConnection<C> {
  let live: C | undefined
  let closing = false
  let trouble: string | undefined
  let timer: NodeJS.Timeout | undefined
  let stand: () => void = () => undefined
  const first = new Promise<void>((resolve) => {
    stand = resolve
  })

  const lost = (pause: number, why: unknown): void => {
    live = undefined
    if (closing) return
    trouble = why instanceof Error ? why.message : String(why ?? 'closed')
    plan.log.warn({ part: plan.name, why: trouble }, 'connection lost; trying again')
    timer = setTimeout(() => void connect(Math.min(pause * 2, LONGEST_PAUSE_MS)), pause * (0.5 + Math.random() / 2))
  }

  const connect = async (pause: number): Promise<void> => {
    let fresh: C | undefined
    try {
      fresh = await plan.open()
      let gone: unknown
      let isGone = false
      let isReady = false
      plan.watch(fresh, (why) => {
        if (isGone) return
        isGone = true
        gone = why
        if (isReady) lost(FIRST_PAUSE_MS, why)
      })
      await plan.ready(fresh)
      if (isGone) throw gone ?? new Error('closed while opening')
      isReady = true
      if (closing) return await plan.close(fresh)
      live = fresh
      trouble = undefined
      stand()
      plan.log.info({ part: plan.name }, 'connected')
    } catch (thrown) {
      if (fresh !== undefined) await plan.close(fresh).catch(() => undefined)
      lost(pause, thrown)
    }
  }
  void connect(FIRST_PAUSE_MS)

  return {
    current: () => live,
    first,
    lastError: () => trouble,
    close: async () => {
      closing = true
      clearTimeout(timer)
      const last = live
      live = undefined
      if (last !== undefined) await plan.close(last).catch(() => undefined)
    },
  }
}
