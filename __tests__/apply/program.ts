// The commands in a process of their own, which can be killed: waits for a line of JSON with what was given, runs, and
// prints what came of it. It kills itself once it has written as often to the journal as it was told.
import { once } from 'node:events'
import { flushCompileCache } from 'node:module'
import process from 'node:process'
import { createInterface } from 'node:readline'
import { Journal } from '../../src/bin/journal.ts'
import type { JournalRecord } from '../../src/bin/records.ts'
import { run } from '../../src/commands/run.ts'
import { DEFAULT_RETRY } from '../../src/harbor/retry.ts'
import type { Given } from '../../src/inputs/settings.ts'
import { COPY_RETRY } from '../../src/mirror/skopeo.ts'
import type { Host } from '../../src/shells/host.ts'
import { parseJson } from '../../stand-in/state/json.ts'

for (const retry of [DEFAULT_RETRY, COPY_RETRY]) Object.assign(retry, { pause: 1, longest: 5 })
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
const told = parseJson<{ given: Given; writes: number }>(line)
killAfter(told.writes)
const outcome = await run(told.given, host, Date.now())
process.stdout.write(`${JSON.stringify({ ...outcome, outputs, complained, warned })}\n`)
process.stdin.destroy()

function killAfter(most: number): void {
  // oxlint-disable-next-line typescript/unbound-method -- it is called with its `this`
  const { add } = Journal.prototype
  let writes = 0
  Journal.prototype.add = async function counted(this: Journal, ...records: JournalRecord[]) {
    await add.apply(this, records)
    writes += 1
    if (writes >= most) process.kill(process.pid, 'SIGKILL')
  }
}
