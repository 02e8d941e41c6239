import { describe, expect, test } from '@jest/globals'
import { firstUnmet, holds, sinceOf } from '../../src/plan/conditions.ts'
import type { Condition } from '../../src/policy/types.ts'
import { NOW } from '../oracle/arbitrary.ts'
import { daysAgo, ruleOf, taggedUnit } from './unit-of.ts'

/** The conditions of an action, as they are written. */
function conditions(written: string): readonly Condition[] {
  return ruleOf('{ tags: ["**"] }', `delete: { ${written} }`).delete ?? []
}

function condition(written: string): Condition {
  const [first] = conditions(written)
  if (first === undefined) throw new Error('a condition')
  return first
}

describe('a condition', () => {
  // Days since the push, since the pull (null: never), and since the build (null: unknown); and which of the six
  // conditions of 14 days hold. A fortnight to the moment is no longer within a fortnight.
  const KINDS =
    'pushed-within not-pushed-for pulled-within not-pulled-for created-within not-created-for'.split(' ')
  const MOMENT = 1 / 86_400_000

  test.each<[pushed: number, pulled: number | null, created: number | null, holding: readonly string[]]>([
    [13, null, 13, ['pushed-within', 'pulled-within', 'created-within']],
    [14 - MOMENT, 14 - MOMENT, 14 - MOMENT, ['pushed-within', 'pulled-within', 'created-within']],
    [14, 14, 14, ['not-pushed-for', 'not-pulled-for', 'not-created-for']],
    [14 + MOMENT, 14 + MOMENT, 14 + MOMENT, ['not-pushed-for', 'not-pulled-for', 'not-created-for']],
    // Never pulled counts from the push.
    [20, null, 20, ['not-pushed-for', 'not-pulled-for', 'not-created-for']],
    [20, 1, 20, ['not-pushed-for', 'pulled-within', 'not-created-for']],
    // Not pulled since it was pushed again: that counts from the push too.
    [1, 20, 1, ['pushed-within', 'pulled-within', 'created-within']],
    [15, 20, 15, ['not-pushed-for', 'not-pulled-for', 'not-created-for']],
    // Clocks that go ahead of ours.
    [-1, -1, -1, ['pushed-within', 'pulled-within', 'created-within']],
    [0, 0, 0, ['pushed-within', 'pulled-within', 'created-within']],
  ])('pushed %p, pulled %p, built %p days ago: %j', (pushed, pulled, created, holding) => {
    const unit = taggedUnit('v1', {
      pushed: daysAgo(pushed),
      pulled: pulled === null ? null : daysAgo(pulled),
      created: created === null ? null : daysAgo(created),
    })
    for (const ifUnknown of [true, false]) {
      expect(KINDS.filter((kind) => holds(condition(`${kind}: 14d`), unit, NOW, ifUnknown))).toEqual(holding)
    }
  })

  test.each(['created-within: 14d', 'not-created-for: 14d', 'severity-at-least: Low'])(
    '%s about what is not known holds where that keeps, and only there',
    (written) => {
      const unit = taggedUnit('v1', { created: null })
      expect(holds(condition(written), unit, NOW, true)).toBe(true)
      expect(holds(condition(written), unit, NOW, false)).toBe(false)
    },
  )

  // When the image was pushed, when the tag came to stand on it, and the push that counts.
  test.each([
    [20, 20, 20],
    [20, 3, 3],
    [3, 20, 3],
  ])('image pushed %p days ago, its tag %p: pushed %p days ago', (onImage, onTag, counts) => {
    const unit = taggedUnit('v1', { pushed: daysAgo(onImage) }, { pushed: daysAgo(onTag) })
    expect(sinceOf('not-pushed-for', unit)).toBe(daysAgo(counts))
    expect(sinceOf('not-pulled-for', unit)).toBe(daysAgo(counts))
  })

  // When the image was pulled by digest, when by this tag, and the pull that counts.
  test.each([
    [5, null, 5],
    [null, 5, 5],
    [5, 9, 5],
    [9, 5, 5],
  ])('image pulled %p days ago, its tag %p: pulled %p days ago', (onImage, onTag, counts) => {
    const [ofImage, ofTag] = [onImage, onTag].map((days) => (days === null ? null : daysAgo(days)))
    const unit = taggedUnit('v1', { pulled: ofImage ?? null }, { pulled: ofTag ?? null })
    expect(sinceOf('pulled-within', unit)).toBe(daysAgo(counts))
  })

  test('of no length is never within and always over', () => {
    const unit = taggedUnit('v1', { pushed: NOW })
    expect(holds(condition('pushed-within: 0d'), unit, NOW, true)).toBe(false)
    expect(holds(condition('not-pushed-for: 0d'), unit, NOW, false)).toBe(true)
  })
})

describe('of several conditions', () => {
  const ALL = conditions('not-pushed-for: 14d, not-pulled-for: 30d, not-created-for: 14d')

  // Days since push and build, and the first condition that is not met.
  test.each([
    [40, 40, undefined],
    [20, 20, 'not-pulled-for'],
    [10, 10, 'not-pushed-for'],
    [40, null, 'not-created-for'],
  ])('pushed %p and built %p days ago: %p is in the way', (pushed, created, unmet) => {
    const unit = taggedUnit('v1', {
      pushed: daysAgo(pushed),
      created: created === null ? null : daysAgo(created),
    })
    expect(firstUnmet(ALL, unit, NOW, false)?.kind).toBe(unmet)
  })

  test('none at all are met', () => {
    expect(firstUnmet([], taggedUnit('v1'), NOW, false)).toBeUndefined()
  })
})
