// The few calls that prepare a measurement and clean up after it, over keep-alive connections.
import { randomUUID } from 'node:crypto'
import { Agent, request } from 'node:http'
import { text } from 'node:stream/consumers'

const AT_ONCE = 16
/** Largest page the Images API gives by default. */
const PAGE = 1000

/** Opens the way to a server's Images API as one caller. */
export function openImagesApi(url, token) {
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE })
  // All images of one run bear its name, so that it can find and remove them.
  const name = `bench-${randomUUID()}`
  const send = async (method, path, body) => {
    const answer = await exchange(new URL(path, url), { method, agent, token, body })
    if (answer.status >= 400) throw new Error(`${method} ${path}: ${answer.status} ${answer.text.slice(0, 300)}`)
    return answer.text === '' ? undefined : JSON.parse(answer.text)
  }
  const fields = {
    name,
    disk_format: 'raw',
    container_format: 'bare',
    min_disk: 1,
    os_distro: 'debian',
    hw_disk_bus: 'virtio',
    tags: ['bench'],
  }
  const create = async () => (await send('POST', '/v2/images', fields)).id
  return {
    url,
    headers: { 'X-Auth-Token': token },
    fields,
    create,
    show: (id) => send('GET', `/v2/images/${id}`),
    remove: (id) => send('DELETE', `/v2/images/${id}`),
    /** Makes that many images; answers their ids. */
    createMany: (count) => inParallel(Array.from({ length: count }), create),
    /** Walks all images the caller sees by pages; answers their number, and the seconds spent waiting for answers. */
    walk: async (page) => {
      let path = `/v2/images?limit=${page}`
      let [images, pages, seconds] = [0, 0, 0]
      while (path !== undefined) {
        const start = performance.now()
        const answer = await exchange(new URL(path, url), { method: 'GET', agent, token })
        // Reading the document is the client's own time.
        seconds += (performance.now() - start) / 1000
        if (answer.status !== 200) throw new Error(`GET ${path}: ${answer.status} ${answer.text.slice(0, 300)}`)
        const body = JSON.parse(answer.text)
        images += body.images.length
        pages += 1
        path = body.next
      }
      return { images, pages, seconds }
    },
    /** Removes every image this run has made. */
    removeAll: async () => {
      for (;;) {
        const { images } = await send('GET', `/v2/images?limit=${PAGE}&name=${name}`)
        if (images.length === 0) return
        await inParallel(images, ({ id }) => send('DELETE', `/v2/images/${id}`))
      }
    },
    close: () => agent.destroy(),
  }
}

/** Does `work` for each item, some at once; answers the results in order. */
async function inParallel(items, work) {
  const results = new Array(items.length)
  let next = 0
  const runner = async () => {
    for (let index = next++; index < items.length; index = next++) results[index] = await work(items[index])
  }
  await Promise.all(Array.from({ length: AT_ONCE }, runner))
  return results
}

function exchange(url, { method, agent, token, body }) {
  const content = body === undefined ? undefined : Buffer.from(JSON.stringify(body))
  const headers = {
    'X-Auth-Token': token,
    ...(content === undefined ? {} : { 'Content-Type': 'application/json', 'Content-Length': content.length }),
  }
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { method, agent, headers })
    outgoing.once('error', reject)
    outgoing.once('response', (response) => {
      text(response).then((answer) => resolve({ status: response.statusCode, text: answer }), reject)
    })
    outgoing.end(content)
  })
}

/**
 * A token from the environment that OpenStack clients read: OS_TOKEN, or a log-in with a password.
 * @throws Error that names what is missing, or what the identity service answered
 */
export async function tokenFromEnvironment(env) {
  if (env.OS_TOKEN) return env.OS_TOKEN
  const missing = ['OS_AUTH_URL', 'OS_USERNAME', 'OS_PASSWORD', 'OS_PROJECT_NAME'].filter((name) => !env[name])
  if (missing.length > 0) throw new Error(`neither OS_TOKEN nor ${missing.join(', ')} is set in the environment`)
  const domain = (who) => {
    const name = env[`OS_${who}_DOMAIN_NAME`]
    return name ? { name } : { id: env[`OS_${who}_DOMAIN_ID`] || 'default' }
  }
  const user = { name: env.OS_USERNAME, password: env.OS_PASSWORD, domain: domain('USER') }
  const response = await fetch(`${env.OS_AUTH_URL.replace(/\/+$/, '')}/auth/tokens`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({
      auth: {
        identity: { methods: ['password'], password: { user } },
        scope: { project: { name: env.OS_PROJECT_NAME, domain: domain('PROJECT') } },
      },
    }),
  })
  const token = response.headers.get('x-subject-token')
  if (response.status !== 201 || token === null) {
    throw new Error(`log-in of ${env.OS_USERNAME}: ${response.status} ${(await response.text()).slice(0, 300)}`)
  }
  return token
}
