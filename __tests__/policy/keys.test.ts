// Keys that the policy language doesn't have, at every level, and what is suggested instead.
import { describe, expect, test } from '@jest/globals'
import { placeName } from '../../src/policy/keys.ts'
import { ALL_TAGS, problemsOf, withMore, withRule } from './problems.ts'

const KNOWN = {
  top: 'it knows version, scope, protect, rules, mirror, limits, gc, trash, tests',
  rule: 'it knows name, select, keep, delete, archive, copy',
  select:
    'it knows projects, repositories, tags, labels, types, platforms, semver, prerelease, signed, size, untagged, orphans',
  keep: 'it knows newest, by, per, pushed-within, not-pushed-for, pulled-within, not-pulled-for, created-within, not-created-for, severity-at-least',
  conditions:
    'it knows pushed-within, not-pushed-for, pulled-within, not-pulled-for, created-within, not-created-for, severity-at-least',
  limits:
    'it knows max-deletes, max-delete-percent, keep-per-repository, grace, max-plan-age, remove-empty-repositories',
}

// A key that isn't one, and what is said of it.
type Row = readonly [key: string, said: string]

describe('in a policy', () => {
  test.each<Row>([
    ['Version', 'did you mean `version`?'],
    ['rule', 'did you mean `rules`?'],
    ['protects', 'did you mean `protect`?'],
    ['protection', 'did you mean `protect`?'],
    ['limit', 'did you mean `limits`?'],
    ['mirrors', 'did you mean `mirror`?'],
    ['test', 'did you mean `tests`?'],
    ['newest', 'it belongs under `keep`'],
    ['max-deletes', 'it belongs under `limits`'],
    ['tags', 'it belongs under `protect` or `select`'],
    ['projects', 'it belongs under `scope` or `protect` or `select`'],
    ['not-pushed-for', 'it belongs under `protect` or `keep` or `delete` or `archive` or `copy`'],
    ['wait', 'it belongs under `gc`'],
    ['from', 'it belongs under `replace`'],
    ['dry-run', KNOWN.top],
    ['x-anchors', KNOWN.top],
    ['', KNOWN.top],
  ])('%j', (key, said) => {
    expect(problemsOf(withMore(`"${key}": 1`))).toEqual([`6:1 a policy has no key \`${key}\`; ${said}`])
  })
})

describe('in a rule', () => {
  test.each<Row>([
    ['deletes', 'did you mean `delete`?'],
    ['archived', 'did you mean `archive`?'],
    ['Keep', 'did you mean `keep`?'],
    ['newest', 'it belongs under `keep`'],
    ['tags', 'it belongs under `protect` or `select`'],
    ['when', KNOWN.rule],
    ['if', KNOWN.rule],
  ])('%s', (key, said) => {
    expect(problemsOf(withRule(ALL_TAGS, `${key}: 1`, 'copy: always'))).toEqual([
      `5:5 \`rules[0]\` has no key \`${key}\`; ${said}`,
    ])
  })
})

describe('in a select', () => {
  test.each<Row>([
    ['tag', 'did you mean `tags`?'],
    ['Tags', 'did you mean `tags`?'],
    ['repository', 'did you mean `repositories`?'],
    ['project', 'did you mean `projects`?'],
    ['label', 'did you mean `labels`?'],
    ['platfroms', 'did you mean `platforms`?'],
    ['untaged', 'did you mean `untagged`?'],
    ['pre_release', 'did you mean `prerelease`?'],
    ['semver-range', 'did you mean `semver`?'],
    ['newest', 'it belongs under `keep`'],
    ['not-pushed-for', 'it belongs under `protect` or `keep` or `delete` or `archive` or `copy`'],
    ['image', KNOWN.select],
    ['digest', KNOWN.select],
  ])('%s', (key, said) => {
    expect(problemsOf(withRule(`{ tags: ["**"], ${key}: 1 }`))).toEqual([
      `4:29 \`rules[0].select\` has no key \`${key}\`; ${said}`,
    ])
  })
})

describe('in a keep', () => {
  test.each<Row>([
    ['keep_newest', 'did you mean `newest`?'],
    ['keepNewest', 'did you mean `newest`?'],
    ['newst', 'did you mean `newest`?'],
    ['pushed_within', 'did you mean `pushed-within`?'],
    ['pushedWithin', 'did you mean `pushed-within`?'],
    ['per-group', 'did you mean `per`?'],
    ['order-by', 'did you mean `by`?'],
    ['tags', 'it belongs under `protect` or `select`'],
    ['last', KNOWN.keep],
    ['count', KNOWN.keep],
  ])('%s', (key, said) => {
    expect(problemsOf(withRule(ALL_TAGS, `keep: { ${key}: 1 }`, 'copy: always'))).toEqual([
      `5:13 \`rules[0].keep\` has no key \`${key}\`; ${said}`,
    ])
  })
})

