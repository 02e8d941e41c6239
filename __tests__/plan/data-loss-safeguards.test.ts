// The ways in which cleanup tools have lost people's images, and what a plan does instead: use, errors, limits, drift and
// signatures.
import { describe, expect, test } from '@jest/globals'
import { NOW } from '../oracle/arbitrary.ts'
import { planOf } from './plan-of.ts'
import {
  BARE,
  DELETE_ALL_TAGS,
  DELETE_ALL_UNTAGGED,
  DELETE_EVERYTHING,
  about,
  daysAgo,
  decisions,
  deletes,
  digest,
  image,
  registry,
  indexAccessory,
  signature,
} from './registry.ts'

describe('7. in use but old', () => {
  const inventory = registry({
    'team-a/web': [
      image('a', { tags: ['v1'], pushed: 700, pulled: 1 }),
      image('b', { tags: ['v2'], pushed: 700, labels: ['production'] }),
      image('c', { pushed: 700, pulled: 1 }),
      image('d', { tags: ['v3'], pushed: 700 }),
    ],
  })

  test('a protection by use or by label wins over every rule, for tags and for untagged images', () => {
    const policy = `
version: 1
protect:
  - { name: still used, pulled-within: 30d }
  - { name: deployed, labels: [production] }
rules:
  - { name: old, select: { tags: ["**"] }, delete: { not-pushed-for: 90d } }
  - { name: leftovers, select: { untagged: true }, delete: { not-pushed-for: 90d } }
${BARE}`
    const plan = planOf(policy, inventory)
    expect(deletes(plan)).toEqual(['d with v3'])
    expect(decisions(plan)).toEqual({ v1: 'protected', v2: 'protected', c: 'protected', v3: 'delete' })
  })

  test('a keep by use exempts beside the newest', () => {
    const policy = `
version: 1
rules:
  - { name: old, select: { tags: ["**"] }, keep: { newest: 1, pulled-within: 30d }, delete: always }
${BARE}`
    expect(decisions(planOf(policy, inventory))).toMatchObject({ v1: 'kept' })
  })
})

describe('8. a flag that widens the scope, a dry run that is none', () => {
  const web = [image('a', { tags: ['v1'] }), image('b'), image('c', { tags: [about('f', 'att')] })]

  test('`untagged` and `orphans` each speak of their own, never of tags besides', () => {
    const inventory = registry({ 'team-a/web': web }, { missing: 'f' })
    expect(deletes(planOf(DELETE_ALL_UNTAGGED, inventory))).toEqual(['b'])
    expect(deletes(planOf(DELETE_ALL_TAGS, inventory))).toEqual(['a with v1'])
    expect(deletes(planOf(DELETE_EVERYTHING, inventory))).toEqual(['a with v1', 'b', 'c with f.att'])
  })

  test('another key in a select narrows it', () => {
    const policy = (select: string): string => `
version: 1
rules:
  - { name: some, select: { ${select} }, delete: always }
${BARE}`
    const inventory = registry({
      'team-a/web': [image('a', { tags: ['v1'] }), image('b', { tags: ['v2'], labels: ['old'] })],
    })
    expect(deletes(planOf(policy('tags: ["v*"]'), inventory))).toEqual(['a with v1', 'b with v2'])
    expect(deletes(planOf(policy('tags: ["v*"], labels: [old]'), inventory))).toEqual(['b with v2'])
    expect(deletes(planOf(policy('tags: ["v*"], labels: [old], signed: true'), inventory))).toEqual([])
  })

  test('planning changes nothing that it is given', () => {
    const inventory = registry({ 'team-a/web': web }, { missing: 'f' })
    const before = structuredClone(inventory)
    planOf(DELETE_EVERYTHING, inventory)
    expect(inventory).toEqual(before)
  })
})

