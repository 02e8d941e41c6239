import { describe, expect, test } from '@jest/globals'
import { EVERYTHING, needsOf, selectsRepository, unionOf, type Needs } from '../../src/policy/needs.ts'
import { parsePolicy } from '../../src/policy/parse.ts'
import { EXAMPLE } from './example.ts'
import { ALL_TAGS, withMore, withRule } from './problems.ts'

function needs(text: string): Needs {
  const parsed = parsePolicy(text)
  if ('policy' in parsed) return needsOf(parsed.policy)
  throw new Error(JSON.stringify(parsed.problems))
}

describe('which repositories are read', () => {
  const NAMES = ['team-a/api', 'team-a/web/cache', 'team-b/api', 'team-archive/api', 'x/api']

  // A policy, and which of the repositories some rule or protection of it can be about.
  test.each<[what: string, text: string, read: readonly string[]]>([
    ['all, without scope', withRule(ALL_TAGS), NAMES],
    [
      'those in scope',
      withMore('scope: { projects: ["team-*", "!team-archive"] }'),
      ['team-a/api', 'team-a/web/cache', 'team-b/api'],
    ],
    [
      'by their full names',
      withMore('scope: { repositories: ["**", "!**/cache"] }'),
      ['team-a/api', 'team-b/api', 'team-archive/api', 'x/api'],
    ],
    ['those of rules', withRule('{ projects: [team-a] }'), ['team-a/api', 'team-a/web/cache']],
    [
      'those of rules and protections',
      `${withRule('{ repositories: [x/*] }')}protect: [{ name: p, projects: [team-b] }]\n`,
      ['team-b/api', 'x/api'],
    ],
    [
      'those of rules within the scope',
      `${withRule('{ projects: ["team-*"] }')}scope: { repositories: ["*/api"] }\n`,
      ['team-a/api', 'team-b/api', 'team-archive/api'],
    ],
    ['none', `${withRule('{ projects: [team-a] }')}scope: { projects: [x] }\n`, []],
  ])('%s', (_, text, read) => {
    const { repository, project } = needs(text)
    const isRead = (name: string): boolean => project(name.split('/')[0] ?? '') && repository(name)
    expect(NAMES.filter(isRead)).toEqual(read)
  })
})

describe('which details are asked for', () => {
  // What a policy selects by, and what that takes beyond the plain listing.
  test.each<[text: string, asks: readonly string[]]>([
    [withRule(ALL_TAGS), []],
    [
      withRule(
        '{ untagged: true, size: ">1GB", platforms: [linux/arm64], semver: "*" }'.replace(
          ', semver: "*"',
          '',
        ),
      ),
      [],
    ],
    [withRule('{ labels: [temp] }'), ['labels']],
    [withRule('{ signed: false }'), ['accessories']],
    [withRule('{ orphans: true }'), ['orphans']],
    [
      withMore('protect: [{ name: p, labels: [keep] }, { name: q, signed: true }]'),
      ['labels', 'accessories'],
    ],
    [EXAMPLE, ['labels', 'accessories']],
    // What is copied takes along what hangs on it; what is archived is read again before it goes.
    [withRule(ALL_TAGS, 'copy: always'), ['accessories']],
    [withRule(ALL_TAGS, 'archive: always'), []],
    // Build times, wherever they are asked for.
    [withRule(ALL_TAGS, 'delete: { not-created-for: 3d }'), ['created']],
    [withRule(ALL_TAGS, 'archive: { not-created-for: 3d }'), ['created']],
    [withRule(ALL_TAGS, 'copy: { created-within: 3d }'), ['created', 'accessories']],
    [withRule(ALL_TAGS, 'keep: { created-within: 3d }', 'copy: always'), ['created', 'accessories']],
    [withRule(ALL_TAGS, 'keep: { newest: 3, by: created }', 'copy: always'), ['created', 'accessories']],
    [withMore('protect: [{ name: p, created-within: 3d }]'), ['created']],
    [withRule(ALL_TAGS, 'keep: { newest: 3, by: pulled }', 'delete: { not-pushed-for: 3d }'), []],
  ])('%j asks for %j', (text, asks) => {
    const { labels, created, accessories, orphans, proxyCaches } = needs(text)
    const asked = Object.entries({ labels, created, accessories, orphans, proxyCaches })
    expect(asked.filter(([, is]) => is).map(([name]) => name)).toEqual(asks)
  })

  test('to count bytes everything is read that holds blobs, in every project', () => {
    expect(EVERYTHING).toMatchObject({ accessories: true, orphans: true, proxyCaches: true })
    expect(EVERYTHING.project('x') && EVERYTHING.repository('x/y')).toBe(true)
  })
})

test('a select is about a repository by its project and its full name, if it says so', () => {
  const parsed = parsePolicy(withRule('{ projects: ["team-*"], repositories: ["**/api"] }'))
  const select = 'policy' in parsed ? (parsed.policy.rules[0]?.select ?? {}) : {}
  const names = ['team-a/api', 'team-a/x/api', 'team-a/web', 'x/api', 'x/team-a/api']
  expect(names.filter((name) => selectsRepository(select, name))).toEqual(['team-a/api', 'team-a/x/api'])
  expect(names.filter((name) => selectsRepository({}, name))).toEqual(names)
})

describe('what two policies need together', () => {
  const NAMES = ['team-a/api', 'team-a/web', 'team-b/api', 'team-b/web', 'x/api']

  test('is every project and repository that the one or the other reads', () => {
    const one = needs(withRule('{ repositories: [team-a/api, x/api] }'))
    const other = needs(`${withRule(ALL_TAGS)}scope: { projects: [team-b], repositories: ["*/web"] }\n`)
    const either = (name: string): boolean => one.repository(name) || other.repository(name)
    for (const both of [unionOf(one, other), unionOf(other, one)]) {
      expect(NAMES.filter((name) => both.repository(name))).toEqual(['team-a/api', 'team-b/web', 'x/api'])
      expect(NAMES.filter((name) => both.repository(name))).toEqual(NAMES.filter(either))
      expect(['team-a', 'team-b', 'x', 'y'].filter((name) => both.project(name))).toEqual(
        ['team-a', 'team-b', 'x', 'y'].filter((name) => one.project(name) || other.project(name)),
      )
    }
    const project = unionOf(needs(withRule('{ projects: [a] }')), needs(withRule('{ projects: [b] }')))
    expect(['a', 'b', 'c'].filter((name) => project.project(name))).toEqual(['a', 'b'])
  })

  test('is each detail that the one or the other asks for', () => {
    const details = ['labels', 'created', 'accessories', 'orphans', 'proxyCaches'] as const
    const nothing = needs(withRule(ALL_TAGS))
    for (const detail of details) {
      const asking = { ...nothing, [detail]: true }
      for (const both of [unionOf(asking, nothing), unionOf(nothing, asking), unionOf(asking, asking)]) {
        expect(details.filter((each) => both[each])).toEqual([detail])
      }
    }
    expect(details.filter((each) => unionOf(nothing, nothing)[each])).toEqual([])
  })
})
