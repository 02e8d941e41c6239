// What only shows when parts of a policy are held against each other.
import { describe, expect, test } from '@jest/globals'
import { ALL_TAGS, problemsOf, withMore, withRule } from './problems.ts'

const EVERY_TAG = 'this protection says nothing; write `tags: ["**"]` to protect every tag'

describe('names', () => {
  function taken(name: string): string {
    return `the name \`${name}\` is taken already; reports name rules by it`
  }

  const OTHER = `  - name: a\n    select: ${ALL_TAGS}\n    copy: always`

  test.each<[what: string, lines: readonly string[], problems: readonly string[]]>([
    ['two rules of one name', [OTHER], [`6:11 ${taken('a')}`]],
    ['three rules of one name', [OTHER, OTHER], [`6:11 ${taken('a')}`, `9:11 ${taken('a')}`]],
    [
      'two rules whose names differ in white space',
      [OTHER.replace('name: a', 'name: " a "')],
      [`6:11 ${taken('a')}`],
    ],
    ['two rules whose names differ in case', [OTHER.replace('name: a', 'name: A')], []],
    ['two tests of one name', ['tests: [{ name: t }, { name: t }]'], [`6:30 ${taken('t')}`]],
    ['a test named like a rule', ['tests: [{ name: a }]'], []],
    ['rules named like what objects have', [OTHER.replace('name: a', 'name: __proto__')], []],
  ])('%s', (_, lines, problems) => {
    expect(problemsOf(withMore(...lines))).toEqual(problems)
  })

  test('a rule named like a protection before it', () => {
    const text = `version: 1\nprotect: [{ name: a, tags: [v*] }]\n${withRule(ALL_TAGS).slice('version: 1\n'.length)}`
    expect(problemsOf(text)).toEqual([`4:11 ${taken('a')}`])
  })

  test('a protection named like a rule before it: told of the later one', () => {
    expect(problemsOf(withMore('protect: [{ name: a, tags: [v*] }]'))).toEqual([`6:19 ${taken('a')}`])
  })
})

test('a rule without an action', () => {
  const problem = '3:5 a rule needs an action: add `delete`, `archive` or `copy`'
  expect(problemsOf(withRule(ALL_TAGS, 'keep: { newest: 3 }'))).toEqual([problem])
  expect(problemsOf(withRule(ALL_TAGS, '# nothing'))).toEqual([problem])
})

describe('untagged', () => {
  function no(what: string, key: string): string {
    return `an artifact without a tag has no ${what}; make two of \`untagged\` and \`${key}\``
  }

  // What is selected beside it, and what is wrong with that.
  test.each<[select: string, problems: readonly string[]]>([
    ['{ untagged: true }', []],
    ['{ untagged: true, labels: [x], size: ">1GB", signed: false, types: [IMAGE] }', []],
    ['{ untagged: true, tags: ["**"] }', [`4:37 ${no('tag', 'tags')}`]],
    ['{ untagged: true, semver: "*" }', [`4:39 ${no('version', 'semver')}`]],
    ['{ untagged: true, prerelease: false }', [`4:43 ${no('version', 'prerelease')}`]],
    ['{ untagged: true, orphans: true }', ['4:40 orphans are tags; make two of `untagged` and `orphans`']],
    ['{ untagged: true, orphans: false }', []],
    ['{ untagged: false, tags: ["**"], semver: "*" }', []],
    [
      '{ semver: "*", tags: ["*"], untagged: true }',
      [`4:23 ${no('version', 'semver')}`, `4:34 ${no('tag', 'tags')}`],
    ],
  ])('%s', (select, problems) => {
    expect(problemsOf(withRule(select))).toEqual(problems)
  })

  test('in a protection too', () => {
    expect(problemsOf(withMore('protect: [{ name: p, untagged: true, tags: ["*"] }]'))).toEqual([
      `6:44 ${no('tag', 'tags')}`,
    ])
  })
})

describe('a protection that says nothing', () => {
  test.each<[protection: string, problems: readonly string[]]>([
    ['{ name: p }', [`6:11 ${EVERY_TAG}`]],
    ['{ name: p, untagged: false }', [`6:11 ${EVERY_TAG}`]],
    ['{ name: p, untagged: false, orphans: false }', [`6:11 ${EVERY_TAG}`]],
    ['{ name: p, untagged: true }', []],
    ['{ name: p, orphans: true }', []],
    ['{ name: p, signed: false }', []],
    ['{ name: p, pulled-within: 30d }', []],
    ['{}', ['6:11 `name` is missing', `6:11 ${EVERY_TAG}`]],
  ])('%s', (protection, problems) => {
    expect(problemsOf(withMore(`protect: [${protection}]`))).toEqual(problems)
  })
})