describe('9. an error that becomes an empty list that becomes a decision', () => {
  test('what could not be read makes the plan incomplete, and nothing of it may be applied', () => {
    const web = [image('a', { tags: ['v1'] })]
    const failures = [{ where: 'team-a/api', message: 'Harbor answered 500' }]
    const { plan } = planOf(DELETE_ALL_TAGS, registry({ 'team-a/web': web }, { failures }))
    expect(plan).toMatchObject({ complete: false, applyable: false })
    expect(plan.problems.map(({ code }) => code)).toContain('incomplete')
    expect(planOf(DELETE_ALL_TAGS, registry({ 'team-a/web': web })).plan.applyable).toBe(true)
  })

  test('labels, platforms and signatures that were not read protect, keep, and never select', () => {
    const unread = image('a', { tags: ['v1'], labels: null, platforms: null, accessories: null })
    const inventory = registry({ 'team-a/web': [unread] })
    const policy = (select: string): string => `
version: 1
rules:
  - { name: some, select: { ${select} }, delete: always }
${BARE}`
    for (const select of ['labels: [old]', 'labels: ["*", "!keep"]', 'platforms: ["**"]', 'signed: false']) {
      expect(deletes(planOf(policy(select), inventory))).toEqual([])
      const protecting = `protect: [{ name: some, ${select} }]${DELETE_ALL_TAGS}`
      expect(decisions(planOf(protecting, inventory))).toEqual({ v1: 'protected' })
    }
  })

  test('immutability that is not known protects', () => {
    const a = image('a', { tags: ['v1'] })
    const unknown = { ...a, tags: a.tags.map((tag) => ({ ...tag, immutable: null })) }
    expect(decisions(planOf(DELETE_ALL_TAGS, registry({ 'team-a/web': [unknown] })))).toEqual({
      v1: 'protected',
    })
  })

  test('accessories that were not read hold what they may belong to', () => {
    const inventory = registry({
      'team-a/web': [image('a', { tags: ['v1'], accessories: null }), image('b', { accessories: null })],
    })
    const plan = planOf(DELETE_EVERYTHING, inventory)
    expect(deletes(plan)).toEqual(['tag v1 of a'])
    expect(decisions(plan)).toEqual({ v1: 'delete', b: 'kept' })
  })

  test('a subject that nobody asked for is not a missing subject', () => {
    const inventory = registry({ 'team-a/web': [image('a', { tags: [about('f', 'att')] })] })
    expect(deletes(planOf(DELETE_EVERYTHING, inventory))).toEqual([])
  })
})

describe('10. everything wiped', () => {
  const images = Array.from({ length: 10 }, (_, index) =>
    image(`${index}`, { tags: [`v${index}`], pushed: 100 - index }),
  )
  const all = (limits = ''): string => `
version: 1
rules:
  - { name: all, select: { tags: ["**"] }, delete: always }
${limits}`

  test('without any limits written, more than half of all units is too much', () => {
    const { plan } = planOf(all(), registry({ 'team-a/web': images }))
    expect(plan.actions).toHaveLength(9)
    expect(plan.applyable).toBe(false)
    expect(plan.problems.map(({ code }) => code)).toEqual(['limit-exceeded'])
    expect(plan.problems[0]?.message).toContain('50')
  })

  test('the newest image of every repository stays, and what was pushed today', () => {
    const inventory = registry({
      'team-a/web': images,
      'team-a/api': [image('a', { tags: ['hot'], pushed: 0.5 }), image('b', { tags: ['warm'], pushed: 0.9 })],
    })
    const decided = Object.entries(decisions(planOf(all(), inventory)))
    const kept = decided.filter(([, decision]) => decision !== 'delete').map(([tag]) => tag)
    expect(kept.toSorted()).toEqual(['hot', 'v9', 'warm'])
  })

  test('limits count units against all units that were read; at the limit is inside', () => {
    const applyable = (limits: string): boolean =>
      planOf(all(`limits: { keep-per-repository: 5, ${limits} }`), registry({ 'team-a/web': images })).plan
        .applyable
    expect(applyable('max-delete-percent: 50')).toBe(true)
    expect(applyable('max-delete-percent: 49')).toBe(false)
    expect(applyable('max-deletes: 5')).toBe(true)
    expect(applyable('max-deletes: 4')).toBe(false)
    expect(applyable('max-deletes: 0')).toBe(false)
  })

  test('a plan over its limits still shows all that it would do', () => {
    const { plan } = planOf(all('limits: { max-deletes: 1 }'), registry({ 'team-a/web': images }))
    expect(plan.actions).toHaveLength(9)
    expect(plan.totals.deletes).toBe(9)
  })
})

