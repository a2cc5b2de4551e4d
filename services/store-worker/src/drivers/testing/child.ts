import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../../../../../', import.meta.url))

/** Loads a TypeScript module as the test runner does, which plain Node of the oldest supported version cannot. */
const LOADER = `
import { createViteServer } from 'vitest/node'
const conditions = ['source']
const server = await createViteServer({
  configFile: false, root: process.cwd(), logLevel: 'error', appType: 'custom',
  server: { middlewareMode: true, watch: null, ws: false, hmr: false }, optimizeDeps: { noDiscovery: true },
  resolve: { conditions }, ssr: { resolve: { conditions }, noExternal: [/^@glance\\//] },
})
const [file, args] = process.argv.slice(1)
const { main } = await server.ssrLoadModule(file)
await main(JSON.parse(args))
await server.close()
`

export interface Child {
  /** Waits for the next line of output; undefined when it has ended. */
  line(): Promise<string | undefined>
  /** Ends it at once, by SIGKILL, and waits until it is gone. */
  kill(): Promise<void>
}

/**
 * Runs `main(args)` of a module in a process of its own.
 * @param ulimit arguments of the shell's ulimit that bind it, such as "-f 100"
 */
export function runChild(module: string, args: unknown, ulimit?: string): Child {
  const command = [process.execPath, '--input-type=module', '-e', LOADER, module, JSON.stringify(args)]
  const [program = '', ...rest] =
    ulimit === undefined ? command : ['bash', '-c', `ulimit ${ulimit} && exec "$@"`, 'bash', ...command]
  const child: ChildProcessByStdio<null, Readable, null> = spawn(program, rest, {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit')
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return {
    line: async () => {
      const { done, value } = await lines.next()
      return done ? undefined : value
    },
    kill: async () => {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
      await exited
    },
  }
}
