// The ways in which cleanup tools have lost people's images, and what a plan does instead: what goes with what, who is
// meant, and who is counted.
import { describe, expect, test } from '@jest/globals'
import { parsePolicy } from '../../src/policy/parse.ts'
import { planOf } from './plan-of.ts'
import {
  BARE,
  DELETE_ALL_TAGS,
  DELETE_ALL_UNTAGGED,
  about,
  daysAgo,
  decisions,
  deletes,
  image,
  registry,
  signature,
} from './registry.ts'

function problemsOf(policy: string): string[] {
  const parsed = parsePolicy(policy)
  return 'problems' in parsed ? parsed.problems.map(({ message }) => message) : []
}

function policyWith(rule: string): string {
  return `version: 1\nrules:\n  - name: all\n    ${rule}\n`
}

describe('1. untagged platform children of a kept index', () => {
  test('are no leftovers: a rule about untagged artifacts does not see them', () => {
    const inventory = registry({
      'team-a/web': [image('a', { tags: ['v1'], children: 'bc' }), image('b'), image('c'), image('d')],
    })
    const plan = planOf(DELETE_ALL_UNTAGGED, inventory)
    expect(deletes(plan)).toEqual(['d'])
    expect(decisions(plan)).toEqual({ v1: 'kept', d: 'delete' })
  })

  test('stay while any index that holds them stays, and go with the last', () => {
    const web = [
      image('a', { tags: ['pr-1'], children: 'c' }),
      image('b', { tags: ['v1'], children: 'c' }),
      image('c'),
    ]
    const policy = `
version: 1
rules:
  - { name: pull requests, select: { tags: ["pr-*"] }, delete: always }
${BARE}`
    expect(deletes(planOf(policy, registry({ 'team-a/web': web })))).toEqual(['a with pr-1'])
    expect(deletes(planOf(DELETE_ALL_TAGS, registry({ 'team-a/web': web })))).toEqual([
      'a with pr-1 and children c',
      'b with v1 and children c',
    ])
  })

  test('stay in an index in an index', () => {
    const inventory = registry({
      'team-a/web': [image('a', { tags: ['v1'], children: 'b' }), image('b', { children: 'c' }), image('c')],
    })
    expect(deletes(planOf(DELETE_ALL_UNTAGGED, inventory))).toEqual([])
    expect(deletes(planOf(DELETE_ALL_TAGS, inventory))).toEqual(['a with v1 and children b, c'])
  })

  test('stay as artifacts when their own tags go', () => {
    const inventory = registry({
      'team-a/web': [
        image('a', { tags: ['v1'], children: 'b' }),
        image('b', { tags: ['v1-amd64'], accessories: [signature('e')] }),
      ],
    })
    const policy = `
version: 1
rules:
  - { name: per platform, select: { tags: ["*-amd64"] }, delete: always }
${BARE}`
    expect(deletes(planOf(policy, inventory))).toEqual(['tag v1-amd64 of b'])
  })

  test('stay with a tag of their own when their index goes', () => {
    const inventory = registry({
      'team-a/web': [
        image('a', { tags: ['pr-1'], children: 'bc' }),
        image('b', { tags: ['v1'] }),
        image('c'),
      ],
    })
    const policy = `
version: 1
rules:
  - { name: pull requests, select: { tags: ["pr-*"] }, delete: always }
${BARE}`
    expect(deletes(planOf(policy, inventory))).toEqual(['a with pr-1 and children c'])
    expect(deletes(planOf(DELETE_ALL_TAGS, inventory))).toEqual(['a with pr-1 and children c', 'b with v1'])
  })
})

