// The commands in a process of their own, which can be killed: waits for a line of JSON with what was given, runs, and
// prints what came of it.
import { once } from 'node:events'
import { flushCompileCache } from 'node:module'
import process from 'node:process'
import { createInterface } from 'node:readline'
import { run } from '../../src/commands/run.ts'
import { DEFAULT_RETRY } from '../../src/harbor/retry.ts'
import type { Given } from '../../src/inputs/settings.ts'
import type { Host } from '../../src/shells/host.ts'
import { parseJson } from '../../stand-in/state/json.ts'

Object.assign(DEFAULT_RETRY, { pause: 1, longest: 5 })
// Whoever is killed leaves the next one nothing, unless now.
flushCompileCache()
process.stdout.write('ready\n')
const line = String((await once(createInterface(process.stdin), 'line'))[0])
const outputs: Record<string, string> = {}
const complained: string[] = []
const warned: string[] = []
const host: Host = {
  say: () => undefined,
  warn: (text) => warned.push(text),
  complain: (text) => complained.push(text),
  progress: () => undefined,
  output: (name, value) => {
    outputs[name] = value
  },
  report: () => undefined,
}
const outcome = await run(parseJson<Given>(line), host, Date.now())
process.stdout.write(`${JSON.stringify({ ...outcome, outputs, complained, warned })}\n`)
process.stdin.destroy()
