// Either shell as it is in the sources, in a process of its own: `shell.ts action`, or `shell.ts cli` and options.
import process from 'node:process'
import { runAction } from '../../src/shells/action.ts'
import { runCli } from '../../src/shells/cli.ts'

const [, , shell, ...options] = process.argv
await (shell === 'action' ? runAction() : runCli(options))
