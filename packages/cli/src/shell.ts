import { CommandError } from './command-error.ts'
import { type Http, openHttp } from './http.ts'
import type { Io } from './io.ts'
import type { GlobalOptions } from './options.ts'
import { type ImageService, imageService } from './service.ts'
import { openSession } from './session.ts'
import type { Shell } from './verb.ts'
import { readVersion } from './version.ts'

const MILLISECONDS = 1000

/** A shell over `io`; whoever opens it closes it. */
export function openShell(io: Io, globals: () => GlobalOptions): Shell & { close(): Promise<void> } {
  let http: Http | undefined
  let service: Promise<ImageService> | undefined
  const connect = async () => {
    const options = globals()
    requireVersion2(options.osImageApiVersion)
    http = openHttp({
      insecure: Boolean(options.insecure),
      cacert: options.osCacert,
      cert: options.osCert,
      key: options.osKey,
      timeoutMs: options.timeout * MILLISECONDS,
      userAgent: `glance-cli/${readVersion()}`,
      signal: io.signal,
      trace: options.debug ? (text) => void io.stderr.write(`${text}\n`) : undefined,
    })
    return imageService(http, await openSession(http, options, io))
  }
  return {
    io,
    globals,
    connect: () => {
      service ??= connect()
      return service
    },
    print: (text) => void io.stdout.write(text),
    complain: (line) => void io.stderr.write(`${line}\n`),
    close: async () => http?.close(),
  }
}

function requireVersion2(version: string | undefined): void {
  if (version && !/^2(\.\d+)?$/.test(version))
    throw new CommandError(`Invalid API version parameter '${version}'. Supported values are [2]`)
}