describe('11. drift between plan and apply', () => {
  const inventory = registry({
    'team-a/web': [
      image('a', { tags: ['v1', ['v2', 40]], pulled: 35, accessories: [signature('e')] }),
      image('b', { tags: ['v3', 'main'] }),
    ],
  })
  const policy = `
version: 1
rules:
  - { name: releases, select: { tags: ["v*"] }, delete: always }
${BARE}`

  test('every delete names the digest, and what a re-read has to find unchanged', () => {
    const { plan } = planOf(policy, inventory)
    expect(plan.actions).toHaveLength(2)
    expect(plan.actions.find(({ kind }) => kind === 'delete-artifact')).toMatchObject({
      repository: 'team-a/web',
      digest: digest('a'),
      tags: ['v1', 'v2'],
      accessories: [digest('e')],
      pushed: new Date(daysAgo(40)).toISOString(),
      pulled: new Date(daysAgo(35)).toISOString(),
    })
    expect(plan.actions.find(({ kind }) => kind === 'delete-tag')).toMatchObject({
      repository: 'team-a/web',
      digest: digest('b'),
      tag: 'v3',
    })
  })

  test('an approval is for exactly these actions: any other has another id', () => {
    const { plan } = planOf(policy, inventory)
    expect(planOf(policy, structuredClone(inventory)).plan.id).toBe(plan.id)
    const [a, b] = inventory.repositories[0]?.artifacts ?? []
    if (a === undefined || b === undefined) throw new Error('no artifacts')
    const others = [
      [{ ...a, tags: a.tags.slice(1) }, b],
      [{ ...a, pulled: daysAgo(34) }, b],
      [{ ...a, accessories: [signature('f')] }, b],
      [a, { ...b, digest: digest('c') }],
      [a],
    ].map((artifacts) => planOf(policy, registry({ 'team-a/web': artifacts })).plan.id)
    expect(new Set([plan.id, ...others]).size).toBe(6)
  })

  test('a tag that moved is decided on where it stands now', () => {
    const moved = registry({
      'team-a/web': [image('a', { tags: ['v1'] }), image('b', { tags: ['main', ['v3', 3]], pushed: 200 })],
    })
    const old = policy.replace('delete: always', 'delete: { not-pushed-for: 7d }')
    expect(deletes(planOf(old, moved))).toEqual(['a with v1'])
  })

  test('a plan made for another time says so', () => {
    expect(planOf(policy, inventory, NOW + 1).plan.now).not.toBe(planOf(policy, inventory).plan.now)
  })
})

