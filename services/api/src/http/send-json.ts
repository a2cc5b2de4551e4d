import type { FastifyReply } from 'fastify'

const asIs = (text: unknown): string => text as string

/**
 * Sends a value as JSON. The text is passed on as it is, so that the media type stays bare: clients of this API know
 * `application/json` without a charset.
 */
export function sendJson(reply: FastifyReply, status: number, value: unknown): void {
  sendText(reply, status, { contentType: 'application/json', text: JSON.stringify(value) })
}

/** Sends text under exactly the media type given. */
export function sendText(reply: FastifyReply, status: number, body: { contentType: string; text: string }): void {
  void reply.code(status).type(body.contentType).serializer(asIs).send(body.text)
}

/** Sends an answer without a body. */
export function sendEmpty(reply: FastifyReply, status: number): void {
  void reply.code(status).send()
}
