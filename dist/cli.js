#!/usr/bin/env node
import process from 'node:process'
import { runCli } from './dredge.js'

await runCli(process.argv.slice(2))