describe('12. signatures and SBOMs orphaned, or counted as images', () => {
  test('accessories go with their image and stay with it', () => {
    const inventory = registry({
      'team-a/web': [
        image('a', { tags: ['pr-1'], accessories: [signature('d')] }),
        image('b', { tags: ['v1'], accessories: [signature('e')] }),
      ],
    })
    const policy = `
version: 1
rules:
  - { name: pull requests, select: { tags: ["pr-*"] }, delete: always }
${BARE}`
    expect(deletes(planOf(policy, inventory))).toEqual(['a with pr-1 and accessories d'])
  })

  // Its children are artifacts of their own, with what hangs on them, and Harbor deletes them with it.
  test('an accessory that is an index holds its image, and its children are held', () => {
    const web = [
      image('a', { tags: ['v1'], accessories: [indexAccessory('d', 'c')] }),
      image('b', { accessories: [indexAccessory('e', 'c')] }),
      image('c', { accessories: [signature('f')] }),
      image('9', { tags: ['v9'], children: '8' }),
      image('8', { accessories: [indexAccessory('7', '6')] }),
    ]
    const plan = planOf(DELETE_EVERYTHING, registry({ 'team-a/web': web }))
    expect(deletes(plan)).toEqual(['tag v1 of a', 'tag v9 of 9'])
    expect(decisions(plan)).toEqual({ v1: 'delete', v9: 'delete', b: 'kept', c: 'kept' })
    const codes = plan.repositories.flatMap(({ units }) => units.map(({ verdict }) => verdict.code))
    expect(codes).toEqual(['delete', 'held-index', 'held-part', 'delete'])
    const archiving = DELETE_EVERYTHING.replaceAll('delete: always', 'archive: always')
    const { actions } = planOf(archiving, registry({ 'team-a/web': web })).plan
    expect(actions.map(({ kind }) => kind)).toEqual(['copy', 'copy', 'delete-tag', 'delete-tag'])
  })

  test('a tag that goes says why its artifact stays, unless it is another tag that keeps it', () => {
    const accessories = [indexAccessory('d', 'c')]
    const web = [
      image('a', { tags: ['v1'], accessories }),
      image('b', { tags: ['v2', 'main'], accessories }),
      image('e', { tags: ['v3'], accessories: [{ ...signature('f'), tags: null }] }),
    ]
    const releases = DELETE_ALL_TAGS.replace('**', 'v*')
    const { actions } = planOf(releases, registry({ 'team-a/web': web })).plan
    expect(actions.map(({ kind, reason }) => [kind, reason])).toEqual([
      [
        'delete-tag',
        'always; its artifact stays: an index hangs on it, and Harbor would delete what that index holds, too',
      ],
      ['delete-tag', 'always'],
      [
        'delete-tag',
        'always; its artifact stays: what belongs to it has a tag of its own, or could not be read',
      ],
    ])
  })

  test("cosign's tags belong to no rule about tags: they share their subject's fate", () => {
    const inventory = registry({
      'team-a/web': [
        image('a', { tags: ['pr-1'] }),
        image('b', { tags: ['v1'] }),
        image('c', { tags: [about('a', 'att')] }),
        image('d', { tags: [about('b', 'att'), about('b', 'sbom')] }),
      ],
    })
    const policy = `
version: 1
protect: [{ name: releases, tags: ["v*"] }]
rules:
  - { name: all, select: { tags: ["**"] }, delete: always }
  - { name: leftovers, select: { untagged: true }, delete: always }
  - { name: orphans, select: { orphans: true }, delete: always }
${BARE}`
    const plan = planOf(policy, inventory)
    expect(deletes(plan)).toEqual(['a with pr-1', 'c with a.att'])
    expect(decisions(plan)).toEqual({ 'pr-1': 'delete', v1: 'protected' })
  })

  test('they wait for their subject to be gone', () => {
    const inventory = registry({
      'team-a/web': [image('b', { tags: ['pr-1'] }), image('a', { tags: [about('b', 'att')] })],
    })
    const [first, second] = planOf(DELETE_ALL_TAGS, inventory).plan.actions
    expect(first).toMatchObject({ digest: digest('b') })
    expect(second).toMatchObject({ digest: digest('a'), follows: [digest('b')] })
  })

  test('they stay when only some tags of their subject go', () => {
    const inventory = registry({
      'team-a/web': [image('a', { tags: ['pr-1', 'v1'] }), image('b', { tags: [about('a', 'sig')] })],
    })
    const policy = `
version: 1
rules:
  - { name: pull requests, select: { tags: ["pr-*"] }, delete: always }
${BARE}`
    expect(deletes(planOf(policy, inventory))).toEqual(['tag pr-1 of a'])
  })

  test('an archive takes them along before anything is deleted', () => {
    const inventory = registry({
      'team-a/web': [
        image('a', { tags: ['v1'], children: 'b', accessories: [signature('d')] }),
        image('b', { accessories: [signature('e')] }),
        image('c', { tags: [about('a', 'att')] }),
      ],
    })
    const policy = `
version: 1
rules:
  - { name: old, select: { tags: ["v*"] }, archive: always }
${BARE}`
    const { actions } = planOf(policy, inventory).plan
    expect(actions.map(({ kind }) => kind)).toEqual(['copy', 'delete-artifact', 'delete-artifact'])
    expect(actions[0]).toMatchObject({ tags: ['v1'], accessories: ['c', 'd', 'e'].map(digest) })
    expect(actions[1]).toMatchObject({ digest: digest('a'), after: `team-a/web@${digest('a')}` })
    expect(actions[2]).toMatchObject({ digest: digest('c'), after: `team-a/web@${digest('a')}` })
  })

  test('orphans are a family of their own, and never the image that a repository keeps', () => {
    const inventory = registry(
      {
        'team-a/web': [
          image('a', { tags: ['v1'], pushed: 90 }),
          image('b', { tags: [about('f', 'att')], pushed: 10 }),
        ],
      },
      { missing: 'f' },
    )
    const policy = `
version: 1
rules:
  - { name: all, select: { tags: ["**"] }, delete: always }
  - { name: orphans, select: { orphans: true }, delete: { not-pushed-for: 7d } }`
    const plan = planOf(policy, inventory)
    expect(decisions(plan)).toEqual({ v1: 'protected', 'f.att': 'delete' })
    expect(deletes(plan)).toEqual(['b with f.att'])
  })
})
