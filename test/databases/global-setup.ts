import type { TestProject } from 'vitest/node'
import { startMariadb } from '../support/servers/mariadb.ts'
import { startPostgres } from '../support/servers/postgres.ts'
import type { RunningServer } from '../support/servers/server.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** URLs of the servers' first databases; the user of each may create further ones. */
    databaseServers: { readonly mariadb: string; readonly postgres: string }
  }
}

/** Starts one MariaDB and one PostgreSQL, in which every test file makes databases of its own. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const running: RunningServer[] = []
  const stop = async (): Promise<void> => {
    await Promise.all(running.map((server) => server.stop()))
  }
  const started = await Promise.allSettled([startMariadb(), startPostgres()])
  for (const each of started) if (each.status === 'fulfilled') running.push(each.value)
  const [mariadb, postgres] = started
  if (mariadb.status === 'rejected' || postgres.status === 'rejected') {
    await stop()
    throw mariadb.status === 'rejected' ? mariadb.reason : postgres.status === 'rejected' && postgres.reason
  }
  project.provide('databaseServers', { mariadb: mariadb.value.url, postgres: postgres.value.url })
  return stop
}
