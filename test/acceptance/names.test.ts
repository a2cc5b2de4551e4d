import { describe, expect, it } from 'vitest'
import { runOpenstack, runOwnGlance, runPythonGlance } from '../support/clients.ts'
import { onEachTarget } from './target.ts'

const NAMES: Readonly<Record<string, string>> = {
  German: 'Größe – 10 €',
  Greek: 'εικόνα δίσκου',
  Cyrillic: 'образ диска ё',
  Arabic: 'صورة القرص',
  Hindi: 'डिस्क छवि',
  Chinese: '磁盘映像',
  'a combining accent': 'e\u0301te\u0301',
  'an emoji of one code unit': 'sun ☀ ok',
  'emoji outside the basic plane': 'rocket 🚀 family 👩‍👩‍👧 flag 🇩🇪',
  'a script outside the basic plane': '𐤀𐤁 𠮷野家',
  'quotes, slashes and a percent sign': `it's "50%" a/b\\c & <d>; --`,
  'blanks at both ends': '  spaced  ',
  'the longest one': 'ü'.repeat(255),
}

onEachTarget((target) => {
  it.each(Object.entries(NAMES))('%s is a name, a property and a tag like any other', async (_what, name) => {
    const member = await target.as('member')
    const { id } = await member.create({ name, note: name, tags: [name] })
    expect(await member.show(id)).toMatchObject({ name, note: name, tags: [name] })
    for (const filter of ['name', 'note', 'tag']) {
      const value = filter === 'name' ? `eq:${name}` : name
      const { images } = await member.list(`?${filter}=${encodeURIComponent(value)}`)
      expect(images.map((image) => image.id)).toEqual([id])
    }
    await member.delete(id)
  })

  it('the clients show a name as it was written', async () => {
    const name = `${NAMES.Chinese} 🚀`
    const member = await target.as('member')
    const { id } = await member.create({ name })
    const env = target.env('member')
    const commands = [
      runOwnGlance(['image-list'], { env }),
      runPythonGlance(['image-list'], { env }),
      runOpenstack(['image', 'show', name, '-f', 'value', '-c', 'name'], { env }),
    ]
    for (const { code, stdout } of await Promise.all(commands)) {
      expect(code).toBe(0)
      expect(stdout).toContain(name)
    }
    await member.delete(id)
  })

  describe('half of a character, or NUL', () => {
    it.each([
      { name: 'half \ud83d' },
      { note: '\udc00' },
      { 'half\ud83d': 'x' },
      { tags: ['\ud83d'] },
      { name: 'with\0nul' },
    ])('is refused at creation: %j', async (fields) => {
      const member = await target.as('member')
      // As JSON escapes: half of a character has no bytes of its own.
      expect((await member.send('POST', '/v2/images', { json: fields })).status).toBe(400)
      expect((await member.list()).images).toEqual([])
    })

    it('is refused in a PATCH, and the image stays as it was', async () => {
      const member = await target.as('member')
      const image = await member.create({ name: 'plain' })
      for (const path of ['/name', '/note']) {
        expect((await member.patch(image.id, [{ op: 'add', path, value: '\ud83d' }])).status).toBe(400)
      }
      expect(await member.show(image.id)).toEqual(image)
      await member.delete(image.id)
    })
  })

  it.each([
    { name: 'n'.repeat(256) },
    { tags: ['t'.repeat(256)] },
    { ['p'.repeat(256)]: 'x' },
    { '': 'x' },
    { note: 7 },
  ])('too long, empty or no text is refused', async (fields) => {
    const member = await target.as('member')
    expect((await member.send('POST', '/v2/images', { json: fields })).status).toBe(400)
  })
})
