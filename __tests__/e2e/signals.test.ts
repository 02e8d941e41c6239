// Ended in the middle: nothing half-written is left under a name that somebody reads.
import type { ChildProcess } from 'node:child_process'
import { watch } from 'node:fs'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { Builder } from '../../stand-in/load/build.ts'
import { loadShape } from '../../stand-in/load/shapes.ts'
import { startStandIn, type StandIn } from '../../stand-in/stand-in.ts'
import { parseJson } from '../../stand-in/state/json.ts'
import { ADMIN } from '../helpers/connect.ts'
import { inputsFor } from '../helpers/lab.ts'
import {
  ended,
  Folder,
  startAction,
  startCli,
  startCliOnSmallDisk,
  type Inputs,
  type Ran,
} from '../helpers/program.ts'
import { LONG_AGO } from '../helpers/registry.ts'

const POLICY = `version: 1
rules: [{ name: all, select: { tags: ["**"] }, delete: always }]
limits: { max-delete-percent: 100, max-deletes: 100000, keep-per-repository: 0 }
`
let standIn: StandIn
let folder: Folder
beforeAll(async () => {
  standIn = await startStandIn()
  loadShape(standIn.registry, 'small', 2500)
})
afterAll(() => standIn.close())
beforeEach(() => {
  folder = new Folder()
  folder.write('policy.yml', POLICY)
})
afterEach(() => {
  standIn.faults.clear()
  folder.remove()
})

const NOTHING = ['output', 'policy.yml', 'summary.md']

describe.each(['SIGTERM', 'SIGINT'] as const)('%s', (signal) => {
  test('while it reads: no file is there', async () => {
    standIn.faults.inject({ path: 'artifacts', after: 10, times: Infinity, fault: { kind: 'hang' } })
    const child = startAction(folder, inputsFor(standIn, { 'decisions-file': 'decisions.ndjson' }))
    standIn.resetRequests()
    const end = ended(child)
    while (standIn.requests.filter(({ path }) => path.includes('artifacts')).length < 10) {
      await new Promise((resolve) => {
        setTimeout(resolve, 2)
      })
    }
    child.kill(signal)
    const ran = await end
    expect(ran.signal === signal || (ran.status ?? 0) > 0).toBe(true)
    expect([...folder.files().keys()]).toEqual(NOTHING)
    expect([folder.read('output'), folder.read('summary.md')]).toEqual(['', ''])
  })

  test('while it deletes: it says so, and the same apply goes on', async () => {
    const environment = {
      HARBOR_URL: standIn.url,
      HARBOR_USERNAME: ADMIN.username,
      HARBOR_PASSWORD: ADMIN.password,
    }
    const own = signal === 'SIGINT' ? 'int' : 'term'
    standIn.registry.addProject({ name: own })
    for (const tag of ['a', 'b', 'c']) {
      new Builder(standIn.registry).image(`${own}/app`, { tags: [tag], layers: [tag], pushed: LONG_AGO })
    }
    folder.write('policy.yml', POLICY.replace('version: 1\n', `version: 1\nscope: { projects: [${own}] }\n`))
    const command = (...args: string[]): ChildProcess =>
      startCli(folder, [...args, '--policy', 'policy.yml'], environment)
    await ended(command('plan'))
    const { id } = parseJson<{ id: string }>(folder.read('harbor-dredge-plan.json'))
    standIn.faults.inject({ method: 'DELETE', after: 1, times: Infinity, fault: { kind: 'hang' } })
    const child = command('apply', '--plan-id', id, '--concurrency', '1')
    standIn.resetRequests()
    const end = ended(child)
    while (standIn.requests.filter(({ method }) => method === 'DELETE').length < 2) {
      await new Promise((resolve) => {
        setTimeout(resolve, 2)
      })
    }
    child.kill(signal)
    const ran = await end
    expect([ran.signal, ran.stderr.trimEnd().split('\n').at(-1)]).toEqual([
      signal,
      `error: ended by ${signal}; what was done is written down in .harbor-dredge/bin: run the same apply again, and it goes on where it stopped`,
    ])
    standIn.faults.clear()
    const again = await ended(command('apply', '--plan-id', id))
    expect([again.status, again.stdout]).toEqual([0, expect.stringMatching(/3 actions done/)])
  })
})

/** Ends it as soon as a file of some name is begun. */
async function endedWhileWriting(name: string): Promise<Ran> {
  const child = startAction(folder, inputsFor(standIn, { 'decisions-file': 'decisions.ndjson' }))
  const watcher = watch(folder.path, (_event, file) => {
    if (file?.startsWith(name) === true) child.kill('SIGTERM')
  })
  const ran = await ended(child)
  watcher.close()
  return ran
}

describe('SIGTERM while it writes', () => {
  const isWhole = (content: string | undefined): boolean => content === undefined || content.endsWith('}\n')

  test.each(['harbor-dredge-plan.json', 'decisions.ndjson'])(
    '%s: it is there whole, or not at all',
    async (name) => {
      for (let round = 0; round < 2; round += 1) {
        await endedWhileWriting(name)
        const files = folder.files()
        expect([isWhole(files.get(name)), isWhole(files.get('harbor-dredge-plan.json'))]).toEqual([
          true,
          true,
        ])
      }
    },
  )

  // The half file keeps its working name, `….unfinished`, for good.
  test('nothing else is there either', async () => {
    const left: string[] = []
    for (let round = 0; round < 3; round += 1) {
      await endedWhileWriting('harbor-dredge-plan.json')
      left.push(...folder.files().keys())
    }
    expect(left.filter((name) => name.endsWith('.unfinished'))).toEqual([])
  })
})

describe('a disk that is full', () => {
  const environment = (): Inputs => ({
    HARBOR_URL: standIn.url,
    HARBOR_USERNAME: ADMIN.username,
    HARBOR_PASSWORD: ADMIN.password,
  })

  test('is told, with the file that could not be written, and leaves nothing', async () => {
    const child = startCliOnSmallDisk(folder, 100, ['plan', '--policy', 'policy.yml'], environment())
    const { status, stderr } = await ended(child)
    expect(stderr).toMatch(
      /^error: harbor-dredge-plan\.json could not be written: EFBIG: file too large, write; see the input `plan-file`$/m,
    )
    expect([status, [...folder.files().keys()]]).toEqual([1, ['policy.yml']])
  })
})
