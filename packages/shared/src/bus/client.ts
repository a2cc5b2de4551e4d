import { Compile } from 'typebox/compile'
import type { CallContext } from '../context.ts'
import type { RpcInput, RpcMethod, RpcOutput, RpcTable } from '../contracts/define.ts'
import { GlanceError } from '../errors/error.ts'
import type { CallOptions, RpcCall, RpcClient, RpcHandler } from './types.ts'

/** A contract table as an object to call. */
export type TypedClient<T extends RpcTable> = {
  [M in keyof T]: (context: CallContext, input: RpcInput<T[M]>, options?: CallOptions) => Promise<RpcOutput<T[M]>>
}

/** What every RPC handler is told beside its input. */
export interface CallScope {
  readonly context: CallContext
  readonly signal: AbortSignal
}

/** One function per row of a contract table: a missing or extra method does not compile. */
export type TypedHandlers<T extends RpcTable> = {
  [M in keyof T]: (input: RpcInput<T[M]>, scope: CallScope) => Promise<RpcOutput<T[M]>>
}

/** A typed client of the servers behind one queue. */
export function typedClient<T extends RpcTable>(
  table: T,
  bus: { client: RpcClient; queue: string; timeoutMs: number },
): TypedClient<T> {
  const methods = Object.entries<RpcMethod>(table).map(([method, { repeatable }]) => [
    method,
    (context: CallContext, input: unknown, options?: CallOptions) =>
      bus.client.call(bus.queue, { method, context, input }, { timeoutMs: bus.timeoutMs, repeatable, ...options }),
  ])
  return Object.fromEntries(methods) as TypedClient<T>
}

/**
 * The handler of a queue that serves a contract table. Input is checked against the row's schema (BadRequest names
 * the field and rule); an unknown method is NotImplemented.
 */
export function typedHandler<T extends RpcTable>(table: T, handlers: TypedHandlers<T>): RpcHandler {
  const checked = new Map(
    Object.entries<RpcMethod>(table).map(([name, method]) => [
      name,
      {
        input: Compile(method.input),
        run: handlers[name as keyof T] as (input: unknown, scope: CallScope) => Promise<unknown>,
      },
    ]),
  )
  return async (call: RpcCall, signal: AbortSignal) => {
    const method = checked.get(call.method)
    if (method === undefined) throw new GlanceError('NotImplemented', `no method ${call.method}`)
    if (!method.input.Check(call.input)) {
      const fault = method.input.Errors(call.input)[0]
      throw new GlanceError(
        'BadRequest',
        `${call.method}${fault?.instancePath ?? ''} ${fault?.message ?? 'is malformed'}`,
      )
    }
    return method.run(call.input, { context: call.context, signal })
  }
}
