import type { IncomingMessage, ServerResponse } from 'node:http'

/** The only token the fake services know. */
export const TOKEN = 'fake-token-0123'

/** What the service was asked, in order. */
export interface SeenRequest {
  readonly method: string
  readonly url: string
  readonly headers: IncomingMessage['headers']
  body: Buffer
}

export function sendJson(response: ServerResponse, status: number, body: unknown): ServerResponse {
  response.writeHead(status, { 'Content-Type': 'application/json', 'X-Openstack-Request-Id': 'req-1' })
  return response.end(JSON.stringify(body))
}

export function sendEmpty(response: ServerResponse): ServerResponse {
  return response.writeHead(204, { 'X-Openstack-Request-Id': 'req-1' }).end()
}

/** An error as WebOb writes it for `Accept: *\/*`. */
export function refuse(response: ServerResponse, status: number, title: string, text: string): ServerResponse {
  const heading = `${status} ${title}`
  response.writeHead(status, { 'Content-Type': 'text/html; charset=UTF-8' })
  return response.end(
    `<html>\n <head>\n  <title>${heading}</title>\n </head>\n <body>\n  <h1>${heading}</h1>\n  ${text}<br /><br />\n\n\n </body>\n</html>`,
  )
}
