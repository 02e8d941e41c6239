// Pages that aren't what they should be: empty though counted, of something else, or without a count. Nothing of that
// may end a list early or without end.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { startStandIn, type StandIn } from '../../stand-in/stand-in.ts'
import { planOf, type Planned } from '../helpers/plan.ts'
import { images, numbered } from '../helpers/registry.ts'
import {
  startRelay,
  withEntries,
  type Given,
  type Meddling,
  type Relay,
  type Seen,
} from '../helpers/relay.ts'

const POLICY = `version: 1
rules: [{ name: all, select: { projects: [p0, p1, p109] }, delete: always }]
limits: { max-delete-percent: 100 }
`
let standIn: StandIn
let relay: Relay

beforeEach(async () => {
  standIn = await startStandIn()
  for (const project of numbered(110, 'p')) standIn.registry.addProject({ name: project })
  for (const repository of numbered(110, 'r')) images(standIn.registry, `p0/${repository}`, ['v1'])
  images(standIn.registry, 'p1/app', numbered(250))
  images(standIn.registry, 'p109/other', ['v1'])
})
afterEach(async () => {
  await relay.close()
  await standIn.close()
})

async function plan(meddling: Meddling): Promise<Planned> {
  relay = await startRelay(standIn.url, meddling)
  return planOf(relay.url, POLICY)
}

const LISTS = {
  projects: /\/api\/v2\.0\/projects\?/,
  repositories: /\/projects\/p0\/repositories\?/,
  artifacts: /\/repositories\/app\/artifacts\?(?!.*digest)/,
}
type List = keyof typeof LISTS

function meddle(list: List, nths: readonly number[], change: (given: Given, seen: Seen) => Given): Meddling {
  let nth = 0
  return {
    after: (seen, given) => {
      if (!LISTS[list].test(seen.path) || !nths.includes((nth += 1))) return undefined
      return change(given, seen)
    },
  }
}

const COUNTS = [3, 112, 361] as const

function countsOf({ plan: { totals } }: Planned): readonly number[] {
  return [totals.projects, totals.repositories, totals.units]
}

const nothing = (given: Given): Given => withEntries(given, () => undefined)
const many = Array.from({ length: 50 }, (_, index) => index + 1)

describe.each(['projects', 'repositories', 'artifacts'] as const)('of %s', (list) => {
  test('as they are: all of them', async () => {
    const planned = await plan({})
    expect(countsOf(planned)).toEqual(COUNTS)
    expect(planned.plan.complete).toBe(true)
  })

  test.each([1, 2])('page %d empty though counted, once: asked for again', async (nth) => {
    const planned = await plan(meddle(list, [nth], nothing))
    expect([countsOf(planned), planned.plan.problems]).toEqual([COUNTS, []])
  })

  test.each([0, 1])(
    'empty though counted for good, after %d pages: told, and not applyable',
    async (good) => {
      const { plan: made } = await plan(meddle(list, many.slice(good), nothing))
      expect([made.complete, made.applyable]).toEqual([false, false])
      expect(made.problems.map(({ message }) => message)).toEqual([
        expect.stringMatching(/was not read: .*Harbor says that there are \d+, and lists none$/),
      ])
    },
  )

  test('shorter than asked for, though there is more: read on', async () => {
    let index = 0
    const planned = await plan(
      meddle(list, many, (given) => {
        index = 0
        return withEntries(given, (entry) => ((index += 1) <= 30 ? entry : undefined))
      }),
    )
    expect([countsOf(planned), planned.plan.problems]).toEqual([COUNTS, []])
  })

  test('without a count: read until there is nothing more', async () => {
    const planned = await plan(
      meddle(list, many, (given) => {
        const { 'x-total-count': _count, ...headers } = given.headers
        return { ...given, headers }
      }),
    )
    expect([countsOf(planned), planned.plan.problems]).toEqual([COUNTS, []])
  })

  test('of a Harbor that ignores ids and sorting: told, not repeated without end', async () => {
    let first: Given | undefined
    const { plan: made } = await plan(
      meddle(list, many, (given) => {
        first ??= given
        return first
      }),
    )
    expect(made.complete).toBe(false)
    expect(made.problems[0]?.message).toMatch(/asked for ids \d+ to .* in order, Harbor listed \d+ after \d+/)
    expect(relay.seen.filter(({ path }) => LISTS[list].test(path)).length).toBeLessThan(6)
  })

  test('the second of which fails for good: told, and the rest goes on', async () => {
    standIn.faults.inject({
      path: new RegExp(`${LISTS[list].source}.*%5B\\d+~`),
      times: Infinity,
      fault: { kind: 'error', status: 500 },
    })
    const planned = await plan({})
    const { plan: made } = planned
    expect([made.complete, made.applyable]).toEqual([false, false])
    expect(made.problems.map(({ code, message }) => [code, message])).toEqual([
      ['incomplete', expect.stringContaining('answered 500 UNKNOWN (internal server error)')],
    ])
    // What was listed before is read all the same, and what is elsewhere.
    const [projects = 0, repositories = 0] = countsOf(planned)
    expect(projects).toBe(list === 'projects' ? 2 : 3)
    expect(repositories).toBe({ projects: 111, repositories: 112, artifacts: 111 }[list])
  })
})
