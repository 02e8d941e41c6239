// What stays in a bin, what leaves it, and of what nothing has to be said.
import { describe, expect, test } from '@jest/globals'
import type { BinItem } from '../../src/bin/bin.ts'
import { sortBin, type Sorted, type Sorting } from '../../src/gc/sort.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const NOW = Date.parse('2026-11-21T12:00:00Z')

let count = 0

function item(at: number, more: Partial<BinItem> = {}): BinItem {
  count += 1
  return {
    item: `delete-artifact team-a/app@sha256:${count}`,
    plan: 'sha256:p',
    harbor: 'https://harbor.example.com',
    repository: 'team-a/app',
    digest: `sha256:${count}`,
    tags: [`t${count}`],
    manifests: [`sha256:${count}`],
    at,
    sent: true,
    outcome: 'done',
    restored: false,
    place: { file: 'x.ndjson', offset: 0, length: 1 },
    ...more,
  }
}

function sorted(items: readonly BinItem[], more: Partial<Sorting> = {}): Sorted {
  const sorting = { harbor: 'https://harbor.example.com', keep: DAY, now: NOW, window: 2 * HOUR }
  return sortBin(items, { ...sorting, lastSweep: undefined, isCopied: () => false, ...more })
}

describe('what was copied to a mirror', () => {
  test('stays in the bin however long ago it went, and is not told to leave', () => {
    const [old, young] = [item(NOW - 2 * DAY), item(NOW - HOUR)]
    const { kept, leaving, droppable } = sorted([old, young], { isCopied: () => true })
    expect([kept, leaving, droppable]).toEqual([[young], [], []])
  })

  test.each<readonly [string, Partial<BinItem>]>([
    ['was put back', { restored: true }],
    ['never went', { sent: false, outcome: undefined }],
  ])('leaves when it %s', (_, more) => {
    const one = item(NOW - 2 * DAY, more)
    expect(sorted([one], { isCopied: () => true }).droppable).toEqual([one])
  })
})

describe('what is inside keep', () => {
  test.each([
    ['an hour ago', NOW - HOUR, true],
    ['a moment inside', NOW - DAY + 1, true],
    ['exactly as long ago', NOW - DAY, false],
    ['longer ago', NOW - 2 * DAY, false],
    ['later, by another machine’s clock', NOW + HOUR, true],
  ])('%s', (_, at, isInside) => {
    const one = item(at)
    const { kept, leaving, droppable } = sorted([one])
    expect([kept, leaving, droppable]).toEqual(isInside ? [[one], [], []] : [[], [one], [one]])
  })

  test.each<readonly [string, Partial<BinItem>, boolean]>([
    ['one that was done, whether sent or not', { sent: false }, true],
    ['one whose apply was killed before it knew', { outcome: undefined }, true],
    ['one that failed: Harbor may have done it', { outcome: 'failed' }, true],
    ['one that was refused: there may have been a first try', { outcome: 'skipped' }, true],
    ['not one that was never sent', { sent: false, outcome: undefined }, false],
    ['not one that is back', { restored: true }, false],
    ['not a tag alone', { manifests: [] }, false],
    ['not another Harbor’s', { harbor: 'https://elsewhere.example.com' }, false],
  ])('%s', (_, more, isKept) => {
    expect(sorted([item(NOW - HOUR, more)]).kept).toHaveLength(isKept ? 1 : 0)
  })

  test('the newest comes first, here and among those that leave', () => {
    const items = [3, 1, 2, 50, 48, 49].map((hours) => item(NOW - hours * HOUR))
    const { kept, leaving } = sorted(items)
    const hours = (each: BinItem): number => (NOW - each.at) / HOUR
    expect([kept.map((each) => hours(each)), leaving.map((each) => hours(each))]).toEqual([
      [1, 2, 3],
      [48, 49, 50],
    ])
  })
})

describe('what leaves', () => {
  test('isn’t named when it went again since and is kept, and is dropped all the same', () => {
    const before = item(NOW - 2 * DAY)
    const again = item(NOW - HOUR, { digest: before.digest })
    const { kept, leaving, droppable } = sorted([before, again])
    expect([kept, leaving, droppable]).toEqual([[again], [], [before]])
  })

  test.each<readonly [string, Partial<BinItem>]>([
    ['what Harbor refused to delete', { outcome: 'skipped' }],
    ['what is back', { restored: true }],
    ['what was never sent', { sent: false, outcome: undefined }],
  ])('doesn’t name %s, and drops it', (_, more) => {
    const one = item(NOW - 2 * DAY, more)
    expect(sorted([one])).toMatchObject({ leaving: [], droppable: [one] })
  })

  test('drops no tags that went alone, and nothing of another Harbor', () => {
    const items = [
      item(NOW - 2 * DAY, { manifests: [] }),
      item(NOW - 2 * DAY, { harbor: 'https://elsewhere.example.com' }),
    ]
    expect(sorted(items)).toEqual({
      kept: [],
      leaving: [],
      droppable: [],
      elsewhere: ['https://elsewhere.example.com'],
    })
  })
})

describe('without keep', () => {
  test('everything is lost, and nothing is dropped', () => {
    const items = [item(NOW - 1), item(NOW - 2 * DAY)]
    expect(sorted(items, { keep: undefined })).toMatchObject({ kept: [], leaving: items, droppable: [] })
  })

  test('what the last garbage collection ended isn’t told again, but what was too young for it', () => {
    const lastSweep = NOW - DAY
    const [after, young, old] = [item(NOW - HOUR), item(lastSweep - HOUR), item(lastSweep - 2 * HOUR)]
    expect(sorted([after, young, old], { keep: undefined, lastSweep }).leaving).toEqual([after, young])
  })
})
