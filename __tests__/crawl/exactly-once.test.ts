// Every artifact that is there from beginning to end of a crawl is read once, whatever is pushed, deleted, moved and
// pushed again meanwhile: between any two requests, for every way of listing.
import { describe, expect, test } from '@jest/globals'
import type { Inventory } from '../../src/inventory/types.ts'
import { deleteArtifact, deleteRepository } from '../../stand-in/state/delete.ts'
import { ensureTag } from '../../stand-in/state/push.ts'
import type { Registry, Version } from '../../stand-in/state/registry.ts'
import { startStandIn, type StandIn } from '../../stand-in/stand-in.ts'
import { crawlOf } from '../helpers/plan.ts'
import { images, listed, numbered } from '../helpers/registry.ts'
import { startRelay, type Meddling } from '../helpers/relay.ts'

const POLICY = 'version: 1\nrules: [{ name: all, select: { tags: ["**"] }, delete: always }]\n'

interface Way {
  readonly version: Version
  readonly repositories: readonly (readonly [name: string, artifacts: number])[]
  /** What its requests look like. */
  readonly requests: RegExp
}

const tiny = (count: number): Way['repositories'] => numbered(count).map((name) => [`p/${name}`, 3])

const WAYS: Readonly<Record<string, Way>> = {
  'pages of a repository': {
    version: '2.15.1',
    repositories: [['p/a', 330]],
    requests: /repositories\/a\/artifacts/,
  },
  'windows of a repository': {
    version: '2.15.1',
    repositories: [['p/a', 560]],
    requests: /id%3D%5B\d+~\d+%5D/,
  },
  'pages of a project': { version: '2.15.1', repositories: tiny(90), requests: /projects\/p\/artifacts/ },
  'windows of a project': {
    version: '2.15.1',
    repositories: tiny(150),
    requests: /projects\/p\/artifacts.*id%3D%5B\d+~\d+%5D/,
  },
  'pages, Harbor 2.10': {
    version: '2.10.3',
    repositories: tiny(20),
    requests: /repositories\/t7\/artifacts/,
  },
  'windows, Harbor 2.10': { version: '2.10.3', repositories: [['p/a', 560]], requests: /id%3D%5B\d+~\d+%5D/ },
}

function fill({ registry }: StandIn, { repositories }: Way): void {
  registry.addProject({ name: 'p' })
  // In turns, so that ids of a repository have gaps.
  for (let i = 0; ; i += 1) {
    const due = repositories.filter(([, artifacts]) => artifacts > i)
    if (due.length === 0) return
    for (const [name] of due) images(registry, name, [`${name.slice(2)}-${i}`])
  }
}

function everything(registry: Registry): ReadonlyMap<string, string> {
  const all = [...registry.repositories()].flatMap(({ name }) => listed(registry, name))
  return new Map(
    all.map(({ repository, digest, tags }) => [
      `${repository.name}@${digest}`,
      tags.map(({ name }) => name).join(' '),
    ]),
  )
}

function readOf({ repositories }: Inventory): readonly (readonly [string, string])[] {
  return repositories.flatMap(({ name, artifacts }) =>
    artifacts.map(
      ({ digest, tags }) => [`${name}@${digest}`, tags.map((tag) => tag.name).join(' ')] as const,
    ),
  )
}

interface Crawl {
  readonly read: ReturnType<typeof readOf>
  readonly before: ReadonlyMap<string, string>
  readonly after: ReadonlyMap<string, string>
  readonly inventory: Inventory
  readonly paths: readonly string[]
}

type Change = (registry: Registry) => void

const LISTS = /\/artifacts\?/

/** Crawls, with the registry changed after the nth list of artifacts was answered; by default never. */
async function crawl(way: Way, change?: Change, nth = Infinity, concurrency = 4): Promise<Crawl> {
  let lists = 0
  return crawlThrough(way, concurrency, (registry) => ({
    after: ({ path }) => {
      if (LISTS.test(path) && (lists += 1) === nth) change?.(registry)
      return undefined
    },
  }))
}

async function crawlThrough(
  way: Way,
  concurrency: number,
  meddle: (registry: Registry) => Meddling,
): Promise<Crawl> {
  const standIn = await startStandIn({ version: way.version })
  fill(standIn, way)
  const before = everything(standIn.registry)
  const relay = await startRelay(standIn.url, meddle(standIn.registry))
  try {
    const { inventory } = await crawlOf(relay.url, POLICY, { concurrency })
    const paths = relay.seen.map(({ path }) => path)
    return { read: readOf(inventory), before, after: everything(standIn.registry), inventory, paths }
  } finally {
    await relay.close()
    await standIn.close()
  }
}

/** What was there all the time is read, once and as it is; what came or went may be; nothing else is. */
function expectExactlyOnce({ read, before, after, inventory }: Crawl): void {
  expect(inventory.failures).toEqual([])
  const names = read.map(([name]) => name)
  expect(names).toHaveLength(new Set(names).size)
  const readOnce = new Map(read)
  const stayed = [...before].filter(([name, tags]) => after.get(name) === tags)
  expect(stayed.filter(([name, tags]) => readOnce.get(name) !== tags)).toEqual([])
  expect(names.filter((name) => !before.has(name) && !after.has(name))).toEqual([])
}

