import { text } from 'node:stream/consumers'
import { type HttpLoadOptions, runHttpLoad } from './http-load.ts'

// The load generator as a process of its own: options as JSON on standard input, the result as JSON on standard output.
const options: HttpLoadOptions = JSON.parse(await text(process.stdin))
process.stdout.write(JSON.stringify(await runHttpLoad(options)))
