// `npm start`: builds when needed, then runs the whole service in this process.
import { build } from './build.mjs'

build()
const { main } = await import('../packages/standalone/dist/main.js')
await main(process.argv.slice(2))
