import { describe, expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { settleMovedTags } from '../../src/inventory/moved-tags.ts'
import type { Artifact } from '../../src/inventory/types.ts'
import { artifact, tag } from './inventory.ts'

/** The tags of each artifact, by letter. */
function tags(artifacts: readonly Artifact[]): Record<string, string[]> {
  return Object.fromEntries(
    artifacts.map((each) => [each.digest.charAt(7), each.tags.map(({ name }) => name)]),
  )
}

describe('a tag that is listed with two artifacts', () => {
  test('stands on the one that it came to last, wherever that is listed', () => {
    const older = artifact('a', { tags: [tag('latest', 100), tag('v1', 100)] })
    const newer = artifact('b', { tags: [tag('latest', 200), tag('v2', 200)] })
    expect(tags(settleMovedTags([older, newer]))).toEqual({ a: ['v1'], b: ['latest', 'v2'] })
    expect(tags(settleMovedTags([newer, older]))).toEqual({ a: ['v1'], b: ['latest', 'v2'] })
  })

  test('that moved twice stands once', () => {
    const all = [300, 100, 200].map((pushed, index) =>
      artifact('abc'.charAt(index), { tags: [tag('x', pushed)] }),
    )
    expect(tags(settleMovedTags(all))).toEqual({ a: ['x'], b: [], c: [] })
  })

  test('at the same moment stands on one of them, and with one artifact twice stands there once', () => {
    const same = ['a', 'b'].map((letter) => artifact(letter, { tags: [tag('x', 100)] }))
    expect(Object.values(tags(settleMovedTags(same))).flat()).toEqual(['x'])
    const twice = [artifact('a', { tags: [tag('x', 100), tag('x', 100)] })]
    expect(tags(settleMovedTags(twice))).toEqual({ a: ['x'] })
  })
})

test('without one nothing is touched', () => {
  const artifacts = [
    artifact('a', { tags: [tag('x')] }),
    artifact('b', { tags: [tag('y'), tag('z')] }),
    artifact('c'),
  ]
  expect(settleMovedTags(artifacts)).toBe(artifacts)
  const moved = [...artifacts, artifact('d', { tags: [tag('x', 200)] })]
  expect(settleMovedTags(moved)[1]).toBe(moved[1])
})

test('every name stands once, with the latest push of all', () => {
  const written = fc.array(fc.array(fc.tuple(fc.constantFrom('x', 'y', 'z'), fc.nat(5)), { maxLength: 3 }), {
    maxLength: 6,
  })
  fc.assert(
    fc.property(written, (lists) => {
      const artifacts = lists.map((list, index) =>
        artifact('abcdef'.charAt(index), { tags: list.map(([name, pushed]) => tag(name, pushed)) }),
      )
      const before = artifacts.flatMap((each) => each.tags)
      const after = settleMovedTags(artifacts).flatMap((each) => each.tags)
      expect(after.map(({ name }) => name).toSorted()).toEqual(
        [...new Set(before.map(({ name }) => name))].toSorted(),
      )
      for (const { name, pushed } of after) {
        expect(pushed).toBe(
          Math.max(...before.filter((each) => each.name === name).map((each) => each.pushed)),
        )
      }
    }),
  )
})
