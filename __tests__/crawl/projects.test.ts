// Projects: their immutable rules, proxy caches, who may read what, and what becomes of failures.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { crawl } from '../../src/crawl/crawl.ts'
import { needsOf } from '../../src/policy/needs.ts'
import { Builder } from '../../stand-in/load/build.ts'
import { access, addRobot } from '../../stand-in/state/robots.ts'
import { startStandIn, type StandIn } from '../../stand-in/stand-in.ts'
import { clientOf, type ClientOptions } from '../helpers/connect.ts'
import { crawlOf, planOf, policyOf } from '../helpers/plan.ts'
import { daysLater, images, LONG_AGO, numbered } from '../helpers/registry.ts'
import { startRelay } from '../helpers/relay.ts'

const SECRET = 'Secret12345'
const POLICY = `version: 1
rules: [{ name: all, select: { tags: ["**"] }, delete: always }]
limits: { max-delete-percent: 100, keep-per-repository: 0 }
`
let standIn: StandIn
beforeEach(async () => {
  standIn = await startStandIn()
  for (const name of ['team-a', 'team-b']) standIn.registry.addProject({ name })
})
afterEach(() => standIn.close())

function robot(name: string, namespace: string, permissions: string): ClientOptions {
  addRobot(standIn.registry, {
    name,
    level: 'system',
    secret: SECRET,
    permissions: [{ kind: 'project', namespace, access: access(permissions) }],
  })
  return { credentials: { username: `robot$${name}`, password: SECRET } }
}

const READS = 'repository:list repository:pull artifact:list artifact:read tag:list'

function paths(pattern: RegExp): readonly string[] {
  return standIn.requests.map(({ path }) => path).filter((path) => pattern.test(path))
}

describe('immutable rules', () => {
  const patterns = ['v*', '{release,hotfix}-*', '*[0-9]', 'a?c', '**', 'x**y', '[!v]*', '[^v]*', 'nope', '']
  const tags = ['v1', 'v2.0.0', 'release-1', 'hotfix-x', 'abc', 'xzy', 'latest', '!bang'.slice(1), 'main-7']

  function fill(): void {
    const { registry } = standIn
    const repositories = ['team-a/api', 'team-a/web/front', 'team-b/api']
    for (const repository of repositories) images(registry, repository, tags)
    for (const [index, pattern] of patterns.entries()) {
      const project = `rules-${index}`
      registry.addProject({ name: project })
      images(registry, `${project}/app`, tags)
      images(registry, `${project}/deep/app`, tags)
      registry.addImmutableRule(project, {
        tags: pattern,
        repositories: ['**', 'app', 'deep/*'][index % 3] ?? '**',
      })
    }
    registry.addImmutableRule('team-a', {
      repositories: [{ kind: 'doublestar', decoration: 'repoExcludes', pattern: 'web/**' }],
      tags: [{ kind: 'doublestar', decoration: 'excludes', pattern: 'v*' }],
    })
    registry.addImmutableRule('team-b', { tags: 'v*', disabled: true })
  }

  /** Of each tag whether it is immutable, as read. */
  async function statuses(options: ClientOptions = {}): Promise<ReadonlyMap<string, boolean | null>> {
    const { inventory } = await crawlOf(standIn.url, POLICY, options)
    expect(inventory.failures).toEqual([])
    return new Map(
      inventory.repositories.flatMap(({ name, artifacts }) =>
        artifacts.flatMap((artifact) =>
          artifact.tags.map((tag) => [`${name}:${tag.name}`, tag.immutable] as const),
        ),
      ),
    )
  }

  test('are read once for each project, and nothing is asked of each tag', async () => {
    fill()
    await statuses()
    const projects = standIn.registry.projects.size
    expect(paths(/immutabletagrules/)).toHaveLength(projects)
    expect(new Set(paths(/immutabletagrules/)).size).toBe(projects)
    expect(paths(/with_immutable_status/)).toEqual([])
  })

  test('are asked of Harbor, tag by tag, where the account may not read them; the answers are the same', async () => {
    fill()
    const evaluated = await statuses()
    const asked = await statuses(robot('reader', '*', READS))
    expect(paths(/artifacts\?.*with_immutable_status=true/).length).toBeGreaterThan(10)
    // What can't be told here is taken for immutable; nothing that is immutable is taken for mutable.
    const different = [...asked].filter(
      ([name, status]) => ![status, null].includes(evaluated.get(name) ?? null),
    )
    expect(different).toEqual([])
    expect([...evaluated.values()].filter((status) => status === null).length).toBeLessThan(
      evaluated.size / 5,
    )
    expect(asked.size).toBe(evaluated.size)
  })

  test('that fail to be read leave the project unread, and the others not', async () => {
    fill()
    standIn.faults.inject({
      path: 'team-a/immutabletagrules',
      times: Infinity,
      fault: { kind: 'error', status: 500 },
    })
    const { inventory } = await crawlOf(standIn.url, POLICY)
    expect(inventory.failures).toMatchObject([{ where: 'team-a' }])
    expect(inventory.repositories.some(({ project }) => project === 'team-a')).toBe(false)
    expect(inventory.repositories.some(({ project }) => project === 'team-b')).toBe(true)
  })
})

