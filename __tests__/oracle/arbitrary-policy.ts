// Policies, as written data, that mean something for the registries of arbitrary.ts.
import * as fc from 'fast-check'
import { stringify } from 'yaml'
import type {
  WrittenConditions,
  WrittenKeep,
  WrittenLimits,
  WrittenMirror,
  WrittenPolicy,
  WrittenProtection,
  WrittenRule,
  WrittenRuleSelect,
  WrittenSelect,
  WrittenWhen,
} from './written.ts'

/** A pattern list: something that matches, and perhaps something taken away. */
function patterns(positive: readonly string[], negative: readonly string[]): fc.Arbitrary<string[]> {
  return fc
    .tuple(
      fc.uniqueArray(fc.constantFrom(...positive), { minLength: 1, maxLength: 2 }),
      fc.oneof(
        { weight: 2, arbitrary: fc.constant([]) },
        fc.uniqueArray(fc.constantFrom(...negative), { maxLength: 1 }),
      ),
    )
    .map(([taken, left]) => [...taken, ...left.map((pattern) => `!${pattern}`)])
}

const tagPatterns = patterns(
  [
    '* ** pr-* main-* main-? main-?? v* *.*.* latest la?est [0-9]* [!0-9]* {pr,main}-* {pr-1,v{1,2}}* [a-m]*',
    '/^\\d+\\.\\d+\\.\\d+$/ /rc/ /^pr-\\d+$/ /1/ *_* PR-*',
  ].flatMap((names) => names.split(' ')),
  'latest v* /-a$/ *-1 [0-9]* {pr,main}-1'.split(' '),
)

const SELECT: {
  readonly [Key in keyof Required<WrittenSelect>]: fc.Arbitrary<Required<WrittenSelect>[Key]>
} = {
  projects: patterns(['team-a', 'team-*', '*', '/a$/', 'team-[b-z]'], ['team-b', '*-a']),
  repositories: patterns(
    [
      '**',
      'team-a/**',
      'team-a/*',
      '**/api',
      'team-a/**/cache',
      '**/web/**',
      '*/web',
      '*',
      'team-{a,b}/api',
      '/web/',
    ],
    ['**/cache', 'team-b/**', '/api$/'],
  ),
  tags: tagPatterns,
  labels: patterns(['keep', 'temp', '*', '**', 'team/*', '/keep/'], ['temp', 'keep', 'team/keep']),
  types: patterns(['IMAGE', 'CHART', '*', 'image'], ['CHART']),
  platforms: patterns(
    [
      'linux/amd64',
      'linux/arm64',
      'linux/arm',
      'linux/arm/v7',
      'linux/arm64/v8',
      'linux/*',
      '**',
      '*',
      '*/amd64',
    ],
    ['windows/*', 'linux/arm64', 'linux/arm64/v8', 'linux/arm'],
  ),
  semver: fc.constantFrom(
    '*',
    '>=1.0.0 <2.0.0',
    '^1.0.0',
    '~1.2.0',
    '<2.0.0',
    '>=2.0.0-0',
    '1.x',
    '1.0.0 || >=2',
    '1.2.0',
  ),
  prerelease: fc.boolean(),
  signed: fc.boolean(),
  size: fc.constantFrom('>500MiB', '>=500MiB', '<1KiB', '<=1kB', '>2GB', '<1kB', '>=2GB'),
}

/** Few keys at once, or hardly anything is left. */
function someOf<T extends object>(
  arbitraries: { readonly [Key in keyof T]: fc.Arbitrary<T[Key]> },
  keys: readonly (keyof T)[],
  bounds: { readonly minLength: number; readonly maxLength: number },
): fc.Arbitrary<Partial<T>> {
  return fc.tuple(fc.record(arbitraries), fc.subarray([...keys], bounds)).map(([full, chosen]) => {
    const picked: Partial<T> = {}
    for (const key of chosen) picked[key] = full[key]
    return picked
  })
}

const UNTAGGED_KEYS = ['projects', 'repositories', 'labels', 'types', 'platforms', 'signed', 'size'] as const
const TAG_KEYS = [...UNTAGGED_KEYS, 'tags', 'semver', 'prerelease'] as const

const tagSelect: fc.Arbitrary<WrittenRuleSelect> = fc.oneof(
  { weight: 2, arbitrary: tagPatterns.map((tags) => ({ tags })) },
  {
    weight: 3,
    arbitrary: someOf(SELECT, TAG_KEYS, { minLength: 1, maxLength: 2 }),
  },
)
const untaggedSelect: fc.Arbitrary<WrittenRuleSelect> = someOf(SELECT, UNTAGGED_KEYS, {
  minLength: 0,
  maxLength: 1,
}).map((select) => ({ ...select, untagged: true }))
const orphansSelect: fc.Arbitrary<WrittenRuleSelect> = someOf(SELECT, UNTAGGED_KEYS, {
  minLength: 0,
  maxLength: 1,
}).map((select) => ({ ...select, orphans: true }))

const duration = fc.constantFrom('60m', '24h', '36h', '7d', '14d', '2w', '30d', '90d')

const CONDITIONS = {
  'pushed-within': duration,
  'not-pushed-for': duration,
  'pulled-within': duration,
  'not-pulled-for': duration,
  'created-within': duration,
  'not-created-for': duration,
}
/** Conditions that time alone makes true, and never false again. */
export const LASTING = ['not-pushed-for', 'not-pulled-for', 'not-created-for'] as const
/** Conditions that time alone makes false, and never true again. */
export const PASSING = ['pushed-within', 'pulled-within', 'created-within'] as const
const CONDITION_KEYS = [...LASTING, ...PASSING] as const

type Keys = readonly (keyof WrittenConditions)[]

