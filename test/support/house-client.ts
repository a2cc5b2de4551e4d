import { setTimeout as pause } from 'node:timers/promises'
import type { House } from './house.ts'

/** What a request can carry. */
export type Body = NonNullable<RequestInit['body']>

/** What a test asks of a house over REST. */
export interface HouseClient {
  send(
    method: string,
    path: string,
    options?: { json?: unknown; body?: Body; headers?: Record<string, string>; as?: string; signal?: AbortSignal },
  ): Promise<Response>
  /** Makes a raw image and answers its id. */
  create(fields?: Record<string, unknown>): Promise<string>
  upload(id: string, body: Body, headers?: Record<string, string>): Promise<Response>
  show(id: string): Promise<Record<string, unknown>>
  /** Waits until an image has a status. */
  untilStatus(id: string, status: string): Promise<void>
}

/** Speaks to a house as project `lab`, unless told otherwise. */
export function clientOf(house: House): HouseClient {
  const send: HouseClient['send'] = (method, path, { json, body, headers = {}, as = 'lab', signal } = {}) =>
    fetch(`${house.url}${path}`, {
      method,
      headers: { 'x-auth-token': as, accept: 'application/json', ...headers },
      ...(signal === undefined ? {} : { signal }),
      ...(json === undefined ? {} : { body: JSON.stringify(json) }),
      ...(body === undefined ? {} : { body, duplex: 'half' }),
    } as RequestInit)
  const show: HouseClient['show'] = async (id) =>
    (await (await send('GET', `/v2/images/${id}`)).json()) as Record<string, unknown>
  return {
    send,
    create: async (fields = {}) => {
      const json = { disk_format: 'raw', container_format: 'bare', ...fields }
      const answer = await send('POST', '/v2/images', { json })
      if (answer.status !== 201) throw new Error(`${answer.status}: ${await answer.text()}`)
      return ((await answer.json()) as { id: string }).id
    },
    upload: (id, body, headers = {}) =>
      send('PUT', `/v2/images/${id}/file`, {
        body,
        headers: { 'content-type': 'application/octet-stream', ...headers },
      }),
    show,
    untilStatus: async (id, status) => {
      const end = Date.now() + 10_000
      for (let seen: unknown; seen !== status; await pause(20)) {
        if (Date.now() > end) throw new Error(`image ${id} is ${String(seen)}, not ${status}`)
        seen = (await show(id)).status
      }
    },
  }
}
