// What a plan touches is read twice, with all that hangs on it: Harbor answers 200 with a field left empty when it
// failed to look it up.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { Builder } from '../../stand-in/load/build.ts'
import type { Artifact } from '../../stand-in/state/model.ts'
import { ensureTag } from '../../stand-in/state/push.ts'
import { startStandIn, type StandIn } from '../../stand-in/stand-in.ts'
import type { Action } from '../../src/plan/types.ts'
import { carryOut, takenBy } from '../helpers/carry-out.ts'
import { planOf, type Planned } from '../helpers/plan.ts'
import { daysLater, LONG_AGO } from '../helpers/registry.ts'
import {
  startRelay,
  withEntries,
  withFields,
  type Entry,
  type Given,
  type Meddling,
  type Relay,
} from '../helpers/relay.ts'

const REPOSITORY = 'library/app'
const LISTS = /\/artifacts\?/
const SINGLE = /\/artifacts\/sha256/

let standIn: StandIn
let builder: Builder
let relay: Relay | undefined

beforeEach(async () => {
  standIn = await startStandIn()
  builder = new Builder(standIn.registry)
})
afterEach(async () => {
  await relay?.close()
  relay = undefined
  await standIn.close()
})

function policy(rules: string, protect = ''): string {
  return `version: 1
protect: [${protect}]
rules: [${rules}]
limits: { max-delete-percent: 100, keep-per-repository: 0 }
`
}

const UNTAGGED = '{ name: untagged, select: { untagged: true }, delete: always }'
const VERSIONS = '{ name: versions, select: { tags: ["v*"] }, delete: always }'
const KEEP_LABEL = '{ name: keep, labels: [keep] }'

function image(name: string, labels: readonly string[] = [], day = 0): Artifact {
  return builder.image(REPOSITORY, { tags: [name], pushed: daysLater(day), layers: [name], labels })
}

async function plan(text: string, meddling: Meddling = {}): Promise<Planned> {
  relay = await startRelay(standIn.url, meddling)
  return planOf(relay.url, text)
}

/** Changes the entries of the first list of artifacts, and of it alone. */
function inFirst(change: (entry: Entry) => Entry | undefined, pattern = LISTS): Meddling {
  let nth = 0
  return {
    after: ({ path }, given) => {
      if (!pattern.test(path) || (nth += 1) > 1) return undefined
      return withEntries(given, change)
    },
  }
}

function summary({ plan: { actions } }: Planned): readonly string[] {
  return actions.map((action) =>
    action.kind === 'delete-tag' ? `tag ${action.tag}` : `${action.kind} ${action.tags.join(' ')}`,
  )
}

describe('a field that the first reading has empty', () => {
  test('tags: what has some is not untagged', async () => {
    image('v1')
    const planned = await plan(
      policy(UNTAGGED),
      inFirst((entry) => ({ ...entry, tags: null })),
    )
    expect(planned.first.repositories[0]?.artifacts[0]?.tags).toEqual([])
    expect(planned.plan.actions).toEqual([])
  })

  test('tags: another tag keeps the image', async () => {
    ensureTag(standIn.registry, image('v1'), 'stable', LONG_AGO)
    const only = (entry: Entry): Entry => ({
      ...entry,
      tags: Array.isArray(entry['tags'])
        ? entry['tags'].filter((tag) => JSON.stringify(tag).includes('v1'))
        : null,
    })
    expect(summary(await plan(policy(VERSIONS), inFirst(only)))).toEqual(['tag v1'])
  })

  test('labels: what is protected by one stays', async () => {
    image('v1', ['keep'])
    image('v2', ['other'])
    const planned = await plan(
      policy(VERSIONS, KEEP_LABEL),
      inFirst((entry) => ({ ...entry, labels: null })),
    )
    expect(summary(planned)).toEqual(['delete-artifact v2'])
  })

  test('accessories: what is signed isn’t unsigned', async () => {
    builder.sign(REPOSITORY, image('v1').digest, 'sig', LONG_AGO)
    const unsigned = '{ name: unsigned, select: { signed: false }, delete: always }'
    const planned = await plan(
      policy(unsigned),
      inFirst((entry) => ({ ...entry, accessories: null })),
    )
    expect(planned.plan.actions).toEqual([])
  })

  test('pull times: the later of two counts', async () => {
    image('v1').pulled = Date.now()
    const unused = '{ name: unused, select: { tags: ["**"] }, delete: { not-pulled-for: 30d } }'
    const never = '0001-01-01T00:00:00.000Z'
    const planned = await plan(
      policy(unused),
      inFirst((entry) => ({ ...entry, pull_time: never })),
    )
    expect(planned.plan.actions).toEqual([])
  })

  test('for many at once: the repository is listed anew', async () => {
    for (let i = 0; i < 450; i += 1) image(`v${i}`, i % 9 === 0 ? ['keep'] : [])
    builder.sign(REPOSITORY, standIn.registry.artifact(REPOSITORY, 'v1').digest, 'sig', LONG_AGO)
    let lists = 0
    const planned = await plan(policy(VERSIONS, KEEP_LABEL), {
      after: ({ path }, given) => {
        if (!LISTS.test(path) || path.includes('with_accessory')) return undefined
        lists += 1
        return withEntries(given, (entry) => ({ ...entry, labels: null }))
      },
    })
    expect(lists).toBeGreaterThan(3)
    expect(planned.plan.actions).toHaveLength(400)
    expect(takenBy(planned.plan).has(`${REPOSITORY}:v9`)).toBe(false)
    expect(
      planned.plan.actions.filter((action) => 'accessories' in action && action.accessories.length > 0),
    ).toHaveLength(1)
  })
})

