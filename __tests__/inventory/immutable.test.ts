// Immutable rules, against what Harbor's own pattern library (github.com/bmatcuk/doublestar v1.3.4) answers.
import { describe, expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import * as v from 'valibot'
import { immutableRule } from '../../src/harbor/schemas.ts'
import { compileImmutability, type Immutability, type ImmutableRule } from '../../src/inventory/immutable.ts'
import { isRecord, parseJson } from '../../stand-in/state/json.ts'

/** A rule as Harbor keeps it: repositories and tags by a decoration and a pattern each. */
function rule(repositories: string, tags: string, others: Partial<ImmutableRule> = {}): ImmutableRule {
  const selector = (written: string): { kind: string; decoration: string; pattern: string } => {
    const space = written.indexOf(' ')
    return { kind: 'doublestar', decoration: written.slice(0, space), pattern: written.slice(space + 1) }
  }
  return {
    disabled: false,
    scope_selectors: { repository: [selector(repositories)] },
    tag_selectors: [selector(tags)],
    ...others,
  }
}

interface Answers {
  readonly names: readonly string[]
  /** Of each pattern a character for each name: 1 matches, 0 does not, ! is an error. */
  readonly patterns: Readonly<Record<string, string>>
}

const { names, patterns } = parseJson<Answers>(
  readFileSync('__tests__/fixtures/harbor/doublestar.json', 'utf8'),
)

const EVERY_PATTERN = Object.entries(patterns)

/** Patterns that Harbor's library refuses at some point, or reads in a way of its own. */
const NOT_TOLD = new Set([
  '{a,b',
  '[]',
  '[a',
  '[]a]',
  '[a-]',
  'a\\',
  '',
  '{**,a}',
  '{**/a,b}',
  '{a,**}',
  'a\\/b',
  '{web/**,api}',
])

describe.each(EVERY_PATTERN)('the pattern %j', (pattern, answers) => {
  const isTold = !NOT_TOLD.has(pattern)
  const known = answers.split('').map((answer) => (isTold ? answer === '1' : null))
  const excluded = known.map((answer) => (answer === null ? null : !answer))

  function statuses(immutability: Immutability): (boolean | null)[] {
    return names.map((name) => immutability('team-a/api', name))
  }

  test(isTold ? 'matches what the library matches' : 'is not told', () => {
    // The library's own answer to the empty pattern and to errors is never "does not match".
    if (isTold) expect(answers).not.toContain('!')
    expect(statuses(compileImmutability([rule('repoMatches **', `matches ${pattern}`)]))).toEqual(known)
  })

  test('excluding takes the others', () => {
    expect(statuses(compileImmutability([rule('repoMatches **', `excludes ${pattern}`)]))).toEqual(excluded)
  })

  test('of repositories goes by the name without the project', () => {
    const immutability = compileImmutability([rule(`repoMatches ${pattern}`, 'matches **')])
    expect(names.map((name) => immutability(`team-a/${name}`, 'v1'))).toEqual(known)
  })
})

describe('rules', () => {
  const UNKNOWN = rule('repoMatches **', 'matches [')

  // Rules, a repository and a tag, and whether the tag is immutable; null: that can't be told.
  test.each<[what: string, rules: readonly ImmutableRule[], immutable: boolean | null]>([
    ['no rule', [], false],
    ['a rule for the tag', [rule('repoMatches **', 'matches v*')], true],
    ['a rule for other tags', [rule('repoMatches **', 'matches x*')], false],
    ['a rule for all but this tag', [rule('repoMatches **', 'excludes v*')], false],
    ['a rule for all but others', [rule('repoMatches **', 'excludes x*')], true],
    ['a rule for other repositories', [rule('repoMatches x', 'matches **')], false],
    ['a rule for this repository', [rule('repoMatches web/*', 'matches **')], true],
    [
      'a rule by the full name, which is not what is matched',
      [rule('repoMatches team-a/**', 'matches **')],
      false,
    ],
    ['a rule for all but this repository', [rule('repoExcludes web/**', 'matches **')], false],
    ['a rule for all but other repositories', [rule('repoExcludes x', 'matches **')], true],
    ['a disabled rule', [rule('repoMatches **', 'matches **', { disabled: true })], false],
    ['a disabled rule that cannot be told', [{ ...UNKNOWN, disabled: true }], false],
    [
      'the second of two rules',
      [rule('repoMatches x', 'matches **'), rule('repoMatches **', 'matches v1')],
      true,
    ],
    ['a rule that cannot be told', [UNKNOWN], null],
    ['one that cannot be told, and one that matches', [UNKNOWN, rule('repoMatches **', 'matches v1')], true],
    [
      'one that cannot be told, and one that does not match',
      [UNKNOWN, rule('repoMatches **', 'matches x')],
      null,
    ],
    ['one that cannot be told, for other repositories', [rule('repoMatches x', 'matches [')], false],
    ['one whose repositories cannot be told, for other tags', [rule('repoMatches [', 'matches x')], false],
    ['one whose repositories cannot be told, for this tag', [rule('repoMatches [', 'matches v1')], null],
    // What this version doesn't know, a later Harbor may.
    ['an unknown decoration', [rule('repoMatches **', 'nsMatches v*')], null],
    ['an unknown decoration of repositories', [rule('matches **', 'matches v*')], null],
    [
      'an unknown kind',
      [
        rule('repoMatches **', 'matches **', {
          tag_selectors: [{ kind: 'regex', decoration: 'matches', pattern: 'v' }],
        }),
      ],
      null,
    ],
    // Harbor goes on to the next rule where a selector is missing.
    ['no selector of repositories', [rule('', 'matches **', { scope_selectors: {} })], false],
    ['an empty list of selectors', [rule('repoMatches **', '', { tag_selectors: [] })], false],
    [
      'a scope of something else',
      [
        rule('', 'matches **', {
          scope_selectors: { project: [{ kind: 'doublestar', decoration: 'repoMatches', pattern: '**' }] },
        }),
      ],
      false,
    ],
  ])('%s', (_, rules, immutable) => {
    expect(compileImmutability(rules)('team-a/web/app', 'v1')).toBe(immutable)
  })

  test('of each rule only the first selectors count, as in Harbor', () => {
    const [first, second] = ['x*', 'v*'].map((pattern) => ({
      kind: 'doublestar',
      decoration: 'matches',
      pattern,
    }))
    if (first === undefined || second === undefined) throw new Error('two selectors')
    const immutability = compileImmutability([rule('repoMatches **', '', { tag_selectors: [first, second] })])
    expect([immutability('a/b', 'x1'), immutability('a/b', 'v1')]).toEqual([true, false])
  })

  test('recorded from a real Harbor', () => {
    const file = '__tests__/fixtures/harbor/recordings/057-immutable-rules.json'
    const recording: unknown = parseJson<unknown>(readFileSync(file, 'utf8'))
    const body = isRecord(recording) && isRecord(recording['response']) ? recording['response']['body'] : []
    const immutability = compileImmutability(v.parse(v.array(immutableRule), body))
    expect(
      ['release-1', 'release-', 'nightly-1', 'release'].map((tag) => immutability('team-b/base', tag)),
    ).toEqual([true, true, false, false])
  })
})
