import { DriverAdapterError } from '@prisma/driver-adapter-utils'
import Driver from 'libsql'

/** Primary result codes that pass by themselves: somebody else is writing (https://www.sqlite.org/rescode.html). */
const BUSY = 5
const LOCKED = 6
const PRIMARY = 0xff

/** What a statement of SQLite threw, in the words all adapters share; anything else passes unchanged. */
export function toAdapterError(thrown: unknown): unknown {
  if (!(thrown instanceof Driver.SqliteError)) return thrown
  const code = thrown.rawCode ?? 1
  const original = { originalCode: String(code), originalMessage: thrown.message }
  const fields = columnsOf(thrown.message)
  switch (code) {
    case 1555: // SQLITE_CONSTRAINT_PRIMARYKEY
    case 2067: // SQLITE_CONSTRAINT_UNIQUE
      return new DriverAdapterError({ ...original, kind: 'UniqueConstraintViolation', constraint: { fields } })
    case 1299: // SQLITE_CONSTRAINT_NOTNULL
      return new DriverAdapterError({ ...original, kind: 'NullConstraintViolation', constraint: { fields } })
    case 787: // SQLITE_CONSTRAINT_FOREIGNKEY
    case 1811: // SQLITE_CONSTRAINT_TRIGGER
      return new DriverAdapterError({ ...original, kind: 'ForeignKeyConstraintViolation' })
  }
  if (thrown.message.startsWith('no such table: ')) {
    return new DriverAdapterError({ ...original, kind: 'TableDoesNotExist', table: thrown.message.slice(15) })
  }
  const primary = code & PRIMARY
  if (primary === BUSY || primary === LOCKED) {
    return new DriverAdapterError({ ...original, kind: 'TransactionWriteConflict' })
  }
  return new DriverAdapterError({ ...original, kind: 'sqlite', extendedCode: code, message: thrown.message })
}

/** The columns named by `UNIQUE constraint failed: table.column, table.column`. */
function columnsOf(message: string): string[] {
  const list = message.split('constraint failed: ')[1] ?? ''
  return list === '' ? [] : list.split(', ').map((column) => column.split('.').at(-1) ?? column)
}
