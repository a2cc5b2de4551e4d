import { resolve } from 'node:path'
import { parseArgs } from 'node:util'

/** What `npm start -- …` may say beside the configuration's own arguments. */
export interface Arguments {
  host?: string
  port?: number
  dataDir: string
  help: boolean
}

export const USAGE = `Usage: npm start -- [--host HOST] [--port PORT] [--data-dir DIR] [--config-file FILE]…

  --host HOST         address to listen on (127.0.0.1)
  --port PORT         port to listen on (9292; 0 takes a free one)
  --data-dir DIR      database, images, users and openrc (./data)
  --config-file FILE  an operator's glance-api.conf; may be repeated, the last wins
`

/** Reads the command line. Throws an Error that names the argument and the rule. */
export function readArguments(argv: readonly string[]): Arguments {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      host: { type: 'string' },
      port: { type: 'string' },
      'data-dir': { type: 'string', default: 'data' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  const port = values.port === undefined ? undefined : Number(values.port)
  if (port !== undefined && !(Number.isInteger(port) && port >= 0 && port <= 65535)) {
    throw new Error(`--port must be a number from 0 to 65535, not '${values.port}'`)
  }
  return {
    ...(values.host === undefined ? {} : { host: values.host }),
    ...(port === undefined ? {} : { port }),
    dataDir: resolve(values['data-dir']),
    help: values.help,
  }
}
