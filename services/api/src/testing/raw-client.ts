import { connect, type Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'

/** An answer as it came over the wire. */
export interface RawAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** Everything that came, interim answers included. */
  readonly text: string
  /** Set when the connection was reset rather than closed. */
  readonly isReset: boolean
}

/** A client that writes bytes as it likes, and keeps what comes back. */
export interface RawClient {
  readonly socket: Socket
  /** Resolves when so much of an answer is here. */
  until(pattern: RegExp): Promise<string>
  /** Resolves when the server ends the connection. */
  answer(): Promise<RawAnswer>
}

/** Listens on a free port and returns it. */
export async function listen(app: FastifyInstance): Promise<number> {
  await app.listen({ port: 0, host: '127.0.0.1' })
  const address = app.server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

/** Opens a connection and writes the head of a request; header lines are given as they are. */
export function openRaw(port: number, head: string): RawClient {
  const socket = connect(port, '127.0.0.1')
  let text = ''
  let isReset = false
  socket.setEncoding('latin1')
  socket.on('data', (chunk: string) => {
    text += chunk
  })
  socket.on('error', (error: NodeJS.ErrnoException) => {
    isReset ||= error.code === 'ECONNRESET' || error.code === 'EPIPE'
  })
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  socket.write(head.replaceAll('\n', '\r\n'))
  return {
    socket,
    until: (pattern) =>
      new Promise((resolve, reject) => {
        const check = (): void => {
          if (!pattern.test(text)) return
          socket.off('data', check)
          resolve(text)
        }
        socket.on('data', check)
        void closed.then(() => reject(new Error(`closed after ${JSON.stringify(text)}`)))
        check()
      }),
    answer: async () => {
      await closed
      return { ...parse(text), text, isReset }
    },
  }
}

function parse(text: string): Pick<RawAnswer, 'status' | 'headers' | 'body'> {
  const final = text.replace(/^(?:HTTP\/1\.1 1\d\d .*\r\n(?:.+\r\n)*\r\n)+/, '')
  const [head = '', ...rest] = final.split('\r\n\r\n')
  const [line = '', ...fields] = head.split('\r\n')
  const headers = fields.map((field): [string, string] => {
    const colon = field.indexOf(':')
    return [field.slice(0, colon).toLowerCase(), field.slice(colon + 1).trim()]
  })
  return { status: Number(line.split(' ')[1]), headers: Object.fromEntries(headers), body: rest.join('\r\n\r\n') }
}
