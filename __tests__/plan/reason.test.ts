import { readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { copyReason, HOLDS, reasonOf } from '../../src/plan/reason.ts'
import type { Unit } from '../../src/plan/unit.ts'
import type { Verdict } from '../../src/plan/verdict.ts'
import { NOW } from '../oracle/arbitrary.ts'
import { planOf, policyOf } from './plan-of.ts'
import { BARE, image, registry } from './registry.ts'
import { daysAgo, ruleOf, taggedUnit, untaggedUnit } from './unit-of.ts'

/** What is said of a unit with a verdict. */
function said(
  verdict: Verdict,
  unit: Unit = taggedUnit('v1', { pushed: daysAgo(20), created: daysAgo(25) }),
): string {
  unit.propose({ code: 'immutable' })
  unit.verdict = verdict
  return reasonOf(unit, NOW)
}

function condition(written: string): NonNullable<ReturnType<typeof ruleOf>['delete']>[number] {
  const [first] = ruleOf('{ tags: ["**"] }', `delete: { ${written} }`).delete ?? []
  if (first === undefined) throw new Error('a condition')
  return first
}

describe('what is built in', () => {
  test.each<[verdict: Verdict, words: string]>([
    [{ code: 'immutable' }, 'an immutable rule of its project matches the tag'],
    [{ code: 'immutable-unknown' }, 'whether the tag is immutable could not be read'],
    [{ code: 'grace', grace: 86_400_000 }, 'pushed 20d ago (grace 1d)'],
    [{ code: 'keep-per-repository', rank: 2, of: 3 }, 'image 2 of the newest 3 of its repository'],
    [{ code: 'no-rule' }, 'no rule says otherwise'],
    [{ code: 'held' }, 'what belongs to it has a tag of its own, or could not be read'],
    [{ code: 'held-index' }, 'an index hangs on it, and Harbor would delete what that index holds, too'],
    [{ code: 'held-part' }, 'an index that hangs on another artifact holds it'],
  ])('%j', (verdict, words) => {
    expect(said(verdict)).toBe(words)
  })

  test.each(Object.entries(HOLDS))('%s is in the documentation, by code and in words', (code, words) => {
    const document = readFileSync('docs/policy.md', 'utf8')
    for (const written of [code, words]) expect(document).toContain(`| \`${written}\` `)
  })

  test('a push that is still to come, by our clock', () => {
    expect(said({ code: 'grace', grace: 3_600_000 }, taggedUnit('v1', { pushed: NOW + 90_000 }))).toBe(
      'pushed 1m later (grace 1h)',
    )
  })
})

describe('a protection', () => {
  // What it says, and what is said of what it protects.
  test.each([
    ['tags: ["v*"]', 'selected by tag'],
    ['tags: ["v*"], labels: [keep]', 'selected by tag and label'],
    ['pulled-within: 30d', 'never pulled, pushed 20d ago (pulled-within 30d)'],
    [
      'tags: ["v*"], pushed-within: 90d, pulled-within: 30d',
      'selected by tag; pushed 20d ago (pushed-within 90d); never pulled, pushed 20d ago (pulled-within 30d)',
    ],
    ['severity-at-least: High', 'severity not read (severity-at-least High)'],
    ['untagged: true, size: ">1GB"', 'selected by kind and size'],
  ])('%s: %s', (written, words) => {
    const policy = policyOf(
      `version: 1\nrules: [{ name: a, select: { tags: ["**"] }, copy: always }]\nprotect: [{ name: p, ${written} }]\n`,
    )
    const [protection] = policy.protect
    if (protection === undefined) throw new Error('a protection')
    expect(said({ code: 'protect', by: protection })).toBe(words)
  })
})

describe('a rule', () => {
  const ALL = '{ tags: ["**"] }'

  // The rule from `keep` on, and what is said of a tag that it deletes.
  test.each<[lines: readonly string[], words: string]>([
    [['delete: always'], 'always'],
    [['delete: { not-pushed-for: 14d }'], 'pushed 20d ago (not-pushed-for 14d)'],
    [
      ['delete: { not-pushed-for: 14d, not-pulled-for: 2w, not-created-for: 1d }'],
      'pushed 20d ago (not-pushed-for 14d); never pulled, pushed 20d ago (not-pulled-for 2w); built 25d ago (not-created-for 1d)',
    ],
    [['keep: { newest: 3 }', 'delete: always'], 'not among the newest 3 by pushed'],
    [
      ['keep: { newest: 1, per: minor, by: semver }', 'delete: { not-pushed-for: 14d }'],
      'not among the newest 1 per minor by semver; pushed 20d ago (not-pushed-for 14d)',
    ],
    [
      [String.raw`keep: { newest: 1, per: '/^pr-(\d+)/' }`, 'delete: always'],
      String.raw`not among the newest 1 per /^pr-(\d+)/ by pushed`,
    ],
    [['keep: { pushed-within: 1d }', 'delete: always'], 'always'],
  ])('%j: %s', (lines, words) => {
    expect(said({ code: 'delete', by: ruleOf(ALL, ...lines) })).toBe(words)
  })

  test('that archives says what is due for that', () => {
    const rule = ruleOf(ALL, 'archive: { not-pushed-for: 7d }', 'delete: { not-pushed-for: 90d }')
    expect(said({ code: 'archive', by: rule })).toBe('pushed 20d ago (not-pushed-for 7d)')
  })

  test('that is not due says what is in the way, value and bound', () => {
    const by = ruleOf(ALL, 'delete: { not-pulled-for: 90d }')
    const pulled = taggedUnit('v1', { pushed: daysAgo(20), pulled: daysAgo(5) })
    expect(said({ code: 'not-due', by, condition: condition('not-pulled-for: 90d') }, pulled)).toBe(
      'not due: pulled 5d ago (not-pulled-for 90d)',
    )
    expect(
      said(
        { code: 'not-due', by, condition: condition('not-created-for: 90d') },
        taggedUnit('v1', { created: null }),
      ),
    ).toBe('not due: build time unknown (not-created-for 90d)')
  })

  test('that keeps by a condition says which', () => {
    const by = ruleOf(ALL, 'keep: { created-within: 30d }', 'delete: always')
    expect(said({ code: 'keep-condition', by, condition: condition('created-within: 30d') })).toBe(
      'built 25d ago (created-within 30d)',
    )
  })

  // How it keeps the newest, the rank and group of an image, and what is said of it.
  test.each([
    ['newest: 3', 2, '', 'image 2 of the newest 3 by pushed'],
    ['newest: 3, per: major', 1, '=2', 'image 1 of the newest 3 per major by pushed in group 2'],
    ['newest: 3, per: major', 1, '', 'image 1 of the newest 3 per major by pushed'],
    [
      'newest: 1, by: created',
      0,
      '',
      'may be among the newest 1 by created: not everything about it is known',
    ],
  ])('that keeps { %s }: rank %p in group %j', (keep, rank, group, words) => {
    const by = ruleOf(ALL, `keep: { ${keep} }`, 'delete: always')
    expect(said({ code: 'keep-newest', by, rank, group })).toBe(words)
  })
})

describe('a pull', () => {
  const by = ruleOf('{ tags: ["**"] }', 'delete: { not-pulled-for: 7d }')

  // Days since the push and the pull, and what is said of it.
  test.each([
    [20, null, 'never pulled, pushed 20d ago (not-pulled-for 7d)'],
    [20, 9, 'pulled 9d ago (not-pulled-for 7d)'],
    [9, 20, 'not pulled since its push 9d ago (not-pulled-for 7d)'],
  ])('pushed %p and pulled %p days ago: %s', (pushed, pulled, words) => {
    const unit = taggedUnit('v1', {
      pushed: daysAgo(pushed),
      pulled: pulled === null ? null : daysAgo(pulled),
    })
    expect(said({ code: 'delete', by }, unit)).toBe(words)
  })
})

describe('copyReason', () => {
  test.each([
    ['copy: always', 'always'],
    ['copy: { not-pushed-for: 7d }', 'pushed 20d ago (not-pushed-for 7d)'],
  ])('of a rule with %s: %s', (line, words) => {
    expect(copyReason(ruleOf('{ tags: ["**"] }', line), untaggedUnit({ pushed: daysAgo(20) }), NOW)).toBe(
      words,
    )
  })

  test('of what is archived: the reason why it goes', () => {
    const { plan } = planOf(
      `version: 1
rules: [{ name: a, select: { tags: ["**"] }, keep: { newest: 1 }, archive: { not-pushed-for: 7d } }]
${BARE}`,
      registry({
        'team-a/web': [image('a', { tags: ['v1'], pushed: 20 }), image('b', { tags: ['v2'], pushed: 9 })],
      }),
    )
    const reason = 'not among the newest 1 by pushed; pushed 20d ago (not-pushed-for 7d)'
    expect(plan.actions.map(({ kind, reason: why }) => [kind, why])).toEqual([
      ['copy', reason],
      ['delete-artifact', reason],
    ])
  })

  test('of a rule that copies later than it archives: what is due, not what is not', () => {
    const { plan } = planOf(
      `version: 1
rules:
  - name: a
    select: { tags: ["**"] }
    archive: { not-pushed-for: 7d }
    copy: { not-pushed-for: 90d }
${BARE}`,
      registry({ 'team-a/web': [image('a', { tags: ['v1'], pushed: 20 })] }),
    )
    expect(plan.actions.find(({ kind }) => kind === 'copy')?.reason).toBe(
      'pushed 20d ago (not-pushed-for 7d)',
    )
  })
})
