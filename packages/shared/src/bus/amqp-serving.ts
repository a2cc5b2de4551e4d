import type { Channel, ConsumeMessage } from 'amqplib'
import { encodeError, GlanceError } from '../errors/error.ts'
import type { Reply } from './amqp-calls.ts'
import type { ConnectionPlan } from './connection.ts'
import type { RpcCall, RpcHandler } from './types.ts'

const DRAIN_MS = 10_000

/** The answering side: which queues are served, by whom, on the channel of the moment. */
export interface AmqpServing {
  /** Serves every queue on a fresh channel. */
  attach(channel: Channel): Promise<void>
  add(channel: Channel | undefined, queue: string, handler: RpcHandler): Promise<void>
  /** The channel is gone: its consumers went with it. */
  detach(): void
  /** Takes no new call, waits for those in hand, then aborts them. */
  drain(): Promise<void>
}

/** Opens the serving side; `prefetch` bounds the calls worked on at once. */
export function openAmqpServing(options: { prefetch: number; log: ConnectionPlan<unknown>['log'] }): AmqpServing {
  const served = new Map<string, RpcHandler>()
  const stopping = new AbortController()
  let consumers: { channel: Channel; tag: string }[] = []
  let running = 0

  const outcome = async (handler: RpcHandler, message: ConsumeMessage): Promise<Reply> => {
    try {
      if (message.fields.redelivered && message.properties.headers?.repeatable === false) {
        throw new GlanceError('Unavailable', 'the server that had the call died with it')
      }
      return { result: await handler(JSON.parse(message.content.toString()) as RpcCall, stopping.signal) }
    } catch (thrown) {
      return { error: encodeError(thrown) }
    }
  }

  const work = async (channel: Channel, handler: RpcHandler, message: ConsumeMessage): Promise<void> => {
    running += 1
    const reply = await outcome(handler, message)
    running -= 1
    try {
      const { replyTo, correlationId } = message.properties
      channel.sendToQueue(replyTo, Buffer.from(JSON.stringify(reply)), { correlationId })
      channel.ack(message)
    } catch (thrown) {
      options.log.warn({ why: String(thrown) }, 'an answer could not be sent: the connection is gone')
    }
  }

  const consume = async (channel: Channel, queue: string, handler: RpcHandler): Promise<void> => {
    // Gone with its last server, so that a mandatory publish comes back at once when nobody serves.
    await channel.assertQueue(queue, { durable: false, autoDelete: true })
    const { consumerTag } = await channel.consume(queue, (message) => {
      if (message !== null) void work(channel, handler, message)
    })
    consumers.push({ channel, tag: consumerTag })
  }

  return {
    attach: async (channel) => {
      await channel.prefetch(options.prefetch)
      for (const [queue, handler] of served) await consume(channel, queue, handler)
    },
    add: async (channel, queue, handler) => {
      served.set(queue, handler)
      if (channel !== undefined) await consume(channel, queue, handler)
    },
    detach: () => {
      consumers = []
    },
    drain: async () => {
      served.clear()
      await Promise.all(consumers.map(({ channel, tag }) => channel.cancel(tag).catch(() => undefined)))
      consumers = []
      const until = Date.now() + DRAIN_MS
      while (running > 0 && Date.now() < until) await new Promise((resolve) => setTimeout(resolve, 20))
      stopping.abort(new GlanceError('Unavailable', 'the server stops'))
    },
  }
}
