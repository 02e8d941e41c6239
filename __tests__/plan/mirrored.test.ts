// A plan held against what the mirror has: its actions stay, and each copy is told how it stands there.
import { describe, expect, test } from '@jest/globals'
import { changesOf, withMirror, type Seen } from '../../src/plan/mirrored.ts'
import type { Plan } from '../../src/plan/types.ts'
import type { Mirror } from '../../src/policy/types.ts'
import { planOf } from './plan-of.ts'
import { digest, image, registry, signature } from './registry.ts'

const REPOSITORY = 'team-a/web'
const INVENTORY = registry({
  [REPOSITORY]: [
    image('a', { tags: ['v1', 'v2'], size: 5000, accessories: [signature('b')] }),
    image('c', { tags: ['pr-1'] }),
  ],
})
const POLICY = `version: 1
rules:
  - { name: releases, select: { tags: ["v*"] }, copy: always }
  - { name: builds, select: { tags: ["pr-*"] }, delete: always }
limits: { keep-per-repository: 0, max-delete-percent: 100 }
`
const A = digest('a')
const OTHER = digest('f')

interface Traits {
  readonly tags?: readonly (readonly [string, string | null])[]
  readonly image?: boolean
  readonly accessories?: 'hangs' | 'missing' | 'taken'
  readonly immutable?: readonly string[]
}

function seen({ tags = [], image: isThere = false, accessories = 'missing', immutable = [] }: Traits): Seen {
  return { tags: new Map(tags), image: isThere, accessories, immutable }
}

function held(found: Seen | undefined, overwrite: Mirror['overwrite'] = 'never'): Plan {
  const { plan } = planOf(POLICY, INVENTORY)
  const all = new Map(found === undefined ? [] : [[`${REPOSITORY}@${A}`, found]])
  return withMirror(plan, INVENTORY, { url: 'https://mirror.example', overwrite, seen: all })
}

const NOWHERE = seen({
  tags: [
    ['v1', null],
    ['v2', null],
  ],
})
const BOTH = {
  tags: [
    ['v1', A],
    ['v2', A],
  ],
  image: true,
} as const
const MOVED = {
  tags: [
    ['v1', OTHER],
    ['v2', null],
  ],
} as const

describe('a copy at the mirror', () => {
  test.each<
    [what: string, found: Seen | undefined, overwrite: Mirror['overwrite'], told: readonly unknown[]]
  >([
    ['is not there', NOWHERE, 'never', ['new', 5100]],
    [
      'lacks a tag',
      seen({
        tags: [
          ['v1', A],
          ['v2', null],
        ],
        image: true,
        accessories: 'hangs',
      }),
      'never',
      ['new', 0],
    ],
    ['lacks a signature', seen(BOTH), 'never', ['new', 100]],
    ['has another signature', seen({ ...BOTH, accessories: 'taken' }), 'never', ['update', 0]],
    [
      'has another signature, which makes room',
      seen({ ...BOTH, accessories: 'taken' }),
      'always',
      ['update', 100],
    ],
    ['is there', seen({ ...BOTH, accessories: 'hangs' }), 'never', ['same', 0]],
    ['has another under its tag, which is left', seen(MOVED), 'never', ['update', 0]],
    ['has another under its tag, which fails', seen(MOVED), 'fail', ['update', 0]],
    ['has another under its tag, which is moved', seen(MOVED), 'always', ['update', 5100]],
    ['has another under its tag for good', seen({ ...MOVED, immutable: ['v1'] }), 'always', ['blocked', 0]],
    ['could not be seen', { why: 'no answer' }, 'always', ['unknown', 5100]],
    ['was not looked at', undefined, 'always', ['unknown', 5100]],
  ])('%s', (_what, found, overwrite, told) => {
    const plan = held(found, overwrite)
    expect(plan.targets.map(({ state, bytes }) => [state, bytes])).toEqual([told])
    const { new: added, update, same, blocked, unknown } = plan.mirror ?? {}
    expect({ new: added, update, same, blocked, unknown }[String(told[0])]).toBe(1)
    expect((added ?? 0) + (update ?? 0) + (same ?? 0) + (blocked ?? 0) + (unknown ?? 0)).toBe(1)
    expect(plan.totals.copyBytes).toBe(told[1])
  })

  test('tells what its tags stand on', () => {
    expect(held(seen(MOVED)).targets[0]?.tags).toEqual({ v1: OTHER, v2: null })
  })
})

test('a plan that was not held against a mirror counts all bytes, and says nothing of it', () => {
  const { plan } = planOf(POLICY, INVENTORY)
  expect([plan.mirror, plan.targets, plan.totals.copyBytes]).toEqual([null, [], 5100])
})

test.each([NOWHERE, seen(MOVED), seen({ ...BOTH, accessories: 'hangs' }), { why: 'no answer' }])(
  'actions, id and whether it can be applied are the same whatever is there: %#',
  (found) => {
    const { plan } = planOf(POLICY, INVENTORY)
    const { mirror, targets, totals, ...rest } = held(found)
    expect({ ...rest, mirror: null, targets: [], totals: { ...totals, copyBytes: 5100 } }).toEqual(plan)
    expect(mirror?.url).toBe('https://mirror.example')
    expect(targets).toHaveLength(1)
  },
)

test.each<[found: Seen, overwrite: Mirror['overwrite'], changes: number]>([
  [NOWHERE, 'never', 2],
  [seen({ ...BOTH, accessories: 'hangs' }), 'never', 1],
  [seen(MOVED), 'never', 1],
  // Somebody has to look at it.
  [seen(MOVED), 'fail', 2],
  [seen(MOVED), 'always', 2],
  [seen({ ...MOVED, immutable: ['v1'] }), 'always', 2],
  // A list of referrers, which an apply leaves as it leaves any other tag.
  [seen({ ...MOVED, immutable: ['v1'] }), 'never', 1],
  [{ why: 'no answer' }, 'never', 2],
])('what nothing comes of is no change: %#', (found, overwrite, changes) => {
  expect(changesOf(held(found, overwrite))).toBe(changes)
})
