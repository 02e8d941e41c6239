import { describe, expect, test } from '@jest/globals'
import { createHash } from 'node:crypto'
import { planId, sha256 } from '../../src/plan/id.ts'
import { PLAN_FORMAT, type Action, type Plan } from '../../src/plan/types.ts'
import { canonicalJson } from '../../src/shared/canonical-json.ts'
import { digest } from './unit-of.ts'

type Identity = Pick<Plan, 'format' | 'harbor' | 'policy' | 'actions'>

const DELETE: Action = {
  kind: 'delete-artifact',
  repository: 'team-a/web',
  digest: digest('a'),
  tags: ['pr-1', 'pr-2'],
  children: [digest('b')],
  accessories: [],
  size: 1000,
  pushed: '2026-01-01T00:00:00.000Z',
  pulled: null,
  rule: 'pull requests \u{1F600}',
  reason: 'always',
}

const IDENTITY: Identity = {
  format: PLAN_FORMAT,
  harbor: { url: 'https://harbor.example', version: 'v2.15.1' },
  policy: { path: '.github/harbor-dredge.yml', digest: digest('c') },
  actions: [
    DELETE,
    {
      kind: 'delete-tag',
      repository: 'team-a/web',
      digest: digest('d'),
      tag: 'x',
      rule: 'r',
      reason: 'always',
    },
  ],
}

/** The identity as it is documented: over the canonical JSON of the whole. */
function documented({ format, harbor, policy, actions }: Identity): string {
  const json = canonicalJson({
    format,
    harbor: { url: harbor.url },
    policy: { digest: policy.digest },
    actions,
  })
  return `sha256:${createHash('sha256').update(json, 'utf8').digest('hex')}`
}

/** The identity with something else in the place of its first action's field. */
function withFirst(fields: Readonly<Record<string, unknown>>): Identity {
  return { ...IDENTITY, actions: [Object.assign({}, DELETE, fields), ...IDENTITY.actions.slice(1)] }
}

describe('planId', () => {
  test('is the digest of the canonical JSON, as it is documented', () => {
    expect(planId(IDENTITY)).toBe(documented(IDENTITY))
    expect(planId({ ...IDENTITY, actions: [] })).toBe(documented({ ...IDENTITY, actions: [] }))
  })

  test('is that also of a plan that is longer than what is hashed in one piece', () => {
    const actions = Array.from({ length: 3000 }, (_, index): Action => ({
      ...DELETE,
      size: index,
      rule: `\u00E9${index}`,
    }))
    expect(planId({ ...IDENTITY, actions })).toBe(documented({ ...IDENTITY, actions }))
  })

  // What whoever approves a plan approves.
  test.each<[what: string, other: Identity]>([
    ['another Harbor', { ...IDENTITY, harbor: { ...IDENTITY.harbor, url: 'https://other.example' } }],
    ['another policy', { ...IDENTITY, policy: { ...IDENTITY.policy, digest: digest('e') } }],
    ['one action less', { ...IDENTITY, actions: IDENTITY.actions.slice(1) }],
    ['the actions in another order', { ...IDENTITY, actions: IDENTITY.actions.toReversed() }],
    ['another repository', withFirst({ repository: 'team-a/we' })],
    ['another digest', withFirst({ digest: digest('f') })],
    ['one tag more', withFirst({ tags: ['pr-1', 'pr-2', 'v1'] })],
    ['one child more', withFirst({ children: [digest('b'), digest('f')] })],
    ['an accessory', withFirst({ accessories: [digest('f')] })],
    ['a pull', withFirst({ pulled: '2026-01-02T00:00:00.000Z' })],
    ['a copy before it', withFirst({ after: 'team-a/web@sha256:x' })],
    ['another rule', withFirst({ rule: 'r' })],
    ['another reason', withFirst({ reason: 'pushed 15d ago (not-pushed-for 14d)' })],
  ])('is another for %s', (_, other) => {
    expect(planId(other)).not.toBe(planId(IDENTITY))
    expect(planId(other)).toBe(documented(other))
  })

  // What doesn't change what is done.
  test.each<[what: string, other: Identity]>([
    ['another version of Harbor', { ...IDENTITY, harbor: { ...IDENTITY.harbor, version: 'v2.16.0' } }],
    ['the same policy elsewhere', { ...IDENTITY, policy: { ...IDENTITY.policy, path: 'policy.yml' } }],
    ['fields in another order', withFirst(Object.fromEntries(Object.entries(DELETE).toReversed()))],
  ])('is the same for %s', (_, other) => {
    expect(planId(other)).toBe(planId(IDENTITY))
  })
})

test('sha256 is of a text in UTF-8, or of bytes', () => {
  const empty = 'sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
  expect([sha256(''), sha256(new Uint8Array())]).toEqual([empty, empty])
  expect(sha256('\u00E9')).toBe(sha256(Buffer.from([0xc3, 0xa9])))
})
