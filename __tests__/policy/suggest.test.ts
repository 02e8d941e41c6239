import { describe, expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { nearest } from '../../src/policy/suggest.ts'

const CONDITIONS = [
  'newest',
  'by',
  'per',
  'pushed-within',
  'not-pushed-for',
  'pulled-within',
  'not-pulled-for',
  'created-within',
  'not-created-for',
  'severity-at-least',
]

describe('nearest', () => {
  // What somebody wrote, and what they most likely meant; undefined: nobody knows.
  test.each<[written: string, meant: string | undefined]>([
    // The same words in other clothes.
    ['pushed_within', 'pushed-within'],
    ['pushedWithin', 'pushed-within'],
    ['PUSHED WITHIN', 'pushed-within'],
    ['within-pushed', 'pushed-within'],
    ['keep_newest', 'newest'],
    ['newest-count', 'newest'],
    ['NotPushedFor', 'not-pushed-for'],
    // Slips of the finger: one for every four letters.
    ['newset', 'newest'],
    ['newes', 'newest'],
    ['pshed-within', 'pushed-within'],
    ['not-pullled-for', 'not-pulled-for'],
    ['severity-atleast', 'severity-at-least'],
    // Nothing near.
    ['', undefined],
    ['b', undefined],
    ['bye', undefined],
    ['age', undefined],
    ['older-than', undefined],
    ['12345', undefined],
    ['\u{1F600}', undefined],
  ])('of %j is %p', (written, meant) => {
    expect(nearest(written, CONDITIONS)).toBe(meant)
  })

  test('of anything among nothing is nothing', () => {
    expect(nearest('newest', [])).toBeUndefined()
  })

  test('of a candidate is itself, and a suggestion is always a candidate', () => {
    fc.assert(
      fc.property(fc.oneof(fc.constantFrom(...CONDITIONS), fc.string()), (written) => {
        const meant = nearest(written, CONDITIONS)
        if (CONDITIONS.includes(written)) expect(meant).toBe(written)
        expect([undefined, ...CONDITIONS]).toContain(meant)
      }),
    )
  })

  test('of a very long text is found in a moment', () => {
    const started = performance.now()
    nearest('not-'.repeat(500), CONDITIONS)
    expect(performance.now() - started).toBeLessThan(5000)
  })
})
