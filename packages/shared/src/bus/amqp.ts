import { type Channel, type ChannelModel, connect } from 'amqplib'
import { GlanceError } from '../errors/error.ts'
import { openAmqpCalls } from './amqp-calls.ts'
import { openAmqpServing } from './amqp-serving.ts'
import { type ConnectionPlan, keepConnected, type LastingConnection } from './connection.ts'
import type { BusHealth, RpcClient, RpcServer } from './types.ts'

export interface AmqpOptions {
  /** amqp:// URLs of one cluster; tried in turn. */
  readonly urls: readonly string[]
  /** Calls one server works on at once. */
  readonly prefetch: number
  readonly log: ConnectionPlan<unknown>['log']
}

export interface AmqpRpc {
  readonly client: RpcClient
  readonly server: RpcServer
  /** Resolves when the broker was reached the first time. */
  readonly first: Promise<void>
  health(): BusHealth
  /** Ends the connection once client and server are closed. */
  close(): Promise<void>
}

interface Link {
  model: ChannelModel
  calls: Channel
  serves: Channel
}
interface Sides {
  attach(link: Link): Promise<void>
  lost(): void
}

const HEARTBEAT_SECONDS = 15
const CONNECT_MS = 10_000

/** Opens RPC over RabbitMQ on one connection, client and server side. Connects in the background and for ever. */
export function openAmqpRpc(options: AmqpOptions): AmqpRpc {
  const calls = openAmqpCalls()
  const serving = openAmqpServing(options)
  const connection = openLink(options, {
    attach: async (link) => {
      await calls.attach(link.calls)
      await serving.attach(link.serves)
    },
    lost: () => {
      calls.failAll()
      serving.detach()
    },
  })
  return {
    first: connection.first,
    client: {
      call: (queue, message, callOptions = {}) => {
        const link = connection.current()
        if (link === undefined)
          return Promise.reject(new GlanceError('Unavailable', 'the message broker cannot be reached'))
        return calls.call(link.calls, { queue, message, options: callOptions })
      },
      close: async () => calls.failAll(),
    },
    server: {
      serve: (queue, handler) => serving.add(connection.current()?.serves, queue, handler),
      close: () => serving.drain(),
    },
    health: () => {
      const detail = connection.lastError()
      return { name: 'amqp', ok: connection.current() !== undefined, ...(detail === undefined ? {} : { detail }) }
    },
    close: () => connection.close(),
  }
}

function openLink(options: AmqpOptions, sides: Sides): LastingConnection<Link> {
  let turn = 0
  return keepConnected<Link>({
    name: 'amqp',
    log: options.log,
    open: async () => {
      const url = options.urls[turn++ % options.urls.length] ?? 'amqp://127.0.0.1'
      // Nagle's algorithm costs a lone call some 40 ms.
      const model = await connect(withHeartbeat(url), { noDelay: true, timeout: CONNECT_MS })
      model.on('error', () => undefined)
      const [calls, serves] = await Promise.all([model.createChannel(), model.createChannel()])
      return { model, calls, serves }
    },
    ready: sides.attach,
    watch: (link, lost) => {
      const end = (why?: unknown): void => {
        sides.lost()
        link.model.close().catch(() => undefined)
        lost(why)
      }
      link.model.on('close', end)
      for (const channel of [link.calls, link.serves]) {
        channel.on('error', end)
        channel.on('close', () => end('channel closed'))
      }
    },
    close: (link) => link.model.close(),
  })
}

function withHeartbeat(url: string): string {
  const parsed = new URL(url)
  if (!parsed.searchParams.has('heartbeat')) parsed.searchParams.set('heartbeat', String(HEARTBEAT_SECONDS))
  return parsed.toString()
}
