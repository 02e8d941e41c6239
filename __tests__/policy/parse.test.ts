import { describe, expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { parse as parseYaml } from 'yaml'
import { DEFAULT_LIMITS } from '../../src/policy/compile.ts'
import { parsePolicy } from '../../src/policy/parse.ts'
import type { Policy } from '../../src/policy/types.ts'
import { EXAMPLE } from './example.ts'
import { ALL_TAGS, problemsOf, withMore, withRule } from './problems.ts'

const [HOUR, DAY] = [3_600_000, 86_400_000]

function policyOf(text: string): Policy {
  const parsed = parsePolicy(text)
  if ('policy' in parsed) return parsed.policy
  throw new Error(JSON.stringify(parsed.problems))
}

/** A policy as data: patterns by what is written, expressions by their source, without what they do. */
function dataOf(text: string): unknown {
  return JSON.parse(JSON.stringify(policyOf(text)))
}

describe('the example policy', () => {
  test('says what is read, and under which names it is copied', () => {
    expect(dataOf(EXAMPLE)).toMatchObject({
      scope: {
        projects: { written: ['team-*', '!team-archive'] },
        repositories: { written: ['**', '!**/cache'] },
      },
      mirror: {
        repository: '{project}/{repository}',
        replace: [{ from: { source: '^team-a/' }, to: 'backup/team-a/' }],
      },
      limits: {
        maxDeletes: 1000,
        maxDeletePercent: 50,
        keepPerRepository: 1,
        grace: 24 * HOUR,
        maxPlanAge: 7 * DAY,
        removeEmptyRepositories: false,
      },
    })
  })

  test('protects tags and untagged artifacts alike: no family is named', () => {
    expect(dataOf(EXAMPLE)).toHaveProperty('protect', [
      {
        name: 'releases',
        line: 7,
        select: { tags: { written: ['v*', String.raw`/^\d+\.\d+\.\d+$/`] } },
        conditions: [],
      },
      { name: 'pinned by a person', line: 9, select: { labels: { written: ['keep'] } }, conditions: [] },
      {
        name: 'still used',
        line: 11,
        select: {},
        conditions: [{ kind: 'pulled-within', duration: 30 * DAY, written: '30d' }],
      },
    ])
  })

  test('has five rules, each with its line, its family, what it keeps and what it does', () => {
    expect(dataOf(EXAMPLE)).toHaveProperty('rules', [
      {
        name: 'pull request builds',
        line: 14,
        select: {
          family: 'tags',
          repositories: { written: ['team-a/**'] },
          tags: { written: ['pr-*'] },
        },
        keep: {
          newest: 1,
          by: 'pushed',
          per: { source: String.raw`^pr-(\d+)`, captureCount: 1 },
          conditions: [],
        },
        delete: [{ kind: 'not-pushed-for', duration: 14 * DAY, written: '14d' }],
      },
      {
        name: 'branch builds',
        line: 18,
        select: { family: 'tags', tags: { written: ['main-*'] } },
        keep: {
          newest: 10,
          by: 'pushed',
          conditions: [{ kind: 'pushed-within', duration: 7 * DAY, written: '7d' }],
        },
        delete: [],
      },
      {
        name: 'old minors leave for the archive',
        line: 22,
        select: { family: 'tags', semver: { range: '>=1.0.0 <2.0.0' } },
        keep: { newest: 2, by: 'semver', per: 'minor', conditions: [] },
        archive: [{ kind: 'not-pulled-for', duration: 90 * DAY, written: '90d' }],
      },
      {
        name: 'leftovers of overwritten tags',
        line: 26,
        select: { family: 'untagged' },
        delete: [{ kind: 'not-pushed-for', duration: 7 * DAY, written: '7d' }],
      },
      {
        name: 'releases go to the mirror',
        line: 29,
        select: { family: 'tags', semver: { range: '*' } },
        copy: [],
      },
    ])
  })

  test('is the same with the line ends of Windows, and with a byte order mark', () => {
    expect(dataOf(EXAMPLE.replaceAll('\n', '\r\n'))).toEqual(dataOf(EXAMPLE))
    expect(dataOf(`\uFEFF${EXAMPLE}`)).toEqual(dataOf(EXAMPLE))
  })
})

describe('a policy that says little', () => {
  test('has the defaults that the documentation names, and no scope, protection or mirror of its own', () => {
    expect(dataOf(withRule(ALL_TAGS))).toEqual({
      unused: [],
      gc: { run: false, deleteUntagged: false, wait: 1_800_000 },
      scope: {},
      protect: [],
      rules: [{ name: 'a', line: 3, select: { family: 'tags', tags: { written: ['**'] } }, delete: [] }],
      mirror: {
        repository: '{project}/{repository}',
        replace: [],
        overwrite: 'never',
        verify: 'digest',
        stallTimeout: 300_000,
      },
      limits: {
        maxDeletes: 1000,
        maxDeletePercent: 50,
        keepPerRepository: 1,
        grace: 24 * HOUR,
        maxPlanAge: 7 * DAY,
        removeEmptyRepositories: false,
      },
    })
  })

  // A single limit that is written, and the limits that the policy then has.
  test.each([
    ['max-deletes: 0', { maxDeletes: 0 }],
    ['max-delete-percent: 0.5', { maxDeletePercent: 0.5 }],
    ['keep-per-repository: 0', { keepPerRepository: 0 }],
    ['grace: 0h', { grace: 0 }],
    ['max-plan-age: 90m', { maxPlanAge: 1.5 * HOUR }],
  ])('with the limit %s has the defaults beside it', (written, limits) => {
    expect(policyOf(withMore(`limits: { ${written} }`)).limits).toEqual({ ...DEFAULT_LIMITS, ...limits })
  })

  // What is selected, and the family that the rule is about.
  test.each([
    ['{ tags: ["*"] }', 'tags'],
    ['{ labels: [temp] }', 'tags'],
    ['{ untagged: true }', 'untagged'],
    ['{ untagged: false, tags: ["*"] }', 'tags'],
    ['{ orphans: true }', 'orphans'],
    ['{ orphans: false, size: ">1GB" }', 'tags'],
  ])('with %s is about %s', (select, family) => {
    expect(policyOf(withRule(select)).rules[0]?.select.family).toBe(family)
  })

  // A bound as it is written, and how it is read.
  test.each([
    ['>500MiB', '>', 524_288_000],
    ['>= 2GB', '>=', 2_000_000_000],
    ['<1.5 GiB', '<', 1_610_612_736],
    ['<=0B', '<=', 0],
  ])('with the size %s selects by %s %p bytes', (written, operator, bytes) => {
    const [rule] = policyOf(withRule(`{ size: "${written}" }`)).rules
    expect(rule?.select.size).toEqual({ written, operator, bytes })
  })

  test.each([
    ['', []],
    ['gc: { run: true }', []],
    ['trash: { keep: 7d }\ntests: []', ['tests']],
    ['protect: [{ name: p, severity-at-least: High }]', ['severity-at-least']],
  ])('says what nothing comes of yet: %j', (more, unused) => {
    expect(policyOf(withMore(more)).unused).toEqual(unused)
  })

  test('names what is written, trimmed, whatever it is', () => {
    const text = withRule(ALL_TAGS).replace('name: a', 'name: "  toString ::error::|`@team` "')
    expect(policyOf(text).rules[0]?.name).toBe('toString ::error::|`@team`')
  })

  test('has its conditions in one order, however they are written', () => {
    const [rule] = policyOf(
      withRule(
        ALL_TAGS,
        'delete: { not-created-for: 3w, severity-at-least: High, not-pulled-for: 2h, not-pushed-for: 1d }',
      ),
    ).rules
    expect(rule?.delete?.map(({ kind, written }) => `${kind} ${written}`)).toEqual([
      'not-pushed-for 1d',
      'not-pulled-for 2h',
      'not-created-for 3w',
      'severity-at-least High',
    ])
  })
})

test('everything that is wrong is told at once, in the order of the file', () => {
  const text = `version: 2
scope: { project: [a] }
protect:
  - name: releases
    tags: ["!v*"]
rules:
  - name: releases
    select: { tags: [v*, "/(/"], untagged: true, size: 5GB }
    keep: { newest: 0, by: age }
    delete: {}
  - select: {}
    delet: always
limits: { max_deletes: ten, grace: 1mo }
`
  expect(problemsOf(text)).toEqual([
    '1:10 `version` should be 1, not 2',
    '2:10 `scope` has no key `project`; did you mean `projects`?',
    '5:11 a list with only `!` patterns matches nothing; add what they take away from, for example "**"',
    '7:11 the name `releases` is taken already; reports name rules by it',
    '8:21 an artifact without a tag has no tag; make two of `untagged` and `tags`',
    '8:26 `/(/` is not a regular expression in RE2 syntax: missing closing ): `(`',
    '8:56 `5GB` is not a size like ">500MiB" or "<= 2GB"',
    '9:21 `newest` is less than 1',
    '9:28 `by` should be `pushed` or `created` or `pulled` or `semver` or `name`, not "age"',
    '10:13 an empty mapping says nothing; write `always` for no condition',
    '11:5 `name` is missing',
    '11:5 a rule needs an action: add `delete`, `archive` or `copy`',
    '11:13 an empty mapping says nothing; write `tags: ["**"]` for every tag',
    '12:5 `rules[1]` has no key `delet`; did you mean `delete`?',
    '13:11 `limits` has no key `max_deletes`; did you mean `max-deletes`?',
    '13:36 `1mo` is not a duration like 90m, 36h, 14d or 6w; months and years have no fixed length, write days',
  ])
})

/** The example with one of its values in the place of another. */
function mutants(values: fc.Arbitrary<unknown>): fc.Arbitrary<string> {
  const example: unknown = parseYaml(EXAMPLE)
  const paths = pathsOf(example)
  return fc
    .tuple(fc.constantFrom(...paths), values)
    .map(([path, value]) => JSON.stringify(replaced(example, path, value), null, 1))
}

type Path = readonly (string | number)[]

function pathsOf(data: unknown, path: Path = []): Path[] {
  const inner =
    typeof data === 'object' && data !== null
      ? Object.entries(data).flatMap(([key, value]) =>
          pathsOf(value, [...path, Array.isArray(data) ? Number(key) : key]),
        )
      : []
  return [path, ...inner]
}

function replaced(data: unknown, [step, ...path]: Path, value: unknown): unknown {
  if (step === undefined) return value
  const inner = typeof data === 'object' && data !== null ? Object.entries(data) : []
  const entries = inner.map(([key, item]): [string, unknown] => [
    key,
    key === String(step) ? replaced(item, path, value) : item,
  ])
  return Array.isArray(data) ? entries.map(([, item]) => item) : Object.fromEntries(entries)
}

const SCALARS = fc.oneof(
  fc.constantFrom(
    null,
    true,
    false,
    0,
    1,
    -1,
    1.5,
    '',
    'always',
    '14d',
    '/(a)/',
    '>=1.0.0',
    '!x',
    '**',
    '>1GB',
  ),
  fc.string(),
  fc.double({ noDefaultInfinity: true, noNaN: true }),
)
const MAPPINGS = fc.dictionary(fc.oneof(fc.string(), fc.constantFrom('name', 'tags', 'newest')), SCALARS, {
  maxKeys: 3,
})

/** Whatever is in a file, it is a policy, or there is at least one problem, with words and a place in the file. */
function isTold(text: string): void {
  const parsed = parsePolicy(text)
  const problems = 'policy' in parsed ? [] : parsed.problems
  if (!('policy' in parsed)) expect(problems).not.toEqual([])
  const lines = text.split('\n')
  for (const { line, column, endLine, endColumn, message } of problems) {
    expect(message).toMatch(/\S.{10}/s)
    expect(lines[line - 1]).toBeDefined()
    // Once YAML is broken, its reader may lose count of the lines.
    if (!message.includes('not valid YAML')) {
      expect(column - 1).toBeLessThanOrEqual(lines[line - 1]?.length ?? -1)
    }
    expect(endLine - line || endColumn - column).toBeGreaterThanOrEqual(0)
  }
}

describe('whatever stands in the place of a part of the example', () => {
  test('a scalar or a mapping: it is a policy, or it is told where it is not', () => {
    fc.assert(fc.property(mutants(fc.oneof(SCALARS, MAPPINGS)), isTold), { numRuns: 150 })
  })

  test('a list: it is a policy, or it is told where it is not', () => {
    const lists = fc.array(fc.oneof(SCALARS, MAPPINGS), { maxLength: 2 })
    fc.assert(fc.property(mutants(lists), isTold), { numRuns: 150 })
  })
})

test('a slip of the finger anywhere in the example: it is a policy, or it is told where it is not', () => {
  const slips = fc.record({
    at: fc.nat(EXAMPLE.length),
    drops: fc.nat(3),
    types: fc.constantFrom(
      '',
      ' ',
      '\t',
      '\n',
      '-',
      ':',
      '!',
      '&a ',
      '*',
      '"',
      '{',
      ']',
      '#',
      '%',
      '\0',
      '\u{1F600}',
    ),
  })
  fc.assert(
    fc.property(slips, ({ at, drops, types }) => {
      isTold(EXAMPLE.slice(0, at) + types + EXAMPLE.slice(at + drops))
    }),
    { numRuns: 150 },
  )
})