describe('proxy caches', () => {
  test('are named, and nothing of them is asked', async () => {
    standIn.registry.addProject({ name: 'cache', registryId: 3 })
    images(standIn.registry, 'team-a/app', ['v1'])
    const { harbor, close } = clientOf(standIn.url)
    const told: unknown[] = []
    const { inventory } = await crawl(harbor, needsOf(policyOf(POLICY)), {
      version: 'v2.15.1',
      concurrency: 2,
      onProject: ({ name, proxyCache }, repositories) => told.push([name, proxyCache, repositories.length]),
    })
    await close()
    expect(inventory.projects).toContainEqual({ name: 'cache', proxyCache: true })
    expect(told).toHaveLength(4)
    expect(told).toContainEqual(['cache', true, 0])
    expect(told).toContainEqual(['team-a', false, 1])
    expect(paths(/cache/)).toEqual([])
  })
})

describe('pulls of children', () => {
  test('count for their index, through indexes in indexes, and not the other way', async () => {
    const builder = new Builder(standIn.registry)
    const repository = 'team-a/app'
    const [one, two] = ['a', 'b'].map((layer) =>
      builder.image(repository, { layers: [layer], pushed: LONG_AGO }),
    )
    if (one === undefined || two === undefined) throw new Error('no images')
    const inner = builder.index(repository, { images: [one], tags: ['inner'], pushed: LONG_AGO })
    const outer = builder.index(repository, {
      images: [inner, two],
      tags: ['outer'],
      pushed: LONG_AGO,
      pulled: daysLater(1),
    })
    one.pulled = daysLater(9)
    const { inventory } = await crawlOf(standIn.url, POLICY)
    const pulled = new Map(
      inventory.repositories[0]?.artifacts.map((artifact) => [artifact.digest, artifact.pulled]),
    )
    expect([one, two, inner, outer].map(({ digest }) => pulled.get(digest))).toEqual([
      daysLater(9),
      null,
      daysLater(9),
      daysLater(9),
    ])
  })
})

describe('what the account may not read', () => {
  test('a project whose repositories it may not list is told, with what to do, and the rest is read', async () => {
    images(standIn.registry, 'team-a/app', ['v1'])
    images(standIn.registry, 'team-b/app', ['v1'])
    const reader = robot('reader', 'team-a', READS)
    const { registry } = standIn
    const found = [...registry.robots.values()].find(({ name }) => name === 'robot$reader')
    if (found === undefined) throw new Error('no robot')
    // In team-b it may only read single artifacts: it sees the project, and may not list its repositories.
    registry.robots.set(found.id, {
      ...found,
      permissions: [
        ...found.permissions,
        { kind: 'project', namespace: 'team-b', access: access('artifact:read') },
      ],
    })
    const { plan } = await planOf(standIn.url, POLICY, reader)
    expect([plan.complete, plan.applyable]).toEqual([false, false])
    expect(plan.problems.map(({ message }) => message)).toEqual([
      expect.stringMatching(
        /^team-b was not read: GET \/api\/v2\.0\/projects\/team-b\/repositories\S* answered 403 FORBIDDEN \(.*\); the account may not do this; give it the rights that the README lists; or leave it out of the policy's scope$/,
      ),
    ])
    expect(plan.repositories.map(({ name }) => name)).toEqual(['team-a/app'])
  })

  test('a project left out of the scope isn’t asked for', async () => {
    images(standIn.registry, 'team-a/app', ['v1'])
    const reader = robot('reader', 'team-a', READS)
    const { plan } = await planOf(standIn.url, `${POLICY}scope: { projects: [team-a] }\n`, reader)
    expect(plan.complete).toBe(true)
  })

  // Harbor's registry says 401 to whoever lacks a right, also to somebody that it knows.
  test('without repository:pull, orphans can’t be looked for: that is what is told', async () => {
    images(standIn.registry, 'team-a/app', ['v1'])
    const lister = robot('lister', 'team-a', 'repository:list artifact:list artifact:read')
    const policy =
      'version: 1\nrules: [{ name: o, select: { orphans: true, projects: [team-a] }, delete: always }]\n'
    const { plan } = await planOf(standIn.url, policy, lister)
    expect(plan.problems.map(({ message }) => message)).toEqual([
      expect.stringMatching(/repository:pull|right/),
    ])
    expect(plan.problems[0]?.message).not.toContain('check harbor-username and harbor-password')
  })
})

