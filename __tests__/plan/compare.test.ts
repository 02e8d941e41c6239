import { describe, expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import type { Inventory } from '../../src/inventory/types.ts'
import type { Assembled } from '../../src/plan/assemble.ts'
import { comparePlans } from '../../src/plan/compare.ts'
import type { ChangeKind, Effect } from '../../src/plan/effect.ts'
import { goingDigests } from '../../src/plan/reclaim.ts'
import type { Action, DeleteArtifact } from '../../src/plan/types.ts'
import { decisionOf, entryOf } from '../../src/plan/verdict.ts'
import { inventories } from '../oracle/arbitrary.ts'
import { policies, policyText } from '../oracle/arbitrary-policy.ts'
import { unitKey } from '../oracle/units.ts'
import { circumstances, planOf, policyOf } from './plan-of.ts'
import { about, image, registry } from './registry.ts'

const RUNS = { numRuns: 300 }

function effectOf(after: string, before: string, inventory: Inventory): Effect {
  const former = { policy: policyOf(before), inventory }
  return comparePlans(planOf(after, inventory), former, circumstances()).effect
}

/** What an effect says, a line each: `deleted by r: a/x v1 v2 (whole)`. */
function told({ groups }: Effect): string[] {
  return groups.flatMap(({ kind, rule, instead, changes }) =>
    changes.map(({ repository, tags, artifact, whole }) => {
      const names = tags.length === 0 ? artifact.digest.charAt(7) : tags.map(({ name }) => name).join(' ')
      const by = instead === undefined ? rule.name : `${rule.name} instead of ${instead.name}`
      return `${kind} by ${by}: ${repository} ${names}${whole ? ' (whole)' : ''}`
    }),
  )
}

function policy(rules: readonly string[], more: readonly string[] = []): string {
  return [
    'version: 1',
    'rules:',
    ...rules.map((rule) => `  - ${rule}`),
    'limits: { keep-per-repository: 0, max-delete-percent: 100 }',
    ...more,
    '',
  ].join('\n')
}

const PRS = '{ name: prs, select: { tags: ["pr-*"] }, delete: always }'
const OLD = '{ name: old, select: { tags: ["**"] }, delete: { not-pushed-for: 50d } }'

describe('by brute force', () => {
  interface Decided {
    readonly decision: string
    readonly rule: string | undefined
  }

  function decisions({ repositories }: Assembled): Map<string, Decided> {
    return new Map(
      repositories.flatMap(({ name, units }) =>
        units.map(({ artifact, tag, verdict }) => [
          unitKey(name, artifact.digest, tag?.name ?? null),
          { decision: decisionOf(verdict), rule: entryOf(verdict)?.name },
        ]),
      ),
    )
  }

  const goes = (decided: Decided | undefined): boolean =>
    decided?.decision === 'delete' || decided?.decision === 'archive'

  function kindOf(before: Decided | undefined, after: Decided | undefined): ChangeKind | undefined {
    if (goes(before) !== goes(after)) return goes(after) ? 'deleted' : 'rescued'
    if (!goes(after)) return undefined
    if (before?.decision !== after?.decision) return after?.decision === 'archive' ? 'archived' : 'uncopied'
    return before?.rule === after?.rule ? undefined : 'other-rule'
  }

  /** Every unit that changes, with the kind and the rule. */
  function expected(after: Assembled, before: Assembled): string[] {
    const [now, then] = [decisions(after), decisions(before)]
    return [...new Set([...now.keys(), ...then.keys()])].flatMap((key) => {
      const kind = kindOf(then.get(key), now.get(key))
      const rule = kind === 'rescued' ? then.get(key)?.rule : now.get(key)?.rule
      return kind === undefined ? [] : [`${kind} by ${rule ?? ''}: ${key}`]
    })
  }

  function found({ groups }: Effect): string[] {
    return groups.flatMap(({ kind, rule, changes }) =>
      changes
        .filter(({ along }) => along === undefined)
        .flatMap(({ repository, artifact, tags }) =>
          (tags.length === 0 ? [null] : tags.map(({ name }) => name)).map(
            (tag) => `${kind} by ${rule.name}: ${unitKey(repository, artifact.digest, tag)}`,
          ),
        ),
    )
  }

  /** Artifacts that go by the one plan and not by the other, with their size. */
  function wholes(one: Assembled, other: Assembled): Map<string, number> {
    const removals = (actions: readonly Action[]): readonly DeleteArtifact[] =>
      actions.filter((action) => action.kind === 'delete-artifact')
    const key = (removal: DeleteArtifact): string => unitKey(removal.repository, removal.digest, null)
    const others = new Set(removals(other.plan.actions).map(key))
    return new Map(
      removals(one.plan.actions)
        .filter((removal) => !others.has(key(removal)))
        .map((removal) => [key(removal), removal.size]),
    )
  }

  const narrowedTo = (inventory: Inventory, count: number): Inventory => ({
    ...inventory,
    repositories: inventory.repositories.filter((_, index) => (count >> index) % 2 === 0),
  })

  test('every unit that changes is told once, as what it is, and nothing else', () => {
    fc.assert(
      fc.property(policies(), policies(), fc.nat(7), fc.nat(7), inventories, (...all) => {
        const [edited, former, scope, formerScope, whole] = all
        const [inventory, read] = [narrowedTo(whole, scope), narrowedTo(whole, formerScope)]
        const [after, before] = [planOf(edited, inventory), planOf(former, read)]
        const compared = comparePlans(
          after,
          { policy: policyOf(policyText(former)), inventory: read },
          circumstances(),
        )
        const { effect } = compared
        expect(found(effect).toSorted()).toEqual(expected(after, before).toSorted())
        for (const { units, changes, kind } of effect.groups) {
          const own = changes.filter(({ along }) => along === undefined)
          expect(units).toBe(own.reduce((sum, { tags }) => sum + Math.max(1, tags.length), 0))
          if (kind === 'other-rule') continue
          expect(own.every((change) => change.before !== change.after)).toBe(true)
        }
        // The plan before, though none of it was held.
        const { problems, totals, complete, applyable } = before.plan
        expect(effect.before).toEqual({ problems, totals, complete, applyable })
        expect(compared.going).toEqual(goingDigests(before.plan.actions))
      }),
      RUNS,
    )
  })

  test('every artifact that goes now, or does no more, is told once, with its size', () => {
    fc.assert(
      fc.property(policies(), policies(), inventories, (edited, former, inventory) => {
        const [after, before] = [planOf(edited, inventory), planOf(former, inventory)]
        const { effect } = comparePlans(
          after,
          { policy: policyOf(policyText(former)), inventory },
          circumstances(),
        )
        for (const [kind, sizes] of [
          ['deleted', wholes(after, before)],
          ['rescued', wholes(before, after)],
        ] as const) {
          const groups = effect.groups.filter((group) => group.kind === kind)
          const changes = groups.flatMap((group) => group.changes).filter(({ whole }) => whole)
          expect(
            changes.map(({ repository, artifact }) => unitKey(repository, artifact.digest, null)).toSorted(),
          ).toEqual([...sizes.keys()].toSorted())
          const bytes = [...sizes.values()].reduce((sum, size) => sum + size, 0)
          expect(groups.reduce((sum, group) => sum + group.bytes, 0)).toBe(bytes)
        }
      }),
      RUNS,
    )
  })

  test('an edit that changes nothing has no effect', () => {
    fc.assert(
      fc.property(policies(), inventories, (written, inventory) => {
        const { groups, copies, staying, dead } = effectOf(
          policyText(written),
          policyText(written),
          inventory,
        )
        expect([groups, copies, staying, dead]).toEqual([[], { added: [], removed: [] }, 0, []])
      }),
      RUNS,
    )
  })
})

describe('what an edit does', () => {
  const WEB = registry({
    'a/web': [
      image('a', { tags: ['pr-1', 'x'] }),
      image('b', { tags: ['pr-2'] }),
      image('c', { tags: ['y'], pushed: 10 }),
    ],
  })

  test('to tags of an artifact that stays, and to whole artifacts', () => {
    const effect = effectOf(
      policy([PRS]),
      policy(['{ name: none, select: { tags: [z] }, delete: always }']),
      WEB,
    )
    expect(told(effect)).toEqual(['deleted by prs: a/web pr-1', 'deleted by prs: a/web pr-2 (whole)'])
    expect(effect.groups.map(({ units, bytes }) => [units, bytes])).toEqual([[2, 1000]])
  })

  test('to tags of one artifact by two rules: the whole is told with the first of them', () => {
    const x = '{ name: x, select: { tags: [x] }, delete: always }'
    const none = '{ name: none, select: { tags: [z] }, delete: always }'
    expect(told(effectOf(policy([x, PRS]), policy([none]), WEB))).toEqual([
      'deleted by x: a/web x (whole)',
      'deleted by prs: a/web pr-1',
      'deleted by prs: a/web pr-2 (whole)',
    ])
  })

  test('to what goes by another rule, and to what stays for another reason', () => {
    const protection = 'protect: [{ name: kept, tags: [y] }]'
    const effect = effectOf(policy([PRS, OLD], [protection]), policy([OLD]), WEB)
    expect(told(effect)).toEqual([
      'other-rule by prs instead of old: a/web pr-1',
      'other-rule by prs instead of old: a/web pr-2',
    ])
    expect(effect.staying).toBe(1)
  })

  test('to what was copied before it went, or is from now on', () => {
    const archived = PRS.replace('delete:', 'archive:')
    const [bare, first] = [
      effectOf(policy([PRS]), policy([archived]), WEB),
      effectOf(policy([archived]), policy([PRS]), WEB),
    ]
    expect(told(bare)).toEqual(['uncopied by prs: a/web pr-1', 'uncopied by prs: a/web pr-2'])
    expect(told(first)).toEqual(['archived by prs: a/web pr-1', 'archived by prs: a/web pr-2'])
    // The copies that they wait for are no other change.
    expect([bare.copies, first.copies]).toEqual([
      { added: [], removed: [] },
      { added: [], removed: [] },
    ])
    const copied = PRS.replace('delete:', 'copy:')
    const leaving = effectOf(policy([archived]), policy([copied]), WEB)
    expect([told(leaving).length, leaving.copies]).toEqual([2, { added: [], removed: [] }])
  })

  test('to copies: new ones, ones under another name, and those of one tag more', () => {
    const copying = (tags: string, more: readonly string[] = []): string =>
      policy([`{ name: c, select: { tags: [${tags}] }, copy: always }`], more)
    const counts = (after: string, before: string): readonly [number, number] => {
      const { added, removed } = effectOf(after, before, WEB).copies
      return [added.length, removed.length]
    }
    expect(counts(copying('pr-1'), copying('y'))).toEqual([1, 1])
    expect(counts(copying('pr-1, x'), copying('x'))).toEqual([1, 0])
    expect(counts(copying('x'), copying('pr-1, x'))).toEqual([0, 1])
    const elsewhere = 'mirror: { replace: [{ from: "^a/", to: "b/" }] }'
    expect(counts(copying('x', [elsewhere]), copying('x'))).toEqual([1, 1])
  })

  // An index's tag is protected no more: its child, whose own tag goes anyway, goes as a whole.
  test('to artifacts that go because of others', () => {
    const inventory = registry({
      'a/web': [
        image('1', { tags: ['v1'], children: '2' }),
        image('2', { tags: ['pr-child'] }),
        image('3', { tags: [about('1', 'att')] }),
      ],
    })
    const versions = '{ name: versions, select: { tags: ["v*"] }, delete: always }'
    const effect = effectOf(policy([PRS, versions]), policy([PRS]), inventory)
    const lines = told(effect)
    expect(lines).toContain('deleted by versions: a/web v1 (whole)')
    expect(lines).toContain('deleted by prs: a/web pr-child (whole)')
    expect(lines.filter((line) => line.includes('.att (whole)'))).toHaveLength(1)
    expect(effect.groups.map(({ rule, units, bytes }) => [rule.name, units, bytes])).toEqual([
      ['prs', 0, 1000],
      ['versions', 1, 2000],
    ])
    const along = effect.groups
      .flatMap(({ changes }) => changes)
      .filter((change) => change.along !== undefined)
    expect(along.map((change) => change.along)).toEqual([
      'always',
      expect.stringMatching(/^belongs to sha256:1+, which goes$/),
    ])
  })

  test('to repositories that come into scope, and that leave it', () => {
    const inventory = registry({
      'a/web': [image('a', { tags: ['pr-1'] })],
      'b/web': [image('b', { tags: ['pr-2'] })],
    })
    const [first, second] = inventory.repositories.map((repository) => ({
      ...inventory,
      repositories: [repository],
    }))
    if (first === undefined || second === undefined) throw new Error('two repositories')
    const { effect } = comparePlans(
      planOf(policy([PRS]), second),
      { policy: policyOf(policy([PRS])), inventory: first },
      circumstances(),
    )
    expect(told(effect)).toEqual(['deleted by prs: b/web pr-2 (whole)', 'rescued by prs: a/web pr-1 (whole)'])
    const verdicts = effect.groups.flatMap(({ changes }) =>
      changes.map(({ before, after }) => [before?.code, after?.code]),
    )
    expect(verdicts).toEqual([
      [undefined, 'delete'],
      ['delete', undefined],
    ])
  })

  test('that adds the policy, or removes it', () => {
    const added = comparePlans(planOf(policy([PRS]), WEB), undefined, circumstances())
    expect(told(added.effect)).toEqual(['deleted by prs: a/web pr-1', 'deleted by prs: a/web pr-2 (whole)'])
    expect([added.effect.before, [...added.going]]).toEqual([undefined, []])
    const former = { policy: policyOf(policy([PRS])), inventory: WEB }
    const removed = comparePlans(undefined, former, circumstances())
    expect(told(removed.effect)).toEqual(['rescued by prs: a/web pr-1', 'rescued by prs: a/web pr-2 (whole)'])
    expect(comparePlans(undefined, undefined, circumstances()).effect.groups).toEqual([])
  })

  test('to rules and protections that match nothing any more', () => {
    const dead = '{ name: dead, select: { tags: [z] }, delete: always }'
    const never = '{ name: never, select: { tags: [z] }, delete: always }'
    const protection = 'protect: [{ name: kept, tags: [q] }]'
    const before = policy([PRS, never])
    const after = policy([PRS.replace('pr-*', 'PR-*'), never, dead], [protection])
    expect(effectOf(after, before, WEB).dead.map(({ name, line }) => [name, line])).toEqual([
      ['prs', 3],
      ['dead', 5],
      ['kept', 7],
    ])
    // One that has come alive is none.
    expect(effectOf(before, after, WEB).dead).toEqual([])
  })

  test('to whether the plan can be applied', () => {
    const limited = policy([PRS]).replace('keep-per-repository: 0', 'keep-per-repository: 0, max-deletes: 1')
    const { before } = effectOf(policy([PRS]), limited, WEB)
    expect([before?.applyable, before?.problems.map(({ code }) => code)]).toEqual([false, ['limit-exceeded']])
    expect(effectOf(limited, policy([PRS]), WEB).before?.applyable).toBe(true)
  })
})

// What is read a second time for one policy alone can show tags that weren't seen the first time.
test('what came or went between readings is no effect of the edit', () => {
  const [read, again] = [
    registry({ 'a/web': [image('a', { tags: ['pr-1'] }), image('b', { tags: ['y'] })] }),
    registry({ 'a/web': [image('a', { tags: ['pr-1', 'pr-2'] })] }),
  ]
  const { effect } = comparePlans(
    planOf(policy([PRS.replace('pr-*', 'z'), '{ name: y, select: { tags: [y] }, delete: always }']), read),
    { policy: policyOf(policy([PRS])), inventory: again },
    circumstances(),
  )
  expect(told(effect)).toEqual(['rescued by prs: a/web pr-1 (whole)'])
})

test('a repository of many units is gone through without looking each up among all', () => {
  const count = 20_000
  const artifacts = Array.from({ length: count }, (_, index) => ({
    ...image('a', { tags: [`pr-${index}`] }),
    digest: `sha256:${index.toString(16).padStart(64, '0')}`,
  }))
  const inventory = registry({ 'a/web': artifacts })
  const none = policy(['{ name: none, select: { tags: [z] }, delete: always }'])
  const started = performance.now()
  const { groups } = effectOf(policy([PRS]), none, inventory)
  const elapsed = performance.now() - started
  expect(groups.map(({ units }) => units)).toEqual([count])
  const again = performance.now()
  planOf(policy([PRS]), inventory)
  planOf(none, inventory)
  // Deciding twice is in it.
  expect(elapsed).toBeLessThan(10 * (performance.now() - again) + 500)
})
