import { describe, expect, it } from 'vitest'
import { readSources, type SourceFile } from './support/sources.ts'

const files = readSources()
const isTest = (path: string): boolean =>
  /\.test\.ts$/.test(path) || path.startsWith('test/') || path.includes('/testing/')
const product = files.filter((file) => !isTest(file.path))
const ours = (file: SourceFile): string[] => file.imports.flatMap(({ target }) => target ?? [])
const foreign = (file: SourceFile): string[] =>
  file.imports.flatMap(({ specifier, target }) => (target === undefined ? specifier : []))

/** Folders that may import a package of ours; a service never another service. */
const MAY_IMPORT: Record<string, string[]> = {
  'packages/shared': ['packages/shared'],
  'packages/cli': ['packages/cli', 'packages/shared/src/contracts/', 'packages/shared/src/errors/'],
  'packages/standalone': [
    'packages/standalone',
    'packages/shared',
    'services/api',
    'services/registry',
    'services/store-worker',
  ],
  'services/api': ['services/api', 'packages/shared'],
  'services/registry': ['services/registry', 'packages/shared', 'prisma'],
  'services/store-worker': ['services/store-worker', 'packages/shared'],
  prisma: ['prisma'],
}

/** Inside a service imports go downward: a folder imports only lower ranks, or its own folder. */
const RANKS: Record<string, number> = {
  'main.ts': 0,
  'app.ts': 1,
  'manage/': 1,
  'listen.ts': 1,
  'health.ts': 1,
  'config.ts': 0.5,
  'routes/': 2,
  'rpc/': 2,
  'jobs/': 2,
  'sweep/': 2,
  'reconcile/': 2,
  'plugins/': 3,
  'identity/': 3.5,
  'http/': 4.5,
  'bytes/': 4,
  'transfer/': 4,
  'domain/': 4,
  'policy/': 5,
  'outbox/': 4,
  'steps/': 4,
  'view/': 4,
  'query/': 4,
  'inspect/': 5,
  'db/': 5,
  'drivers/': 5,
  'sources/': 5,
}

/** The only places that may know a foreign library. */
const OWNERS: Record<string, RegExp> = {
  fastify: /^services\/api\//,
  amqplib: /^packages\/shared\/src\/bus\/amqp/,
  bullmq: /^packages\/shared\/src\/bus\/bullmq/,
  ioredis: /^packages\/shared\/src\/bus\/bullmq/,
  pino: /^packages\/shared\/src\/log/,
  koffi: /^packages\/shared\/src\/bytes\//,
  undici: /^packages\/cli\/src\/http/,
  '@prisma/client': /^prisma\/src\//,
  '@glance/prisma': /^services\/registry\/src\/db\/client/,
}

const PURE = /^services\/[a-z-]+\/src\/(domain|policy|view|query|inspect)\//

describe('who may import whom', () => {
  it('packages import only what their place allows', () => {
    const faults = product.flatMap((file) => {
      const home = Object.keys(MAY_IMPORT).find((folder) => file.path.startsWith(`${folder}/`))
      const allowed = home === undefined ? [] : (MAY_IMPORT[home] ?? [])
      return ours(file)
        .filter((target) => !allowed.some((folder) => target.startsWith(folder)))
        .map((target) => `${file.path} imports ${target}`)
    })
    expect(faults).toEqual([])
  })

  it('inside a service imports go downward', () => {
    const placeOf = (path: string) => /^(services\/[a-z-]+)\/src\/([^/]+\/?)/.exec(path)
    const faults = product.flatMap((file) => {
      const from = placeOf(file.path)
      if (from === null) return []
      return ours(file).flatMap((target) => {
        const to = placeOf(target)
        if (to === null || to[1] !== from[1] || to[2] === from[2]) return []
        // What an app is put together from is a list of types, named by the app and by what it is made of.
        if (to[2] === 'parts.ts' || from[2] === 'parts.ts') return []
        const [high, low] = [RANKS[from[2] ?? ''], RANKS[to[2] ?? '']]
        if (high === undefined) return [`${file.path}: folder without a rank`]
        return low !== undefined && low <= high ? [`${file.path} imports ${target}`] : []
      })
    })
    expect(faults).toEqual([])
  })

  it('each foreign library has one owner', () => {
    const faults = product.flatMap((file) =>
      file.imports.flatMap(({ specifier }) => {
        const library = Object.keys(OWNERS).find((name) => specifier === name || specifier.startsWith(`${name}/`))
        return library !== undefined && !OWNERS[library]?.test(file.path) ? [`${file.path} imports ${specifier}`] : []
      }),
    )
    expect(faults).toEqual([])
  })

  it('a driver knows drivers/driver.ts, its own folder, contracts, errors and its SDK', () => {
    const kinds =
      /^services\/store-worker\/src\/drivers\/(filesystem|memory|http|s3|swift|rbd|cinder|gridfs|sheepdog|vmware)/
    const faults = product
      .filter((file) => kinds.test(file.path))
      .flatMap((file) => {
        const kind = kinds.exec(file.path)?.[0] ?? ''
        return ours(file)
          .filter(
            (target) =>
              !target.startsWith(kind) && !/drivers\/driver\.ts$|shared\/src\/(errors|contracts)\//.test(target),
          )
          .map((target) => `${file.path} imports ${target}`)
      })
    expect(faults).toEqual([])
  })

  it('nothing of the product imports tests', () => {
    const faults = product.flatMap((file) =>
      ours(file)
        .filter(isTest)
        .map((target) => `${file.path} imports ${target}`),
    )
    expect(faults).toEqual([])
  })

  it('has no import cycle, types included', () => {
    expect(cycles(product)).toEqual([])
  })
})

