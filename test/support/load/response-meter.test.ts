import { describe, expect, it } from 'vitest'
import { ResponseMeter } from './response-meter.ts'

const responses: Record<string, [string, number]> = {
  'by length': ['HTTP/1.1 200 OK\r\nContent-Type: a/b\r\nContent-Length: 5\r\n\r\nhello', 200],
  'by length of nothing': ['HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n', 400],
  'without a body': ['HTTP/1.1 204 No Content\r\nX: y\r\n\r\n', 204],
  'after 100 Continue': ['HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\nok', 201],
  chunked: [
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nab\r\n\r\n1A;x=y\r\nabcdefghijklmnopqrstuvwxyz\r\n0\r\n\r\n',
    200,
  ],
}

describe('ResponseMeter', () => {
  it.each(Object.entries(responses))('sees the end of a response %s, however it is cut', (_name, [text, status]) => {
    const bytes = Buffer.from(text, 'latin1')
    for (let size = 1; size <= bytes.length; size++) {
      const meter = new ResponseMeter()
      meter.begin(false)
      const ends: number[] = []
      for (let offset = 0; offset < bytes.length; offset += size) {
        // One buffer used again for each piece, as a socket with `onread` does.
        const piece = Buffer.alloc(size + 3, 88)
        const length = bytes.copy(piece, 0, offset, offset + size)
        if (meter.push(piece, length)) ends.push(offset + length)
        piece.fill(88)
      }
      expect(ends).toEqual([bytes.length])
      expect(meter.status).toBe(status)
    }
  })

  it('knows that HEAD has no body, and when the connection closes', () => {
    const meter = new ResponseMeter()
    meter.begin(true)
    const head = Buffer.from('HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\n')
    expect(meter.push(head, head.length)).toBe(true)
    expect(meter.closes).toBe(true)
  })

  it('leaves a body without length to the end of the connection', () => {
    const meter = new ResponseMeter()
    meter.begin(false)
    const bytes = Buffer.from('HTTP/1.1 200 OK\r\n\r\nsome')
    expect(meter.push(bytes, bytes.length)).toBe(false)
    expect(meter.endsWithConnection()).toBe(true)
  })

  it('refuses what is not HTTP', () => {
    const meter = new ResponseMeter()
    meter.begin(false)
    expect(() => meter.push(Buffer.from('SSH-2.0-x\r\n\r\n'), 13)).toThrow('not HTTP/1.1')
  })
})
