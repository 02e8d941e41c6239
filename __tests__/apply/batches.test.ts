import { expect, test } from '@jest/globals'
import { inBatches } from '../../src/apply/batches.ts'
import type { Action } from '../../src/plan/types.ts'

function tag(repository: string, name: string): Action {
  const digest = `sha256:${'0'.repeat(64)}`
  return { kind: 'delete-tag', repository, digest, tag: name, rule: 'r', reason: 'always' }
}

test.each([
  ['', []],
  ['a1', ['a1']],
  ['a1 a2 b1', ['a1 a2', 'b1']],
  ['a1 b1 c1', ['a1 b1', 'c1']],
  ['a1 b1 a2', ['a1 a2', 'b1']],
  ['a1 a2 a3 a4 b1', ['a1 a2 a3 a4', 'b1']],
  ['b1 a1 a2 a3 c1 c2', ['b1', 'a1 a2 a3', 'c1 c2']],
])('%j in batches of two: %j', (actions, batches) => {
  const given = actions.split(' ').filter((one) => one !== '')
  const made = inBatches(
    given.map((one) => tag(one.charAt(0), one)),
    2,
  )
  expect(
    made.map((batch) => batch.map((one) => (one.kind === 'delete-tag' ? one.tag : '')).join(' ')),
  ).toEqual(batches)
})
