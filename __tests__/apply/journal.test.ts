// Killed at any write to the journal, an apply that is run again ends where one ends that nobody disturbed.
import { appendFileSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { Journal } from '../../src/bin/journal.ts'
import type { JournalRecord } from '../../src/bin/records.ts'
import { wrongWhenRunAgain } from './again.ts'
import { impatient, policyWith, Scene } from './scene.ts'

/** As it is, whatever stands in its place later. */
// oxlint-disable-next-line typescript/unbound-method -- it is called with its `this`
const original = Journal.prototype.add
const add = (journal: Journal, ...records: JournalRecord[]): Promise<void> => original.apply(journal, records)

let scene: Scene
let applied: readonly string[]
let writes = 0

beforeAll(async () => {
  scene = await Scene.start(policyWith('remove-empty-repositories: true'))
  const counted = jest.spyOn(Journal.prototype, 'add')
  await scene.apply({ concurrency: '1' })
  writes = counted.mock.calls.length
  counted.mockRestore()
  applied = scene.state()
})
afterAll(() => scene.close())
beforeEach(impatient)
afterEach(() => {
  jest.restoreAllMocks()
})

/** What is on the disk of a write that wasn't finished. */
const CUTS: readonly (readonly [string, (text: string) => string])[] = [
  ['its first half', (text) => text.slice(0, text.length / 2)],
  ['all but its last line', (text) => text.slice(0, text.lastIndexOf('\n', text.length - 2) + 1)],
  ['all but its last line end', (text) => text.slice(0, -1)],
  ['all of it', (text) => text],
]

/** Ends everything at a write, as `kill -9` does: nothing is written, and nothing asked of Harbor, from then on. */
function killAt(nth: number, left: (text: string) => string): void {
  let calls = 0
  jest.spyOn(Journal.prototype, 'add').mockImplementation(async function killed(
    this: Journal,
    ...records: JournalRecord[]
  ) {
    calls += 1
    if (calls < nth) {
      await add(this, ...records)
      return
    }
    if (calls === nth) {
      const text = records.map((record) => `${JSON.stringify(record)}\n`).join('')
      appendFileSync(this.file, left(text))
      scene.standIn.faults.inject({ times: Infinity, fault: { kind: 'cut', acted: false } })
    }
    throw new Error('killed')
  })
}

describe('killed at any write to the journal', () => {
  test.each(CUTS)(
    'when %s was on the disk',
    async (_name, left) => {
      const wrong: string[] = []
      for (let nth = 1; nth <= writes; nth += 1) {
        scene.reset()
        killAt(nth, left)
        await scene.apply({ concurrency: '1' })
        jest.restoreAllMocks()
        impatient()
        scene.standIn.faults.clear()
        const words = await wrongWhenRunAgain(scene, applied, '1')
        wrong.push(...words.map((each) => `at write ${nth}: ${each}`))
      }
      expect(wrong).toEqual([])
    },
    30_000,
  )

  test('again and again, one write later every time', async () => {
    scene.reset()
    for (let nth = 1; nth <= 6; nth += 1) {
      killAt(nth, (text) => text)
      await scene.apply({ concurrency: '1' })
      jest.restoreAllMocks()
      impatient()
      scene.standIn.faults.clear()
    }
    expect(await wrongWhenRunAgain(scene, applied, '1')).toEqual([])
  })
})

test('what is deleted was in the journal before, and its outcome before the next one', async () => {
  scene.reset()
  const order: string[] = []
  const { requests } = scene.standIn
  jest.spyOn(Journal.prototype, 'add').mockImplementation(async function noted(
    this: Journal,
    ...records: JournalRecord[]
  ) {
    await add(this, ...records)
    const deletes = requests.filter(({ method }) => method === 'DELETE').length
    order.push(...records.map(({ record }) => `${record} ${deletes}`))
  })
  await scene.apply({ concurrency: '1' })
  const expected = scene.plan.actions.flatMap((_, index) => [
    `saved ${index}`,
    `sent ${index}`,
    `outcome ${index + 1}`,
  ])
  expect(order).toEqual(['begun 0', ...expected])
})
