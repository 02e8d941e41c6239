// Two readings of the same documentation, on registries and policies made at random: they have to agree on what
// becomes of every unit, and on every action.
import { describe, expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { decisionOf, entryOf } from '../../src/plan/verdict.ts'
import type { Action } from '../../src/plan/types.ts'
import type { Assembled } from '../../src/plan/assemble.ts'
import type { OracleAction } from '../oracle/actions.ts'
import { inventories, NOW } from '../oracle/arbitrary.ts'
import { policies } from '../oracle/arbitrary-policy.ts'
import { consult, type OracleVerdict } from '../oracle/oracle.ts'
import { unitKey } from '../oracle/units.ts'
import { planOf } from './plan-of.ts'

/** What both readings have to agree on, in words that can be laid side by side. */
type Words = Readonly<Record<string, unknown>>

const BUILT_IN = new Set(['immutable', 'immutable-unknown', 'grace', 'keep-per-repository'])

function oracleUnits({ units }: OracleVerdict): Words {
  return Object.fromEntries(
    units.map(({ repository, artifact, tag, decision, builtIn, entry, copiedBy }) => [
      unitKey(repository.name, artifact.digest, tag?.name ?? null),
      {
        decision,
        // One ground for a protection is as good as another; which of several is named is not documented.
        entry: builtIn.length > 0 ? '(built in)' : entry,
        copiedBy: copiedBy[0] ?? null,
      },
    ]),
  )
}

function productUnits({ repositories }: Assembled, oracle: OracleVerdict): Words {
  const builtIns = new Map(
    oracle.units.map(({ repository, artifact, tag, builtIn }) => [
      unitKey(repository.name, artifact.digest, tag?.name ?? null),
      builtIn,
    ]),
  )
  return Object.fromEntries(
    repositories.flatMap(({ name, units }) =>
      units.map((unit) => {
        const key = unitKey(name, unit.artifact.digest, unit.tag?.name ?? null)
        const { code } = unit.verdict
        const decision = decisionOf(unit.verdict)
        let entry: string | null = code === 'not-due' ? null : (entryOf(unit.verdict)?.name ?? null)
        const grounds = builtIns.get(key) ?? []
        if (BUILT_IN.has(code)) entry = grounds.includes(code) ? '(built in)' : `(built in, but not ${code})`
        else if (decision === 'protected' && grounds.length > 0) entry = '(built in)'
        return [key, { decision, entry, copiedBy: unit.copiedBy?.name ?? null }]
      }),
    ),
  )
}

function oracleActions({ actions }: OracleVerdict): Words {
  return Object.fromEntries(
    actions.map((action): [string, unknown] => {
      const { repository: _repository, digest: _digest, rules, ...rest } = action
      const words = {
        ...rest,
        rule: rules.join(' or '),
        tags: rest.tags.toSorted(),
      }
      const accessories = rest.accessories.toSorted()
      if (words.kind === 'copy') return [keyOf(action), { ...words, accessories }]
      const { children, follows } = words
      return [
        keyOf(action),
        {
          ...words,
          accessories,
          children: children.toSorted(),
          follows: follows.toSorted(),
        },
      ]
    }),
  )
}

function productActions({ plan }: Assembled, oracle: OracleVerdict): Words {
  const expected = new Map(oracle.actions.map((action) => [keyOf(action), action]))
  return Object.fromEntries(
    plan.actions.map((action): [string, unknown] => {
      const key = actionKey(action)
      const { rules = [], ...rest } = expected.get(key) ?? {}
      const rule = rules.includes(action.rule) ? rules.join(' or ') : action.rule
      if (action.kind === 'copy') {
        const { kind, tags, accessories, target } = action
        return [
          key,
          {
            kind,
            tags: tags.toSorted(),
            accessories: accessories.toSorted(),
            target,
            rule,
          },
        ]
      }
      const follows = action.follows ?? []
      // What follows its subject waits for whatever that waits for.
      const after = follows.length > 0 ? 'after' in rest && rest.after : action.after !== undefined
      const common = { kind: action.kind, rule, after, follows }
      if (action.kind === 'delete-tag') {
        return [key, { ...common, tags: [action.tag], children: [], accessories: [] }]
      }
      const { tags, children, accessories } = action
      return [
        key,
        {
          ...common,
          tags: tags.toSorted(),
          children: children.toSorted(),
          accessories: accessories.toSorted(),
        },
      ]
    }),
  )
}

function keyOf({ kind, repository, digest, tags }: OracleAction): string {
  return `${kind} ${unitKey(repository, digest, kind === 'delete-tag' ? (tags[0] ?? null) : null)}`
}

function actionKey(action: Action): string {
  const tag = action.kind === 'delete-tag' ? action.tag : null
  return `${action.kind} ${unitKey(action.repository, action.digest, tag)}`
}

describe('the plan and a second reading of the documentation', () => {
  test('agree on every decision, every action and the limits', () => {
    fc.assert(
      fc.property(policies(), inventories, (policy, inventory) => {
        const oracle = consult(policy, inventory, NOW)
        const assembled = planOf(policy, inventory)
        const { plan } = assembled
        expect(productUnits(assembled, oracle)).toEqual(oracleUnits(oracle))
        expect(productActions(assembled, oracle)).toEqual(oracleActions(oracle))
        expect(plan.actions).toHaveLength(oracle.actions.length)
        expect(plan.totals.deletes).toBe(oracle.deletes)
        expect(plan.totals.units).toBe(oracle.units.length)
        expect(plan.complete).toBe(oracle.complete)
        const codes = plan.problems.map(({ code }) => code)
        expect(codes.filter((code) => code === 'limit-exceeded')).toHaveLength(oracle.overLimits.length)
        expect(codes.includes('incomplete')).toBe(!oracle.complete)
        expect(plan.applyable).toBe(plan.problems.length === 0 && plan.actions.length > 0)
      }),
      { numRuns: 1000 },
    )
  })
})
