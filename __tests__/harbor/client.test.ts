// The client against a Harbor: who it is, what it asks for, and how.
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import type { Harbor } from '../../src/harbor/harbor.ts'
import { Builder } from '../../stand-in/load/build.ts'
import { access, addRobot } from '../../stand-in/state/robots.ts'
import { NEVER } from '../../stand-in/state/model.ts'
import { startStandIn, type StandIn } from '../../stand-in/stand-in.ts'
import { ADMIN, clientOf, type ClientOptions } from '../helpers/connect.ts'
import { harborError, inTurn, serve } from '../helpers/server.ts'

const SECRET = 'Secret12345'
const READS = 'repository:list repository:pull artifact:list artifact:read tag:list'
let standIn: StandIn

beforeAll(async () => {
  standIn = await startStandIn()
  const { registry } = standIn
  registry.addProject({ name: 'team-a' })
  registry.addProject({ name: '1234' })
  registry.addUser({ name: 'jo', password: SECRET })
  addRobot(registry, {
    name: 'reader',
    level: 'system',
    secret: SECRET,
    permissions: [{ kind: 'project', namespace: '*', access: access(READS) }],
  })
  addRobot(registry, {
    name: 'reader',
    level: 'project',
    secret: SECRET,
    permissions: [{ kind: 'project', namespace: 'team-a', access: access(READS) }],
  })
  const builder = new Builder(registry)
  builder.image('team-a/web/front.end_x-y', { tags: ['v1'] })
  builder.image('1234/app', { tags: ['v1'] })
})
afterAll(() => standIn.close())
afterEach(() => {
  standIn.faults.clear()
  standIn.resetRequests()
})

async function using<T>(ask: (harbor: Harbor) => Promise<T>, options: ClientOptions = {}): Promise<T> {
  const { harbor, close } = clientOf(standIn.url, options)
  try {
    return await ask(harbor)
  } finally {
    await close()
  }
}

const DETAILS = { labels: false, accessories: false, immutability: false }

describe('who we are', () => {
  test.each([
    ['admin', ADMIN.password, 'user'],
    ['jo', SECRET, 'user'],
    ['robot$reader', SECRET, 'robot'],
    ['robot$team-a+reader', SECRET, 'robot'],
  ])('%s', async (username, password, kind) => {
    const account = await using((harbor) => harbor.account(), { credentials: { username, password } })
    expect(account).toMatchObject({ kind, version: expect.stringMatching(/^v2\.15\.1/), readOnly: false })
  })

  test.each([
    ['admin', 'wrong'],
    ['robot$reader', 'wrong'],
    ['nobody', SECRET],
  ])('%s with a wrong password is nobody, though lists would answer', async (username, password) => {
    await expect(
      using((harbor) => harbor.account(), { credentials: { username, password } }),
    ).rejects.toThrow(
      'GET /api/v2.0/users/current: answered 401 UNAUTHORIZED (unauthorized); check harbor-username and harbor-password; a robot may have expired or be disabled',
    )
  })

  test('an older Harbor says its version too', async () => {
    const older = await startStandIn({ version: '2.10.3' })
    const { harbor, close } = clientOf(older.url)
    expect((await harbor.account()).version).toMatch(/^v2\.10\.3/)
    await close()
    await older.close()
  })

  test('what isn’t a Harbor is told as such', async () => {
    const server = await serve(inTurn({ status: 404, body: '404 page not found' }))
    const { harbor, close } = clientOf(server.url)
    await expect(harbor.account()).rejects.toMatchObject({
      code: 'NOT_HARBOR',
      message: 'GET /api/v2.0/systeminfo: there is no Harbor of version 2 here; check harbor-url',
    })
    await close()
    await server.close()
  })

  test('a Harbor under a path', async () => {
    const server = await serve((request, response) => {
      const known = {
        '/registry/api/v2.0/systeminfo': '{"auth_mode":"db_auth","harbor_version":"v2.15.1-x"}',
      }
      const body = Object.entries(known).find(([path]) => path === request.url)?.[1]
      response.writeHead(body === undefined ? 412 : 200).end(body ?? harborError('PRECONDITION', 'a robot'))
    })
    const { harbor, close } = clientOf(`${server.url}/registry`)
    expect(await harbor.account()).toEqual({
      kind: 'robot',
      version: 'v2.15.1-x',
      externalUrl: '',
      readOnly: false,
    })
    await close()
    await server.close()
  })
})

