/** Accept value that chooses a version without a path segment. */
const VENDOR_TYPE = 'application/vnd.openstack.images-'

/** What the API is reached under. */
export interface VersionChoice {
  /** Ids such as `v2.17` whose path prefix means the one API there is. */
  readonly ids: ReadonlySet<string>
}

/**
 * The path that a request is routed by (Images v2 contract: version discovery). `/v2.N/…` becomes `/v2/…`; an Accept
 * header that names a known version puts the path under it as it is. Everything else stays and, unless it begins
 * with `/v2`, finds no route.
 */
export function routedUrl(url: string, accept: string | undefined, versions: VersionChoice): string {
  if (accept?.startsWith(VENDOR_TYPE) && !isVersionsPath(url)) {
    return versions.ids.has(accept.slice(VENDOR_TYPE.length).trim()) ? `/v2${url}` : UNKNOWN_VERSION
  }
  if (url.startsWith('/v2/') || !url.startsWith('/v2.')) return url
  const end = segmentEnd(url)
  return versions.ids.has(url.slice(1, end)) ? `/v2${url.slice(end)}` : url
}

/** A path no route has, so that the list of versions is answered. */
const UNKNOWN_VERSION = '/unknown-version'

function isVersionsPath(url: string): boolean {
  return url.slice(1, segmentEnd(url)) === 'versions'
}

function segmentEnd(url: string): number {
  for (let at = 1; at < url.length; at++) {
    const character = url[at]
    if (character === '/' || character === '?') return at
  }
  return url.length
}
