// Ended at any moment, an apply that copies and archives leaves nothing that can't be finished: nothing gone that isn't
// at the mirror, no skopeo that goes on by itself, and what it left on the disk goes with the next run.
import { readdirSync, statSync } from 'node:fs'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { forEachOf } from '../../src/shared/concurrency.ts'
import type { Passed } from '../helpers/meddler.ts'
import { differences } from '../apply/again.ts'
import { Waiting } from '../apply/child.ts'
import { deletesOf } from '../apply/scene.ts'
import { impatient, left, MirrorScene, TEMP } from './mirror-scene.ts'
import { processesWith, until } from './skopeo-lab.ts'
import { wrongAfter, type Tags } from './wrong.ts'

/** One in so many requests of the mirror's; all of them with `EVERY_REQUEST=1`. */
const ALL = process.env['EVERY_REQUEST'] === '1'
const STEP = ALL ? 1 : 26
const PATIENCE = ALL ? 1_800_000 : 120_000

let scenes: readonly MirrorScene[]
let tags: readonly Tags[]
let applied: readonly string[]
/** Of an apply that nobody disturbs. */
let requests = 0
let writes = 0

beforeAll(async () => {
  impatient()
  scenes = [await MirrorScene.start(), await MirrorScene.start()]
  for (const scene of scenes) {
    scene.reset()
    await scene.apply()
    applied = scene.state()
    requests = scene.mirror.requests.length
    // The beginning, an outcome for each action, and what is saved before each delete.
    const deletes = scene.plan.actions.filter(({ kind }) => kind !== 'copy')
    writes = 1 + scene.plan.actions.length + deletes.length
  }
  tags = scenes.map((scene) => scene.storage.tags())
}, 30_000)
afterAll(async () => {
  jest.restoreAllMocks()
  await Promise.all(scenes.map((scene) => scene.close()))
})
beforeEach(impatient)
afterEach(() => {
  // The last run of each test took away what those before it left.
  expect(left()).toEqual([])
})

/** Runs it again, and holds what comes of it against an apply that nobody disturbed. */
async function wrongWhenRunAgain(scene: MirrorScene): Promise<readonly string[]> {
  const allowed = tags[scenes.indexOf(scene)] ?? []
  const killed = wrongAfter(scene, 'killed', { tags: allowed })
  const again = await scene.apply()
  const deletes = deletesOf(scene.standIn)
  const others = scene.result().results.filter(({ outcome }) => outcome !== 'done')
  return [
    ...killed.map((words) => `when it was killed: ${words}`),
    ...(again.status === 0 && others.length === 0
      ? []
      : [`${again.status} ${again.reason} ${again.host.complained.join()} ${JSON.stringify(others)}`]),
    ...wrongAfter(scene, again, { tags: allowed }),
    ...differences(scene.state(), applied),
    ...[...scene.wanted.keys()].flatMap((copy) => scene.lacking(copy).map((what) => `not there: ${what}`)),
    ...deletes.filter((one, index) => deletes.indexOf(one) < index).map((one) => `twice: ${one}`),
  ]
}

/** What not only its owner may read. */
function openToOthers(): readonly string[] {
  return readdirSync(TEMP).filter((name) => (statSync(path.join(TEMP, name)).mode & 0o077) !== 0)
}

/** Processes that copy to a scene's mirror. */
function copying({ mirror }: MirrorScene): readonly string[] {
  return processesWith(`docker://${new URL(mirror.url).host}/`)
}

/** Processes are made ready while others run. */
let next: Waiting
beforeAll(() => {
  next = ready()
})
afterAll(() => next.kill())

function ready(): Waiting {
  return new Waiting({ environment: { RUNNER_TEMP: TEMP } })
}

function child(): Waiting {
  const taken = next
  next = ready()
  return taken
}

/** Runs all of them, each on whichever scene is idle. */
async function wrongInAll<T>(
  all: readonly T[],
  end: (scene: MirrorScene, one: T) => Promise<readonly string[]>,
): Promise<readonly string[]> {
  const wrong: string[] = []
  const idle = [...scenes]
  await forEachOf(all, scenes.length, async (one) => {
    const scene = idle.pop()
    if (scene === undefined) throw new Error('there is no scene left')
    scene.reset()
    const words = [...(await end(scene, one)), ...(await wrongWhenRunAgain(scene))]
    wrong.push(...words.map((each) => `${JSON.stringify(one)}: ${each}`))
    idle.push(scene)
  })
  return wrong
}

interface Held {
  readonly killed: Waiting
  /** The request goes on. */
  readonly letGo: () => void
}

const isUpload = ({ userAgent, method }: Passed): boolean =>
  userAgent.startsWith('skopeo/') && method === 'PATCH'

/** Starts one that comes as far as a request of the mirror's, which waits. */
async function holdAt(scene: MirrorScene, isIt: (passed: Passed) => boolean): Promise<Held> {
  const killed = child()
  let letGo = (): void => undefined
  const released = new Promise<void>((resolve) => {
    letGo = resolve
  })
  const held = new Promise<void>((resolve) => {
    scene.mirror.hold = async (passed) => {
      if (!isIt(passed)) return
      resolve()
      await released
    }
  })
  killed.run(scene.given({ concurrency: '1' }))
  await Promise.race([held, killed.ended])
  return { killed, letGo }
}

/** What was sent is answered, and a skopeo that lost its source ends by itself. */
async function settled(scene: MirrorScene): Promise<void> {
  await until(() => copying(scene).length + scene.mirror.underWay + scene.source.underWay === 0)
}

describe('killed', () => {
  test(
    'at any write to the journal',
    async () => {
      const nths = Array.from({ length: writes }, (_, index) => index + 1)
      const wrong = await wrongInAll(nths, async (scene, nth) => {
        const killed = child()
        killed.run(scene.given({ concurrency: '4' }), nth)
        await killed.ended
        await settled(scene)
        return [...(killed.signal === 'SIGKILL' ? [] : ['it was not killed']), ...openToOthers()]
      })
      expect(wrong).toEqual([])
    },
    PATIENCE,
  )

  test(
    'at any request of the mirror',
    async () => {
      // The last ones may not be: how many skopeo sends varies.
      const nths = Array.from({ length: Math.floor((requests - 3) / STEP) }, (_, index) => index * STEP)
      const wrong = await wrongInAll(nths, async (scene, nth) => {
        const { killed, letGo } = await holdAt(scene, () => scene.mirror.requests.length > nth)
        await killed.kill()
        letGo()
        await settled(scene)
        return [...(killed.signal === 'SIGKILL' ? [] : ['it was not killed']), ...openToOthers()]
      })
      expect(wrong).toEqual([])
    },
    PATIENCE,
  )
})

test.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
  'ended by %s while skopeo copies: that ends too, and no file is left',
  async (signal) => {
    const [scene] = scenes
    if (scene === undefined) throw new Error('there is no scene')
    scene.reset()
    const { killed, letGo } = await holdAt(scene, isUpload)
    expect([copying(scene).length, left().some((file) => file.endsWith('.json'))]).toEqual([1, true])
    await killed.kill(signal)
    expect([killed.signal, left()]).toEqual([signal, []])
    await until(() => copying(scene).length === 0)
    letGo()
    await settled(scene)
    expect(await wrongWhenRunAgain(scene)).toEqual([])
  },
  20_000,
)
