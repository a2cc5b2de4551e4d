// The command line of the benchmark.
import { parseArgs } from 'node:util'
import { FIGURES } from './figures.mjs'

const TARGETS = ['standalone', 'distributed']

export const USAGE = `Usage: npm run bench -- [--target standalone|distributed] [--only FIGURE,…] [--quick]
       npm run bench -- --base-url URL [--target standalone|distributed] [--only FIGURE,…] [--quick]

Measures the service and prints one JSON line per figure to standard output, progress to standard error.

  --target NAME    only this deployment; both, one after the other, when absent
  --base-url URL   a server that runs already, with the caller's OS_TOKEN or OS_AUTH_URL, OS_USERNAME, OS_PASSWORD and
                   OS_PROJECT_NAME; what is seen from inside only is left out. --target says whose bars apply
  --only LIST      only these figures, separated by commas
  --quick          small sizes and short times: shows that everything runs, proves no bar
  --help           this text

Figures: ${Object.keys(FIGURES).join(' ')}

Exit code: 0 when every bar that was measured is met, 1 when not, 2 for a faulty command line.`

/** Reads the command line; ends the process with 2 and a line that names the argument when it is wrong. */
export function readOptions(argv) {
  try {
    return parse(argv)
  } catch (error) {
    console.error(`bench: ${error.message}`)
    process.exit(2)
  }
}

function parse(argv) {
  const { values } = parseArgs({
    args: argv,
    options: {
      target: { type: 'string' },
      'base-url': { type: 'string' },
      only: { type: 'string' },
      quick: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  const { target, only, quick, help } = values
  const baseUrl = values['base-url']
  if (target !== undefined && !TARGETS.includes(target)) {
    throw new Error(`--target must be ${TARGETS.join(' or ')}, not '${target}'`)
  }
  if (baseUrl !== undefined && !(URL.canParse(baseUrl) && new URL(baseUrl).protocol === 'http:')) {
    throw new Error(`--base-url must be a URL such as http://127.0.0.1:9292, not '${baseUrl}'`)
  }
  const wanted = only === undefined ? Object.keys(FIGURES) : only.split(',').map((name) => name.trim())
  const unknown = wanted.filter((name) => !(name in FIGURES))
  if (unknown.length > 0)
    throw new Error(`--only: no figure is called ${unknown.map((name) => `'${name}'`).join(', ')}`)
  return {
    help,
    quick,
    wanted: new Set(wanted),
    target,
    ...(baseUrl === undefined ? {} : { baseUrl: baseUrl.replace(/\/+$/, '') }),
  }
}
