import { describe, expect, test } from '@jest/globals'
import type { Assembled } from '../../src/plan/assemble.ts'
import type { Plan, PlanTotals } from '../../src/plan/types.ts'
import { contentOf, type Asides } from '../../src/report/content.ts'
import type { Cell, Table } from '../../src/report/table.ts'
import { counted, freed, shortDigest, stays, verdict } from '../../src/report/words.ts'
import { planOf } from '../plan/plan-of.ts'
import { about, BARE, image, registry } from '../plan/registry.ts'
import { example } from './report.ts'

/** The example with other totals. */
function planWith(totals: Partial<PlanTotals>, others: Partial<Plan> = {}): Plan {
  const { plan } = example()
  return { ...plan, ...others, totals: { ...plan.totals, ...totals } }
}

function cellText(cell: Cell): string {
  if ('text' in cell) return cell.text
  if ('parts' in cell) return cell.parts.map((part) => cellText(part)).join(' ')
  return 'code' in cell ? cell.code : cell.codes.join(' ')
}

/** A table's rows, a line each. */
function rows({ rows: made }: Table): string[] {
  return [...made].map((row) => row.map(cellText).join(' | '))
}

function tableOf(assembled: Assembled, title: string): Table | undefined {
  const { overview, lists } = contentOf(assembled)
  return [...overview, ...lists].find((table) => table.title === title)
}

describe('counted', () => {
  test.each([
    [0, '0 tags'],
    [1, '1 tag'],
    [2, '2 tags'],
    [12_500, '12,500 tags'],
    [1_000_000, '1,000,000 tags'],
  ])('%p', (count, words) => {
    expect(counted(count, 'tag')).toBe(words)
  })

  test('takes a plural that is none of a noun and an s', () => {
    expect([1, 2].map((count) => counted(count, 'repository', 'repositories'))).toEqual([
      '1 repository',
      '2 repositories',
    ])
  })
})

describe('the verdict', () => {
  test.each<[totals: Partial<PlanTotals>, words: string]>([
    [
      {},
      'Would delete 2 artifacts with 3 tags and 1 tag of artifacts that stay; copy 1 image to the mirror.',
    ],
    [{ deleteTags: 0, copies: 0 }, 'Would delete 2 artifacts with 3 tags.'],
    [{ deleteArtifacts: 0, copies: 0, deleteTags: 2 }, 'Would delete 2 tags of artifacts that stay.'],
    [{ deleteArtifacts: 0, deleteTags: 0, copies: 1200 }, 'Would copy 1,200 images to the mirror.'],
  ])('with %j: %s', (totals, words) => {
    expect(verdict(planWith(totals))).toBe(words)
  })

  test('of a plan without actions says that nothing is due', () => {
    expect(verdict(planWith({ units: 8 }, { actions: [] }))).toBe(
      'Nothing to do: none of 8 tags and untagged artifacts is due.',
    )
  })
})

describe('what deletes free', () => {
  test.each<[totals: Partial<PlanTotals>, words: string]>([
    [{ sizes: 'off', reclaimableBytes: null }, ''],
    [{ sizes: 'exact', reclaimableBytes: 6_443_964 }, 'Garbage collection then frees 6.15 MiB.'],
    [
      { sizes: 'estimate', reclaimableBytes: 1024 },
      'Garbage collection then frees at most 1.00 KiB; less where layers are shared with what stays.',
    ],
    [{ sizes: 'exact', reclaimableBytes: 0, deleteArtifacts: 0 }, ''],
  ])('%j: %s', (totals, words) => {
    expect(freed(planWith(totals))).toBe(words)
  })
})

test('what stays is told with what was read', () => {
  expect(stays(planWith({ repositories: 1, projects: 1, kept: 1, protected: 1234 }))).toBe(
    'Read 1 repository in 1 project: 1 tag or untagged artifact kept, 1,234 protected.',
  )
  expect(stays(planWith({ repositories: 2000, projects: 3, kept: 0, protected: 0 }))).toBe(
    'Read 2,000 repositories in 3 projects: 0 tags and untagged artifacts kept, 0 protected.',
  )
})

test('shortDigest is what people need of a digest', () => {
  expect(shortDigest(`sha256:${'0123456789abcdef'.repeat(4)}`)).toBe('0123456789ab')
})

