// What is measured, in which unit, and what must be reached on two cores.

/**
 * `atLeast` and `atMost` hold the bars by deployment; a figure without one is told for comparison.
 * `inside` marks what only the machine that runs the service can see.
 */
export const FIGURES = {
  startup: { unit: 's', atMost: { standalone: 2, distributed: 3 }, inside: true },
  idle_rss: { unit: 'MiB', atMost: { standalone: 150, distributed: 330 }, inside: true },
  upload_1gib: { unit: 'MB/s', atLeast: { standalone: 340, distributed: 250 } },
  upload_4x512mib: { unit: 'MB/s', atLeast: { standalone: 400, distributed: 300 } },
  download_1gib: { unit: 'MB/s', atLeast: { standalone: 1600, distributed: 1100 } },
  download_4x1gib: { unit: 'MB/s', atLeast: { standalone: 2300, distributed: 1300 } },
  peak_rss_growth: { unit: 'MiB', atMost: { standalone: 32, distributed: 32 }, inside: true },
  show_1: { unit: 'req/s' },
  show_16: { unit: 'req/s', atLeast: { standalone: 2500, distributed: 1500 } },
  show_64: { unit: 'req/s' },
  list_25_1: { unit: 'req/s' },
  list_25_16: { unit: 'req/s', atLeast: { standalone: 800, distributed: 500 } },
  list_25_64: { unit: 'req/s' },
  paging_10000: { unit: 's', atMost: { standalone: 0.8, distributed: 1.2 } },
  create_16: { unit: 'req/s', atLeast: { standalone: 800, distributed: 400 } },
  peak_rss: { unit: 'MiB', inside: true },
  upload_1gib_fsync: { unit: 'MB/s', inside: true },
  upload_4x512mib_fsync: { unit: 'MB/s', inside: true },
}

/** Sizes and times; `quick` is for seeing that everything runs. */
export function scaleOf({ quick }) {
  const mebibyte = 1 << 20
  return quick
    ? {
        image: 128 * mebibyte,
        half: 64 * mebibyte,
        large: 512 * mebibyte,
        images: 1000,
        page: 100,
        seconds: 1.5,
        runs: 1,
        idleSeconds: 3,
      }
    : {
        image: 1024 * mebibyte,
        half: 512 * mebibyte,
        large: 4096 * mebibyte,
        images: 10_000,
        page: 1000,
        seconds: 6,
        runs: 3,
        idleSeconds: 10,
      }
}

/** One line of the report; `met` is there when the figure has a bar and the sizes are those of the bar. */
export function lineOf(figure, { target, bars, value, extra, quick }) {
  const { unit, atLeast, atMost } = FIGURES[figure]
  const bar = (atLeast ?? atMost)?.[bars]
  const isMet = atLeast === undefined ? value <= bar : value >= bar
  const judged = bar === undefined || quick ? {} : { met: isMet && extra?.errors === undefined }
  return {
    target,
    figure,
    value: round(value),
    unit,
    ...(bar === undefined ? {} : { bar }),
    ...judged,
    ...(quick ? { quick } : {}),
    ...extra,
  }
}

/** Three digits that matter, and no fraction of what is large. */
export function round(value) {
  return Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3))
}