const artifactsOf = (registry: Registry): ReturnType<typeof listed> =>
  [...registry.repositories()].flatMap(({ name }) => listed(registry, name))

const remove = (registry: Registry, wanted: (index: number, all: number) => boolean): void => {
  const all = artifactsOf(registry)
  for (const [index, artifact] of all.entries()) {
    if (wanted(index, all.length)) deleteArtifact(registry, artifact, 'somebody')
  }
}

const CHANGES: Readonly<Record<string, Change>> = {
  'new ones are pushed': (registry) => {
    images(registry, 'p/a', numbered(120, 'new'))
    images(registry, 'p/fresh', numbered(7, 'new'))
  },
  'the oldest is deleted': (registry) => {
    remove(registry, (index) => index === 0)
  },
  'the newest is deleted': (registry) => {
    remove(registry, (index, all) => index === all - 1)
  },
  'every third is deleted': (registry) => {
    remove(registry, (index) => index % 3 === 0)
  },
  'hardly any is left': (registry) => {
    remove(registry, (index, all) => index % 97 !== 5 && index < all)
  },
  'tags move': (registry) => {
    for (const { tags, repository } of artifactsOf(registry).filter((_, index) => index % 5 === 0)) {
      const other = [...repository.artifacts.values()].at(-1)
      if (other !== undefined && tags[0] !== undefined) ensureTag(registry, other, tags[0].name, Date.now())
    }
  },
  'a repository goes and another comes': (registry) => {
    const [first] = registry.repositories()
    if (first !== undefined) deleteRepository(registry, first, 'somebody')
    images(registry, 'p/zz-new', numbered(130, 'new'))
  },
}

describe.each(Object.entries(WAYS))('%s', (_name, way) => {
  test('are how this is read, and everything is read', async () => {
    const crawled = await crawl(way)
    expectExactlyOnce(crawled)
    expect(crawled.paths.filter((path) => way.requests.test(path))).not.toEqual([])
    expect(crawled.read).toHaveLength(crawled.before.size)
  })

  test.each(Object.entries(CHANGES))('%s, between any two requests', async (_what, change) => {
    const { paths } = await crawl(way)
    const lists = paths.filter((path) => LISTS.test(path)).length
    // With many alike requests, some of the boundaries between them.
    const boundaries = [...new Set([1, 2, lists - 1].filter((nth) => nth > 0 && nth <= lists))]
    for (const nth of boundaries) expectExactlyOnce(await crawl(way, change, nth, nth % 2 === 0 ? 4 : 1))
  })

  test('pushes and deletes come between Harbor’s count and its select', async () => {
    const crawled = await crawlThrough(way, 4, (registry) => ({
      before: async ({ path }, ask) => {
        if (!LISTS.test(path)) return ask()
        const counted = await ask()
        images(registry, 'p/a', [`between-${registry.artifactCount}`])
        remove(registry, (index) => index === 3)
        const selected = await ask()
        return {
          ...selected,
          headers: { ...selected.headers, 'x-total-count': counted.headers['x-total-count'] },
        }
      },
    }))
    expectExactlyOnce(crawled)
  })
})

describe('an artifact that is deleted and pushed again has a new id', () => {
  const again: Change = (registry) => {
    const [first] = artifactsOf(registry)
    if (first === undefined) return
    const [name = ''] = first.tags.map((tag) => tag.name)
    deleteArtifact(registry, first, 'somebody')
    images(registry, first.repository.name, [name])
  }

  const ways = Object.entries(WAYS).filter(([, { repositories }]) => repositories.length !== 20)

  test.each(ways)('and is read once all the same: %s', async (_name, way) => {
    const crawled = await crawl(way, again, 1)
    expect(crawled.before).toEqual(crawled.after)
    expectExactlyOnce(crawled)
  })
})

test('reading page by page would miss some: this test can tell', async () => {
  const standIn = await startStandIn()
  const way: Way = { version: '2.15.1', repositories: [['p/a', 330]], requests: /./ }
  fill(standIn, way)
  const authorization = `Basic ${btoa('admin:Harbor12345')}`
  const digests: string[] = []
  for (let page = 1; page <= 4; page += 1) {
    const url = `${standIn.url}/api/v2.0/projects/p/repositories/a/artifacts?page_size=100&sort=id&page=${page}`
    const text = await (await fetch(url, { headers: { authorization } })).text()
    digests.push(...[...text.matchAll(/"digest":"(sha256:\w+)"/g)].map(([, digest = '']) => digest))
    if (page === 1) remove(standIn.registry, (index) => index % 3 === 0)
  }
  const missed = listed(standIn.registry, 'p/a').filter(({ digest }) => !digests.includes(digest))
  expect(missed.length).toBeGreaterThan(20)
  await standIn.close()
})
