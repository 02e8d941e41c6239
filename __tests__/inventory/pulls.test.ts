import { describe, expect, test } from '@jest/globals'
import { rollUpPulls } from '../../src/inventory/pulls.ts'
import type { Artifact } from '../../src/inventory/types.ts'
import { artifact, digest } from './inventory.ts'

/** An artifact, when it was pulled, and the letters of its children. */
type Written = readonly [letter: string, pulled: number | null, children?: string]

function made(written: readonly Written[]): Artifact[] {
  return written.map(([letter, pulled, children = '']) =>
    artifact(letter, { pulled, children: children.split('').map((child) => digest(child)) }),
  )
}

/** When each was pulled, by letter. */
function pulls(artifacts: readonly Artifact[]): Record<string, number | null> {
  return Object.fromEntries(artifacts.map((each) => [each.digest.charAt(7), each.pulled]))
}

describe('a pull of a child counts for its index', () => {
  // Artifacts, and when each counts as pulled.
  test.each<[what: string, written: readonly Written[], pulled: Record<string, number | null>]>([
    [
      'when the index was never pulled',
      [
        ['a', null, 'bc'],
        ['b', 5],
        ['c', 7],
      ],
      { a: 7, b: 5, c: 7 },
    ],
    [
      'when the index was pulled before',
      [
        ['a', 6, 'bc'],
        ['b', 5],
        ['c', 7],
      ],
      { a: 7, b: 5, c: 7 },
    ],
    [
      'and not when the index was pulled later',
      [
        ['a', 9, 'bc'],
        ['b', 5],
        ['c', 7],
      ],
      { a: 9, b: 5, c: 7 },
    ],
    [
      'and not when no child was',
      [
        ['a', null, 'bc'],
        ['b', null],
        ['c', null],
      ],
      { a: null, b: null, c: null },
    ],
    [
      'also where the child is listed first',
      [
        ['b', 5],
        ['a', null, 'b'],
      ],
      { a: 5, b: 5 },
    ],
    [
      'also through an index in an index',
      [
        ['a', null, 'b'],
        ['b', null, 'c'],
        ['c', 5],
      ],
      { a: 5, b: 5, c: 5 },
    ],
    [
      'also where that has been pulled itself',
      [
        ['a', null, 'b'],
        ['b', 8, 'c'],
        ['c', 5],
      ],
      { a: 8, b: 8, c: 5 },
    ],
    [
      'for each index that holds it',
      [
        ['a', null, 'c'],
        ['b', 2, 'c'],
        ['c', 5],
      ],
      { a: 5, b: 5, c: 5 },
    ],
    [
      'as far as the child is listed',
      [
        ['a', 3, 'bc'],
        ['b', 5],
      ],
      { a: 5, b: 5 },
    ],
    [
      'at the first moment of 1970 too',
      [
        ['a', null, 'b'],
        ['b', 0],
      ],
      { a: 0, b: 0 },
    ],
    [
      'and never the other way round',
      [
        ['a', 9, 'b'],
        ['b', null],
      ],
      { a: 9, b: null },
    ],
  ])('%s', (_, written, pulled) => {
    expect(pulls(rollUpPulls(made(written)))).toEqual(pulled)
  })
})

test('what is no index is left as it is', () => {
  const images = made([
    ['a', 1],
    ['b', null],
  ])
  expect(rollUpPulls(images)).toBe(images)
  const [, child] = made([
    ['a', null, 'b'],
    ['b', 5],
  ])
  expect(
    rollUpPulls(
      made([
        ['a', null, 'b'],
        ['b', 5],
      ]),
    )[1],
  ).toEqual(child)
})

test('counting twice changes nothing more', () => {
  const once = rollUpPulls(
    made([
      ['a', null, 'b'],
      ['b', null, 'c'],
      ['c', 5],
    ]),
  )
  expect(rollUpPulls(once)).toEqual(once)
})
