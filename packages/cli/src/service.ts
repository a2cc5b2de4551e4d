import type { Readable } from 'node:stream'
import { CommandError } from './command-error.ts'
import type { Http, HttpReply } from './http.ts'
import { errorFrom } from './http-error.ts'
import { asObject, type JsonObject, parseJson } from './json.ts'
import { INVALID_CREDENTIALS } from './keystone.ts'
import type { Session } from './session.ts'

export interface ServiceRequest {
  readonly headers?: Readonly<Record<string, string>>
  /** Sent as JSON. */
  readonly json?: unknown
  /** Sent as it comes, with chunked transfer coding. */
  readonly data?: Readable | undefined
}

/** The image service, seen by an authenticated caller. */
export interface ImageService {
  /**
   * Sends a request and answers with the body unread.
   *
   * @param path below the endpoint, from {@link path}
   * @throws HttpError for any status from 300 up; CommandError for 401 and when the service cannot be reached
   */
  send(method: string, path: string, request?: ServiceRequest): Promise<HttpReply>
  /** Sends a request and answers with the JSON object in the body; an empty one when there is none. */
  json(method: string, path: string, request?: ServiceRequest): Promise<JsonObject>
}

export function imageService(http: Http, session: Session): ImageService {
  const send: ImageService['send'] = async (method, path, request = {}) => {
    const reply = await http.send({
      method,
      url: session.endpoint + path,
      headers: {
        ...(session.token === undefined ? {} : { 'X-Auth-Token': session.token }),
        ...(request.json === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...(request.data === undefined ? {} : { 'Content-Type': 'application/octet-stream' }),
        ...request.headers,
      },
      body: request.json === undefined ? request.data : JSON.stringify(request.json),
    })
    if (reply.status < 300) return reply
    const text = await http.text(reply)
    if (reply.status === 401) throw new CommandError(INVALID_CREDENTIALS)
    throw errorFrom(reply.status, reply.headers['content-type'] ?? '', text)
  }
  return {
    send,
    async json(method, path, request) {
      const text = await http.text(await send(method, path, request))
      if (text === '') return {}
      const value = parseJson(text)
      if (value === undefined) throw new CommandError(`The answer to ${method} ${path} is not JSON`)
      return asObject(value)
    },
  }
}

/**
 * Template tag for request paths: every inserted value becomes one percent-encoded segment.
 *
 * @throws CommandError for `.` and `..`, which servers and proxies would resolve into another path
 */
export function path(parts: TemplateStringsArray, ...segments: string[]): string {
  return String.raw({ raw: parts }, ...segments.map(encodeSegment))
}

function encodeSegment(segment: string): string {
  if (segment === '.' || segment === '..') throw new CommandError(`'${segment}' cannot be used as a name here`)
  return encodeURIComponent(segment)
}
