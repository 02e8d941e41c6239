// What was copied long ago may have lost a part since. Before an image goes from Harbor, all of it is looked for, and
// what can be had from Harbor is copied again.
import { truncateSync } from 'node:fs'
import { afterAll, beforeAll, beforeEach, expect, jest, test } from '@jest/globals'
import type { Copy } from '../../src/plan/types.ts'
import { bytesOf } from '../../stand-in/state/content.ts'
import { parseJson } from '../../stand-in/state/json.ts'
import { impatient, MirrorScene } from './mirror-scene.ts'
import { wrongAfter, type Tags } from './wrong.ts'

let scene: MirrorScene
let tags: Tags
beforeAll(async () => {
  impatient()
  scene = await MirrorScene.start()
  await scene.apply()
  tags = scene.storage.tags()
  scene.seed()
}, 30_000)
afterAll(async () => {
  jest.restoreAllMocks()
  await scene.close()
})
beforeEach(() => {
  impatient()
  scene.reset()
})

interface Parts {
  readonly copy: Copy
  /** Its repository at the mirror. */
  readonly repository: string
  readonly child: string
  /** The configuration of the image, or of its first child. */
  readonly blob: string
}

function partsOf(tag: string): Parts {
  const copy = [...scene.wanted.keys()].find(({ tags: own }) => own.includes(tag))
  if (copy === undefined) throw new Error(`nothing copies ${tag}`)
  const image = scene.registry.artifact(copy.repository, copy.digest)
  const child = image.references[0]?.child
  const { content } = (child ?? image).manifest
  const { config } = parseJson<{ config: { digest: string } }>(bytesOf(content).toString('utf8'))
  const repository = copy.target.slice(copy.target.indexOf('/') + 1)
  return { copy, repository, child: child?.digest ?? '', blob: config.digest }
}

type Forgotten = Parameters<MirrorScene['storage']['forget']>[1]

async function applyAfter(tag: string, damage: (parts: Parts) => void): Promise<readonly string[]> {
  const parts = partsOf(tag)
  damage(parts)
  const commanded = await scene.apply()
  expect(wrongAfter(scene, commanded, { tags })).toEqual([])
  const { applied, failed } = commanded.host.outputs
  const others = failed === '0' ? [] : scene.lacking(parts.copy)
  return [`${commanded.status}: ${failed} failed of ${Number(applied) + Number(failed)}`, ...others]
}

const tagOf = (digest: string): string => digest.replace(':', '-')

test.each<readonly [string, string, (parts: Parts) => Forgotten]>([
  ['a blob', 'old-2', ({ blob }) => ({ blob })],
  ['a child’s blob', 'old-multi', ({ blob }) => ({ blob })],
  ['a child', 'old-multi', ({ child }) => ({ manifest: child })],
  ['an accessory', 'old-1', ({ copy }) => ({ manifest: copy.accessories[0] ?? '' })],
  ['its manifest', 'old-1', ({ copy }) => ({ manifest: copy.digest })],
  ['a tag', 'old-1', () => ({ tag: 'old-1a' })],
  ['the signature’s tag', 'old-1', ({ copy }) => ({ tag: `${tagOf(copy.digest)}.sig` })],
  ['the list of its referrers', 'old-1', ({ copy }) => ({ tag: tagOf(copy.digest) })],
])('%s was lost: it is brought again before the image goes', async (_what, tag, lost) => {
  const told = await applyAfter(tag, (parts) => {
    scene.storage.forget(parts.repository, lost(parts))
  })
  expect(told).toEqual([`0: 0 failed of ${scene.plan.actions.length}`])
})

// Where the registry takes it for whole it can't be put right from here.
test.each<readonly [string, (parts: Parts) => string]>([
  ['a blob', ({ blob }) => blob],
  ['a manifest', ({ copy }) => copy.digest],
])('the end of %s was lost: the image stays, and that is told', async (_what, damaged) => {
  const told = await applyAfter('old-1', (parts) => {
    truncateSync(scene.storage.fileOf(damaged(parts)), 10)
  })
  expect(told).toEqual([`1: 1 failed of ${scene.plan.actions.length - 1}`, damaged(partsOf('old-1'))])
})

test('of a blob that lost its end it is said that it has to go from the storage', async () => {
  const { blob, copy } = partsOf('old-1')
  truncateSync(scene.storage.fileOf(blob), 10)
  const { host } = await scene.apply()
  expect(host.text).toMatch(
    new RegExp(
      `the blob ${blob} is there, and not of the \\d+ bytes that ${copy.digest} says; either it is damaged there: it has to go from the mirror's storage`,
    ),
  )
})
