// What somebody who may push nests as deep as they like takes neither the stack nor the time of a plan for all.
import { expect, test } from '@jest/globals'
import type { Artifact, Digest } from '../../src/inventory/types.ts'
import { draftActions } from '../../src/plan/assemble.ts'
import { questionsOf } from '../../src/plan/questions.ts'
import { circumstances, planOf, policyOf } from './plan-of.ts'
import { image, registry } from './registry.ts'

const REPOSITORY = 'team-a/web'
const DEEP = 3000

const nth = (number: number): Digest => `sha256:${number.toString(16).padStart(64, '0')}`

function artifact(number: number, children: readonly number[], tags: readonly string[] = []): Artifact {
  return { ...image('a', { tags }), digest: nth(number), children: children.map(nth) }
}

function levels(
  count: number,
  level: (at: number, isLast: boolean) => readonly Artifact[],
): readonly Artifact[] {
  return Array.from({ length: count }, (_, at) => level(at, at === count - 1)).flat()
}

/** Each index in the one before. */
const nested = levels(DEEP, (at, isLast) => [artifact(at, isLast ? [] : [at + 1], at === 0 ? ['v1'] : [])])

/** Both of a level in both of the one before: from the first there are 2^60 ways to the last. */
const crossed = levels(60, (at, isLast) => {
  const below = isLast ? [] : [2 * at + 2, 2 * at + 3]
  return at === 0 ? [artifact(0, below, ['v1'])] : [artifact(2 * at, below), artifact(2 * at + 1, below)]
})

/** Each signs the one before. */
const signed = levels(DEEP, (at) => [
  artifact(at, [], [at === 0 ? 'v1' : `${nth(at - 1).replace(':', '-')}.sig`]),
])

test.each([
  ['nested', nested, 'delete', 1],
  ['nested', nested, 'copy', 1],
  ['crossed', crossed, 'delete', 1],
  ['crossed', crossed, 'copy', 1],
  ['signed', signed, 'copy', 1],
])('%s: %#', (_what, artifacts, action, count) => {
  const policy = `version: 1
rules: [{ name: all, select: { tags: ["v*"] }, ${action}: always }]
limits: { keep-per-repository: 0, max-delete-percent: 100 }
`
  const inventory = registry({ [REPOSITORY]: artifacts })
  expect(planOf(policy, inventory).plan.actions).toHaveLength(count)
  for (const repository of inventory.repositories) {
    const questions = questionsOf(repository, draftActions(policyOf(policy), repository, circumstances()))
    expect(questions.size).toBeLessThanOrEqual(artifacts.length)
  }
})