describe('2. sibling tags of the digest', () => {
  const inventory = registry({ 'team-a/web': [image('a', { tags: ['v1.4.2', 'v1.4', 'pr-7'] })] })

  test('stay: only the tag that is due goes, never the artifact', () => {
    const policy = `
version: 1
rules:
  - { name: pull requests, select: { tags: ["pr-*"] }, delete: always }
${BARE}`
    const plan = planOf(policy, inventory)
    expect(deletes(plan)).toEqual(['tag pr-7 of a'])
    expect(decisions(plan)).toEqual({ 'v1.4.2': 'kept', 'v1.4': 'kept', 'pr-7': 'delete' })
  })

  test('stay when one of them is protected, immutable, or kept by another rule', () => {
    const protecting = `protect: [{ name: releases, tags: ["v*"] }]${DELETE_ALL_TAGS}`
    expect(deletes(planOf(protecting, inventory))).toEqual(['tag pr-7 of a'])

    const a = image('a', { tags: ['v1', 'pr-7'] })
    const immutable = {
      ...a,
      tags: a.tags.map((tag) => ({ ...tag, immutable: tag.name === 'v1' })),
    }
    expect(deletes(planOf(DELETE_ALL_TAGS, registry({ 'team-a/web': [immutable] })))).toEqual([
      'tag pr-7 of a',
    ])

    const keeping = `
version: 1
rules:
  - { name: releases, select: { tags: ["v*"] }, keep: { newest: 9 }, copy: always }
  - { name: all, select: { tags: ["**"] }, delete: always }
${BARE}`
    expect(deletes(planOf(keeping, inventory))).toEqual(['tag pr-7 of a'])
  })

  test('go together, in one action that names them all, only when each of them is due', () => {
    expect(deletes(planOf(DELETE_ALL_TAGS, inventory))).toEqual(['a with pr-7, v1.4, v1.4.2'])
  })
})

describe('3. a keep or an exclusion that silently does not apply, or empty criteria that mean everything', () => {
  test.each([
    ['an empty select', 'select: {}\n    delete: always'],
    ['no select', 'delete: always'],
    ['an empty list', 'select: { tags: [] }\n    delete: always'],
    ['only exclusions', 'select: { tags: ["!v*"] }\n    delete: always'],
    ['an empty condition', 'select: { tags: ["**"] }\n    delete: {}'],
    ['an empty keep', 'select: { tags: ["**"] }\n    keep: {}\n    delete: always'],
    ['a misspelt keep', 'select: { tags: ["**"] }\n    kept: { newest: 5 }\n    delete: always'],
    ['a misspelt key', 'select: { tag: ["**"] }\n    delete: always'],
    ['a keep of nothing', 'select: { tags: ["**"] }\n    keep: { newest: 0 }\n    delete: always'],
    ['a regex that is none', 'select: { tags: ["/v(/"] }\n    delete: always'],
    ['a range that is none', 'select: { semver: "newest" }\n    delete: always'],
    ['a month', 'select: { tags: ["**"] }\n    delete: { not-pushed-for: 3M }'],
    ['a negative age', 'select: { tags: ["**"] }\n    delete: { not-pushed-for: -3d }'],
  ])('%s is an error', (_, rule) => {
    expect(problemsOf(policyWith(rule))).not.toEqual([])
  })

  test('a rule that says what it means is none', () => {
    const rule =
      'select: { tags: ["v*", "!v1"] }\n    keep: { newest: 5 }\n    delete: { not-pushed-for: 90d }'
    expect(problemsOf(policyWith(rule))).toEqual([])
  })

  test('patterns that match nothing select nothing', () => {
    const policy = `
version: 1
rules:
  - { name: another team's, select: { projects: [team-z], tags: ["**"] }, delete: always }
  - { name: unlabelled, select: { labels: [disposable] }, delete: always }
${BARE}`
    expect(deletes(planOf(policy, registry({ 'team-a/web': [image('a', { tags: ['v1'] })] })))).toEqual([])
  })

  test('an excluded tag stays, on an image of its own and beside one that goes', () => {
    const policy = `
version: 1
rules:
  - { name: all but releases, select: { tags: ["**", "!v*"] }, delete: always }
${BARE}`
    const inventory = registry({
      'team-a/web': [image('a', { tags: ['v1'] }), image('b', { tags: ['v2', 'main'] })],
    })
    expect(deletes(planOf(policy, inventory))).toEqual(['tag main of b'])
  })

  test('an excluded label excludes, whichever other labels there are', () => {
    const policy = `
version: 1
rules:
  - { name: labelled, select: { labels: ["*", "!keep"] }, delete: always }
${BARE}`
    const inventory = registry({
      'team-a/web': [
        image('a', { tags: ['v1'], labels: ['old', 'keep'] }),
        image('b', { tags: ['v2'], labels: ['old'] }),
        image('c', { tags: ['v3'], labels: [] }),
      ],
    })
    expect(deletes(planOf(policy, inventory))).toEqual(['b with v2'])
  })

  test('a tag pattern says nothing about digests and names all of the tag, not part of it', () => {
    const policy = `
version: 1
rules:
  - { name: short hashes, select: { tags: ["a*", "/^[0-9a-f]{7}$/"] }, delete: always }
${BARE}`
    const inventory = registry({
      'team-a/web': [image('a', { tags: ['beta', 'sha-aaaaaaa'] }), image('b', { tags: ['0a1b2c3'] })],
    })
    expect(deletes(planOf(policy, inventory))).toEqual(['b with 0a1b2c3'])
  })
})

