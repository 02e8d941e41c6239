// What robots, members and strangers may do, and what they hear when they may not.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type StandIn, startStandIn } from '../../stand-in/stand-in.ts'
import { loadLab } from '../../stand-in/load/lab.ts'
import type { Role } from '../../stand-in/state/model.ts'
import { access, addRobot } from '../../stand-in/state/robots.ts'
import { Client } from './client.ts'
import { LAB } from './recording.ts'

let standIn: StandIn
const ARTIFACTS = '/api/v2.0/projects/team-a/repositories/api/artifacts'
const NO_ARTIFACT = `${ARTIFACTS}/none`
const PASSWORD = 'Secret12345'

beforeAll(async () => {
  standIn = await startStandIn()
  const { registry } = standIn
  loadLab(registry, LAB)
  addRobot(registry, {
    name: 'reader',
    level: 'system',
    secret: PASSWORD,
    permissions: [
      {
        kind: 'project',
        namespace: '*',
        access: access('project:read repository:list repository:pull artifact:list artifact:read'),
      },
    ],
  })
  addRobot(registry, {
    name: 'cleaner',
    level: 'project',
    secret: PASSWORD,
    permissions: [
      {
        kind: 'project',
        namespace: 'team-a',
        access: access('repository:list repository:push artifact:list artifact:delete tag:delete'),
      },
    ],
  })
  addRobot(registry, {
    name: 'pusher',
    level: 'system',
    secret: PASSWORD,
    permissions: [{ kind: 'project', namespace: 'team-a', access: access('repository:push') }],
  })
  addRobot(registry, {
    name: 'sweeper',
    level: 'system',
    secret: PASSWORD,
    permissions: [
      { kind: 'system', namespace: '/', access: access('garbage-collection:create garbage-collection:read') },
    ],
  })
  addRobot(registry, {
    name: 'gone',
    level: 'system',
    secret: PASSWORD,
    duration: 1,
    permissions: [{ kind: 'project', namespace: '*', access: access('artifact:list') }],
  })
  for (const role of ['projectAdmin', 'maintainer', 'developer', 'guest', 'limitedGuest'] as const) {
    registry.addMember('team-a', registry.addUser({ name: role, password: PASSWORD }), role)
  }
  registry.addUser({ name: 'stranger', password: PASSWORD })
})
afterAll(() => standIn.close())

async function status(user: string, method: string, path: string): Promise<number> {
  return (await new Client(standIn, user, PASSWORD).ask(method, path)).status
}

const [READER, CLEANER, SWEEPER] = ['robot$reader', 'robot$team-a+cleaner', 'robot$sweeper']

test.each([
  [READER, 'GET', ARTIFACTS, 200],
  [READER, 'GET', '/api/v2.0/projects/team-b/repositories/base/artifacts', 200],
  [READER, 'GET', `${ARTIFACTS}/latest/tags`, 403],
  [READER, 'DELETE', NO_ARTIFACT, 403],
  [READER, 'GET', '/api/v2.0/system/gc', 403],
  [READER, 'GET', '/v2/team-a/api/tags/list', 200],
  [READER, 'PUT', '/v2/team-a/api/manifests/x', 401],
  [READER, 'GET', '/v2/_catalog', 401],
  [READER, 'GET', '/api/v2.0/robots', 403],
  [READER, 'GET', '/api/v2.0/robots/1', 403],
  // What it may do to projects it may to everything in them.
  [READER, 'GET', '/api/v2.0/robots/2', 200],
  [CLEANER, 'GET', '/api/v2.0/robots/2', 403],
  [READER, 'GET', '/api/v2.0/robots?q=Level%3Dproject%2CProjectID%3D2', 403],
  [READER, 'GET', '/api/v2.0/users/current', 412],
  // What it may do to all artifacts ends before the artifact is looked for.
  [CLEANER, 'DELETE', NO_ARTIFACT, 404],
  [CLEANER, 'DELETE', `${NO_ARTIFACT}/tags/none`, 404],
  [CLEANER, 'DELETE', '/api/v2.0/projects/team-a/repositories/api', 403],
  [CLEANER, 'GET', '/api/v2.0/projects/team-b/repositories/base/artifacts', 403],
  [CLEANER, 'GET', '/api/v2.0/projects/pub/repositories/a.b_c-d%252Fe__f/artifacts', 200],
  [CLEANER, 'GET', '/v2/team-a/api/tags/list', 200],
  [CLEANER, 'GET', '/v2/team-b/base/tags/list', 401],
  [CLEANER, 'DELETE', `/v2/team-a/api/manifests/sha256:${'0'.repeat(64)}`, 401],
  // Only to a project's own robots pushing gives pulling too.
  ['robot$pusher', 'GET', '/v2/team-a/api/tags/list', 401],
  ['robot$pusher', 'POST', '/v2/team-a/api/blobs/uploads/', 202],
  [SWEEPER, 'GET', '/api/v2.0/system/gc/schedule', 200],
  [SWEEPER, 'GET', '/api/v2.0/system/gc', 403],
  [SWEEPER, 'GET', '/api/v2.0/projects/pub/repositories', 403],
  ['nobody', 'GET', ARTIFACTS, 401],
  ['nobody', 'GET', '/api/v2.0/projects/nope', 401],
  ['stranger', 'GET', ARTIFACTS, 403],
  ['stranger', 'GET', '/api/v2.0/projects/nope', 403],
  ['stranger', 'GET', '/api/v2.0/projects/pub/repositories', 200],
  ['stranger', 'GET', '/api/v2.0/quotas', 403],
])('%s may %s %s: %d', async (user, method, path, wanted) => {
  expect(await status(user, method, path)).toBe(wanted)
})

