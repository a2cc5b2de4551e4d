/** Disk types that keep everything in the one file; no configuration widens this. */
export const SINGLE_FILE_TYPES: readonly string[] = ['monolithicSparse', 'streamOptimized']

const EXTENT = /^(rw|rdonly|noaccess)\s/i
const SPARSE_EXTENT = /^(?:rw|rdonly|noaccess)\s+\d+\s+sparse\s+"[^"/\\]*"(?:\s+\d+)?$/i
const FIELD = /^[a-z_][\w.]*\s*=/i
const QUOTED_VALUE = /^="([^"]{0,63})"/

/**
 * Why a VMDK descriptor could make a reader open another file, or undefined when it cannot.
 * Readers look for keys as plain substrings, comments included, so this does too.
 * @param area the descriptor's area: text ended by a NUL byte
 * @param allowedTypes disk types (createType) the caller accepts, compared without case
 */
export function descriptorFault(area: Uint8Array, allowedTypes: readonly string[]): string | undefined {
  const end = area.indexOf(0)
  // A reader would run on into whatever follows the area, which nobody has checked.
  if (end === -1) return 'its descriptor is not ended inside its area'
  const text = Buffer.from(area.subarray(0, end)).toString('latin1')
  return typeFault(text, allowedTypes) ?? parentFault(text) ?? linesFault(text)
}

function typeFault(text: string, allowedTypes: readonly string[]): string | undefined {
  const allowed = SINGLE_FILE_TYPES.map((type) => type.toLowerCase()).filter((type) =>
    allowedTypes.some((name) => name.toLowerCase() === type),
  )
  const parts = text.split(/createtype/i).slice(1)
  if (parts.length === 0) return 'its descriptor names no createType'
  for (const part of parts) {
    const type = QUOTED_VALUE.exec(part)?.[1]
    if (type === undefined) return 'its descriptor has a malformed createType'
    if (!allowed.includes(type.toLowerCase())) return `its createType ${JSON.stringify(type)} is not allowed`
  }
  return undefined
}

function parentFault(text: string): string | undefined {
  return /parentfilenamehint/i.test(text) ? 'its descriptor names a parent file' : undefined
}

function linesFault(text: string): string | undefined {
  let extents = 0
  for (const raw of text.split('\n')) {
    const line = raw.trim()
    if (line === '' || line.startsWith('#')) continue
    if (EXTENT.test(line)) {
      extents += 1
      if (line.includes('/') || line.includes('\\')) return 'an extent in its descriptor has a path separator'
      if (!SPARSE_EXTENT.test(line)) return 'an extent in its descriptor lies in another file'
    } else if (!FIELD.test(line)) {
      return 'its descriptor has a line that is neither a field nor an extent'
    }
  }
  if (extents === 0) return 'its descriptor names no extent'
  return extents > 1 ? 'its descriptor names more than one extent' : undefined
}
