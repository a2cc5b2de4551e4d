import { type Capture, openCapture } from './capture.ts'
import type { Outcome, ProbeEntry, ProbeRules } from './probe.ts'

/** All probes side by side over one stream. */
export interface Lineup {
  /** Bytes seen. */
  readonly position: number
  /** Outcomes known so far, by format; one is missing as long as its probe waits for bytes. */
  readonly outcomes: ReadonlyMap<string, Outcome>
  /** Bytes of memory held for all probes together. */
  readonly retained: number
  /** Times a probe was resumed; bounded by the formats, not by the stream. */
  readonly resumes: number
  /** Stream length without which this format's probe must fail; 0 once it waits for nothing. */
  reach(format: string): number
  /**
   * Takes the next bytes, copying what probes want. `onNews` is called at the very stream position at which a
   * probe got what it wanted, however the stream is cut into chunks; when it returns false the rest is not looked at.
   */
  advance(chunk: Uint8Array, onNews: () => boolean): void
  /** The stream is over: every probe gives its outcome. */
  end(): void
}

interface Lane {
  readonly capture: Capture | undefined
  readonly outcome: Outcome | undefined
  readonly resumes: number
  take(bytes: Uint8Array, position: number): void
  /** Resumes the probe while what it wants is whole; true when it was resumed at all. */
  settle(position: number): boolean
  end(position: number): void
}

function openLane(entry: ProbeEntry, rules: ProbeRules): Lane {
  const probe = entry.open(rules)
  let capture: Capture | undefined
  let outcome: Outcome | undefined
  let resumes = 0

  function resume(bytes: Uint8Array | undefined, position: number): void {
    resumes += 1
    const step = probe.next(bytes)
    if (step.done === true) {
      outcome = step.value
      capture = undefined
      return
    }
    if ('found' in step.value) outcome = step.value.found
    capture = openCapture(step.value, position)
  }

  resume(undefined, 0)
  return {
    get capture() {
      return capture
    },
    get outcome() {
      return outcome
    },
    get resumes() {
      return resumes
    },
    take: (bytes, position) => capture?.take(bytes, position),
    settle(position) {
      const before = resumes
      while (capture !== undefined && capture.end <= position) resume(capture.whole(), position)
      return resumes > before
    },
    end(position) {
      while (capture !== undefined) resume(capture.whole(), position)
    },
  }
}

/** Opens every probe of the table at the start of a stream. */
export function openLineup(entries: readonly ProbeEntry[], rules: ProbeRules): Lineup {
  const lanes = new Map(entries.map((entry) => [entry.format, openLane(entry, rules)]))
  const outcomes = new Map<string, Outcome>()
  let waiting = [...lanes.values()]
  let position = 0
  let nextStop = nearestEnd()

  function nearestEnd(): number {
    return waiting.reduce((nearest, lane) => Math.min(nearest, lane.capture?.end ?? nearest), Number.POSITIVE_INFINITY)
  }

  function record(): void {
    for (const [format, lane] of lanes) {
      if (lane.outcome !== undefined) outcomes.set(format, lane.outcome)
    }
    waiting = waiting.filter((lane) => lane.capture !== undefined)
  }

  /** Moves all probes forward over bytes that do not reach past `nextStop`; true when a probe went on. */
  function move(bytes: Uint8Array): boolean {
    for (const lane of waiting) lane.take(bytes, position)
    position += bytes.length
    if (position < nextStop) return false
    let news = false
    for (const lane of waiting) news = lane.settle(position) || news
    if (news) record()
    nextStop = nearestEnd()
    return news
  }

  return {
    get position() {
      return position
    },
    outcomes,
    get retained() {
      return waiting.reduce((sum, lane) => sum + (lane.capture?.retained ?? 0), 0)
    },
    get resumes() {
      return [...lanes.values()].reduce((sum, lane) => sum + lane.resumes, 0)
    },
    reach(format) {
      const end = lanes.get(format)?.capture?.end ?? 0
      return Number.isFinite(end) ? end : 0
    },
    advance(chunk, onNews) {
      let from = 0
      while (from < chunk.length) {
        const to = Math.min(chunk.length, from + nextStop - position)
        const news = move(chunk.subarray(from, to))
        from = to
        if (news && !onNews()) return
      }
    },
    end() {
      for (const lane of waiting) lane.end(position)
      record()
    },
  }
}
