// Killed at any request, an apply that is run again ends where one ends that nobody disturbed, and repeats nothing.
import process from 'node:process'
import { setTimeout } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { forEachOf } from '../../src/shared/concurrency.ts'
import { wrongWhenRunAgain } from './again.ts'
import { Waiting } from './child.ts'
import { impatient, policyWith, Scene } from './scene.ts'

/**
 * Between two deletes every request leaves the same behind, so some of them do: every so manyth. All of them with
 * `EVERY_REQUEST=1`.
 */
const STEP = process.env['EVERY_REQUEST'] === '1' ? 1 : 24
/** Repositories are removed as well, and blobs kept. */
const THOROUGH = policyWith('remove-empty-repositories: true', 'trash: { keep: 7d }\n')

let scenes: readonly Scene[]
let applied: readonly string[]

beforeAll(async () => {
  scenes = await Promise.all([Scene.start(THOROUGH), Scene.start(THOROUGH)])
})
afterAll(async () => {
  await Promise.all(scenes.map((scene) => scene.close()))
  jest.restoreAllMocks()
})
beforeEach(impatient)

interface Kill {
  readonly concurrency: string
  readonly method?: string
  /** How many such requests pass before. */
  readonly after: number
  /** Whether Harbor had done it by then. */
  readonly acted: boolean
}

async function wrongAfter(scene: Scene, child: Waiting, kill: Kill): Promise<readonly string[]> {
  scene.reset()
  const { standIn } = scene
  const { concurrency, method, after, acted } = kill
  const injected = standIn.faults.inject({
    after,
    fault: { kind: 'hang', acted },
    ...(method !== undefined && { method }),
  })
  child.run(scene.given({ concurrency }))
  await Promise.race([child.ended, held(scene)])
  await child.kill()
  // What it had sent by then is still answered.
  await setTimeout(2)
  standIn.faults.clear()
  const wrong = await wrongWhenRunAgain(scene, applied, concurrency)
  return [...(injected.hits === 1 ? [] : ['it was not killed']), ...wrong].map(
    (words) => `${JSON.stringify(kill)}: ${words}`,
  )
}

async function held({ standIn }: Scene): Promise<void> {
  while (standIn.requests.every(({ status }) => status !== 0)) await setTimeout(1)
}

/** Processes are made ready while others run. */
async function wrongAfterAll(kills: readonly Kill[]): Promise<readonly string[]> {
  const wrong: string[] = []
  const idle = [...scenes]
  let next = new Waiting()
  await forEachOf(kills, scenes.length, async (kill) => {
    const scene = idle.pop()
    if (scene === undefined) throw new Error('there is no scene left')
    const child = next
    next = new Waiting()
    wrong.push(...(await wrongAfter(scene, child, kill)))
    idle.push(scene)
  })
  await next.kill()
  return wrong
}

const every = (step: number, count: number): readonly number[] =>
  Array.from({ length: Math.ceil(count / step) }, (_, index) => index * step)

describe.each(['1', '4'])('killed, %s requests at once', (concurrency) => {
  let requests = 0
  let deletes = 0
  beforeAll(async () => {
    const [scene] = scenes
    if (scene === undefined) return
    scene.reset()
    await scene.apply({ concurrency })
    applied = scene.state()
    requests = scene.standIn.requests.length
    deletes = scene.standIn.requests.filter(({ method }) => method === 'DELETE').length
  })

  test('at any request', async () => {
    const kills = every(STEP, requests).map((after) => ({ concurrency, after, acted: false }))
    expect(await wrongAfterAll(kills)).toEqual([])
  }, 120_000)

  test.each([false, true])(
    'at any delete; made by then: %s',
    async (acted) => {
      const kills = every(1, deletes).map((after) => ({ concurrency, method: 'DELETE', after, acted }))
      expect(await wrongAfterAll(kills)).toEqual([])
    },
    60_000,
  )
})