describe('the tables', () => {
  test('that would be empty are left out', () => {
    const assembled = planOf(
      `version: 1\nrules: [{ name: a, select: { orphans: true }, copy: always }]\n`,
      registry({ 'a/x': [] }),
    )
    const { overview, lists, notices } = contentOf(assembled)
    expect([...overview, ...lists].map(({ title }) => title)).toEqual(['By rule'])
    expect(notices.map(({ names }) => names)).toEqual([['a (line 2)']])
  })

  test('count as many as they have rows', () => {
    const { overview, lists } = contentOf(example())
    for (const table of [...overview, ...lists]) {
      expect(rows(table)).toHaveLength(table.count)
      for (const row of table.rows) expect(row).toHaveLength(table.columns.length)
    }
  })

  test('of repositories have those that change, those that lose most first', () => {
    const images = (size: number): ReturnType<typeof image>[] => [
      image('a', { tags: ['x'], size }),
      image('b', { tags: ['keep'] }),
    ]
    const assembled = planOf(
      `version: 1\nrules: [{ name: a, select: { tags: [x] }, delete: always }]\n${BARE}\n`,
      registry({
        'a/small': images(1000),
        'a/large': images(5000),
        'a/same': images(1000),
        'a/kept': [image('c', { tags: ['keep'] })],
      }),
    )
    const table = tableOf(assembled, 'By repository')
    expect(table && rows(table)).toEqual([
      'a/large | 1 | 0 | 0 | 1 | 0 | 4.88 KiB',
      'a/same | 1 | 0 | 0 | 1 | 0 | 1000 B',
      'a/small | 1 | 0 | 0 | 1 | 0 | 1000 B',
    ])
  })

  test('of what goes name an artifact by its tags, and one without by its digest', () => {
    const assembled = planOf(
      `version: 1
rules:
  - { name: all, select: { tags: ["**"] }, delete: always }
  - { name: leftovers, select: { untagged: true }, delete: always }
${BARE}
`,
      registry({
        'a/x': [image('b', { tags: ['v2', 'v1'] }), image('a'), image('c', { tags: [about('b', 'sig')] })],
      }),
    )
    const table = tableOf(assembled, 'What goes')
    expect(table && rows(table).map((row) => row.split(' | ')[0])).toEqual([
      'a/x:sha256-bbbbbbbbbbbb\u2026.sig',
      'a/x:v1 :v2',
      'a/x@aaaaaaaaaaaa',
    ])
  })

  test('of what goes say that an archived image waits for its copy', () => {
    const table = tableOf(example(), 'What goes')
    expect(table && rows(table)[0]).toBe(
      'team-a/web:main-1 | 1000 B | 30d | never | main | not among the newest 1 by pushed; once it is copied and verified',
    )
  })

  // A rule that archives and copies does one thing to an image.
  test('of rules count an image once that a rule both archives and copies', () => {
    const assembled = planOf(
      `version: 1\nrules: [{ name: a, select: { tags: ["**"] }, archive: always, copy: always }]\n${BARE}\n`,
      registry({ 'a/x': [image('a', { tags: ['v1'] })] }),
    )
    const table = tableOf(assembled, 'By rule')
    expect(table && rows(table)).toEqual(['a | 2 | 1 | 0 | 1'])
  })
})

describe('what is pointed out', () => {
  const words = (asides: Asides): readonly string[] =>
    contentOf(example(), asides).notices.map((notice) => `${notice.words} ${notice.names.join(', ')}`)

  test.each<[asides: Asides, said: readonly string[]]>([
    [{}, []],
    [{ mirrored: true, unused: [], proxyCaches: [] }, []],
    [{ mirrored: false }, ['Copied to nowhere: `mirror-registry` is not given. By: main']],
    [{ unused: ['gc', 'tests'] }, ['In the policy, and not used by this version yet: gc, tests']],
    [{ proxyCaches: ['cache', 'hub'] }, ['Proxy caches, left alone: cache, hub']],
  ])('%j: %j', (asides, said) => {
    expect(words(asides).filter((notice) => !notice.includes('match nothing'))).toEqual(said)
  })
})

describe('a plan that cannot be applied', () => {
  test('says why, in its own words', () => {
    const inventory = registry(
      { 'a/x': [image('a', { tags: ['x'] })] },
      { failures: [{ where: 'a/y', message: 'Harbor answered 500' }] },
    )
    const { problems } = contentOf(
      planOf(`version: 1\nrules: [{ name: a, select: { tags: [x] }, delete: always }]\n${BARE}\n`, inventory),
    )
    expect(problems).toEqual(['a/y was not read: Harbor answered 500'])
  })
})

test('the footer says what was read and by what', () => {
  const { plan } = example()
  const { footer, title } = contentOf(example())
  expect(title).toBe('Harbor clean-up plan for harbor.example')
  expect(Object.fromEntries(footer)).toEqual({
    plan: plan.id,
    policy: '.github/harbor-dredge.yml',
    Harbor: 'https://harbor.example v2.15.1',
    'decided for': '2026-11-21T00:00:00.000Z',
    by: 'harbor-dredge 0.0.0',
  })
})

test('Harbor under a port is named with it, and never with anything else of its URL', () => {
  const { plan, repositories } = example()
  const harbor = { url: 'https://harbor.example:8443/path', version: 'v2.15.1' }
  expect(contentOf({ plan: { ...plan, harbor }, repositories }).title).toBe(
    'Harbor clean-up plan for harbor.example:8443',
  )
})