describe('in an action', () => {
  test.each<Row>([
    ['not_pushed_for', 'did you mean `not-pushed-for`?'],
    ['notPulledFor', 'did you mean `not-pulled-for`?'],
    ['not-puled-for', 'did you mean `not-pulled-for`?'],
    ['not-pulled-since', 'did you mean `not-pulled-for`?'],
    ['newest', 'it belongs under `keep`'],
    ['older-than', KNOWN.conditions],
    ['always', KNOWN.conditions],
  ])('%s', (key, said) => {
    expect(problemsOf(withRule(ALL_TAGS, `delete: { ${key}: 30d }`))).toEqual([
      `5:15 \`rules[0].delete\` has no key \`${key}\`; ${said}`,
    ])
  })

  // What is the opposite of what was written is no suggestion: it would delete just what is in use.
  test.each([
    ['not-pulled-within', 'not-pulled-for'],
    ['not-pushed-within', 'not-pushed-for'],
    ['not_created_within', 'not-created-for'],
    ['not-pulled', 'not-pulled-for'],
  ])('%s', (key, meant) => {
    expect(problemsOf(withRule(ALL_TAGS, `delete: { ${key}: 30d }`))).toEqual([
      `5:15 \`rules[0].delete\` has no key \`${key}\`; did you mean \`${meant}\`?`,
    ])
  })

  // There are more ways to say no.
  test.each([
    'nto-pulled-within',
    'never-pulled-within',
    'no-pulled-within',
    'unpulled-within',
    'notpulled-within',
    'isnt-pulled-within',
  ])('%s', (key) => {
    expect(problemsOf(withRule(ALL_TAGS, `delete: { ${key}: 30d }`)).join('\n')).not.toContain(
      '`pulled-within`?',
    )
  })
})

describe('elsewhere', () => {
  // A line with a key that isn't one, and the place and words of the problem.
  test.each([
    [
      'scope: { project: [a], tags: [b] }',
      [
        '6:10 `scope` has no key `project`; did you mean `projects`?',
        '6:24 `scope` has no key `tags`; it belongs under `protect` or `select`',
      ],
    ],
    ['protect: [{ name: p, tag: [a] }]', ['6:22 `protect[0]` has no key `tag`; did you mean `tags`?']],
    [
      'protect: [{ name: p, tags: [a], newest: 3 }]',
      ['6:33 `protect[0]` has no key `newest`; it belongs under `keep`'],
    ],
    ['limits: { max_deletes: 5 }', ['6:11 `limits` has no key `max_deletes`; did you mean `max-deletes`?']],
    ['limits: { maxDeletes: 5 }', ['6:11 `limits` has no key `maxDeletes`; did you mean `max-deletes`?']],
    ['limits: { max-delete: 5 }', ['6:11 `limits` has no key `max-delete`; did you mean `max-deletes`?']],
    [
      'limits: { max-percent: 5 }',
      ['6:11 `limits` has no key `max-percent`; did you mean `max-delete-percent`?'],
    ],
    ['limits: { most: 5 }', [`6:11 \`limits\` has no key \`most\`; ${KNOWN.limits}`]],
    ['limits: { keep: 5 }', ['6:11 `limits` has no key `keep`; it belongs under `rules` or `trash`']],
    [
      'mirror: { repo: a }',
      ['6:11 `mirror` has no key `repo`; it knows repository, replace, overwrite, verify, stall-timeout'],
    ],
    [
      'mirror: { replace: [{ from: a, with: b, to: c }] }',
      ['6:32 `mirror.replace[0]` has no key `with`; it knows from, to'],
    ],
    [
      'gc: { delete_untagged: true }',
      ['6:7 `gc` has no key `delete_untagged`; did you mean `delete-untagged`?'],
    ],
    ['trash: { days: 7 }', ['6:10 `trash` has no key `days`; it knows keep']],
  ])('%s', (line, problems) => {
    expect(problemsOf(withMore(line))).toEqual(problems)
  })

  test('many at once are each told', () => {
    const keys = Array.from({ length: 50 }, (_, index) => `nothing${index}: 1`)
    expect(problemsOf(withMore(...keys))).toHaveLength(50)
  })
})

describe('placeName', () => {
  test.each<[path: readonly (string | number)[], name: string]>([
    [[], 'a policy'],
    [['rules'], '`rules`'],
    [['rules', 2, 'keep'], '`rules[2].keep`'],
    [['mirror', 'replace', 0], '`mirror.replace[0]`'],
  ])('%j is called %s', (path, name) => {
    expect(placeName(path)).toBe(name)
  })
})
