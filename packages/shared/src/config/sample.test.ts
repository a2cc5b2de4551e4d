import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { loadConfig } from './load.ts'
import { checkConfig, sampleConfig } from './sample.ts'
import { SECTIONS } from './schema/sections.ts'

const dir = mkdtempSync(join(tmpdir(), 'glance-sample-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))

function write(name: string, text: string): string {
  const file = join(dir, name)
  writeFileSync(file, text)
  return file
}

test('the sample with everything uncommented gives the defaults', () => {
  const sample = sampleConfig()
  const uncommented = sample.replace(/^#(?=[a-z_0-9]+ =)/gm, '')
  expect(uncommented.match(/^[a-z_0-9]+ =/gm)?.length).toBeGreaterThan(250)
  const set = loadConfig({ files: [write('full.conf', uncommented)], env: {} })
  const plain = loadConfig({ files: [write('empty.conf', '')], env: {} })
  expect(set.warnings).toEqual([])
  expect(set.notes).toEqual([])
  for (const section of Object.keys(SECTIONS)) {
    expect(set[section as keyof typeof SECTIONS], section).toEqual(plain[section as keyof typeof SECTIONS])
  }
  expect(set.stores).toEqual(plain.stores)
  expect(set.reserved).toEqual(plain.reserved)
})

test('the sample as it is sets nothing and explains every option', () => {
  const sample = sampleConfig()
  expect(sample.split('\n').filter((line) => line !== '' && !/^[#[]/.test(line))).toEqual([])
  for (const table of Object.values(SECTIONS)) {
    for (const name of Object.keys(table)) expect(sample).toContain(`\n#${name} =`)
  }
  expect(sample).toMatch(/# Largest image in bytes\.\n# \(bytes.*at least 1\)\n#image_size_cap = 1099511627776\n/)
})

test('checking tells faults, warnings and notes together', () => {
  const text = '[DEFAULT]\nbind_port = x\nbind_prot = 1\nworkers = 2\n'
  const report = checkConfig({ files: [write('bad.conf', text)], env: {} })
  expect(report.faults).toHaveLength(1)
  expect(report.warnings).toHaveLength(1)
  expect(report.notes).toEqual(['accepted without effect: [DEFAULT] workers'])
})
