import process from 'node:process'
import { runCli } from './shells/cli.ts'

await runCli(process.argv.slice(2))