describe('4. what no rule is about', () => {
  test('is kept: tags, untagged artifacts, orphans, other repositories', () => {
    const policy = `
version: 1
rules:
  - { name: pull requests, select: { repositories: [team-a/web], tags: ["pr-*"] }, keep: { newest: 1 }, delete: always }
${BARE}`
    const inventory = registry(
      {
        'team-a/web': [
          image('a', { tags: ['pr-1'] }),
          image('b', { tags: ['pr-2'], pushed: 50 }),
          image('c', { tags: ['main'] }),
          image('d'),
          image('e', { tags: [about('f', 'att')] }),
        ],
        'team-a/api': [image('a', { tags: ['pr-3'] })],
      },
      { missing: 'f' },
    )
    const plan = planOf(policy, inventory)
    expect(deletes(plan)).toEqual(['a with pr-1'])
    expect(decisions(plan)).toEqual({
      'pr-1': 'delete',
      'pr-2': 'kept',
      'pr-3': 'kept',
      main: 'kept',
      d: 'kept',
      'f.att': 'kept',
    })
  })
})

describe('5. keep-N counted wrongly', () => {
  const keepTwo = (more = ''): string => `
version: 1
rules:
  - name: builds
    select: { tags: ["main-*"] }
    keep: { newest: 2${more} }
    delete: { not-pushed-for: 14d }
${BARE}`

  test('counts images, not tags', () => {
    const inventory = registry({
      'team-a/web': [
        image('a', { tags: ['main-3', 'main-3-again', 'main-3-once-more'], pushed: 20 }),
        image('b', { tags: ['main-2'], pushed: 30 }),
        image('c', { tags: ['main-1'], pushed: 40 }),
      ],
    })
    expect(deletes(planOf(keepTwo(), inventory))).toEqual(['c with main-1'])
  })

  test('counts before conditions: young images take places too', () => {
    const inventory = registry({
      'team-a/web': [
        image('a', { tags: ['main-4'], pushed: 2 }),
        image('b', { tags: ['main-3'], pushed: 3 }),
        image('c', { tags: ['main-2'], pushed: 30 }),
        image('d', { tags: ['main-1'], pushed: 40 }),
      ],
    })
    expect(deletes(planOf(keepTwo(), inventory))).toEqual(['c with main-2', 'd with main-1'])
  })

  test('counts per repository', () => {
    const inventory = registry({
      'team-a/web': [image('a', { tags: ['main-1'] }), image('b', { tags: ['main-2'] })],
      'team-a/api': [image('a', { tags: ['main-1'] }), image('b', { tags: ['main-2'] })],
    })
    expect(deletes(planOf(keepTwo(), inventory))).toEqual([])
  })

  test('counts per group, and what belongs to no group in one of its own', () => {
    const policy = `
version: 1
rules:
  - { name: minors, select: { tags: ["**"] }, keep: { newest: 1, by: semver, per: minor }, delete: always }
${BARE}`
    const inventory = registry({
      'team-a/web': [
        image('a', { tags: ['1.2.9'] }),
        image('b', { tags: ['1.2.10'] }),
        image('c', { tags: ['1.10.0'] }),
        image('d', { tags: ['nightly'], pushed: 30 }),
        image('e', { tags: ['edge'], pushed: 20 }),
      ],
    })
    expect(deletes(planOf(policy, inventory))).toEqual(['a with 1.2.9', 'd with nightly'])
  })

  test('counts neither signatures, nor children, nor untagged leftovers', () => {
    const inventory = registry({
      'team-a/web': [
        image('a', { tags: ['main-2'], children: 'd', pushed: 30 }),
        image('b', { tags: ['main-1'], pushed: 40 }),
        image('c', { tags: [about('a', 'att')], pushed: 20 }),
        image('d', { pushed: 20 }),
        image('e', { pushed: 20 }),
      ],
    })
    expect(deletes(planOf(keepTwo(), inventory))).toEqual([])
  })

  test('breaks ties the same way whatever the order of the listing', () => {
    const images = ['a', 'b', 'c', 'd'].map((name, index) => image(name, { tags: [`main-${index}`] }))
    const expected = ['a with main-0', 'b with main-1']
    expect(deletes(planOf(keepTwo(), registry({ 'team-a/web': images })))).toEqual(expected)
    expect(deletes(planOf(keepTwo(), registry({ 'team-a/web': images.toReversed() })))).toEqual(expected)
  })
})

