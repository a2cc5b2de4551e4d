import { randomUUID } from 'node:crypto'
import type { Channel, ConsumeMessage, Message } from 'amqplib'
import { decodeError, GlanceError, type WireError } from '../errors/error.ts'
import type { CallOptions, RpcCall } from './types.ts'

/** RabbitMQ's pseudo-queue for answers: no queue per client, nothing to clean up (RabbitMQ: direct reply-to). */
const REPLY_TO = 'amq.rabbitmq.reply-to'
const DEFAULT_TIMEOUT_MS = 30_000

/** What a server sends back. */
export type Reply = { result: unknown } | { error: WireError }

/** The asking side: calls on their way, matched with their answers. */
export interface AmqpCalls {
  /** Makes a fresh channel the one that calls go out by. */
  attach(channel: Channel): Promise<void>
  call(channel: Channel, to: { queue: string; message: RpcCall; options: CallOptions }): Promise<unknown>
  /** Rejects everything on its way: its answers can no longer come. */
  failAll(): void
}

interface Waiting {
  resolve(value: unknown): void
  reject(error: GlanceError): void
}

/** Opens the book of calls on their way. */
export function openAmqpCalls(): AmqpCalls {
  const waiting = new Map<string, Waiting>()

  const take = (correlationId: unknown): Waiting | undefined => waiting.get(String(correlationId))

  const answer = (message: ConsumeMessage | null): void => {
    const call = take(message?.properties.correlationId)
    if (message === null || call === undefined) return
    const reply = JSON.parse(message.content.toString()) as Reply
    if ('error' in reply) call.reject(decodeError(reply.error))
    else call.resolve(reply.result)
  }

  const returned = (message: Message): void =>
    take(message.properties.correlationId)?.reject(
      new GlanceError('Unavailable', `nothing serves ${message.fields.routingKey} at the moment`),
    )

  /** One entry whose first ending counts: answer, return, deadline or the caller's own abort. */
  const enter = (correlationId: string, timeoutMs: number, signal?: AbortSignal): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const settle = (): void => {
        clearTimeout(timer)
        waiting.delete(correlationId)
        signal?.removeEventListener('abort', abandon)
      }
      const entry: Waiting = {
        resolve: (value) => {
          settle()
          resolve(value)
        },
        reject: (error) => {
          settle()
          reject(error)
        },
      }
      const abandon = (): void => entry.reject(new GlanceError('ClientGone'))
      const timer = setTimeout(() => entry.reject(new GlanceError('DeadlineExceeded')), timeoutMs)
      signal?.addEventListener('abort', abandon)
      waiting.set(correlationId, entry)
    })

  return {
    attach: async (channel) => {
      await channel.consume(REPLY_TO, answer, { noAck: true })
      channel.on('return', returned)
    },
    call: (channel, { queue, message, options }) => {
      const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS
      const correlationId = randomUUID()
      const answered = enter(correlationId, timeoutMs, options.signal)
      try {
        channel.publish('', queue, Buffer.from(JSON.stringify(message)), {
          mandatory: true,
          replyTo: REPLY_TO,
          correlationId,
          // The broker takes whole milliseconds only, and closes the channel over any other.
          expiration: Math.ceil(timeoutMs),
          headers: { repeatable: options.repeatable ?? true },
        })
      } catch (thrown) {
        take(correlationId)?.reject(new GlanceError('Unavailable', undefined, { cause: thrown }))
      }
      return answered
    },
    failAll: () => {
      for (const call of [...waiting.values()])
        call.reject(new GlanceError('Unavailable', 'the message broker went away'))
    },
  }
}
