import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { refuse } from '../testing/fake-answers.ts'
import { type FakeService, startFakeService } from '../testing/fake-service.ts'
import { runCli, tokenEnv } from '../testing/run-cli.ts'

let service: FakeService
beforeEach(async () => {
  service = await startFakeService()
})
afterEach(() => service.close())
const remove = (...argv: string[]) => runCli(['image-delete', ...argv], { env: tokenEnv(service) })

describe('image-delete', () => {
  it('deletes in silence', async () => {
    service.add({ id: 'i1' })
    expect(await remove('i1')).toMatchObject({ code: 0, stdout: '', stderr: '' })
    expect(service.images.size).toBe(0)
  })

  it('goes on after a failure and ends with 1', async () => {
    service.add({ id: 'kept', protected: true })
    service.add({ id: 'last' })
    service.add({ id: 'used' })
    service.override = ({ url }, response) => {
      if (url.endsWith('/used')) refuse(response, 409, 'Conflict', 'In use.')
      else if (url.endsWith('/bad')) refuse(response, 400, 'Bad Request', 'No.')
      else return false
      return true
    }
    expect(await remove('kept', 'unknown', 'used', 'bad', 'last')).toMatchObject({
      code: 1,
      stdout: '',
      stderr: [
        "You are not permitted to delete the image 'kept'.",
        "No image with an ID of 'unknown' exists.",
        "Unable to delete image 'used' because it is in use.",
        "'HTTP 400 Bad Request: No.': Unable to delete image 'bad'",
        '',
      ].join('\n'),
    })
    expect([...service.images.keys()]).toEqual(['kept', 'used'])
  })

  it('stops at once when the token is refused', async () => {
    const env = { ...tokenEnv(service), OS_AUTH_TOKEN: 'stale' }
    const result = await runCli(['image-delete', 'a', 'b'], { env })
    expect(result).toMatchObject({ code: 1, stderr: 'Invalid OpenStack Identity credentials.\n' })
    expect(service.seen).toHaveLength(1)
  })
})
