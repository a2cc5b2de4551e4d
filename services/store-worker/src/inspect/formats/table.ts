import type { ProbeEntry } from '../probe.ts'
import { probeGpt } from './gpt.ts'
import { probeIso } from './iso.ts'
import { probeLuks } from './luks.ts'
import { probeQcow2 } from './qcow2.ts'
import { probeQed } from './qed.ts'
import { probeVdi } from './vdi.ts'
import { probeVhd } from './vhd.ts'
import { probeVhdx } from './vhdx.ts'
import { probeVmdk } from './vmdk.ts'

/** Every format that data can be recognised as. Data of none of them is raw. */
export const PROBES: readonly ProbeEntry[] = [
  { format: 'qcow2', open: probeQcow2 },
  { format: 'qed', open: probeQed },
  { format: 'vhd', open: probeVhd },
  { format: 'vhdx', open: probeVhdx },
  { format: 'vmdk', open: probeVmdk },
  { format: 'vdi', open: probeVdi },
  { format: 'iso', open: probeIso },
  { format: 'gpt', open: probeGpt },
  { format: 'luks', open: probeLuks },
]
