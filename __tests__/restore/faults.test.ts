// Every request of a restore goes wrong once, in every way: in the end everything is back, or what isn't is told.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Fault } from '../../stand-in/http/faults.ts'
import { Builder } from '../../stand-in/load/build.ts'
import { startStandIn, type StandIn } from '../../stand-in/stand-in.ts'
import { Folder } from '../helpers/program.ts'
import { LONG_AGO } from '../helpers/registry.ts'
import { restoreFrom, type Told } from './restoring.ts'
import { contentsOf, type State } from './state.ts'
import { Trash } from './trash.ts'

const REPOSITORY = 'library/app'

interface Scene {
  readonly standIn: StandIn
  readonly before: State
  readonly folder: Folder
  readonly restore: () => Promise<Told>
}

const scenes: Scene[] = []
afterEach(async () => {
  for (const { standIn, folder } of scenes.splice(0)) {
    await standIn.close()
    folder.remove()
  }
})

/** A signed index with an attestation, two tags and a label, and a tag of another image: deleted, and in the bin. */
async function scene(): Promise<Scene> {
  const standIn = await startStandIn()
  const builder = new Builder(standIn.registry)
  const folder = new Folder()
  const trash = new Trash(standIn, folder.path)
  const child = builder.image(REPOSITORY, { layers: ['layer'], pushed: LONG_AGO })
  const options = {
    images: [child],
    attestations: true,
    tags: ['v1', 'v2'],
    labels: ['keep'],
    pushed: LONG_AGO,
  }
  const index = builder.index(REPOSITORY, options)
  builder.sign(REPOSITORY, index.digest, 'sig', LONG_AGO)
  const other = builder.image(REPOSITORY, { tags: ['a', 'b'], layers: ['other'] })
  const before = contentsOf(standIn.registry)
  await trash.artifact(index)
  await trash.tag(other, 'b')
  standIn.resetRequests()
  const made = { standIn, before, folder, restore: () => restoreFrom(trash.folder, standIn.url) }
  scenes.push(made)
  return made
}

let requests: number
beforeEach(async () => {
  const { standIn, before, restore } = await scene()
  expect((await restore()).outcomes).toEqual(['restored', 'restored'])
  expect(contentsOf(standIn.registry)).toEqual(before)
  requests = standIn.requests.length
  expect(requests).toBeGreaterThan(25)
})

const PASSING: readonly (readonly [string, Fault])[] = [
  ['500', { kind: 'error', status: 500 }],
  ['500 after it was done', { kind: 'error', status: 500, acted: true }],
  ['502 in HTML', { kind: 'html', status: 502 }],
  ['502 in HTML after it was done', { kind: 'html', status: 502, acted: true }],
  ['a cut connection', { kind: 'cut', acted: false }],
  ['a connection cut after it was done', { kind: 'cut', acted: true }],
  ['429', { kind: 'busy', retryAfter: 0 }],
]

describe('once, whichever request it hits, everything comes back', () => {
  test.each(PASSING)(
    '%s',
    async (_name, fault) => {
      for (let after = 0; after < requests; after += 1) {
        const { standIn, before, restore } = await scene()
        const injected = standIn.faults.inject({ after, fault })
        const { lines } = await restore()
        expect([after, injected.hits, lines]).toEqual([
          after,
          1,
          [`${REPOSITORY}: restored`, `${REPOSITORY}: restored`],
        ])
        expect(contentsOf(standIn.registry)).toEqual(before)
      }
    },
    60_000,
  )
})

/** Whole, or told; and once it works again, whole. */
async function expectWholeOrTold({ standIn, before, restore }: Scene): Promise<boolean> {
  const { outcomes, results } = await restore()
  const isTold = outcomes.some((outcome) => !['restored', 'already'].includes(outcome))
  const isWhole = JSON.stringify(contentsOf(standIn.registry)) === JSON.stringify(before)
  expect(isWhole || isTold).toBe(true)
  for (const { outcome, notes } of results) {
    if (outcome === 'lost' || outcome === 'failed' || outcome === 'partly') expect(notes).not.toEqual([])
  }
  standIn.faults.clear()
  await restore()
  expect(contentsOf(standIn.registry)).toEqual(before)
  return isTold
}

describe('from some request on, everything is whole or told, and can be finished', () => {
  test.each<readonly [string, Fault]>([
    ['500 after it was done', { kind: 'error', status: 500, acted: true }],
    ['502 in HTML', { kind: 'html', status: 502 }],
    ['a cut connection', { kind: 'cut', acted: false }],
    ['403', { kind: 'error', status: 403, code: 'FORBIDDEN' }],
    ['404', { kind: 'error', status: 404, code: 'NOT_FOUND' }],
  ])(
    '%s',
    async (_name, fault) => {
      let told = 0
      for (let after = 0; after < requests; after += 1) {
        const made = await scene()
        made.standIn.faults.inject({ after, times: Infinity, fault })
        if (await expectWholeOrTold(made)) told += 1
      }
      expect(told).toBeGreaterThan(requests / 2)
    },
    60_000,
  )

  test('404, once, which Harbor also answers when something else is missing', async () => {
    for (let after = 0; after < requests; after += 1) {
      const made = await scene()
      made.standIn.faults.inject({ after, fault: { kind: 'error', status: 404, code: 'NOT_FOUND' } })
      await expectWholeOrTold(made)
    }
  }, 60_000)
})
