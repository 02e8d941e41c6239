// A process that copies, to be ended in the middle: told by a line of JSON what, it prints how it ended.
import { once } from 'node:events'
import process from 'node:process'
import { createInterface } from 'node:readline'
import { SkopeoSession, type CopyRequest, type Skopeo } from '../../src/mirror/skopeo.ts'
import { parseJson } from '../../stand-in/state/json.ts'

interface Told {
  readonly skopeo: Skopeo
  readonly request: CopyRequest
  readonly temp: string
  /** What it does by itself in the middle. */
  readonly ending?: 'exit' | 'throw'
}

process.stdout.write('ready\n')
const line = String((await once(createInterface(process.stdin), 'line'))[0])
const { skopeo, request, temp, ending } = parseJson<Told>(line)
process.stdin.destroy()
const session = new SkopeoSession(skopeo, { temp })
if (ending !== undefined) {
  setTimeout(() => {
    if (ending === 'exit') process.exit(7)
    throw new Error('something of its own')
  }, 300)
}
process.stdout.write(`${JSON.stringify(await session.copy(request))}\n`)
await session.close()
