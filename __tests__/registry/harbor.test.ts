// A Harbor as the mirror: tokens of its own service, immutable tags, quotas, referrers that it keeps itself.
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import type { Registry } from '../../src/registry/registry.ts'
import { startStandIn, type StandIn } from '../../stand-in/stand-in.ts'
import { access, addRobot } from '../../stand-in/state/robots.ts'
import { ADMIN } from '../helpers/connect.ts'
import { stateOf } from '../helpers/registry.ts'
import { complaintOf, registryAt, type RegistryClient } from './client.ts'
import { digestOf, image, push, referrer } from './images.ts'

const SECRET = 'Secret12345'
let now = Date.parse('2026-11-21T08:00:00Z')
let standIn: StandIn
let client: RegistryClient
let registry: Registry

beforeAll(async () => {
  standIn = await startStandIn({ clock: () => now })
  const state = standIn.registry
  state.addProject({ name: 'backup' })
  state.addProject({ name: 'small', quota: 5000 })
  state.addProject({ name: 'closed' })
  state.addImmutableRule('backup', { tags: 'v*' })
  for (const [name, rights] of [
    ['pusher', 'repository:pull repository:push'],
    ['reader', 'repository:pull'],
  ] as const) {
    addRobot(state, {
      name,
      level: 'system',
      secret: SECRET,
      permissions: ['backup', 'small'].map((namespace) => ({
        kind: 'project',
        namespace,
        access: access(rights),
      })),
    })
  }
  client = registryAt(`${standIn.url}/backup`, {
    credentials: { username: 'robot$pusher', password: SECRET },
  })
  registry = client.registry
})
afterAll(async () => {
  await client.close()
  await standIn.close()
})
afterEach(() => {
  standIn.faults.clear()
  standIn.resetRequests()
})

const IMAGE = image('for a Harbor')

describe('who we are', () => {
  test.each([
    ['admin', ADMIN.password],
    ['robot$pusher', SECRET],
    ['robot$reader', SECRET],
  ])('%s', async (username, password) => {
    const { registry: probed, close } = registryAt(standIn.url, { credentials: { username, password } })
    await expect(probed.probe()).resolves.toBeUndefined()
    await close()
  })

  test.each([
    ['admin', 'wrong'],
    ['nobody', SECRET],
  ])('%s with a wrong password is told so', async (username, password) => {
    const { registry: probed, close } = registryAt(standIn.url, { credentials: { username, password } })
    const { message, name } = await complaintOf(probed.probe())
    expect([name, message]).toEqual([
      'Unauthorized',
      `GET ${standIn.url}/service/token: answered 401; check mirror-username and mirror-password; an account or token may have expired`,
    ])
    await close()
  })

  test('who may not push is told so', async () => {
    const { registry: reader, close } = registryAt(`${standIn.url}/backup`, {
      credentials: { username: 'robot$reader', password: SECRET },
    })
    const { message } = await complaintOf(push(reader, 'team/app', IMAGE, 'latest'))
    expect(message).toBe(
      `POST ${standIn.url}/v2/backup/team/app/blobs/uploads/: answered 401 UNAUTHORIZED (unauthorized to access repository: backup/team/app, action: push: unauthorized to access repository: backup/team/app, action: push); the account may not push there, or there is no such project; check both, and mirror-username and mirror-password`,
    )
    await close()
  })

  test('a project that isn’t there', async () => {
    const { registry: lost, close } = registryAt(`${standIn.url}/nowhere`, { credentials: ADMIN })
    const { message } = await complaintOf(lost.tags('team/app'))
    expect(message).toBe(
      `GET ${standIn.url}/v2/nowhere/team/app/tags/list: answered 401 UNAUTHORIZED (project nowhere not found: project nowhere not found); the account may not pull there, or there is no such project; check both, and mirror-username and mirror-password`,
    )
    await close()
  })
})

test('what is pushed is there, and reading it does not count as a pull', async () => {
  await push(registry, 'team/app', IMAGE, 'latest')
  const before = stateOf(standIn.registry)
  expect({
    tags: await registry.tags('team/app'),
    none: await registry.tags('team/none'),
    digest: await registry.digestOf('team/app', 'latest'),
    manifest: await registry.manifest('team/app', 'latest'),
    blob: await registry.hasBlob('team/app', digestOf(IMAGE.blobs[1] ?? Buffer.of())),
  }).toEqual({
    tags: ['latest'],
    none: [],
    digest: IMAGE.digest,
    manifest: { bytes: IMAGE.bytes, mediaType: IMAGE.mediaType, digest: IMAGE.digest },
    blob: true,
  })
  expect(stateOf(standIn.registry)).toEqual(before)
})

test('one token for each repository and right, until it expires', async () => {
  const { registry: fresh, close } = registryAt(`${standIn.url}/backup`, { credentials: ADMIN })
  const asked = async (): Promise<readonly string[]> => {
    standIn.resetRequests()
    await Promise.all(['a', 'b', 'c'].map((tag) => fresh.digestOf('team/app', tag)))
    return standIn.requests.map(({ method, path, status }) => `${method} ${path} ${status}`)
  }
  const heads = ['a', 'b', 'c'].map((tag) => `HEAD /v2/backup/team/app/manifests/${tag} 404`)
  const scope = 'scope=repository%3Abackup%2Fteam%2Fapp%3Apull'
  const token = `GET /service/token?service=harbor-registry&${scope} 200`
  expect((await asked()).slice(0, 2)).toEqual(['GET /v2/ 401', token])
  expect((await asked()).toSorted()).toEqual(heads)
  // The Harbor's clock goes, the client's doesn't: it finds out by the answer, and once is enough for all.
  now += 3_600_000
  const refused = heads.map((head) => head.replace('404', '401'))
  const again = await asked()
  expect(again.toSorted()).toEqual([token, ...refused, ...heads].toSorted())
  await close()
})

