// What holds for every policy and every registry.
import { describe, expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import type { Artifact, Inventory } from '../../src/inventory/types.ts'
import type { Assembled } from '../../src/plan/assemble.ts'
import type { Action, Copy } from '../../src/plan/types.ts'
import { decisionOf, goes } from '../../src/plan/verdict.ts'
import { inventories, NOW } from '../oracle/arbitrary.ts'
import { LASTING, PASSING, policies, protections } from '../oracle/arbitrary-policy.ts'
import { Harbor, wholeOf } from '../oracle/harbor.ts'
import { parentsOf, subjectOf, unitKey } from '../oracle/units.ts'
import type { WrittenConditions, WrittenPolicy, WrittenWhen } from '../oracle/written.ts'
import { planOf } from './plan-of.ts'

const DAY = 24 * 60 * 60_000
const RUNS = { numRuns: 300 }

/** The same policy, but that its rules wait for something where they always acted. */
function waiting(policy: WrittenPolicy, condition: WrittenConditions): WrittenPolicy {
  const wait = (when: WrittenWhen): WrittenWhen => (when === 'always' ? condition : when)
  return {
    ...policy,
    rules: policy.rules.map((rule) => ({
      ...rule,
      ...(rule.delete === undefined ? {} : { delete: wait(rule.delete) }),
      ...(rule.archive === undefined ? {} : { archive: wait(rule.archive) }),
    })),
  }
}

/** Each unit's key and decision. */
function decisions({ repositories }: Assembled): Map<string, string> {
  return new Map(
    repositories.flatMap(({ name, units }) =>
      units.map(({ artifact, tag, verdict }) => [
        unitKey(name, artifact.digest, tag?.name ?? null),
        decisionOf(verdict),
      ]),
    ),
  )
}

/** Everything that a plan takes away: tags, artifacts, children, accessories. */
function taken({ plan }: Assembled): Set<string> {
  return new Set(plan.actions.flatMap(takenBy))
}

function takenBy(action: Action): string[] {
  const { kind, repository, digest } = action
  if (kind === 'copy') return []
  if (kind === 'delete-tag') return [unitKey(repository, digest, action.tag)]
  return [
    ...[digest, ...action.children, ...action.accessories].map((gone) => unitKey(repository, gone, null)),
    ...action.tags.map((tag) => unitKey(repository, digest, tag)),
  ]
}

function hasIndexAccessories({ repositories }: Inventory): boolean {
  return repositories.some(({ artifacts }) =>
    artifacts.some(({ accessories }) =>
      (accessories ?? []).some(({ children }) => (children ?? []).length > 0),
    ),
  )
}

/** What is taken in the one plan and not in the other. */
function takenBeyond(plan: Assembled, other: Assembled): string[] {
  const before = taken(other)
  return [...taken(plan)].filter((item) => !before.has(item))
}

/** An action without the rule and the words that name it, and without what it follows, which may be one of several. */
function substance(action: Action): string {
  const tags = 'tags' in action ? action.tags.toSorted() : []
  return JSON.stringify({ ...action, tags, rule: undefined, reason: undefined, follows: undefined })
}

function shuffled<T>(items: readonly T[], seed: number): T[] {
  return items
    .map((item, index) => ({ item, place: Math.sin((seed % 1000) + index * 12.9898) }))
    .toSorted((a, b) => a.place - b.place)
    .map(({ item }) => item)
}

describe('what makes a plan take more', () => {
  test('another protection never does', () => {
    fc.assert(
      fc.property(policies(), protections(), inventories, (policy, protection, inventory) => {
        const stricter = {
          ...policy,
          protect: [...(policy.protect ?? []), { name: 'another', ...protection }],
        }
        expect(takenBeyond(planOf(stricter, inventory), planOf(policy, inventory))).toEqual([])
      }),
      RUNS,
    )
  })

  test('a greater `newest` never does', () => {
    fc.assert(
      fc.property(policies(), fc.nat(), fc.integer({ min: 1, max: 3 }), inventories, (...all) => {
        const [policy, which, by, inventory] = all
        const rules = policy.rules.map((rule, index) =>
          index === which % policy.rules.length
            ? { ...rule, keep: { ...rule.keep, newest: (rule.keep?.newest ?? 0) + by } }
            : rule,
        )
        expect(takenBeyond(planOf({ ...policy, rules }, inventory), planOf(policy, inventory))).toEqual([])
      }),
      RUNS,
    )
  })

  test('a greater `keep-per-repository` or `grace` never does', () => {
    fc.assert(
      fc.property(policies(), fc.integer({ min: 1, max: 3 }), inventories, (policy, by, inventory) => {
        const limits = {
          ...policy.limits,
          'keep-per-repository': (policy.limits?.['keep-per-repository'] ?? 1) + by,
          grace: '30d',
        }
        expect(takenBeyond(planOf({ ...policy, limits }, inventory), planOf(policy, inventory))).toEqual([])
      }),
      RUNS,
    )
  })

  test('knowing less never does', () => {
    const fields = ['created', 'labels', 'platforms', 'accessories', 'immutable'] as const
    fc.assert(
      fc.property(policies(), fc.constantFrom(...fields), fc.nat(), inventories, (...all) => {
        const [policy, field, which, inventory] = all
        // What an index among accessories holds is taken for any other artifact where they are not known: Harbor refuses.
        fc.pre(field !== 'accessories' || !hasIndexAccessories(inventory))
        const forget = (artifact: Artifact): Artifact =>
          field === 'immutable'
            ? { ...artifact, tags: artifact.tags.map((tag) => ({ ...tag, immutable: null })) }
            : { ...artifact, [field]: null }
        const repositories = inventory.repositories.map((repository) => ({
          ...repository,
          artifacts: repository.artifacts.map((artifact, index) =>
            index === which % repository.artifacts.length ? forget(artifact) : artifact,
          ),
        }))
        const asking = field === 'created' ? waiting(policy, { 'not-created-for': '60m' }) : policy
        const forgetful = planOf(asking, { ...inventory, repositories })
        expect(takenBeyond(forgetful, planOf(asking, inventory))).toEqual([])
      }),
      RUNS,
    )
  })
})

describe('the order', () => {
  test('of rules and protections changes no decision and no action, only which rule is named', () => {
    fc.assert(
      fc.property(policies(), fc.nat(), inventories, (policy, seed, inventory) => {
        const reordered: WrittenPolicy = {
          ...policy,
          protect: shuffled(policy.protect ?? [], seed),
          rules: shuffled(policy.rules, seed),
        }
        const [one, other] = [planOf(policy, inventory), planOf(reordered, inventory)]
        expect(decisions(other)).toEqual(decisions(one))
        expect(other.plan.actions.map(substance)).toEqual(one.plan.actions.map(substance))
      }),
      RUNS,
    )
  })

  test('of the listing changes no decision and no action, only which rule is named', () => {
    fc.assert(
      fc.property(policies(), fc.nat(), inventories, (policy, seed, inventory) => {
        const repositories = inventory.repositories.map((repository) => ({
          ...repository,
          artifacts: shuffled(
            repository.artifacts.map((artifact) => ({ ...artifact, tags: shuffled(artifact.tags, seed) })),
            seed,
          ),
        }))
        const [one, other] = [planOf(policy, inventory), planOf(policy, { ...inventory, repositories })]
        expect(decisions(other)).toEqual(decisions(one))
        expect(other.plan.actions.map(substance).toSorted()).toEqual(
          one.plan.actions.map(substance).toSorted(),
        )
      }),
      RUNS,
    )
  })
})

describe('every unit', () => {
  test('has exactly one decision', () => {
    fc.assert(
      fc.property(policies(), inventories, (policy, inventory) => {
        const { plan, repositories } = planOf(policy, inventory)
        for (const [index, repository] of inventory.repositories.entries()) {
          const decided = (repositories[index]?.units ?? []).map(({ artifact, tag }) =>
            unitKey(repository.name, artifact.digest, tag?.name ?? null),
          )
          expect(new Set(decided).size).toBe(decided.length)
          const expected = repository.artifacts.flatMap(({ digest, tags }) => {
            const isChild = parentsOf(repository, digest).length > 0
            if (tags.length === 0) return isChild ? [] : [unitKey(repository.name, digest, null)]
            return tags
              .filter(({ name }) => subjectOf(name) === undefined)
              .map(({ name }) => unitKey(repository.name, digest, name))
          })
          expect(decided).toEqual(expect.arrayContaining(expected))
        }
        const { kept, deletes, units, protected: protectedUnits } = plan.totals
        expect(kept + protectedUnits + deletes).toBe(units)
        expect(repositories.flatMap((repository) => repository.units)).toHaveLength(units)
      }),
      RUNS,
    )
  })
})

describe('no artifact goes', () => {
  test('while one of its tags, or an index that holds it, stays', () => {
    fc.assert(
      fc.property(policies(), inventories, (policy, inventory) => {
        const assembled = planOf(policy, inventory)
        const gone = taken(assembled)
        const decided = decisions(assembled)
        for (const { name, artifacts } of inventory.repositories) {
          for (const { digest, tags, children } of artifacts) {
            const goesItself = gone.has(unitKey(name, digest, null))
            if (goesItself) {
              for (const tag of tags) expect(gone).toContain(unitKey(name, digest, tag.name))
              for (const tag of tags) {
                const decision = decided.get(unitKey(name, digest, tag.name)) ?? 'follows its subject'
                expect(['delete', 'archive', 'follows its subject']).toContain(decision)
              }
              continue
            }
            for (const child of children) expect(gone).not.toContain(unitKey(name, child, null))
          }
        }
      }),
      RUNS,
    )
  })

  test('before what has to be there first: copies, and the indexes that hold it', () => {
    fc.assert(
      fc.property(policies(), inventories, (policy, inventory) => {
        const { plan } = planOf(policy, inventory)
        const harbor = new Harbor(inventory)
        const copies: Copy[] = []
        for (const action of plan.actions) {
          harbor.carryOut(action)
          if (action.kind === 'copy') copies.push(action)
          else if (action.after !== undefined) {
            const awaited = copies.filter(
              ({ repository, digest }) => `${repository}@${digest}` === action.after,
            )
            expect(awaited.map(({ repository }) => repository)).toEqual([action.repository])
          }
        }
        expect(harbor.refused).toEqual([])
      }),
      RUNS,
    )
  })
})

describe('what is kept', () => {
  test('loses no tag, child or accessory, whichever actions are carried out, in whatever order', () => {
    fc.assert(
      fc.property(policies(), fc.nat(), fc.nat(), inventories, (policy, seed, skipped, inventory) => {
        const { plan, repositories } = planOf(policy, inventory)
        const harbor = new Harbor(inventory)
        const before = harbor.belongings()
        const order = seed % 2 === 0 ? plan.actions : shuffled(plan.actions, seed)
        for (const [index, action] of order.entries()) {
          if ((skipped >> (index % 31)) % 2 === 0) harbor.carryOut(action)
        }
        const after = harbor.belongings()
        for (const [index, repository] of inventory.repositories.entries()) {
          for (const { artifact, tag, verdict } of repositories[index]?.units ?? []) {
            if (goes(verdict)) continue
            const whole = wholeOf(repository, artifact, tag?.name ?? null)
            expect(whole.filter((part) => before.has(part) && !after.has(part))).toEqual([])
          }
        }
      }),
      RUNS,
    )
  })

  test('is nothing that the plan takes when all of it is carried out, and all else goes', () => {
    fc.assert(
      fc.property(policies(), inventories, (policy, inventory) => {
        const assembled = planOf(policy, inventory)
        const harbor = new Harbor(inventory)
        for (const action of assembled.plan.actions) harbor.carryOut(action)
        const after = harbor.belongings()
        const there = inventory.repositories.flatMap(({ name, artifacts }) =>
          artifacts.flatMap(({ digest, tags }) =>
            [null, ...tags.map((tag) => tag.name)].map((tag) => unitKey(name, digest, tag)),
          ),
        )
        const gone = taken(assembled)
        expect(there.filter((item) => !after.has(item))).toEqual(there.filter((item) => gone.has(item)))
      }),
      RUNS,
    )
  })
})

describe('a plan', () => {
  test('is the same to the byte for the same inputs, and its id beside its time', () => {
    fc.assert(
      fc.property(policies(), inventories, fc.integer({ min: 1, max: 1000 }), (policy, inventory, later) => {
        const again: Inventory = structuredClone(inventory)
        const { plan } = planOf(policy, inventory)
        expect(JSON.stringify(planOf(policy, again).plan)).toBe(JSON.stringify(plan))
        const other = planOf(policy, inventory, NOW + later).plan
        expect(other.id === plan.id).toBe(JSON.stringify(other.actions) === JSON.stringify(plan.actions))
      }),
      RUNS,
    )
  })

  test('made later takes what it took before, when rules wait and what keeps lapses', () => {
    fc.assert(
      fc.property(
        policies({ acting: LASTING, keeping: PASSING }),
        inventories,
        fc.constantFrom(1, DAY - 1, DAY, 7 * DAY, 30 * DAY, 400 * DAY),
        fc.constantFrom(...LASTING),
        (written, inventory, later, condition) => {
          const policy = waiting(written, { [condition]: '24h' })
          const [now, then] = [planOf(policy, inventory), planOf(policy, inventory, NOW + later)]
          expect(takenBeyond(now, then)).toEqual([])
        },
      ),
      RUNS,
    )
  })
})
