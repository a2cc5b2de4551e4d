/** A minor version and what it is advertised as. */
interface Version {
  readonly id: string
  readonly status: 'CURRENT' | 'SUPPORTED'
}

const SINCE_ALWAYS = ['2.7', '2.6', '2.5', '2.4', '2.3', '2.2', '2.1', '2.0']
const WITH_STORES = ['2.13', '2.12', '2.11', '2.10', '2.9', '2.8']

/** What the list of versions depends on. */
export interface VersionFeatures {
  readonly imageCacheEnabled: boolean
  readonly multistore: boolean
}

/** The versions in the order clients have come to see them (Images v2 contract: version discovery). */
export function listVersions({ imageCacheEnabled, multistore }: VersionFeatures): Version[] {
  const stores = multistore ? WITH_STORES : ['2.9']
  const numbers = imageCacheEnabled
    ? ['2.18', '2.17', '2.16', '2.15', '2.14', ...stores, ...SINCE_ALWAYS]
    : ['2.15', ...stores, '2.17', ...SINCE_ALWAYS]
  const current = imageCacheEnabled ? '2.18' : '2.17'
  return numbers.map((number) => ({ id: `v${number}`, status: number === current ? 'CURRENT' : 'SUPPORTED' }))
}

/** Ids that are accepted as a first path segment; some more than are advertised. */
export function acceptedVersions(features: VersionFeatures): ReadonlySet<string> {
  return new Set(['v2', 'v2.9', 'v2.15', 'v2.17', ...listVersions(features).map(({ id }) => id)])
}

/** The version document; every entry leads to the one API there is. */
export function versionsView(features: VersionFeatures, base: string): Record<string, unknown> {
  const links = [{ rel: 'self', href: `${base}/v2/` }]
  return { versions: listVersions(features).map(({ id, status }) => ({ id, status, links })) }
}