function conditions(keys: Keys, maxLength = 2): fc.Arbitrary<WrittenConditions> {
  return someOf(CONDITIONS, keys, { minLength: 1, maxLength })
}

function whenOf(keys: Keys): fc.Arbitrary<WrittenWhen> {
  return fc.oneof(
    { weight: 2, arbitrary: fc.constant('always' as const) },
    { weight: 1, arbitrary: conditions(keys) },
  )
}

const newest: fc.Arbitrary<WrittenKeep> = fc.record(
  {
    newest: fc.constantFrom(1, 1, 2, 3),
    per: fc.constantFrom('major', 'minor', '/^pr-(\\d+)/', '/^(\\w+)-(\\d)?/', '/^v?(\\d+)\\./', '/(main)/'),
    by: fc.constantFrom(
      'pushed' as const,
      'created' as const,
      'pulled' as const,
      'semver' as const,
      'name' as const,
    ),
  },
  { requiredKeys: ['newest'] },
)

function keepOf(keys: Keys): fc.Arbitrary<WrittenKeep> {
  return fc.oneof(
    { weight: 4, arbitrary: newest },
    { weight: 1, arbitrary: conditions(keys) },
    { weight: 1, arbitrary: fc.tuple(newest, conditions(keys, 1)).map(([a, b]) => ({ ...a, ...b })) },
  )
}

function actions(keys: Keys): fc.Arbitrary<Partial<WrittenRule>> {
  const when = whenOf(keys)
  return fc.oneof(
    { weight: 5, arbitrary: when.map((condition) => ({ delete: condition })) },
    { weight: 2, arbitrary: when.map((condition) => ({ archive: condition })) },
    { weight: 2, arbitrary: when.map((condition) => ({ copy: condition })) },
    { weight: 1, arbitrary: fc.tuple(when, when).map(([one, other]) => ({ copy: one, delete: other })) },
  )
}

function rule({ acting, keeping }: Required<Vocabulary>): fc.Arbitrary<Omit<WrittenRule, 'name'>> {
  const selects = fc.oneof(
    { weight: 6, arbitrary: tagSelect },
    { weight: 2, arbitrary: untaggedSelect },
    { weight: 1, arbitrary: orphansSelect },
  )
  return fc
    .record({ select: selects, keep: fc.option(keepOf(keeping), { freq: 2 }), actions: actions(acting) })
    .map(({ select, keep, actions: acts }) => ({ select, ...(keep === null ? {} : { keep }), ...acts }))
}

/** An entry of `protect`, without its name. */
export function protections(keys: Keys = CONDITION_KEYS): fc.Arbitrary<Omit<WrittenProtection, 'name'>> {
  return fc.oneof(
    someOf(SELECT, TAG_KEYS, { minLength: 1, maxLength: 2 }),
    conditions(keys, 1),
    fc
      .tuple(someOf(SELECT, TAG_KEYS, { minLength: 1, maxLength: 1 }), conditions(keys, 1))
      .map(([select, when]) => ({ ...select, ...when })),
    untaggedSelect,
    orphansSelect,
  )
}

const limits: fc.Arbitrary<WrittenLimits> = fc.record(
  {
    'max-deletes': fc.constantFrom(0, 1, 3, 1000),
    'max-delete-percent': fc.constantFrom(10, 25, 50, 100),
    'keep-per-repository': fc.constantFrom(0, 0, 0, 0, 1, 2),
    grace: fc.constantFrom('60m', '24h', '7d'),
  },
  { requiredKeys: ['keep-per-repository'] },
)

const mirror: fc.Arbitrary<WrittenMirror> = fc.record(
  {
    repository: fc.constantFrom(
      '{project}/{repository}',
      'mirror/{project}-{repository}',
      'all/{repository}',
    ),
    replace: fc.subarray(
      [
        { from: '^team-a/', to: 'backup/team-a/' },
        { from: 'api', to: 'service' },
        { from: '/([a-z]+)$', to: '/x-$1' },
      ],
      { minLength: 1 },
    ),
  },
  { requiredKeys: [] },
)

/** What clears all that nothing else keeps. */
const EVERYTHING: readonly Omit<WrittenRule, 'name'>[] = [
  { select: { tags: ['**'] }, delete: 'always' },
  { select: { untagged: true }, delete: 'always' },
  { select: { orphans: true }, delete: 'always' },
]

interface Vocabulary {
  /** The conditions that rules may delete, archive and copy by. */
  readonly acting?: Keys
  /** The conditions that may keep and protect. */
  readonly keeping?: Keys
}

/** Policies with up to six rules and two protections. */
export function policies({
  acting = CONDITION_KEYS,
  keeping = CONDITION_KEYS,
}: Vocabulary = {}): fc.Arbitrary<WrittenPolicy> {
  return fc
    .record(
      {
        protect: fc
          .oneof(
            { weight: 2, arbitrary: fc.constant([]) },
            { weight: 1, arbitrary: fc.array(protections(keeping), { minLength: 1, maxLength: 2 }) },
          )
          .map((entries) => entries.map((entry, index) => ({ name: `protection ${index + 1}`, ...entry }))),
        rules: fc
          .tuple(
            fc.array(rule({ acting, keeping }), { minLength: 1, maxLength: 3, size: '+1' }),
            fc.subarray([...EVERYTHING]),
          )
          .map((lists) => lists.flat())
          .map((entries) => entries.map((entry, index) => ({ name: `rule ${index + 1}`, ...entry }))),
        mirror,
        limits,
      },
      { requiredKeys: ['rules', 'protect'] },
    )
    .map((policy) => ({ version: 1, ...policy }))
}

/** A policy as the text of a file. */
export function policyText(policy: WrittenPolicy): string {
  return stringify(policy)
}
