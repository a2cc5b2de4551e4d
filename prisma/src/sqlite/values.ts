import { type ArgType, type ColumnType, ColumnTypeEnum } from '@prisma/driver-adapter-utils'

const DECLARED: Readonly<Record<string, ColumnType>> = {
  INTEGER: ColumnTypeEnum.Int32,
  BIGINT: ColumnTypeEnum.Int64,
  TEXT: ColumnTypeEnum.Text,
  BOOLEAN: ColumnTypeEnum.Boolean,
  DATETIME: ColumnTypeEnum.DateTime,
}

/**
 * Types of a result's columns: as declared by the table, else by the first value that tells (expressions have no
 * declared type).
 */
export function columnTypes(declared: readonly (string | null)[], rows: readonly (readonly unknown[])[]): ColumnType[] {
  return declared.map((type, index) => {
    const known = type === null ? undefined : DECLARED[type.toUpperCase()]
    if (known !== undefined) return known
    const value = rows.find((row) => row[index] !== null)?.[index]
    return typeof value === 'string' ? ColumnTypeEnum.Text : ColumnTypeEnum.Int64
  })
}

/** A value of a result as Prisma wants it: times as ISO 8601; SQLite keeps them as ms since 1970. */
export function fromColumn(value: unknown, type: ColumnType | undefined): unknown {
  if (type === ColumnTypeEnum.DateTime && typeof value === 'number') return new Date(value).toISOString()
  return value
}

/** A parameter as SQLite takes it: integers, texts and null. */
export function toParameter(value: unknown, type: ArgType | undefined): unknown {
  if (value === null || value === undefined) return null
  if (value instanceof Date) return value.getTime()
  if (typeof value === 'boolean') return value ? 1 : 0
  if (typeof value === 'bigint') return Number(value)
  if (typeof value === 'string' && type?.scalarType === 'datetime') return new Date(value).getTime()
  if (typeof value === 'string' && type?.scalarType === 'bigint') return Number(value)
  return value
}