describe('whatever is left empty at random in the first reading', () => {
  const fields = ['tags', 'labels', 'accessories'] as const

  test.each(fields)('%s: no more is taken than without', async (field) => {
    let seed = 7
    const chance = (): boolean => (seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31) % 3 === 0
    for (let day = 0; day < 24; day += 1) {
      const one = image(`v${day}`, chance() ? ['keep'] : [], day)
      if (chance()) ensureTag(standIn.registry, one, `main-${day}`, daysLater(day))
      if (chance()) builder.sign(REPOSITORY, one.digest, chance() ? 'sig' : 'att', daysLater(day))
      if (chance()) builder.refer(one, 'application/spdx+json', `sbom ${day}`, daysLater(day))
      const tags = [`multi-${day}`]
      if (chance()) builder.index(REPOSITORY, { images: [one], tags, pushed: daysLater(day) })
    }
    const text = policy(
      `${UNTAGGED}, { name: v, select: { tags: ["v*"] }, keep: { newest: 3 }, delete: always },
       { name: m, select: { tags: ["m*"], signed: false }, keep: { newest: 2 }, delete: always }`,
      KEEP_LABEL,
    )
    const calm = takenBy((await planOf(standIn.url, text)).plan)
    expect(calm.size).toBeGreaterThan(10)
    for (let round = 0; round < 12; round += 1) {
      const taken = takenBy(
        (
          await plan(
            text,
            inFirst((entry) => (chance() ? { ...entry, [field]: null } : entry)),
          )
        ).plan,
      )
      expect([...taken].filter((name) => !calm.has(name))).toEqual([])
      await relay?.close()
      relay = undefined
    }
  })
})

describe('what the final plan touches', () => {
  // The draft doesn't delete v4: with v5 for an untagged artifact, v4 is the newest.
  test('has all been read twice', async () => {
    image('v4', ['keep'], 1)
    image('v5', [], 2)
    const newest = '{ name: versions, select: { tags: ["v*"] }, keep: { newest: 1 }, delete: always }'
    const planned = await plan(
      policy(`${newest}, ${UNTAGGED}`, KEEP_LABEL),
      inFirst((entry) => ({
        ...entry,
        ...(JSON.stringify(entry['tags']).includes('v5') ? { tags: null } : { labels: null }),
      })),
    )
    expect(summary(planned)).toEqual([])
  })

  test('isn’t taken by the first reading alone when the second doesn’t have it', async () => {
    image('v4', ['keep'])
    let nth = 0
    const planned = await plan(policy(VERSIONS, KEEP_LABEL), {
      after: ({ path }, given) => {
        if (!LISTS.test(path)) return undefined
        // X-Total-Count stays as it is: there is one, and it isn't listed.
        return withEntries(given, (entry) => ((nth += 1) === 1 ? { ...entry, labels: null } : undefined))
      },
    })
    expect(planned.plan.complete && planned.plan.actions.length > 0).toBe(false)
  })

  test('a second reading that fails is told, and nothing can be applied', async () => {
    image('v1')
    standIn.faults.inject({ path: 'digest', times: Infinity, fault: { kind: 'error', status: 500 } })
    const { plan: made } = await plan(policy(VERSIONS))
    expect([made.complete, made.applyable]).toEqual([false, false])
    expect(made.problems).toEqual([
      {
        code: 'incomplete',
        message: expect.stringMatching(/^library\/app was not read: GET .*answered 500 UNKNOWN/),
      },
    ])
  })

  test('of two repositories whose second reading fails, both are told, and a third is read', async () => {
    for (const name of ['a', 'b', 'c']) builder.image(`library/${name}`, { tags: ['v1'], pushed: LONG_AGO })
    standIn.faults.inject({
      path: /\/[ab]\/artifacts.*digest/,
      times: Infinity,
      fault: { kind: 'error', status: 500 },
    })
    const { plan: made } = await plan(policy(VERSIONS))
    expect(made.problems.map(({ message }) => message.split(' ')[0])).toEqual(['library/a', 'library/b'])
    expect(made.actions.map(({ repository, kind }) => [repository, kind])).toContainEqual([
      'library/c',
      'delete-artifact',
    ])
  })
})

