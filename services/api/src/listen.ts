import type { FastifyInstance } from 'fastify'

/** How long requests under way may take when the process stops, in ms. */
const GRACE_MS = 8_000

/** Stops a REST server: takes no new request, and cuts what is still under way after a while. */
export async function closeApi(app: FastifyInstance): Promise<void> {
  const cut = setTimeout(() => app.server.closeAllConnections(), GRACE_MS)
  try {
    await app.close()
  } finally {
    clearTimeout(cut)
  }
}