describe('names', () => {
  test('slashes of a repository are encoded twice, and project names are names even when they are numbers', async () => {
    const server = await serve(inTurn({}))
    const { harbor, close } = clientOf(server.url)
    await harbor.artifacts({ repository: '1234/web/front.end_x-y' }, DETAILS)
    await close()
    await server.close()
    const [{ url = '', headers } = { headers: {} }] = server.requests
    expect(url.split('?')[0]).toBe('/api/v2.0/projects/1234/repositories/web%252Ffront.end_x-y/artifacts')
    expect(headers).toMatchObject({ 'x-is-resource-name': 'true' })
  })

  test.each(['team-a/web/front.end_x-y', '1234/app'])('%s is found', async (repository) => {
    const { items, total } = await using((harbor) => harbor.artifacts({ repository }, DETAILS))
    expect([items.length, total]).toEqual([1, 1])
    expect(await using((harbor) => harbor.allTags(repository))).toEqual(['v1'])
    expect((await using((harbor) => harbor.artifact(repository, 'v1'))).tags).toMatchObject([{ name: 'v1' }])
  })
})

describe('lists', () => {
  test.each([
    [{}, 'with_tag=true'],
    [{ labels: true }, 'with_tag=true&with_label=true'],
    [
      { accessories: true, immutability: true },
      'with_tag=true&with_accessory=true&with_immutable_status=true',
    ],
  ])('only the flags that are needed: %j', async (wanted, flags) => {
    await using((harbor) => harbor.artifacts({ project: 'team-a' }, { ...DETAILS, ...wanted }))
    expect(standIn.requests.map(({ path }) => path)).toEqual([
      `/api/v2.0/projects/team-a/artifacts?${flags}&page_size=100&sort=id&q=base%3D*`,
    ])
  })

  test.each([
    [{ from: 5 }, false, 'sort=id&q=base%3D*%2Cid%3D%5B5~%5D'],
    [{ from: 5, to: 9 }, false, 'sort=id&q=base%3D*%2Cid%3D%5B5~9%5D'],
    [{ from: 5 }, true, 'sort=-id&q=base%3D*%2Cid%3D%5B5~%5D'],
  ])('windows of ids %j, descending %s', async (range, descending, query) => {
    await using((harbor) => harbor.artifacts({ repository: 'team-a/x' }, DETAILS, range, descending))
    expect(standIn.requests[0]?.path.split('page_size=100&')[1]).toBe(query)
  })

  test('all immutable rules, however many pages', async () => {
    standIn.registry.addProject({ name: 'rules' })
    for (let i = 0; i < 230; i += 1) standIn.registry.addImmutableRule('rules', { tags: `v${i}` })
    const rules = await using((harbor) => harbor.immutableRules('rules'))
    expect(rules.map(({ tag_selectors: [tag] }) => tag?.pattern)).toEqual(
      Array.from({ length: 230 }, (_, i) => `v${i}`),
    )
    expect(standIn.requests).toHaveLength(3)
  })
})

test('reading a manifest is no pull, and gives its very bytes', async () => {
  const artifact = standIn.registry.artifact('team-a/web/front.end_x-y', 'v1')
  const { bytes } = await using((harbor) => harbor.manifest('team-a/web/front.end_x-y', artifact.digest))
  expect(bytes.length).toBe(artifact.manifest.size)
  await fetch(`${standIn.url}/api/v2.0/systeminfo`)
  expect(artifact.pulled).toBe(NEVER)
})
