#!/usr/bin/env node
import { existsSync } from 'node:fs'

const built = new URL('../dist/main.js', import.meta.url)
if (existsSync(built)) {
  const { main } = await import(built.href)
  await main()
} else {
  process.stderr.write('glance-api: not built yet; run "npm run build" in the checkout first\n')
  process.exitCode = 1
}
