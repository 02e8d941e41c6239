// The disk is full in the middle of an apply: what was deleted by then is in the journal, and the rest is untouched.
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { wrongWhenRunAgain } from './again.ts'
import { Waiting } from './child.ts'
import { namesIn } from './honesty.ts'
import { deletesOf, impatient, Scene } from './scene.ts'

let scene: Scene
let applied: readonly string[]
beforeEach(async () => {
  impatient()
  scene = await Scene.start()
  await scene.apply()
  applied = scene.state()
  scene.reset()
})
afterEach(async () => {
  jest.restoreAllMocks()
  await scene.close()
})

describe('a full disk', () => {
  // Blocks of 512 bytes: the first line, and then more and more of the journal, find room.
  test.each([3, 9, 16, 30])('after %d blocks: nothing goes that is not in the journal', async (blocks) => {
    const before = namesIn(scene.registry)
    const child = new Waiting({ blocks })
    child.run(scene.given({ concurrency: '2' }))
    const { status, reason, outputs } = await child.printed()
    expect([status, reason]).toEqual([1, 'journal'])
    const { items, damage } = await scene.bin()
    const saved = new Set(
      items.flatMap(({ repository, manifests, tags }) => [
        ...manifests.map((digest) => `${repository}@${digest}`),
        ...tags.map((tag) => `${repository}:${tag}`),
      ]),
    )
    const now = namesIn(scene.registry)
    expect([...before].filter((name) => !now.has(name) && !saved.has(name))).toEqual([])
    expect(damage.length).toBeLessThan(2)
    expect(Number(outputs['applied']) + Number(outputs['skipped']) + Number(outputs['failed'])).toBe(
      scene.plan.actions.length,
    )
    expect(deletesOf(scene.standIn).length).toBeGreaterThanOrEqual(Number(outputs['applied']))
    // With room again it goes on.
    expect(await wrongWhenRunAgain(scene, applied, '2')).toEqual([])
  })
})