describe('what hangs on an image', () => {
  test.each(['signed: true', 'signed: false'])(
    'a signature of its SBOM is none of its own: what is selected by `%s`',
    async (signed) => {
      builder.sign(REPOSITORY, image('v1').digest, 'sig', LONG_AGO)
      const sbom = builder.refer(image('v2'), 'application/spdx+json', 'sbom', LONG_AGO)
      builder.sign(REPOSITORY, sbom.digest, 'sig', LONG_AGO)
      const rule = `{ name: some, select: { tags: ["v*"], ${signed} }, delete: always }`
      const chosen = signed === 'signed: true' ? 'v1' : 'v2'
      expect(summary(await plan(policy(rule)))).toEqual([`delete-artifact ${chosen}`])
      await relay?.close()
      // What another rule has read of it makes no difference.
      const both = await plan(policy(`${rule}, { name: rest, select: { tags: ["v*"] }, delete: always }`))
      expect(
        both.plan.actions
          .filter(({ rule: by }) => by === 'some')
          .flatMap((action) => ('tags' in action ? action.tags : [])),
      ).toEqual([chosen])
    },
  )

  test('goes along and is named: signatures, referrers, and what hangs on those', async () => {
    const one = image('v1')
    const signature = builder.sign(REPOSITORY, one.digest, 'sig', LONG_AGO)
    const sbom = builder.refer(one, 'application/spdx+json', 'sbom', LONG_AGO)
    const ofSbom = builder.sign(REPOSITORY, sbom.digest, 'sig', LONG_AGO)
    const nested = builder.refer(ofSbom, 'application/vnd.x+json', 'deep', LONG_AGO)
    const planned = await plan(policy(VERSIONS))
    expect(planned.plan.actions).toMatchObject([
      {
        kind: 'delete-artifact',
        digest: one.digest,
        accessories: [signature, sbom, ofSbom, nested].map(({ digest }) => digest).toSorted(),
      },
    ])
    expect(await carryOut(standIn.url, planned.plan)).toEqual({ refused: [] })
    expect(standIn.registry.repository(REPOSITORY).artifacts.size).toBe(0)
  })

  test('a referrer with a name of its own holds its subject', async () => {
    const referrer = builder.refer(image('v1'), 'application/spdx+json', 'sbom', LONG_AGO)
    ensureTag(standIn.registry, referrer, 'my-sbom', LONG_AGO)
    expect(summary(await plan(policy(VERSIONS)))).toEqual(['tag v1'])
  })

  test('a referrer of a referrer, too, and one of an index’s child', async () => {
    const [one, child] = [image('v1'), builder.image(REPOSITORY, { pushed: LONG_AGO, layers: ['child'] })]
    builder.index(REPOSITORY, { images: [child], tags: ['v2'], pushed: LONG_AGO })
    const sbom = builder.refer(one, 'application/spdx+json', 'sbom', LONG_AGO)
    const named = [
      builder.refer(sbom, 'application/a', 'deep', LONG_AGO),
      builder.refer(child, 'application/b', 'x', LONG_AGO),
    ]
    for (const [index, each] of named.entries()) ensureTag(standIn.registry, each, `named-${index}`, LONG_AGO)
    expect(summary(await plan(policy(VERSIONS)))).toEqual(['tag v1', 'tag v2'])
  })

  describe('and is an index, whose children have what hangs on them', () => {
    /** Hangs an index on a subject, and something on the child of that. */
    function hangIndexOn(
      subject: Artifact,
      name = 'child',
    ): { readonly index: Artifact; readonly child: Artifact } {
      const child = builder.image(REPOSITORY, { pushed: LONG_AGO, layers: [`${name} of the index`] })
      const index = builder.index(REPOSITORY, { images: [child], subject, pushed: LONG_AGO })
      builder.sign(REPOSITORY, child.digest, 'sig', LONG_AGO)
      builder.refer(child, 'application/spdx+json', 'of the child', LONG_AGO)
      return { index, child }
    }

    const there = (): readonly string[] => [...standIn.registry.repository(REPOSITORY).artifacts.keys()]
    const decided = ({ repositories }: Planned): ReadonlyMap<string, string> =>
      new Map(
        repositories.flatMap(({ units }) =>
          units.map(({ name, artifact, verdict }) => [name || artifact.digest, verdict.code]),
        ),
      )

    const subjects: readonly (readonly [string, () => Artifact])[] = [
      ['the image', () => image('v1')],
      ['a signature of it', () => builder.sign(REPOSITORY, image('v1').digest, 'sig', LONG_AGO)],
      [
        'a child of it',
        () => {
          const child = builder.image(REPOSITORY, { pushed: LONG_AGO, layers: ['child'] })
          builder.index(REPOSITORY, { images: [child], tags: ['v1'], pushed: LONG_AGO })
          return child
        },
      ],
    ]

    test.each(subjects)('on %s: only the tag goes, and says why', async (_what, subject) => {
      hangIndexOn(subject())
      const before = there()
      const planned = await plan(policy(VERSIONS))
      expect(planned.plan.actions).toMatchObject([
        {
          kind: 'delete-tag',
          tag: 'v1',
          reason:
            'always; its artifact stays: an index hangs on it, and Harbor would delete what that index holds, too',
        },
      ])
      expect(await carryOut(standIn.url, planned.plan)).toEqual({ refused: [] })
      expect(there()).toEqual(before)
    })

    test('an image without a tag stays, and isn’t copied to be archived', async () => {
      const subject = builder.image(REPOSITORY, { pushed: LONG_AGO, layers: ['untagged'] })
      const { child } = hangIndexOn(subject)
      for (const rule of [UNTAGGED, UNTAGGED.replace('delete', 'archive')]) {
        const planned = await plan(policy(rule))
        expect(planned.plan.actions).toEqual([])
        expect(decided(planned).get(subject.digest)).toBe('held-index')
        expect(decided(planned).get(child.digest)).toBe('held-part')
        await relay?.close()
      }
    })

    test('no child of it goes by itself where the index is known', async () => {
      const { child } = hangIndexOn(image('v1'))
      ensureTag(standIn.registry, hangIndexOn(image('v2'), 'named').child, 'named', LONG_AGO)
      const both = `${VERSIONS}, { name: named, select: { tags: [named] }, delete: always }, ${UNTAGGED}`
      const planned = await plan(policy(both))
      expect(summary(planned)).toEqual(['tag named', 'tag v1', 'tag v2'])
      expect(decided(planned).get(child.digest)).toBe('held-part')
      expect(await carryOut(standIn.url, planned.plan)).toEqual({ refused: [] })
    })

    test('an image that is only copied is copied', async () => {
      const { index } = hangIndexOn(image('v1'))
      const planned = await plan(policy('{ name: copies, select: { tags: ["v*"] }, copy: always }'))
      expect(planned.plan.actions).toMatchObject([
        { kind: 'copy', tags: ['v1'], accessories: [index.digest] },
      ])
    })

    test('an image that is archived keeps its artifact', async () => {
      hangIndexOn(image('v1'))
      const planned = await plan(policy(VERSIONS.replace('delete', 'archive')))
      expect(planned.plan.actions).toMatchObject([{ kind: 'copy' }, { kind: 'delete-tag', tag: 'v1' }])
    })

    test('children that one answer leaves out count all the same', async () => {
      hangIndexOn(image('v1'))
      let nth = 0
      const planned = await plan(policy(VERSIONS), {
        after: ({ path }, given) =>
          SINGLE.test(path) && (nth += 1) === 1
            ? withFields(given, (fields) => ({ ...fields, references: null }))
            : undefined,
      })
      expect(nth).toBeGreaterThan(1)
      expect(summary(planned)).toEqual(['tag v1'])
    })
  })

  test('a signature whose tag is immutable: Harbor would refuse, so only the tag goes', async () => {
    builder.sign(REPOSITORY, image('v1').digest, 'sig', LONG_AGO)
    standIn.registry.addImmutableRule('library', { tags: 'sha256-*' })
    const planned = await plan(policy(VERSIONS))
    expect(summary(planned)).toEqual(['tag v1'])
    expect(await carryOut(standIn.url, planned.plan)).toEqual({ refused: [] })
  })

  // An index that cosign and oras write for registries without a referrers API: `sha256-<hex>`, no suffix.
  test('is held by an index of referrers, which must not go by itself', async () => {
    const subject = image('v1')
    const sbom = builder.refer(subject, 'application/spdx+json', 'sbom', LONG_AGO)
    builder.index(REPOSITORY, { images: [sbom], tags: [subject.digest.replace(':', '-')], pushed: LONG_AGO })
    const rest = '{ name: rest, select: { tags: ["**", "!v*"] }, delete: always }'
    const planned = await plan(policy(rest))
    expect([...takenBy(planned.plan)].filter((name) => name.endsWith(sbom.digest))).toEqual([])
  })

  describe('is looked at twice as well', () => {
    /** Changes the first answer for a single artifact, and it alone. */
    const inFirstSingle = (change: (given: Given) => Given): Meddling => {
      let nth = 0
      return {
        after: ({ path }, given) => (SINGLE.test(path) && (nth += 1) === 1 ? change(given) : undefined),
      }
    }
    const cases: readonly (readonly [string, () => Meddling])[] = [
      [
        'accessories that the list has empty',
        () => inFirst((entry) => ({ ...entry, accessories: null }), /\/artifacts\?.*with_accessory/),
      ],
      [
        'tags of an accessory that the answer has empty',
        () => inFirstSingle((given) => withFields(given, (fields) => ({ ...fields, tags: null }))),
      ],
      [
        'an accessory that the list has and Harbor says it hasn’t',
        () =>
          inFirstSingle((given) => ({
            ...given,
            status: 404,
            body: '{"errors":[{"code":"NOT_FOUND","message":"quota"}]}',
          })),
      ],
    ]

    test.each(cases)('%s', async (_what, meddling) => {
      const referrer = builder.refer(image('v1'), 'application/spdx+json', 'sbom', LONG_AGO)
      ensureTag(standIn.registry, referrer, 'my-sbom', LONG_AGO)
      expect(takenBy((await plan(policy(VERSIONS), meddling())).plan)).toEqual(new Set([`${REPOSITORY}:v1`]))
    })
  })
})

