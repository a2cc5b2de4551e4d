#!/usr/bin/env node
import { manage } from '../dist/manage/main.js'

process.exitCode = await manage(process.argv.slice(2))