describe('6. the wrong clock', () => {
  const unused = `
version: 1
rules:
  - { name: unused, select: { tags: ["**"] }, delete: { not-pulled-for: 30d } }
${BARE}`

  test('never pulled counts from the push', () => {
    const inventory = registry({
      'team-a/web': [image('a', { tags: ['new'], pushed: 29 }), image('b', { tags: ['old'], pushed: 30 })],
    })
    expect(deletes(planOf(unused, inventory))).toEqual(['b with old'])
  })

  test('a pull by digest counts for every tag of the image', () => {
    const inventory = registry({
      'team-a/web': [
        image('a', { tags: ['v1', 'v1.0'], pulled: 3 }),
        image('b', { tags: ['v0'], pulled: 31 }),
      ],
    })
    expect(deletes(planOf(unused, inventory))).toEqual(['b with v0'])
  })

  test('a tag is as young as the day it came to stand on an old image', () => {
    const policy = `
version: 1
rules:
  - { name: old, select: { tags: ["**"] }, delete: { not-pushed-for: 30d } }
${BARE}`
    const inventory = registry({
      'team-a/web': [image('a', { tags: ['v1', ['stable', 2]], pushed: 400 })],
    })
    expect(deletes(planOf(policy, inventory))).toEqual(['tag v1 of a'])
  })

  test('a build time that is not known neither deletes nor stops keeping', () => {
    const inventory = registry({
      'team-a/web': [
        image('a', { tags: ['reproducible'], created: null }),
        image('b', { tags: ['dated'], created: daysAgo(90) }),
      ],
    })
    const deleting = `
version: 1
rules:
  - { name: old builds, select: { tags: ["**"] }, delete: { not-created-for: 30d } }
${BARE}`
    expect(deletes(planOf(deleting, inventory))).toEqual(['b with dated'])
    const keeping = `
version: 1
rules:
  - { name: all, select: { tags: ["**"] }, keep: { newest: 1, by: created }, delete: always }
${BARE}`
    expect(deletes(planOf(keeping, inventory))).toEqual([])
  })

  test('a clock that runs ahead of ours makes nothing old', () => {
    const inventory = registry({ 'team-a/web': [image('a', { tags: ['v1'], pushed: -1 })] })
    expect(deletes(planOf(DELETE_ALL_TAGS, inventory))).toEqual([])
  })
})