describe('tags that may not change', () => {
  test('the same image again is no failure, another one is', async () => {
    const other = image('another one')
    await push(registry, 'team/kept', IMAGE, 'v1')
    await push(registry, 'team/kept', IMAGE, 'v1')
    for (const blob of other.blobs) await registry.uploadBlob('team/kept', digestOf(blob), blob)
    const { name, message } = await complaintOf(registry.putManifest('team/kept', 'v1', other.digest, other))
    expect([name, message]).toEqual([
      'PreconditionFailed',
      `PUT ${standIn.url}/v2/backup/team/kept/manifests/v1: answered 412 PRECONDITION (Failed to process request due to 'team/kept:v1' configured as immutable.); a rule there keeps the tag from changing; copy to another name (see \`mirror\` in the policy), or change the rule`,
    ])
    expect(await registry.digestOf('team/kept', 'v1')).toBe(IMAGE.digest)
  })

  test('pushed, though the connection was cut before it was said', async () => {
    const another = image('cut')
    for (const blob of another.blobs) await registry.uploadBlob('team/kept', digestOf(blob), blob)
    standIn.faults.inject({ method: 'PUT', path: '/manifests/v2', fault: { kind: 'cut', acted: true } })
    await registry.putManifest('team/kept', 'v2', another.digest, another)
    const puts = standIn.requests.filter(
      ({ method, path }) => method === 'PUT' && path.includes('/manifests/'),
    )
    expect(puts.map(({ path, status }) => [path, status])).toEqual([
      ['/v2/backup/team/kept/manifests/v2', 0],
      ['/v2/backup/team/kept/manifests/v2', 412],
    ])
    expect(await registry.digestOf('team/kept', 'v2')).toBe(another.digest)
  })
})

test('a quota that is used up is told in Harbor’s words', async () => {
  const { registry: small, close } = registryAt(standIn.url, { credentials: ADMIN })
  const large = Buffer.alloc(6000, 'x')
  const { name, message } = await complaintOf(small.uploadBlob('small/app', digestOf(large), large))
  expect([name, message.replace(/uploads\/[^:]+:/, 'uploads/…:')]).toEqual([
    'Forbidden',
    `PUT ${standIn.url}/v2/small/app/blobs/uploads/…: answered 403 DENIED (adding 5.9 KiB of storage resource, which when updated to current usage of 0 B will exceed the configured upper limit of 4.9 KiB.); the account must be able to pull and push there, within its quota`,
  ])
  await close()
})

test('a blob is mounted from a repository, and not from one that isn’t there', async () => {
  const [, layer = Buffer.of()] = IMAGE.blobs
  const digest = digestOf(layer)
  await push(registry, 'team/app', IMAGE, 'latest')
  const { registry: root, close } = registryAt(standIn.url, { credentials: ADMIN })
  expect([
    await root.mountBlob('backup/team/mounted', digest, 'nowhere/app'),
    await root.mountBlob('backup/team/mounted', digest, 'backup/team/none'),
    await root.hasBlob('backup/team/mounted', digest),
    await root.mountBlob('backup/team/mounted', digest, 'backup/team/app'),
    await root.hasBlob('backup/team/mounted', digest),
  ]).toEqual([false, false, false, true, true])
  await close()
})

test('referrers are Harbor’s own to list: nothing is written for them', async () => {
  const subject = image('signed')
  const signature = referrer(subject, 'a signature')
  expect(await registry.referrers('team/signed', subject.digest)).toEqual([])
  await push(registry, 'team/signed', subject, 'v1')
  await push(registry, 'team/signed', signature)
  const before = stateOf(standIn.registry)
  standIn.resetRequests()
  expect(await registry.addReferrers('team/signed', subject.digest, [signature.descriptor])).toBe(false)
  expect(await registry.referrers('team/signed', subject.digest)).toEqual([signature.descriptor])
  expect(stateOf(standIn.registry)).toEqual(before)
  expect(standIn.requests.filter(({ method }) => method !== 'GET')).toEqual([])
})

test('the referrers of Harbor 2.10, which answers `{}` where there are none', async () => {
  const older = await startStandIn({ version: '2.10.3' })
  older.registry.addProject({ name: 'backup' })
  const { registry: old, close } = registryAt(`${older.url}/backup`, { credentials: ADMIN })
  const subject = image('signed')
  expect(await old.referrers('team/signed', subject.digest)).toEqual([])
  await push(old, 'team/signed', subject, 'v1')
  const signature = referrer(subject, 'a signature')
  await push(old, 'team/signed', signature)
  expect(await old.addReferrers('team/signed', subject.digest, [signature.descriptor])).toBe(false)
  expect((await old.referrers('team/signed', subject.digest)).map(({ digest }) => digest)).toEqual([
    signature.digest,
  ])
  await close()
  await older.close()
})
