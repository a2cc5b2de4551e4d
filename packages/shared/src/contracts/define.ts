import type { Static, TSchema } from 'typebox'

/** One RPC method: what goes in (checked by the server), what comes out (trusted type). */
export interface RpcMethod<I extends TSchema = TSchema, O extends TSchema = TSchema> {
  readonly input: I
  readonly output: O
  /** True when doing it twice is the same as once: another server may take over a call whose server died. */
  readonly repeatable: boolean
}
export type RpcTable = Readonly<Record<string, RpcMethod>>
export type RpcInput<M extends RpcMethod> = Static<M['input']>
export type RpcOutput<M extends RpcMethod> = Static<M['output']>

/** Declares an RPC method. Say `once` of one that must not be done twice: if its server dies, the caller is told. */
export function rpc<I extends TSchema, O extends TSchema>(input: I, output: O, times?: 'once'): RpcMethod<I, O> {
  return { input, output, repeatable: times !== 'once' }
}

/** One kind of job: its payload and how it is tried. */
export interface JobKind<P extends TSchema = TSchema> {
  readonly payload: P
  /** How often it is begun before it counts as dead. */
  readonly attempts: number
  /** First pause between attempts in ms; doubles each time. */
  readonly backoffMs: number
}
export type JobTable = Readonly<Record<string, JobKind>>
export type JobPayload<K extends JobKind> = Static<K['payload']>

/** Declares a job. */
export function job<P extends TSchema>(payload: P, options: { attempts: number; backoffMs: number }): JobKind<P> {
  return { payload, ...options }
}
