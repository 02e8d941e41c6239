// Only what a policy needs is asked for, in not many more requests than it takes.
import { afterEach, describe, expect, test } from '@jest/globals'
import { Builder } from '../../stand-in/load/build.ts'
import { loadShape, type Shape } from '../../stand-in/load/shapes.ts'
import type { Version } from '../../stand-in/state/registry.ts'
import { startStandIn, type StandIn } from '../../stand-in/stand-in.ts'
import { crawlOf, planOf } from '../helpers/plan.ts'
import { images, LONG_AGO, numbered } from '../helpers/registry.ts'

let standIn: StandIn
afterEach(() => standIn.close())

async function started(version: Version = '2.15.1'): Promise<StandIn> {
  standIn = await startStandIn({ version })
  return standIn
}

function rule(select: string, more = ''): string {
  return `version: 1\n${more}\nrules: [{ name: r, select: ${select}, delete: always }]\n`
}

const EVERYTHING = rule('{ tags: ["**"] }')

/** The paths asked for, without what finds out who and where we are. */
function asked(): readonly string[] {
  return standIn.requests
    .map(({ path }) => decodeURIComponent(decodeURIComponent(path)))
    .filter((path) => !/\/(?:systeminfo|users\/current)$/.test(path))
}

describe('only projects and repositories that some rule or protection can select', () => {
  const names = ['team-a/api', 'team-a/web/front', 'team-a/web/cache', 'team-b/api', 'other/api']

  async function read(policy: string): Promise<readonly string[]> {
    const { registry } = await started()
    for (const project of ['team-a', 'team-b', 'other']) registry.addProject({ name: project })
    for (const name of names) images(registry, name, ['v1'])
    const { inventory } = await crawlOf(standIn.url, policy)
    expect(inventory.failures).toEqual([])
    return inventory.repositories.map(({ name }) => name)
  }

  test.each([
    ['all', EVERYTHING, names],
    ['a rule’s repositories', rule('{ repositories: ["team-a/**"] }'), names.slice(0, 3)],
    ['a rule’s projects', rule('{ projects: [team-b] }'), ['team-b/api']],
    ['both', rule('{ projects: ["team-*"], repositories: ["*/api"] }'), ['team-a/api', 'team-b/api']],
    [
      'a protection’s beside them',
      rule('{ repositories: ["team-b/**"] }', 'protect: [{ name: p, repositories: ["other/*"] }]'),
      ['other/api', 'team-b/api'],
    ],
    [
      'within the scope',
      rule('{ tags: ["**"] }', 'scope: { projects: ["team-*"], repositories: ["**", "!**/cache"] }'),
      ['team-a/api', 'team-a/web/front', 'team-b/api'],
    ],
    ['none', rule('{ repositories: ["nowhere/**"] }'), []],
  ])('%s', async (_what, policy, wanted) => {
    expect(await read(policy)).toEqual(wanted.toSorted())
    const others = names.filter((name) => !wanted.includes(name))
    for (const name of others) {
      const [project = ''] = name.split('/')
      expect(
        asked().filter(
          (path) =>
            path.includes(`/${name.slice(project.length + 1)}/artifacts`) && path.includes(`/${project}/`),
        ),
      ).toEqual([])
    }
  })

  test('of projects that aren’t needed nothing is asked at all', async () => {
    await read(rule('{ projects: [team-b] }'))
    expect(asked().filter((path) => /projects\/(?:team-a|other|library)/.test(path))).toEqual([])
  })
})

