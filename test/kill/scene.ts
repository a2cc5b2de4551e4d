import { expect } from 'vitest'
import type { Deployment } from '../support/deployment.ts'
import type { DownloadReply, GlanceHttp } from '../support/glance-http.ts'
import { filesUnder } from '../support/leaks.ts'
import { countUnfinished, readRows } from '../support/rows.ts'
import { waitFor } from '../support/wait.ts'
import type { Random } from './random.ts'
import { md5OfUpload, type Pace, startDownload, startUpload, type Underway } from './transfers.ts'

const MIB = 1 << 20

/** Bytes of every image under way. */
export const BYTES = 512 * MIB
const LEASE_MS = 4_000
/** By the house rule nothing is stuck for longer than two leases; the rest is for a busy machine. */
const SETTLED_WITHIN_MS = 2 * LEASE_MS + 4_000

/** Short leases and quick looks, so that a test sees in seconds what takes minutes otherwise. */
export const QUICK_CONFIG = `
[DEFAULT]
transfer_lease = ${LEASE_MS / 1000}
upload_wait = 10
[registry]
sweep_interval = 0.5
relay_interval = 0.2
[rpc]
timeout = 5
`

/** An image whose bytes are on their way when something is killed. */
export interface Subject {
  readonly id: string
  readonly seed: number
  readonly upload: Underway<{ readonly status: number }>
}

/** The state of things at the moment of a kill. */
export interface Scene {
  readonly subjects: readonly Subject[]
  /** Images that are active all along, by id, with their MD5. */
  readonly active: ReadonlyMap<string, string>
  readonly downloads: readonly Underway<DownloadReply>[]
}

let seeds = 1

/** Uploads an image of {@link BYTES} bytes and returns its id and MD5. */
export async function storeImage(client: GlanceHttp): Promise<readonly [string, string]> {
  const seed = seeds++
  const pace = { bytes: BYTES, slowFrom: BYTES, slowRate: BYTES, gate: Promise.resolve() }
  const { id } = await client.create({ name: `stored ${seed}` })
  expect(await startUpload(client, id, { ...pace, seed }).end).toMatchObject({ status: 204 })
  return [id, await md5OfUpload(BYTES, seed)]
}

/**
 * Starts one upload and one download by each client, and returns when all are midway, at a random point.
 * @param active what can be downloaded
 */
export async function openScene(
  clients: readonly GlanceHttp[],
  options: { readonly active: ReadonlyMap<string, string>; readonly random: Random },
): Promise<Scene> {
  const { active, random } = options
  const moment = Math.floor(random.between(0.1, 0.7) * BYTES)
  process.stdout.write(`  midway at ${Math.round(moment / MIB)} of ${BYTES / MIB} MiB\n`)
  let open = (): void => undefined
  const gate = new Promise<void>((resolve) => {
    open = resolve
  })
  const pace: Pace = { bytes: BYTES, slowFrom: moment, slowRate: 64 * MIB, gate }
  const ids = [...active.keys()]
  const subjects: Subject[] = []
  const downloads: Underway<DownloadReply>[] = []
  for (const [index, client] of clients.entries()) {
    const seed = seeds++
    const { id } = await client.create({ name: `under way ${seed}` })
    subjects.push({ id, seed, upload: startUpload(client, id, { ...pace, seed }) })
    downloads.push(startDownload(client, ids[index % ids.length] ?? '', pace))
  }
  await Promise.all([...subjects.map(({ upload }) => upload), ...downloads].map((each) => each.untilPassed(moment)))
  open()
  return { subjects, active, downloads }
}

/**
 * Waits for the ends of all transfers and for two leases at most, and proves that nothing is stuck, lost, wrong or left:
 * each image is queued and empty, or active with the right bytes; a 204 means active; a download that ended well has
 * the right bytes; the store holds the active images and nothing else; no transfer is held and no job is left.
 * @returns the images that are active now, with their MD5
 */
export async function expectSettled(
  deployment: Deployment,
  client: GlanceHttp,
  scene: Scene,
): Promise<Map<string, string>> {
  const active = new Map(scene.active)
  for (const { end } of scene.downloads) expectHonest(await end, new Set(active.values()))
  const replies = await Promise.all(scene.subjects.map(({ upload }) => upload.end))
  for (const [index, { id, seed }] of scene.subjects.entries()) {
    const image = await client.untilStatus(id, ['queued', 'active'], SETTLED_WITHIN_MS)
    const reply = replies[index]
    const isStored = !(reply instanceof Error) && reply?.status === 204
    if (!isStored && !(reply instanceof Error)) expect([503, 410]).toContain(reply?.status)
    if (isStored) expect(image.status).toBe('active')
    if (image.status === 'active') {
      const md5 = await md5OfUpload(BYTES, seed)
      active.set(id, md5)
      expect(image).toMatchObject({ size: BYTES, checksum: md5 })
    } else expect(image).toMatchObject({ size: null, checksum: null, os_hash_value: null })
  }
  await expectOnly(deployment, [...active.keys()])
  return active
}

/** A download gives the right bytes or shows that it broke off. */
function expectHonest(end: DownloadReply | Error, right: ReadonlySet<string>): void {
  if (end instanceof Error || !end.complete) return
  if (end.status === 503) return
  expect(end).toMatchObject({ status: 200, bytes: BYTES })
  expect(right).toContain(end.md5)
}

/** Proves, within two leases, that the store holds these images and nothing else, and that nothing is unfinished. */
export async function expectOnly(deployment: Deployment, ids: readonly string[]): Promise<void> {
  const wanted = ids.toSorted()
  const found = (): string[] => filesUnder(deployment.storeDir).map((path) => path.split('/').at(-1) ?? '')
  try {
    await waitFor(
      async () => found().toSorted().join() === wanted.join() && (await countUnfinished(deployment.databaseUrl)) === 0,
      { what: 'files, transfers or jobs are left', timeoutMs: SETTLED_WITHIN_MS, everyMs: 100 },
    )
  } catch {
    // Said in a way that shows what they belong to.
    const rows = await readRows(
      deployment.databaseUrl,
      'SELECT name, queue, payload, attempts, published_at FROM outbox',
    )
    const live = await readRows(
      deployment.databaseUrl,
      "SELECT id, image_id, holder FROM transfers WHERE state = 'live'",
    )
    const images = await readRows(deployment.databaseUrl, 'SELECT id, status, name FROM images')
    const known = new Map(images.map(([id = '', ...rest]) => [id, rest.join(' ')]))
    const files = found().map((name) => `${name} ${known.get(name) ?? ''}`)
    expect({ files, rows, live }).toEqual({ files: wanted.map((id) => `${id} ${known.get(id)}`), rows: [], live: [] })
  }
}

/** The service does its work: queued images take data, active ones give them, and both can be deleted. */
export async function expectUsable(
  deployment: Deployment,
  client: GlanceHttp,
  images: { readonly again: readonly string[]; readonly active: ReadonlyMap<string, string> },
): Promise<void> {
  for (const id of images.again) {
    expect(await client.upload(id, 'the second try')).toMatchObject({ status: 204 })
    expect(await client.download(id)).toMatchObject({ status: 200, bytes: 14, complete: true })
    await client.delete(id)
  }
  for (const [id, md5] of images.active) {
    expect(await client.download(id)).toMatchObject({ status: 200, complete: true, bytes: BYTES, md5 })
  }
  await expectOnly(deployment, [...images.active.keys()])
}
