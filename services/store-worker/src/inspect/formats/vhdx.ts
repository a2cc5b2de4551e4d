import { exactNumber, hasText, u16, u32, u64 } from '../fields.ts'
import { found, notFound, type Probe, truncated } from '../probe.ts'

const KIB = 1024
const MIB = 1024 * KIB
const REGION_TABLE_AT = 192 * KIB
const REGION_TABLE_HEADER = 16
const METADATA_HEADER = 32
const ENTRY_BYTES = 32
const MOST_ENTRIES = 2047
/** Metadata items lie behind the metadata table, which takes the first 64 KiB of its region. */
const METADATA_TABLE_BYTES = 64 * KIB
/** GUID 8B7CA206-4790-4B9A-B8FE-575F050F886E as stored. */
const METADATA_REGION = '\x06\xa2\x7c\x8b\x90\x47\x9a\x4b\xb8\xfe\x57\x5f\x05\x0f\x88\x6e'
/** GUID 2FA54224-CD1B-4876-B211-5DBED83BF4B8 as stored. */
const VIRTUAL_DISK_SIZE = '\x24\x42\xa5\x2f\x1b\xcd\x76\x48\xb2\x11\x5d\xbe\xd8\x3b\xf4\xb8'

/**
 * VHDX as in MS-VHDX: region table -> metadata region -> item "virtual disk size". The rules on alignment are checked
 * because they also make every structure lie behind the one that points to it, which a stream needs.
 */
export function* probeVhdx(): Probe {
  const magic = yield { at: 0, length: 8 }
  if (magic === undefined) return truncated('VHDX identifier')
  if (!hasText(magic, 0, 'vhdxfile')) return notFound('bytes 0-7 are not the VHDX identifier "vhdxfile"')

  const tableHeader = yield { at: REGION_TABLE_AT, length: REGION_TABLE_HEADER }
  if (tableHeader === undefined) return truncated('VHDX region table')
  if (!hasText(tableHeader, 0, 'regi')) return notFound('there is no VHDX region table at 192 KiB')
  const regions = u32(tableHeader, 8, 'little')
  if (regions > MOST_ENTRIES) return notFound(`the VHDX region table has ${regions} entries (limit ${MOST_ENTRIES})`)
  const table = yield { at: REGION_TABLE_AT + REGION_TABLE_HEADER, length: regions * ENTRY_BYTES }
  if (table === undefined) return truncated('VHDX region table')
  const region = entryOf(table, METADATA_REGION)
  const regionAt = region === undefined ? null : exactNumber(u64(region, 16, 'little'))
  if (regionAt === null) return notFound('the VHDX region table names no metadata region')
  if (regionAt < MIB || regionAt % MIB !== 0) return notFound('the VHDX metadata region is not aligned to 1 MiB')

  const header = yield { at: regionAt, length: METADATA_HEADER }
  if (header === undefined) return truncated('VHDX metadata table')
  if (!hasText(header, 0, 'metadata')) return notFound('the VHDX metadata region has no metadata table')
  const items = u16(header, 10, 'little')
  if (items > MOST_ENTRIES) return notFound(`the VHDX metadata table has ${items} entries (limit ${MOST_ENTRIES})`)
  const entries = yield { at: regionAt + METADATA_HEADER, length: items * ENTRY_BYTES }
  if (entries === undefined) return truncated('VHDX metadata table')
  const item = entryOf(entries, VIRTUAL_DISK_SIZE)
  if (item === undefined) return notFound('the VHDX metadata has no virtual disk size')
  const itemAt = u32(item, 16, 'little')
  if (itemAt < METADATA_TABLE_BYTES) return notFound('the VHDX virtual disk size lies inside the metadata table')

  const size = yield { at: regionAt + itemAt, length: 8 }
  if (size === undefined) return truncated('VHDX virtual disk size')
  return found(exactNumber(u64(size, 0, 'little')))
}

function entryOf(table: Uint8Array, guid: string): Uint8Array | undefined {
  for (let at = 0; at < table.length; at += ENTRY_BYTES) {
    if (hasText(table, at, guid)) return table.subarray(at, at + ENTRY_BYTES)
  }
  return undefined
}
