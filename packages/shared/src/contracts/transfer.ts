import { type Static, Type } from 'typebox'

const nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) => Type.Union([schema, Type.Null()])

/** Where a worker finds the other end of a byte stream, and the one-time right to it. */
export const ByteAddressSchema = Type.Object({
  /** `http://host:port` of an internal listener, or `memory:` inside one process. */
  address: Type.String(),
  ticket: Type.String(),
})
export type ByteAddress = Static<typeof ByteAddressSchema>

/** What a finished transfer knows about the bytes it stored. */
export const StoredDataSchema = Type.Object({
  url: Type.String(),
  metadata: Type.Record(Type.String(), Type.Unknown()),
  size: Type.Integer({ minimum: 0 }),
  virtualSize: nullable(Type.Integer({ minimum: 0 })),
  checksum: Type.String(),
  hashAlgo: Type.String(),
  hashValue: Type.String(),
})
export type StoredData = Static<typeof StoredDataSchema>

/** A byte range, both ends inclusive (RFC 9110 §14.1.2). */
export const ByteRangeSchema = Type.Object({
  first: Type.Integer({ minimum: 0 }),
  last: Type.Integer({ minimum: 0 }),
})
export type ByteRange = Static<typeof ByteRangeSchema>
