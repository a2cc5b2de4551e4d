import type { AccountName, Accounts } from './accounts.ts'
import type { GlanceHttp } from './glance-http.ts'
import type { DatabaseServer, RunningServer } from './servers/server.ts'
import type { ServiceProcess } from './service-process.ts'

export type Kind = 'standalone' | 'distributed'

/** What a test needs to know about a running deployment; plain data, so that it can be handed to other processes. */
export interface DeploymentFacts {
  readonly kind: Kind
  /** Base URL of each api; the first one stands in `url`. */
  readonly urls: readonly string[]
  readonly url: string
  readonly accounts: Accounts
  /** Directory of each store, by its id. */
  readonly storeDirs: Readonly<Record<string, string>>
  /** The directory of the default store. */
  readonly storeDir: string
  readonly databaseUrl: string
  /** Everything of it lies below this directory. */
  readonly dir: string
  /** Pid and log file of each process, by its name ("api-1"). */
  readonly processes: Readonly<Record<string, { readonly pid: number; readonly logFile: string }>>
  /** Byte plane listeners of the store workers. None in one process. */
  readonly workerBytesUrls: readonly string[]
}

export interface Servers {
  readonly rabbitmq: RunningServer
  readonly redis: RunningServer
  readonly database: DatabaseServer
}

/** A running image service, in one process or as many. */
export interface Deployment {
  readonly facts: DeploymentFacts
  readonly url: string
  readonly storeDir: string
  readonly databaseUrl: string
  /** OS_* variables of the administrator, or of another account. */
  env(account?: AccountName): Record<string, string>
  /** A fresh token; of the administrator when no account is named. */
  token(account?: AccountName): Promise<string>
  /** Speaks to the first api, or to another, with a fresh token. */
  as(account: AccountName, url?: string): Promise<GlanceHttp>
  /** Every process of these roles, in order of their numbers. */
  processes(...roles: readonly ServiceProcess['role'][]): readonly ServiceProcess[]
  /** Absent in one process. */
  readonly servers: Servers | undefined
  /** Waits until a log-in and a list succeed at every api that runs. */
  untilServing(timeoutMs?: number): Promise<void>
  /**
   * Ends everything it started, in order, and removes all data. Servers that were handed in stay.
   * @throws Error when a process or file is left all the same
   */
  stop(): Promise<void>
}