describe('what goes away while it is read', () => {
  test.each(['immutabletagrules', 'repositories?'])('a project, at its %s', async (part) => {
    images(standIn.registry, 'team-a/app', ['v1'])
    images(standIn.registry, 'team-b/app', ['v1'])
    const relay = await startRelay(standIn.url, {
      before: ({ path }) => {
        const project = standIn.registry.projects.get('team-a')
        if (path.includes(`team-a/${part}`) && project !== undefined) {
          standIn.registry.projects.delete('team-a')
          standIn.registry.projectsById.delete(project.id)
        }
        return undefined
      },
    })
    const { plan } = await planOf(relay.url, POLICY)
    await relay.close()
    expect(plan.actions.map(({ repository }) => repository)).toEqual(['team-b/app'])
    expect([plan.complete, plan.applyable]).toEqual([false, false])
    expect(plan.problems.map(({ message }) => message)).toEqual([
      expect.stringMatching(
        /^team-a was not read: .* answered 404 NOT_FOUND .*; it was deleted while it was read, plan again$/,
      ),
    ])
  })

  test('a repository: there is nothing in it, and that is no failure', async () => {
    images(standIn.registry, 'team-a/app', ['v1'])
    const relay = await startRelay(standIn.url, {
      before: ({ path }) => {
        if (path.includes('/app/artifacts')) standIn.registry.project('team-a').repositories.clear()
        return undefined
      },
    })
    const { plan } = await planOf(relay.url, POLICY)
    await relay.close()
    expect([plan.complete, plan.actions.length, plan.totals.units]).toEqual([true, 0, 0])
  })
})

describe('failures', () => {
  test('are all collected, in one order at any concurrency, and the rest goes on', async () => {
    for (const name of numbered(12, 'r')) images(standIn.registry, `team-a/${name}`, ['v1'])
    for (const name of numbered(3, 's')) images(standIn.registry, `team-b/${name}`, numbered(150))
    standIn.faults.inject({
      path: /\/r[0-4]\/artifacts/,
      times: Infinity,
      fault: { kind: 'error', status: 500 },
    })
    standIn.faults.inject({ path: /\/s1\/artifacts/, times: Infinity, fault: { kind: 'cut', acted: false } })
    // Read one by one: a listing of the whole project would be one failure.
    const version = 'v2.10.3'
    const seen = await Promise.all(
      [1, 3, 16].map(async (concurrency) => {
        const { harbor, close } = clientOf(standIn.url, { concurrency })
        const { inventory } = await crawl(harbor, needsOf(policyOf(POLICY)), { version, concurrency })
        await close()
        return inventory
      }),
    )
    expect(seen[0]?.failures.map(({ where }) => where)).toEqual([
      'team-a/r0',
      'team-a/r1',
      'team-a/r2',
      'team-a/r3',
      'team-a/r4',
      'team-b/s1',
    ])
    expect(seen[0]?.repositories).toHaveLength(9)
    expect(seen[1]).toEqual(seen[0])
    expect(seen[2]).toEqual(seen[0])
  })

  test('one that passes is none', async () => {
    for (const name of numbered(5, 'r')) images(standIn.registry, `team-a/${name}`, ['v1'])
    standIn.faults.inject({ times: 2, after: 4, fault: { kind: 'html', status: 502 } })
    standIn.faults.inject({ times: 1, after: 9, fault: { kind: 'truncate', bytes: 20, complete: true } })
    standIn.faults.inject({ times: 1, after: 10, fault: { kind: 'cut', acted: true } })
    const { plan } = await planOf(standIn.url, POLICY)
    expect([plan.complete, plan.actions.length]).toEqual([true, 5])
  })

  test('of one repository leave those beside it in one listing of their project', async () => {
    for (const name of numbered(60, 'r')) images(standIn.registry, `team-a/${name}`, ['v1'])
    standIn.faults.inject({ path: '/r7/tags/list', times: Infinity, fault: { kind: 'error', status: 500 } })
    standIn.faults.inject({ path: '/r8/tags/list', times: Infinity, fault: { kind: 'error', status: 500 } })
    const policy = 'version: 1\nrules: [{ name: o, select: { orphans: true }, delete: always }]\n'
    const { inventory } = await crawlOf(standIn.url, policy)
    expect(paths(/projects\/team-a\/artifacts/)).not.toEqual([])
    expect(inventory.failures.map(({ where }) => where)).toEqual(['team-a/r7', 'team-a/r8'])
    expect(inventory.repositories).toHaveLength(58)
  })
})
