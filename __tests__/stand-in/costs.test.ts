// What the stand-in charges is what a real Harbor was measured to take.
import { describe, expect, test } from '@jest/globals'
import { SimulatedCores } from '../../stand-in/http/costs.ts'
import { HARBOR_COSTS } from '../../stand-in/http/harbor-costs.ts'
import type { ArtifactWork } from '../../stand-in/http/work.ts'
import { startStandIn, type StandIn } from '../../stand-in/stand-in.ts'
import { loadShape } from '../../stand-in/load/shapes.ts'
import { Client } from './client.ts'

/** In thousands. */
interface Database {
  readonly artifacts: number
  readonly tags: number
}

const SMALL: Database = { artifacts: 68, tags: 74 }
const MIDDLE: Database = { artifacts: 168, tags: 184 }
const BIG: Database = { artifacts: 217, tags: 239 }
const EARLIER: Database = { artifacts: 186, tags: 200 }

/** Milliseconds a request at four connections, Harbor v2.15.1, two cores. */
const MEASURED: readonly (readonly [what: string, Database, Partial<ArtifactWork>, milliseconds: number])[] =
  [
    ['page of a repository of 3', SMALL, { scopeSize: 3, returned: 3 }, 1.4],
    ['page of a repository of 20', SMALL, { scopeSize: 20, returned: 20 }, 3.15],
    ['page of a repository of 50', SMALL, { scopeSize: 50, returned: 50 }, 6.65],
    ['page of a repository of 400', SMALL, { scopeSize: 400 }, 30],
    ['page of a repository of 400, base=*', SMALL, { scopeSize: 400, wholeBase: true }, 11.9],
    ['page of a repository of 6,400', SMALL, { scopeSize: 6400 }, 41],
    ['page of a repository of 6,400, base=*', SMALL, { scopeSize: 6400, wholeBase: true }, 21.4],
    ['page of a repository of 400, more tags', MIDDLE, { scopeSize: 400 }, 12.2],
    ['page of a repository of 1,600, more tags', MIDDLE, { scopeSize: 1600 }, 36],
    ['page of a repository of 1,600, most tags', BIG, { scopeSize: 1600 }, 45],
    ['page of a repository of 6,400, most tags', BIG, { scopeSize: 6400 }, 61],
    ['page of a repository of 50,000', BIG, { scopeSize: 50_000 }, 151],
    ['page of a repository of 50,000, base=*', BIG, { scopeSize: 50_000, wholeBase: true }, 54],
    ['page of the only repository', { artifacts: 50, tags: 55 }, { scopeSize: 50_000 }, 62],
    [
      'page of the only repository, base=*',
      { artifacts: 50, tags: 55 },
      { scopeSize: 50_000, wholeBase: true },
      33,
    ],
    ['page of a repository of 2,400, measured earlier', EARLIER, { scopeSize: 2400 }, 51],
    ['page of a repository of 20,400, measured earlier', EARLIER, { scopeSize: 20_400 }, 80],
    ['page of a repository of 50,000, measured earlier', EARLIER, { scopeSize: 50_000 }, 131],
    ['id window of a repository of 50,000', BIG, { scopeSize: 50_000, window: 100 }, 12.5],
    ['id window of a project', SMALL, { scope: 'project', scopeSize: 1000, window: 100 }, 12.1],
    ['id window without tags', SMALL, { scopeSize: 1000, window: 100, tags: false }, 8.2],
    ['id window with accessories', SMALL, { scopeSize: 1000, window: 100, accessories: true }, 15],
    ['id window with labels', SMALL, { scopeSize: 1000, window: 100, labels: true }, 14.8],
    ['id window with immutable status', SMALL, { scopeSize: 1000, window: 100, checkedTags: 110 }, 20.3],
    ['page of a project', SMALL, { scope: 'project', scopeSize: 1000 }, 38],
    ['page of a project, more artifacts', MIDDLE, { scope: 'project', scopeSize: 1000 }, 72],
    ['page of a project, most artifacts', BIG, { scope: 'project', scopeSize: 1000 }, 97],
    ['page of a project, base=*', BIG, { scope: 'project', scopeSize: 1000, wholeBase: true }, 19.3],
    ['one of 400 by id, base=*', BIG, { scopeSize: 400, returned: 1, walk: true, wholeBase: true }, 15],
    ['one of 400 by project and id, base=*', BIG, { scopeSize: 400, returned: 1, wholeBase: true }, 1.43],
    ['one of 6,400 by project and id, base=*', BIG, { scopeSize: 6400, returned: 1, wholeBase: true }, 7.4],
  ]
const WITHIN = 0.25

