import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { parseSync, Visitor } from 'oxc-parser'

/** One function of a source file, named as far as the syntax names it. */
export interface SourceFunction {
  name: string
  line: number
  lines: number
  parameters: number
}

/** What the architecture rules need to know of one file. */
export interface SourceFile {
  /** Path from the root of the checkout. */
  path: string
  text: string
  lines: number
  /** Import specifiers, with the file each one means when it is one of ours. */
  imports: { specifier: string; target: string | undefined }[]
  functions: SourceFunction[]
  anys: number[]
  nonNulls: number[]
  awaits: number[]
}

export const root = resolve(import.meta.dirname, '../..')

const PACKAGES: Record<string, string> = {
  '@glance/shared': 'packages/shared',
  '@glance/cli': 'packages/cli',
  '@glance/standalone': 'packages/standalone',
  '@glance/api': 'services/api',
  '@glance/registry': 'services/registry',
  '@glance/store-worker': 'services/store-worker',
  '@glance/prisma': 'prisma',
  '@glance/test': 'test',
}

/** Every TypeScript source of the product and its tests, parsed. */
export function readSources(): SourceFile[] {
  return ['packages', 'services', 'prisma', 'test'].flatMap((folder) => walk(join(root, folder))).map(parse)
}

function walk(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (['node_modules', 'dist', 'generated'].includes(entry.name)) return []
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return walk(path)
    return entry.name.endsWith('.ts') ? [path] : []
  })
}

function parse(path: string): SourceFile {
  const text = readFileSync(path, 'utf8')
  const { program, module } = parseSync(path, text)
  const lineOf = lineIndex(text)
  const file: SourceFile = {
    path: relative(root, path),
    text,
    lines: text.split('\n').length - 1,
    imports: [],
    functions: [],
    anys: [],
    nonNulls: [],
    awaits: [],
  }
  const specifiers = [
    ...module.staticImports.map((each) => each.moduleRequest.value),
    ...module.staticExports.flatMap((each) => each.entries.flatMap((entry) => entry.moduleRequest?.value ?? [])),
    ...module.dynamicImports.map((each) => text.slice(each.moduleRequest.start + 1, each.moduleRequest.end - 1)),
  ]
  file.imports = [...new Set(specifiers)].map((specifier) => ({ specifier, target: targetOf(file.path, specifier) }))
  const seen = (node: { start: number; end: number; params: unknown[]; id?: { name: string } | null }) => {
    const line = lineOf(node.start)
    file.functions.push({
      name: node.id?.name ?? `line ${line}`,
      line,
      lines: lineOf(node.end) - line + 1,
      parameters: node.params.length,
    })
  }
  new Visitor({
    FunctionDeclaration: seen,
    FunctionExpression: seen,
    ArrowFunctionExpression: seen as never,
    TSAnyKeyword: (node) => file.anys.push(lineOf(node.start)),
    TSNonNullExpression: (node) => file.nonNulls.push(lineOf(node.start)),
    AwaitExpression: (node) => file.awaits.push(lineOf(node.start)),
  }).visit(program)
  return file
}

function lineIndex(text: string): (offset: number) => number {
  const starts = [0]
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return (offset) => {
    let low = 0
    let high = starts.length - 1
    while (low < high) {
      const middle = Math.ceil((low + high) / 2)
      if ((starts[middle] ?? 0) <= offset) low = middle
      else high = middle - 1
    }
    return low + 1
  }
}

/** The file of ours that a specifier names, or undefined for a foreign package. */
function targetOf(from: string, specifier: string): string | undefined {
  if (specifier.startsWith('.')) return join(dirname(from), specifier).replace(/\.js$/, '.ts')
  const name = specifier.split('/').slice(0, 2).join('/')
  const folder = PACKAGES[name]
  if (folder === undefined) return undefined
  const rest = specifier.slice(name.length + 1)
  return folder === 'test' ? `${folder}/${rest}.ts` : `${folder}/src/${rest}.ts`
}
