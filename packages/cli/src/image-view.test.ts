import { describe, expect, it } from 'vitest'
import { humanSize, renderImage } from './image-view.ts'

describe('renderImage', () => {
  it('leaves the links out and says when the virtual size is not known', () => {
    const image = { id: 'x', self: '/s', file: '/f', schema: '/c', virtual_size: null, size: 1000, os_distro: 'debian' }
    expect(renderImage(image)).toBe(
      [
        '+--------------+---------------+',
        '| Property     | Value         |',
        '+--------------+---------------+',
        '| id           | x             |',
        '| os_distro    | debian        |',
        '| size         | 1000          |',
        '| virtual_size | Not available |',
        '+--------------+---------------+',
        '',
      ].join('\n'),
    )
  })

  it('gives the size a unit on demand, but not the virtual size', () => {
    const table = renderImage({ size: 3_221_225_472, virtual_size: 5_368_709_120 }, { humanReadable: true })
    expect(table).toContain('| size         | 3GB        |')
    expect(table).toContain('| virtual_size | 5368709120 |')
  })
})

describe('humanSize', () => {
  it.each([
    [0, '0B'],
    [1000, '1000B'],
    [1024, '1kB'],
    [1536, '1.5kB'],
    [1_073_741_824, '1GB'],
    [2 ** 40 * 1.25, '1.3TB'],
  ])('%i is %s', (bytes, text) => {
    expect(humanSize(bytes)).toBe(text)
  })
})
