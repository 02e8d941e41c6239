import { describe, expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { orderBy } from '../../src/plan/order.ts'
import type { Unit } from '../../src/plan/unit.ts'
import { KEEP_ORDERS, type KeepOrder } from '../../src/policy/types.ts'
import { daysAgo, digest, taggedUnit } from './unit-of.ts'

/** A tag on an image of its own: its name, days since push, pull and build. */
function unit(
  name: string,
  pushed: number,
  pulled: number | null = null,
  created: number | null = pushed,
): Unit {
  return taggedUnit(name, {
    pushed: daysAgo(pushed),
    pulled: pulled === null ? null : daysAgo(pulled),
    created: created === null ? null : daysAgo(created),
  })
}

function names(units: readonly Unit[], by: KeepOrder): string[] {
  return units.toSorted(orderBy(by)).map(({ name }) => name)
}

describe('the one to keep first', () => {
  const UNITS = [
    unit('1.2.0', 3, 1, 9),
    unit('1.10.0', 2, null, 5),
    unit('latest', 1, 5, null),
    unit('1.2.0-rc.1', 4, 9, 1),
  ]

  // What it goes by, and the order of names.
  test.each<[by: KeepOrder, order: readonly string[]]>([
    ['pushed', ['latest', '1.10.0', '1.2.0', '1.2.0-rc.1']],
    // What was not pulled since its push counts from that.
    ['pulled', ['latest', '1.2.0', '1.10.0', '1.2.0-rc.1']],
    ['created', ['1.2.0-rc.1', '1.10.0', '1.2.0', 'latest']],
    ['semver', ['1.10.0', '1.2.0', '1.2.0-rc.1', 'latest']],
    ['name', ['latest', '1.2.0-rc.1', '1.2.0', '1.10.0']],
  ])('by %s: %j', (by, order) => {
    expect(names(UNITS, by)).toEqual(order)
    expect(names(UNITS.toReversed(), by)).toEqual(order)
  })
})

describe('ties', () => {
  test('of pulls go to the newer push', () => {
    expect(names([unit('a', 9, 1), unit('b', 5, 1)], 'pulled')).toEqual(['b', 'a'])
  })

  test('of pushes go to the higher version, as a version and not as a name', () => {
    expect(names([unit('1.9.0', 1), unit('latest', 1), unit('1.10.0', 1)], 'pushed')).toEqual([
      '1.10.0',
      '1.9.0',
      'latest',
    ])
  })

  test('of versions go to the newer push, then to the later name: builds are no order', () => {
    expect(names([unit('1.0.0_2', 9), unit('1.0.0_1', 5)], 'semver')).toEqual(['1.0.0_1', '1.0.0_2'])
    expect(names([unit('1.0.0', 5), unit('v1.0.0', 5), unit('1.0.0_1', 5)], 'semver')).toEqual([
      'v1.0.0',
      '1.0.0_1',
      '1.0.0',
    ])
  })

  test('of everything go to the higher digest', () => {
    const [low, high] = ['a', 'b'].map((letter) => taggedUnit('x', { digest: digest(letter) }))
    if (low === undefined || high === undefined) throw new Error('two units')
    for (const by of KEEP_ORDERS) {
      expect([low, high].toSorted(orderBy(by))).toEqual([high, low])
    }
  })
})

test('no two units are equal, and the order of any three fits together', () => {
  const some = fc
    .record({
      name: fc.constantFrom('1.0.0', 'v1.0.0', '1.0.0_1', '1.0.0-rc.1', '2.0.0', 'latest', 'x', ''),
      letter: fc.constantFrom('a', 'b'),
      pushed: fc.constantFrom(1, 2),
      pulled: fc.constantFrom(null, 1, 2),
      created: fc.constantFrom(null, 1, 2),
    })
    .map(({ name, letter, pushed, pulled, created }) =>
      taggedUnit(name, {
        digest: digest(letter),
        pushed: daysAgo(pushed),
        pulled: pulled === null ? null : daysAgo(pulled),
        created: created === null ? null : daysAgo(created),
      }),
    )
  fc.assert(
    fc.property(fc.constantFrom(...KEEP_ORDERS), some, some, some, (by, a, b, c) => {
      const order = orderBy(by)
      expect(Math.sign(order(a, b)) + Math.sign(order(b, a))).toBe(0)
      const isSame = a.name === b.name && a.artifact.digest === b.artifact.digest
      if (!isSame) expect(order(a, b)).not.toBe(0)
      if (order(a, b) < 0 && order(b, c) < 0) expect(order(a, c)).toBeLessThan(0)
    }),
    { numRuns: 1000 },
  )
})