describe('the roles of a project', () => {
  const may: readonly (readonly [what: string, method: string, path: string, from: Role])[] = [
    ['list artifacts', 'GET', ARTIFACTS, 'limitedGuest'],
    ['pull', 'GET', '/v2/team-a/api/tags/list', 'limitedGuest'],
    ['put a tag', 'POST', `${NO_ARTIFACT}/tags`, 'developer'],
    ['delete an artifact', 'DELETE', NO_ARTIFACT, 'maintainer'],
    ['list immutable rules', 'GET', '/api/v2.0/projects/team-a/immutabletagrules', 'maintainer'],
    ['see the log', 'GET', '/api/v2.0/projects/team-a/logs', 'projectAdmin'],
  ]
  const roles: readonly Role[] = ['limitedGuest', 'guest', 'developer', 'maintainer', 'projectAdmin']

  test.each(may)('%s', async (_what, method, path, from) => {
    for (const role of roles) {
      const refused = [401, 403].includes(await status(role, method, path))
      expect({ role, refused }).toEqual({ role, refused: roles.indexOf(role) < roles.indexOf(from) })
    }
  })
})

test('a robot is nobody when its secret is wrong, or it is disabled, or its time is over', async () => {
  expect((await new Client(standIn, READER, 'wrong').get(ARTIFACTS)).status).toBe(401)
  const robot = [...standIn.registry.robots.values()].find(({ name }) => name === 'robot$gone')
  expect(await status('robot$gone', 'GET', ARTIFACTS)).toBe(200)
  if (robot !== undefined) robot.disabled = true
  expect(await status('robot$gone', 'GET', ARTIFACTS)).toBe(401)
})

test('a token is good for what it was asked for, as far as its bearer may', async () => {
  const token = async (user: string, scope: string): Promise<string> => {
    const asked = await new Client(standIn, user, PASSWORD).get(
      `/service/token?service=harbor-registry&scope=${scope}`,
    )
    return /"token":"([^"]+)"/.exec(asked.text)?.[1] ?? ''
  }
  const use = async (bearer: string, method: string, path: string): Promise<number> => {
    const response = await fetch(`${standIn.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${bearer}` },
    })
    return response.status
  }
  const reading = await token(READER, 'repository:team-a/api:pull,push')
  expect(await use(reading, 'GET', '/v2/team-a/api/tags/list')).toBe(200)
  expect(await use(reading, 'GET', '/v2/team-b/base/tags/list')).toBe(401)
  expect(await use(reading, 'POST', '/v2/team-a/api/blobs/uploads/')).toBe(401)
  const worthless = await token('nobody', 'repository:team-a/api:pull')
  expect(await use(worthless, 'GET', '/v2/team-a/api/tags/list')).toBe(401)
})
