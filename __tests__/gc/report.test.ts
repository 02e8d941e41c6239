// What is said of a garbage collection.
import { describe, expect, test } from '@jest/globals'
import type { Collected } from '../../src/gc/types.ts'
import { collectedParts, collectedVerdict } from '../../src/report/collected.ts'

const DAY = 86_400_000

function collected(more: Partial<Collected> = {}): Collected {
  return {
    dryRun: false,
    keep: undefined,
    expectedBytes: undefined,
    run: 7,
    freed: { bytes: 1_237_457, blobs: 63, manifests: 35 },
    restorable: [],
    gone: [],
    leaving: [],
    dropped: false,
    warnings: [],
    failure: undefined,
    ...more,
  }
}

describe('the verdict', () => {
  test.each<readonly [string, Partial<Collected>]>([
    ['Garbage collection freed 1.18 MiB: 63 blobs and 35 manifests.', {}],
    ['Garbage collection would free 1.18 MiB: 63 blobs and 35 manifests.', { dryRun: true }],
    ['Garbage collection freed 512 B.', { freed: { bytes: 512, blobs: null, manifests: null } }],
    [
      'Garbage collection freed an unknown size: 1 blob.',
      { freed: { bytes: null, blobs: 1, manifests: null } },
    ],
    ['Garbage was collected; Harbor does not say what was freed.', { freed: undefined }],
    [
      'Garbage collection was not started.',
      { run: undefined, failure: { reason: 'gc-running', message: '' } },
    ],
    ['Garbage collection failed.', { failure: { reason: 'gc-failed', message: '' } }],
    ['Garbage collection goes on in Harbor.', { failure: { reason: 'gc-timeout', message: '' } }],
  ])('%s', (verdict, more) => {
    expect(collectedVerdict(collected(more))).toBe(verdict)
  })
})

describe('against the plan', () => {
  test.each<readonly [number | undefined, Partial<Collected>, readonly string[]]>([
    [undefined, {}, []],
    [1_237_457, {}, ['That is what the plan said, to the byte: 1,237,457 bytes.']],
    [
      2_000_000,
      {},
      [
        'The plan said 2,000,000 bytes, and Harbor freed 1,237,457 bytes: blobs that were pushed or looked at within two hours go another time.',
      ],
    ],
    [
      2_000_000,
      { keep: DAY, dryRun: true },
      [
        'The plan said 2,000,000 bytes, and Harbor would free 1,237,457 bytes: blobs that were pushed or looked at within two hours go another time, and what is inside trash.keep is kept.',
      ],
    ],
    [
      1000,
      {},
      [
        'The plan said 1,000 bytes, and Harbor freed 1,237,457 bytes: what had been deleted before, or uploaded and never used, goes too.',
      ],
    ],
    [1000, { freed: undefined }, []],
  ])('%p %j', (expectedBytes, more, facts) => {
    expect(collectedParts(collected({ expectedBytes, ...more })).facts).toEqual(facts)
  })
})