describe('only the flags that are needed', () => {
  test.each([
    ['tags', '{ tags: ["v*"] }', '', []],
    ['labels', '{ labels: [old] }', '', ['with_label']],
    ['labels, to protect', '{ tags: ["v*"] }', 'protect: [{ name: p, labels: [keep] }]', ['with_label']],
    ['signatures', '{ signed: false }', '', ['with_accessory']],
    ['both', '{ signed: false }', 'protect: [{ name: p, labels: [keep] }]', ['with_accessory', 'with_label']],
    ['types, platforms, sizes', '{ types: [IMAGE], platforms: [linux/amd64], size: ">1B" }', '', []],
  ])('%s', async (_what, select, more, flags) => {
    const { registry } = await started()
    images(registry, 'library/app', ['v1'])
    await crawlOf(standIn.url, rule(select, more))
    const lists = asked().filter((path) => path.includes('/artifacts?'))
    expect(lists).toHaveLength(1)
    expect(lists[0]?.match(/with_\w+(?==true)/g)?.toSorted()).toEqual([...flags, 'with_tag'].toSorted())
  })

  test('/v2 is asked for orphans only', async () => {
    const { registry } = await started()
    images(registry, 'library/app', ['v1'])
    await crawlOf(standIn.url, EVERYTHING)
    expect(asked().filter((path) => path.startsWith('/v2'))).toEqual([])
    await crawlOf(standIn.url, rule('{ orphans: true }'))
    expect(asked().filter((path) => path.startsWith('/v2'))).toEqual(['/v2/library/app/tags/list'])
  })
})

describe('requests', () => {
  test.each<readonly [Shape, number, Version, number]>([
    // 20 repositories of 50 in one project: a page each. Tiny ones: a project's pages, if it has a list of them all.
    ['small', 1000, '2.15.1', 20],
    ['large', 4000, '2.15.1', 40],
    ['tiny', 900, '2.15.1', 9],
    ['tiny', 60, '2.10.3', 20],
    ['mixed', 3000, '2.15.1', 30],
    ['multiarch', 900, '2.15.1', 10],
  ])('%s of %d, Harbor %s: few more than %d lists of artifacts', async (shape, artifacts, version, least) => {
    const { registry } = await started(version)
    loadShape(registry, shape, artifacts)
    await crawlOf(standIn.url, EVERYTHING)
    const lists = asked().filter((path) => path.includes('/artifacts?'))
    expect(lists.length).toBeGreaterThanOrEqual(least * 0.8)
    expect(lists.length).toBeLessThanOrEqual(Math.ceil(least * 1.3) + 2)
    const projects = registry.projects.size
    expect(asked().length - lists.length).toBeLessThanOrEqual(2 * projects + Math.ceil(artifacts / 300) + 1)
  })

  test('ids that others have too make some windows longer, not many', async () => {
    const { registry } = await started()
    for (let i = 0; i < 900; i += 1) {
      images(registry, 'library/a', [`t${i}`])
      if (i % 10 < 3) images(registry, 'library/b', numbered(4, `t${i}-`))
    }
    await crawlOf(standIn.url, rule('{ repositories: [library/a] }'))
    const lists = asked().filter((path) => path.includes('/artifacts?'))
    expect(lists.length).toBeLessThanOrEqual(16)
  })

  test('what is planned costs two requests for the repository, and two for each accessory', async () => {
    const { registry } = await started()
    const builder = new Builder(registry)
    for (let i = 0; i < 30; i += 1) {
      const image = builder.image('library/app', { tags: [`v${i}`], pushed: LONG_AGO + i, layers: [`${i}`] })
      if (i % 10 === 0) builder.sign('library/app', image.digest, 'sig', LONG_AGO)
    }
    const { plan } = await planOf(
      standIn.url,
      rule('{ tags: ["**"] }', 'limits: { max-delete-percent: 100 }'),
    )
    expect(plan.actions).toHaveLength(29)
    const lists = asked().filter((path) => path.includes('/artifacts?'))
    const single = asked().filter((path) => path.includes('/artifacts/sha256:'))
    expect([lists.length, single.length]).toEqual([3, 6])
  })
})

test('nothing but GETs', async () => {
  const { registry } = await started()
  images(registry, 'library/app', numbered(20))
  await planOf(standIn.url, EVERYTHING)
  expect([...new Set(standIn.requests.map(({ method }) => method))]).toEqual(['GET'])
})
