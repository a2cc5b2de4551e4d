import { u16, u32 } from '../fields.ts'
import { type Found, notFound, type Probe, truncated, type Unsafe } from '../probe.ts'

const BOOT_SIGNATURE = 0xaa55
const PARTITIONS_AT = 446
const PARTITION_BYTES = 16
const PROTECTIVE = 0xee
/** Name of the check in the option gpt_safety_checks_nonfatal. */
const CHECK = 'mbr'

/** A partitioned disk: the protective MBR of a GPT (UEFI specification), or a plain MBR. */
export function* probeGpt(): Probe {
  const sector = yield { at: 0, length: 512 }
  if (sector === undefined) return truncated('boot sector')
  if (u16(sector, 510, 'little') !== BOOT_SIGNATURE) return notFound('bytes 510-511 are not the boot signature 0xaa55')
  if (isFatVolume(sector)) return notFound('the boot sector belongs to a FAT file system')
  const reason = partitionFault(sector)
  const unsafe: Unsafe | undefined = reason === undefined ? undefined : { check: CHECK, reason }
  const whole: Found = { match: true, virtualSize: (streamBytes) => streamBytes }
  return unsafe === undefined ? whole : { ...whole, unsafe }
}

/** A FAT volume ends its boot sector with the same signature; it has two FATs and the media byte of a fixed disk. */
function isFatVolume(sector: Uint8Array): boolean {
  return sector[0x10] === 2 && sector[0x15] === 0xf8
}

function partitionFault(sector: Uint8Array): string | undefined {
  const used: number[] = []
  let protective = false
  for (let index = 0; index < 4; index++) {
    const at = PARTITIONS_AT + index * PARTITION_BYTES
    const bootFlag = sector[at]
    if (bootFlag !== 0 && bootFlag !== 0x80) return `partition entry ${index} of the MBR has an invalid boot flag`
    const type = sector[at + 4]
    if (type !== 0) used.push(index)
    if (type !== PROTECTIVE) continue
    protective = true
    const startsAtSector2 = sector[at + 1] === 0 && sector[at + 2] === 2 && sector[at + 3] === 0
    if (!startsAtSector2) return 'the protective entry of the MBR has an invalid start address (CHS)'
    if (u32(sector, at + 8, 'little') !== 1) return 'the protective entry of the MBR does not start at block 1'
  }
  if (used.length === 0) return 'the MBR defines no partition'
  const onlyFirst = used.length === 1 && used[0] === 0
  return protective && !onlyFirst ? 'the MBR defines more than the protective entry of a GPT' : undefined
}
