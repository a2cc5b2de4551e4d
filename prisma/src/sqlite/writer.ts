import { DriverAdapterError } from '@prisma/driver-adapter-utils'
import type { SqliteConnection } from './connection.ts'
import { openTurns } from './turns.ts'

/** A transaction that stays open while its owner thinks. */
export interface OpenStep {
  /** Resolves once the step is on the disk. */
  commit(): Promise<void>
  rollback(): void
}

/**
 * The connection that writes, one transaction at a time. Those that end within one turn of the event loop are committed
 * together: waiting for the disk is what a write costs, and so it is paid once for all of them.
 */
export interface Writer {
  /** Runs work that never waits as a transaction; resolves once that is on the disk. */
  run<T>(work: () => T): Promise<T>
  begin(): Promise<OpenStep>
  /** Runs work outside of any transaction. */
  alone<T>(work: () => T): Promise<T>
  /** Commits what has ended. */
  close(): void
}

/** Transactions after which the disk is not kept waiting for more. */
const MAX_GROUP = 64

interface Waiting {
  resolve(): void
  reject(why: unknown): void
}

/** The transaction of the connection, and the steps within it that have ended and wait for the disk together. */
interface Group {
  /** Begins a step. */
  enter(): void
  /** Ends a step; resolves once it is on the disk. */
  keep(): Promise<void>
  /** Takes a step back. */
  undo(): void
  /** Commits what has ended, now. */
  settle(): void
}

function openGroup(connection: SqliteConnection): Group {
  let group: Waiting[] = []
  let soon: NodeJS.Immediate | undefined

  const settle = (): void => {
    const ended = group
    group = []
    clearImmediate(soon)
    soon = undefined
    try {
      if (connection.isInTransaction()) connection.run('COMMIT', [])
      // A fault such as a full disk has rolled everything back by itself.
      else if (ended.length > 0) throw new DriverAdapterError({ kind: 'TransactionWriteConflict' })
      for (const { resolve } of ended) resolve()
    } catch (why) {
      if (connection.isInTransaction()) connection.run('ROLLBACK', [])
      for (const { reject } of ended) reject(why)
    }
  }
  return {
    settle,
    enter: () => {
      // Taking the write lock now, not at the first write: one that read before would have to start over.
      if (!connection.isInTransaction()) connection.run('BEGIN IMMEDIATE', [])
      connection.run('SAVEPOINT step', [])
    },
    undo: () => {
      if (connection.isInTransaction()) {
        connection.run('ROLLBACK TO step', [])
        connection.run('RELEASE step', [])
      }
      if (group.length === 0) settle()
    },
    keep: () => {
      connection.run('RELEASE step', [])
      return new Promise((resolve, reject) => {
        group.push({ resolve, reject })
        if (group.length >= MAX_GROUP) settle()
        else soon ??= setImmediate(settle)
      })
    },
  }
}

/** Takes a connection over; nobody else may write on it. Each transaction is a savepoint within the group's. */
export function openWriter(connection: SqliteConnection): Writer {
  const turns = openTurns()
  const { enter, keep, undo, settle } = openGroup(connection)
  return {
    run: async <T>(work: () => T): Promise<T> => {
      const done = await turns.take()
      let kept: Promise<void>
      let result: T
      try {
        enter()
        result = work()
        kept = keep()
      } catch (thrown) {
        undo()
        throw thrown
      } finally {
        done()
      }
      await kept
      return result
    },
    begin: async () => {
      const done = await turns.take()
      try {
        // Nobody's answer waits for an owner who thinks.
        settle()
        enter()
      } catch (thrown) {
        settle()
        done()
        throw thrown
      }
      return {
        commit: async () => {
          let kept: Promise<void>
          try {
            kept = keep()
          } catch (thrown) {
            undo()
            throw thrown
          } finally {
            done()
          }
          await kept
        },
        rollback: () => {
          try {
            undo()
          } finally {
            done()
          }
        },
      }
    },
    alone: async (work) => {
      const done = await turns.take()
      try {
        settle()
        return work()
      } finally {
        done()
      }
    },
    close: () => {
      settle()
      connection.close()
    },
  }
}