describe('what is only copied', () => {
  const COPIES = '{ name: copies, select: { tags: ["v*"] }, copy: always }'
  const lists = (): number => standIn.requests.filter(({ path }) => LISTS.test(path)).length
  const copied = ({ plan: { actions } }: Planned): unknown =>
    new Map(actions.map((action) => [action.kind === 'copy' && action.tags[0], takenWith(action)]))
  const takenWith = (action: Action): unknown => action.kind === 'copy' && action.accessories

  async function twoPlans(text: string): Promise<readonly [bare: number, planned: Planned]> {
    await plan(policy('{ name: none, select: { tags: ["none"], signed: true }, delete: always }'))
    const bare = lists()
    standIn.resetRequests()
    await relay?.close()
    return [bare, await plan(policy(text))]
  }

  test('was read enough when nothing hangs on it, nor on its children', async () => {
    image('v1')
    image('v2')
    const child = builder.image(REPOSITORY, { pushed: LONG_AGO, layers: ['child'] })
    builder.index(REPOSITORY, { images: [child], tags: ['v3'], pushed: LONG_AGO })
    const [once, planned] = await twoPlans(COPIES)
    expect(copied(planned)).toEqual(new Map(['v1', 'v2', 'v3'].map((tag) => [tag, []])))
    expect(lists()).toBe(once)
  })

  test('is asked once for what hangs on what hangs on it', async () => {
    const sbom = builder.refer(image('v1'), 'application/spdx+json', 'sbom', LONG_AGO)
    const child = builder.image(REPOSITORY, { pushed: LONG_AGO, layers: ['child'] })
    builder.index(REPOSITORY, { images: [child], tags: ['v2'], pushed: LONG_AGO })
    const ofChild = builder.refer(child, 'application/spdx+json', 'of child', LONG_AGO)
    const all = [
      ['v1', [sbom, builder.sign(REPOSITORY, sbom.digest, 'sig', LONG_AGO)]],
      ['v2', [ofChild, builder.sign(REPOSITORY, ofChild.digest, 'sig', LONG_AGO)]],
    ] as const
    const [once, planned] = await twoPlans(COPIES)
    expect(copied(planned)).toEqual(
      new Map(all.map(([tag, accessories]) => [tag, accessories.map(({ digest }) => digest).toSorted()])),
    )
    expect(lists()).toBe(once)
    const accessories = all.flatMap(([, each]) => each.map(({ digest }) => digest))
    const asked = standIn.requests.filter(({ path }) => SINGLE.test(path))
    expect(asked).toHaveLength(accessories.length)
  })

  test.each(['{ name: a, select: { tags: ["v*"] }, archive: always }', `${COPIES}, ${VERSIONS}`])(
    'and what goes too is read again: %s',
    async (rules) => {
      image('v1')
      const [once] = await twoPlans(rules)
      expect(lists()).toBeGreaterThan(once)
    },
  )
})
