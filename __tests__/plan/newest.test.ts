import { describe, expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { compileRegex } from '../../src/patterns/regex.ts'
import { newestOf, type Newest } from '../../src/plan/newest.ts'
import { orderBy } from '../../src/plan/order.ts'
import { Unit } from '../../src/plan/unit.ts'
import { KEEP_ORDERS, type Grouping } from '../../src/policy/types.ts'
import { daysAgo, image, unitsOf } from './unit-of.ts'

/** The tags that are kept, each with its image's rank, and with its group where there are groups. */
function kept(
  units: readonly Unit[],
  newest: Newest,
  possible: readonly Unit[] = [],
): Record<string, string> {
  return Object.fromEntries(
    [...newestOf(units, newest, possible)].map(([unit, { rank, group }]) => [
      unit.name,
      group === '' ? `${rank}` : `${rank} of ${group}`,
    ]),
  )
}

/** Tags on images of one tag each, the first pushed last. */
function tags(...names: readonly string[]): Unit[] {
  return names.map((name, index) => {
    const artifact = image((index + 16).toString(16), { tags: [name], pushed: index + 1 })
    const [tag] = artifact.tags
    return new Unit(artifact, tag ?? null, 'tags')
  })
}

describe('the newest images', () => {
  test('are counted, not tags: all tags of one have its rank', () => {
    const units = unitsOf({ a: ['x1 x2 x3', 1], b: ['y1 y2', 2], c: ['z', 3] })
    expect(kept(units, { newest: 1, by: 'pushed' })).toEqual({ x1: '1', x2: '1', x3: '1' })
    expect(kept(units, { newest: 2, by: 'pushed' })).toEqual({ x1: '1', x2: '1', x3: '1', y1: '2', y2: '2' })
  })

  test('are all, when there are no more', () => {
    const units = tags('a', 'b', 'c')
    expect(kept(units, { newest: 3, by: 'pushed' })).toEqual({ a: '1', b: '2', c: '3' })
    expect(kept(units, { newest: 100, by: 'pushed' })).toEqual({ a: '1', b: '2', c: '3' })
    expect(kept([], { newest: 1, by: 'pushed' })).toEqual({})
    expect(kept(units, { newest: 0, by: 'pushed' })).toEqual({})
  })

  test('go by the best of their tags', () => {
    const units = unitsOf({ a: ['1.0.0 9.0.0', 3], b: ['5.0.0', 2], c: ['2.0.0', 1] })
    expect(kept(units, { newest: 1, by: 'semver' })).toEqual({ '1.0.0': '1', '9.0.0': '1' })
  })

  test('go by when a tag came to stand on them', () => {
    const [old, recent] = [
      image('a', { tags: [['moved', 1]], pushed: 50 }),
      image('b', { tags: ['x'], pushed: 2 }),
    ]
    const units = [old, recent].flatMap((on) => on.tags.map((tag) => new Unit(on, tag, 'tags')))
    expect(kept(units, { newest: 1, by: 'pushed' })).toEqual({ moved: '1' })
  })
})

describe('groups', () => {
  const VERSIONS = tags('1.0.0', '1.1.0', '1.1.1', '2.0.0', '2.0.0-rc.1', 'latest', 'edge')

  // How the tags fall into groups, and what the newest one of each is.
  test.each<[per: Grouping, first: Record<string, string>]>([
    ['major', { '1.0.0': '1 of =1', '2.0.0': '1 of =2', latest: '1' }],
    ['minor', { '1.0.0': '1 of =1.0', '1.1.0': '1 of =1.1', '2.0.0': '1 of =2.0', latest: '1' }],
    [
      compileRegex(String.raw`^(\d+)\.(\d+)`),
      { '1.0.0': '1 of =1/0', '1.1.0': '1 of =1/1', '2.0.0': '1 of =2/0', latest: '1' },
    ],
    [compileRegex('^(e?)'), { '1.0.0': '1 of =', edge: '1 of =e' }],
    [compileRegex('-(rc)|(e)dge'), { '2.0.0-rc.1': '1 of =rc/', edge: '1 of =/e', '1.0.0': '1' }],
    [compileRegex('(nothing)'), { '1.0.0': '1' }],
  ])('per %p', (per, first) => {
    expect(kept(VERSIONS, { newest: 1, by: 'pushed', per })).toEqual(first)
  })

  test('what a tag captures is no group of those that capture nothing', () => {
    // `x` is captured as nothing, `y` isn't matched.
    expect(kept(tags('x', 'y'), { newest: 1, by: 'pushed', per: compileRegex('x(.*)') })).toEqual({
      x: '1 of =',
      y: '1',
    })
  })

  test('an image with tags in several counts in each', () => {
    const units = unitsOf({ a: ['pr-1 pr-2', 1], b: ['pr-1-old', 5], c: ['pr-2-old', 6], d: ['pr-3', 7] })
    expect(kept(units, { newest: 1, by: 'pushed', per: compileRegex(String.raw`^pr-(\d+)`) })).toEqual({
      'pr-1': '1 of =1',
      'pr-2': '1 of =2',
      'pr-3': '1 of =3',
    })
  })
})

describe('an image whose build time is not known', () => {
  const UNITS = ['a', 'b', 'c'].map((letter, index) => {
    const artifact = image(letter, { tags: [letter], created: index === 1 ? null : daysAgo(index + 1) })
    return new Unit(artifact, artifact.tags[0] ?? null, 'tags')
  })

  test('stays where build times count, and takes no place', () => {
    expect(kept(UNITS, { newest: 1, by: 'created' })).toEqual({ a: '1', b: '0' })
  })

  test('is one like the others where they do not', () => {
    expect(Object.keys(kept(UNITS, { newest: 1, by: 'name' }))).toEqual(['c'])
  })
})

describe('units that may be members', () => {
  const [NEWER, MIDDLE, OLDER] = tags('newer', 'middle', 'older')
  if (NEWER === undefined || MIDDLE === undefined || OLDER === undefined) throw new Error('three units')

  // Members, those that may be, how many are kept, and who stays.
  test.each<
    [members: readonly Unit[], possible: readonly Unit[], newest: number, stay: Record<string, string>]
  >([
    [[MIDDLE], [NEWER, OLDER], 1, { middle: '1', newer: '0' }],
    [[NEWER], [MIDDLE, OLDER], 1, { newer: '1' }],
    [[NEWER], [MIDDLE, OLDER], 2, { newer: '1', middle: '0', older: '0' }],
    [[OLDER], [NEWER, MIDDLE], 1, { older: '1', newer: '0', middle: '0' }],
    [[], [OLDER, MIDDLE], 1, { older: '0', middle: '0' }],
  ])(
    'stay where they would be among the newest, without taking a place',
    (members, possible, newest, stay) => {
      expect(kept(members, { newest, by: 'pushed' }, possible)).toEqual(stay)
    },
  )
})

test('are those that sorting all images of each group would give', () => {
  const images = fc.array(
    fc.record({
      tags: fc.uniqueArray(fc.constantFrom('1.0.0', '1.0.1', '1.1.0', '2.0.0', 'a', 'b', 'c'), {
        maxLength: 3,
        minLength: 1,
      }),
      days: fc.nat(4),
    }),
    { maxLength: 90 },
  )
  const groupings = fc.constantFrom<Grouping | undefined>(
    undefined,
    'major',
    'minor',
    compileRegex('^([ab])'),
  )
  const wanted = fc.tuple(
    images,
    fc.constantFrom(1, 2, 5, 64, 65, 80),
    fc.constantFrom(...KEEP_ORDERS),
    groupings,
  )
  fc.assert(
    fc.property(wanted, ([written, newest, by, per]) => {
      const units = written.flatMap(({ tags: names, days }, index) => {
        const artifact = image((index + 16).toString(16).padStart(2, '0'), { tags: names, pushed: days })
        return artifact.tags.map((tag) => new Unit(artifact, tag, 'tags'))
      })
      const ranks = newestOf(units, { newest, by, ...(per === undefined ? {} : { per }) })
      for (const group of new Set(units.map((unit) => groupOf(unit, per)))) {
        const members = units.filter((unit) => groupOf(unit, per) === group)
        const order = members.toSorted(orderBy(by)).map(({ artifact }) => artifact)
        const best = [...new Set(order)].slice(0, newest)
        for (const unit of members) {
          const place = best.indexOf(unit.artifact) + 1
          expect(ranks.get(unit)?.rank ?? 0).toBe(place)
        }
      }
    }),
    { numRuns: 150 },
  )
})

function groupOf(unit: Unit, per: Grouping | undefined): string {
  if (per === undefined) return ''
  if (typeof per !== 'string') return per.captures(unit.name)?.join('/') ?? 'none'
  if (unit.version === null) return 'none'
  return per === 'major' ? `${unit.version.major}` : `${unit.version.major}.${unit.version.minor}`
}