describe('habits', () => {
  it('the environment is read in one place per program', () => {
    const allowed = /^packages\/shared\/src\/config\/load\.ts$|^packages\/cli\/src\/options\.ts$/
    const faults = product.filter((file) => /\bprocess\.env\b/.test(file.text) && !allowed.test(file.path))
    expect(faults.map((file) => file.path)).toEqual([])
  })

  it('domain, policy, view, query and inspection are pure: no await, clock, random or I/O', () => {
    const impure = /Date\.now\(|new Date\(\)|Math\.random|^import (?!type ).*'node:(fs|net|http|crypto|child_process)/m
    const faults = product.filter((file) => PURE.test(file.path) && (file.awaits.length > 0 || impure.test(file.text)))
    expect(faults.map((file) => file.path)).toEqual([])
  })

  it('has no any, no non-null assertion, no switched-off check', () => {
    const faults = product.flatMap((file) => [
      ...file.anys.map((line) => `${file.path}:${line} any`),
      ...file.nonNulls.map((line) => `${file.path}:${line} !`),
      ...(/@ts-(ignore|expect-error|nocheck)|biome-ignore/.test(file.text)
        ? [`${file.path} switches a check off`]
        : []),
    ])
    expect(faults).toEqual([])
  })

  it('names no file after what has no name, and keeps kebab-case', () => {
    const faults = files.filter(
      (file) =>
        /(^|[/-])(utils?|helpers?|common|misc)(\.|-|\/)/.test(file.path) ||
        !/^[a-z0-9-]+(\.[a-z0-9-]+)*$/.test(file.path.split('/').at(-1) ?? ''),
    )
    expect(files.length).toBeGreaterThan(50)
    expect(faults.map((file) => file.path)).toEqual([])
  })

  it('index.ts is a table of routes, methods, jobs or rules, never a barrel', () => {
    const faults = product.filter(
      (file) => file.path.endsWith('/index.ts') && !/\/(routes|rpc|jobs|rules)(\/[a-z]+)?\/index\.ts$/.test(file.path),
    )
    expect(faults.map((file) => file.path)).toEqual([])
  })
})

describe('measures', () => {
  it('files stay within 300 lines', () => {
    const faults = product.filter((file) => file.lines > 300).map((file) => `${file.path}: ${file.lines}`)
    expect(faults).toEqual([])
  })

  it('functions stay within 80 lines and 3 parameters', () => {
    const faults = product.flatMap((file) =>
      file.functions
        .filter((each) => each.lines > 80 || each.parameters > 3)
        .map((each) => `${file.path}:${each.line} ${each.name}: ${each.lines} lines, ${each.parameters} parameters`),
    )
    expect(faults).toEqual([])
  })

  it('holds the medians: files 80 lines, functions 10', () => {
    const median = (numbers: number[]) => numbers.sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0
    expect(median(product.map((file) => file.lines))).toBeLessThanOrEqual(100)
    expect(median(product.flatMap((file) => file.functions.map((each) => each.lines)))).toBeLessThanOrEqual(10)
  })

  it('foreign imports are all declared by the package that uses them', async () => {
    const { readFileSync } = await import('node:fs')
    const faults = product.flatMap((file) => {
      const home = Object.keys(MAY_IMPORT).find((folder) => file.path.startsWith(`${folder}/`)) ?? ''
      const manifest = JSON.parse(readFileSync(new URL(`../${home}/package.json`, import.meta.url), 'utf8'))
      return foreign(file)
        .filter((specifier) => !specifier.startsWith('node:') && !specifier.includes('${'))
        .map((specifier) =>
          specifier
            .split('/')
            .slice(0, specifier.startsWith('@') ? 2 : 1)
            .join('/'),
        )
        .filter((name) => manifest.dependencies?.[name] === undefined && name !== 'vitest')
        .map((name) => `${file.path} imports ${name}, which ${home}/package.json does not declare`)
    })
    expect(faults).toEqual([])
  })
})

/** Groups of files that import each other in a ring (Tarjan). */
function cycles(all: SourceFile[]): string[][] {
  const graph = new Map(all.map((file) => [file.path, ours(file)]))
  const order = new Map<string, number>()
  const low = new Map<string, number>()
  const stack: string[] = []
  const found: string[][] = []
  const visit = (path: string): void => {
    order.set(path, order.size)
    low.set(path, order.get(path) ?? 0)
    stack.push(path)
    for (const target of graph.get(path) ?? []) {
      if (!graph.has(target)) continue
      if (!order.has(target)) visit(target)
      if (stack.includes(target)) low.set(path, Math.min(low.get(path) ?? 0, low.get(target) ?? 0))
    }
    if (low.get(path) !== order.get(path)) return
    const group = stack.splice(stack.indexOf(path))
    if (group.length > 1) found.push(group)
  }
  for (const path of graph.keys()) if (!order.has(path)) visit(path)
  return found
}
