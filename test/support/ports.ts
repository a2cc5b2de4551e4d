import { connect, createServer } from 'node:net'

/** Below the range that the kernel gives to outgoing connections: a stopped server finds its port free again. */
const FIRST = 15_000
const COUNT = 17_000

const handedOut = new Set<number>()

/**
 * A TCP port on 127.0.0.1 that nobody listens on, never the same twice within this process.
 * @throws Error after 200 vain tries
 */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const port = FIRST + Math.floor(Math.random() * COUNT)
    if (handedOut.has(port) || !(await canListen(port))) continue
    handedOut.add(port)
    return port
  }
  throw new Error(`no free port between ${FIRST} and ${FIRST + COUNT} on 127.0.0.1`)
}

/** Whether something accepts connections on this port of 127.0.0.1. */
export function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port })
    const settle = (answer: boolean): void => {
      socket.destroy()
      resolve(answer)
    }
    socket.once('connect', () => settle(true))
    socket.once('error', () => settle(false))
  })
}

/**
 * Connects, sends `greeting` and returns the first bytes that come back; undefined when refused, closed or silent.
 * Used to ask a server in its own protocol whether it is ready.
 */
export function firstAnswer(port: number, greeting: string, timeoutMs = 1000): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port })
    const settle = (answer: Buffer | undefined): void => {
      socket.destroy()
      resolve(answer)
    }
    socket.setTimeout(timeoutMs, () => settle(undefined))
    socket.once('connect', () => greeting !== '' && socket.write(greeting, 'latin1'))
    socket.once('data', settle)
    socket.once('error', () => settle(undefined))
    socket.once('close', () => settle(undefined))
  })
}

function canListen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen({ host: '127.0.0.1', port, exclusive: true }, () => server.close(() => resolve(true)))
  })
}