test.each(MEASURED)('%s', (_what, database, part, milliseconds) => {
  const list: ArtifactWork = { ...PLAIN, ...part }
  const registry = { artifactCount: database.artifacts * 1000, tagCount: database.tags * 1000 }
  const price = HARBOR_COSTS.price({ method: 'GET', path: '/', work: { list }, registry })
  expect(Math.abs(price / HARBOR_COSTS.cores / milliseconds - 1)).toBeLessThan(WITHIN)
})

const PLAIN: ArtifactWork = {
  of: 'artifacts',
  scope: 'repository',
  scopeSize: 0,
  window: null,
  wholeBase: false,
  walk: false,
  returned: 100,
  tags: true,
  labels: false,
  accessories: false,
  furtherTags: 10,
  checkedTags: 0,
}

describe('the simulated machine', () => {
  // A window of 100 ids, measured at 1, 2, 4 and 8 connections.
  test.each([
    [1, 35],
    [2, 17.3],
    [4, 11.65],
    [8, 11.65],
  ])('%d connections get an answer every %d ms together', (connections, measured) => {
    const price = HARBOR_COSTS.cores * 11.65
    expect(Math.abs(rate(connections, price, 0) / measured - 1)).toBeLessThan(0.05)
  })

  test('answers that timers make late cost the next one nothing', () => {
    expect(rate(4, 3, 1)).toBeCloseTo(rate(4, 3, 0), 1)
  })

  /** Clients that send the next request when they have the answer: milliseconds between answers, over many. */
  function rate(connections: number, price: number, late: number): number {
    const cores = new SimulatedCores(HARBOR_COSTS)
    const clients = Array.from({ length: connections }, () => ({ ready: 0 }))
    const rounds = 2000
    for (let i = 0; i < rounds; i += 1) {
      const client = clients.reduce((first, other) => (other.ready < first.ready ? other : first))
      const due = cores.due(client, price, client.ready)
      client.ready = due + late
      cores.answered(client, due, client.ready)
    }
    return Math.min(...clients.map(({ ready }) => ready)) / rounds
  }
})

test('over HTTP forty windows take as long as they would there', async () => {
  const standIn = await startStandIn({ costs: 'harbor' })
  loadShape(standIn.registry, 'large', 4000)
  // Never faster; slower only when this machine is busy with something else, which it isn't every time.
  let fastest = Number.POSITIVE_INFINITY
  for (let tries = 0; tries < 5 && fastest > 11.65 * 2; tries += 1) {
    fastest = Math.min(fastest, await millisecondsAWindow(standIn))
  }
  await standIn.close()
  expect(fastest).toBeGreaterThan(11.65 * 0.95)
  expect(fastest).toBeLessThan(11.65 * 2)
})

async function millisecondsAWindow(standIn: StandIn): Promise<number> {
  const client = new Client(standIn)
  const list = '/api/v2.0/projects/large/repositories/big/artifacts'
  const windows = Array.from({ length: 40 }, (_, i) => `id=[${100 * i + 1}~${100 * i + 100}]`)
  const started = performance.now()
  const crawl = async (): Promise<void> => {
    for (let window = windows.pop(); window !== undefined; window = windows.pop()) {
      await client.get(`${list}?page_size=100&sort=id&q=${encodeURIComponent(window)}`)
    }
  }
  await Promise.all([crawl(), crawl(), crawl(), crawl()])
  return (performance.now() - started) / 40
}

test('a list notes what it took', async () => {
  const standIn: StandIn = await startStandIn({
    costs: {
      cores: 1,
      idle: 0,
      price: ({ work }) => {
        noted.push(work.list)
        return 0
      },
    },
  })
  const noted: unknown[] = []
  loadShape(standIn.registry, 'large', 300)
  const client = new Client(standIn)
  const list = '/api/v2.0/projects/large/repositories/big/artifacts'
  await client.get(`${list}?page_size=100&sort=id&q=${encodeURIComponent('id=[11~60],base=*')}`)
  await client.get(`${list}?page_size=1&sort=-id&with_tag=false`)
  await client.get('/api/v2.0/projects/large/artifacts?page=4&page_size=100')
  await client.get('/api/v2.0/repositories')
  await standIn.close()
  expect(noted).toEqual([
    expect.objectContaining({
      scope: 'repository',
      scopeSize: 300,
      window: 50,
      returned: 50,
      wholeBase: true,
    }),
    expect.objectContaining({ walk: true, returned: 1, tags: false, wholeBase: false, window: null }),
    expect.objectContaining({ scope: 'project', scopeSize: 300, returned: 0 }),
    { of: 'repositories', returned: 1 },
  ])
})
